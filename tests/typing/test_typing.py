"""The types a user sees, held by a strict checker."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def errors_of(path: Path) -> dict[int, set[str]]:
    finished = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--show-error-codes", str(path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found: dict[int, set[str]] = defaultdict(set)
    for line in finished.stdout.splitlines():
        if match := re.match(rf".*{path.name}:(\d+): error: .*\[([a-z-]+)\]$", line):
            found[int(match[1])].add(match[2])
        else:
            assert ": note: " in line, line
    return found


@pytest.mark.slow
def test_right_code_is_clean_and_has_the_promised_types() -> None:
    """Success types carry no None and no error, rows are typed, numbers are Decimals."""
    assert errors_of(HERE / "good.py") == {}


@pytest.mark.slow
def test_mistakes_are_found() -> None:
    """A typo, a wrong client, a wrong type and a missing argument are errors, each in its line."""
    expected: dict[int, set[str]] = {}
    lines = (HERE / "bad.py").read_text("utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        if match := re.search(r"# expect: ([a-z, -]+)$", line):
            expected[number] = set(match[1].split(", "))
        elif match := re.search(r"# expect-above: ([a-z, -]+)$", line):
            expected[number - 2] = set(match[1].split(", "))
    found: dict[int, set[str]] = defaultdict(set)
    for number, codes in errors_of(HERE / "bad.py").items():
        # A call over several lines may be reported at any of them.
        found[max((start for start in expected if start <= number), default=number)] |= codes
    assert found == expected
