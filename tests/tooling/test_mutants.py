"""The mutants and how they are run: each has one place in the code, and a test that fails is found."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from scripts.mutate.__main__ import main
from scripts.mutate.edits import InapplicableError, Mutant, exact
from scripts.mutate.mutants import mutants
from scripts.mutate.working_copy import WorkingCopy

ROOT: Final = Path(__file__).parents[2]
MUTANTS: Final = mutants(ROOT)
LEAST: Final = 400
LEAST_MODULES: Final = 50


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_has_exactly_one_place(name: str) -> None:
    """Each mutant can be applied to the current code, gives valid Python, and names tests that exist."""
    mutant = MUTANTS[name]
    for file in mutant.files:
        content = (ROOT / file).read_bytes()
        changed = mutant.apply(content)
        assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(content))
    assert (ROOT / mutant.test).exists()


def test_there_are_enough_mutants() -> None:
    """Mutants cover at least 50 endpoint modules, and every module of `kalshi_core` and `kalshi_auth`."""
    assert len(MUTANTS) >= LEAST
    files = {mutant.file for mutant in MUTANTS.values()}
    assert len([file for file in files if "/api/" in file]) >= LEAST_MODULES
    paths = [path for package in ("kalshi_auth", "kalshi_core") for path in (ROOT / package).rglob("*.py")]
    owned = {path.relative_to(ROOT).as_posix() for path in paths if path.name != "__init__.py"}
    assert {file for file in files if file.startswith(("kalshi_auth/", "kalshi_core/"))} == owned


def test_the_same_modules_are_chosen_every_time() -> None:
    """The choice of generated modules depends on the generated code only."""
    again = mutants(ROOT)
    assert list(again) == list(MUTANTS)
    assert [each.files for each in again.values()] == [each.files for each in MUTANTS.values()]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("three", "3", "0 places"),
        ("one", "two", "2 places"),
        ("two", "2 +", "not be valid Python"),
        ("two", "two", "would not change"),
    ],
)
def test_a_mutant_that_does_not_apply_is_an_error(old: str, new: str, message: str) -> None:
    """Text that is missing or ambiguous, no change, and a result that is not Python are errors."""
    mutant = Mutant("a.b", ("some.py",), exact(old, new), "tests")
    with pytest.raises(InapplicableError, match=message):
        mutant.apply(b"one = 1\nzero = one - two\n")


def test_a_place_is_found_behind_other_alphabets() -> None:
    """Offsets count bytes, so text before the place may have any characters."""
    applied: Callable[[bytes], bytes] = Mutant("a.b", ("some.py",), exact("two", "2"), "tests").apply
    assert applied("é = '…'; one = two\n".encode()) == "é = '…'; one = 2\n".encode()


PACKAGES = ("generated", "kalshi_auth", "kalshi_core", "kalshi_paper", "scripts", "tests")
TWO = "from kalshi_auth.two import two\n\n\ndef test_two():\n    assert two() == 2\n\n\ndef test_other():\n    pass\n"
VERDICTS: dict[str, tuple[str, str, str, bool, str]] = {
    "a failing test": ("return 2", "return 3", "", True, "test_two.py::test_two"),
    "an import error": ("def two", "from nowhere import x\ndef two", "", True, "test_two.py"),
    "no failing test": ("return 2", "return 1 + 1", "", False, "all passed"),
    "a test that is not selected": ("return 2", "return 3", "test_other", False, "all passed"),
    "no test at all": ("return 2", "return 3", "nothing", False, "pytest ended with 5"),
    "a run that does not end": ("return 2", "while True: pass", "", False, "timeout after 3 s"),
}


@pytest.fixture
def small_project(tmp_path: Path) -> Path:
    """Return a project with one function and its test."""
    root = tmp_path / "project"
    for name in PACKAGES:
        (root / name).mkdir(parents=True)
    (root / "kalshi_auth" / "__init__.py").write_text("", "utf-8")
    (root / "kalshi_auth" / "two.py").write_text("def two():\n    return 2\n", "utf-8")
    (root / "tests" / "test_two.py").write_text(TWO, "utf-8")
    (root / "openapi.yaml").write_text("", "utf-8")
    (root / "pyproject.toml").write_text("[tool.pytest.ini_options]\n", "utf-8")
    return root


@pytest.mark.parametrize(("old", "new", "selection", "caught", "by"), VERDICTS.values(), ids=list(VERDICTS))
def test_a_mutant_is_caught_only_by_a_test_that_fails(
    small_project: Path, tmp_path: Path, old: str, new: str, selection: str, caught: bool, by: str
) -> None:
    """A timeout and a run without tests do not count; the copy is restored, and the project is only read."""
    copy = WorkingCopy(small_project, tmp_path / "copy", 3 if "while" in new else 60)
    mutant = Mutant("a.b", ("kalshi_auth/two.py",), exact(old, new), "tests/test_two.py", selection)
    verdict = copy.check(mutant)
    assert (verdict.caught, verdict.by.startswith(by)) == (caught, True), verdict
    for root in (small_project, tmp_path / "copy"):
        assert (root / "kalshi_auth" / "two.py").read_text("utf-8") == "def two():\n    return 2\n"


def test_a_selection_without_mutants_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt name must not look like a run in which every mutant was caught."""
    assert main(["--only", "nowhere.*"]) == 2
    assert "no mutant matches nowhere.*" in capsys.readouterr().err
