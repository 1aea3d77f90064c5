"""The mutants, held against the tree: every mistake has one place, and all that matters is broken somewhere."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from scripts.mutate.edits import InapplicableError, Mutant, exact
from scripts.mutate.mutants import mutants

ROOT: Final = Path(__file__).parents[2]
MUTANTS: Final = mutants(ROOT)
LEAST: Final = 60
LEAST_MODULES: Final = 20


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_has_exactly_one_place(name: str) -> None:
    """Each mistake can be made in the tree as it is, gives Python, and names tests that are there."""
    mutant = MUTANTS[name]
    for file in mutant.files:
        content = (ROOT / file).read_bytes()
        changed = mutant.apply(content)
        assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(content))
    assert (ROOT / mutant.test).exists()


def test_there_are_enough_mutants() -> None:
    """At least 60 ways, in at least 20 endpoint modules and in every module of the core and of the signing package."""
    assert len(MUTANTS) >= LEAST
    files = {mutant.file for mutant in MUTANTS.values()}
    assert len([file for file in files if "/api/" in file]) >= LEAST_MODULES
    trivial = {"__init__.py"}
    paths = [path for package in ("kalshi_auth", "kalshi_core") for path in (ROOT / package).rglob("*.py")]
    owned = {path.relative_to(ROOT).as_posix() for path in paths if path.name not in trivial}
    assert {file for file in files if file.startswith(("kalshi_auth/", "kalshi_core/"))} == owned


def test_the_same_modules_are_broken_every_time() -> None:
    """Which generated modules are picked depends on the document alone."""
    again = mutants(ROOT)
    assert list(again) == list(MUTANTS)
    assert [each.files for each in again.values()] == [each.files for each in MUTANTS.values()]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("three", "3", "0 places"),
        ("one", "two", "2 places"),
        ("two", "2 +", "not be valid Python"),
        ("two", "two", "would not change"),
    ],
)
def test_a_mutant_that_does_not_apply_is_an_error(old: str, new: str, said: str) -> None:
    """A text that is missing, ambiguous, left as it is or no longer Python afterwards is refused."""
    mutant = Mutant("a.b", ("some.py",), exact(old, new), "tests")
    with pytest.raises(InapplicableError, match=said):
        mutant.apply(b"one = 1\nzero = one - two\n")


def test_a_place_is_found_behind_other_alphabets() -> None:
    """Offsets count bytes: what stands before a place may be written in any script."""
    applied: Callable[[bytes], bytes] = Mutant("a.b", ("some.py",), exact("two", "2"), "tests").apply
    assert applied("é = '…'; one = two\n".encode()) == "é = '…'; one = 2\n".encode()
