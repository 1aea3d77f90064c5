"""The unit and contract tests, run on the installed wheel alone: without the source tree, and without the extras."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Final

import pytest

from tests.packaging.built import ROOT, Distributions, Environment

PACKAGES: Final = ("kalshi_auth", "kalshi_core", "kalshi_trade_api")
# Tests of what no wheel has: the other folders' code, and the files at the root.
OF_THE_TREE: Final = re.compile(
    r"^\s*(?:from|import) (?:benchmarks|kalshi_paper|scripts)\b|__file__\)(?:\.resolve\(\))?\.parents\[2\]", re.M
)
OF_EXTRAS: Final = {
    "kalshi_auth.aio", "kalshi_core.transport.aiohttp_transport", "kalshi_core.models.msgspec_decoder"
}  # fmt: skip
# Put beside the copied tests: leaves out the extras, and notes what was imported, from where, whose tests passed, and
# whether they were timed.
NOTES: Final = f"""
import json, sys
from pathlib import Path
from hypothesis import settings

for name in ("msgspec", "aiohttp", "httpx_aiohttp"):
    sys.modules[name] = None

def pytest_terminal_summary(terminalreporter):
    loaded = {{name: module.__file__ for name, module in sys.modules.items() if name.split(".")[0] in {PACKAGES}}}
    passed = {{report.location[0] for report in terminalreporter.stats.get("passed", ())}}
    timed = settings().deadline is not None
    text = json.dumps({{"loaded": loaded, "path": sys.path, "passed": sorted(passed), "timed": timed}})
    (Path(__file__).parent / "notes.json").write_text(text, "utf-8")
"""


def copied_tests(folder: Path) -> list[str]:
    """Copy the unit tests of the packages, and their helpers, into a folder; return the files of tests."""
    for name in ("unit", "vectors", "weather"):
        source, target = ROOT / "tests" / name, folder / "tests" / name
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "tests/conftest.py"):
        shutil.copy(ROOT / file, folder / file)
    (folder / "conftest.py").write_text(NOTES, "utf-8")
    names = []
    for path in (folder / "tests" / "unit").glob("test_*.py"):
        if OF_THE_TREE.search(path.read_text("utf-8")):
            path.unlink()
        else:
            names.append(f"tests/unit/{path.name}")
    return sorted(names)


@pytest.mark.slow
def test_unit_tests_pass_on_the_installed_wheel(
    environment: Environment, distributions: Distributions, tmp_path: Path
) -> None:
    """They pass with the wheel alone, and every module that is written by hand comes from there."""
    names = copied_tests(tmp_path)
    done = environment.run(
        "-m", "pytest", "tests/unit", "-q", "-p", "no:cacheprovider", "-m", "not slow", "--tb=short", folder=tmp_path
    )
    assert done.returncode == 0, done.stdout + done.stderr
    passed, loaded = noted(tmp_path, environment)
    assert passed == sorted({*names} - {"tests/unit/test_msgspec_decoder.py"})
    assert len(names) >= 15
    assert not OF_EXTRAS & set(loaded)

    # The tests import every module of these packages that needs no extra.
    shipped = {name.removesuffix(".py").replace("/", ".") for name in distributions.files() if name.endswith(".py")}
    written = {name for name in shipped if re.fullmatch(r"kalshi_(?:auth|core)(?:\.[a-z][a-z_]*)+", name)}
    assert len(written) > 30
    assert written - OF_EXTRAS <= set(loaded)


@pytest.mark.slow
def test_contract_tests_pass_on_the_installed_wheel(environment: Environment, tmp_path: Path) -> None:
    """Every operation of the wheel's client sends and decodes what the document says."""
    for name in ("contract", "vectors"):
        shutil.copytree(ROOT / "tests" / name, tmp_path / "tests" / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "generated").mkdir()
    for name in ("openapi.yaml", "pyproject.toml", "tests/conftest.py", "generated/document.yaml"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "conftest.py").write_text(NOTES, "utf-8")
    names = ["tests/contract/test_requests.py", "tests/contract/test_responses.py"]
    done = environment.run(
        "-m", "pytest", *names, "-q", "-p", "no:cacheprovider", "--tb=short",
        "-k", "required_arguments or success_is_decoded", folder=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    passed, loaded = noted(tmp_path, environment)
    assert passed == names
    assert len([name for name in loaded if name.startswith("kalshi_trade_api.api.")]) > 100


def noted(folder: Path, environment: Environment) -> tuple[list[str], dict[str, Path]]:
    """Return the files whose tests passed, and the files of all modules, which are the wheel's."""
    notes = json.loads((folder / "notes.json").read_text("utf-8"))
    loaded = {name: Path(file).resolve() for name, file in notes["loaded"].items()}
    assert set(PACKAGES) <= set(loaded)
    assert [name for name, file in loaded.items() if environment.site_packages not in file.parents] == []
    source = {str(ROOT), str(ROOT / "generated")}
    # A busy machine fails no test.
    assert not notes["timed"]
    assert not source & {str(Path(entry).resolve()) for entry in notes["path"]}
    return notes["passed"], loaded
