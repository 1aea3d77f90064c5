"""Copy the project, insert faults into the copy and run its tests."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

from scripts.mutate.edits import Mutant

_PARTS: Final = (
    "generated", "kalshi_auth", "kalshi_core", "kalshi_paper", "scripts", "tests", "openapi.yaml", "pyproject.toml"
)  # fmt: skip
_FAILED: Final = re.compile(r"^(?:FAILED|ERROR) (\S+?)(\[.*?)?(?: - .*)?$", re.MULTILINE)
_PYTEST: Final = ("-x", "-q", "-rfE", "--tb=no", "-p", "no:cacheprovider")
# Loading other plugins would take longer than the tests; CI makes hypothesis deterministic and without deadlines.
_SETTINGS: Final = {"CI": "1", "PYTEST_ADDOPTS": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
_ALL_PASSED, _SOME_FAILED, _INTERRUPTED = 0, 1, 2


@dataclass(frozen=True)
class Verdict:
    """
    Result of a mutant.

    Attributes:
        caught: Whether a test failed.
        by: The test, or the reason why none failed.
    """

    caught: bool
    by: str


class WorkingCopy:
    """
    A copy of the project, for one mutant at a time.

    Args:
        root: The project's root; it is only read.
        folder: Folder of the copy.
        timeout_s: Limit of a test run, seconds.
    """

    def __init__(self, root: Path, folder: Path, timeout_s: float) -> None:
        self._folder = folder
        self._timeout_s = timeout_s
        self._ages = count(1)
        for name in _PARTS:
            if (root / name).is_dir():
                shutil.copytree(root / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
            else:
                folder.mkdir(parents=True, exist_ok=True)
                shutil.copy2(root / name, folder / name)

    def check(self, mutant: Mutant) -> Verdict:
        """Insert the fault, run the tests that should fail, and undo it."""
        paths = [self._folder / file for file in mutant.files]
        before = [(path, path.read_bytes(), path.stat()) for path in paths]
        age = next(self._ages)
        try:
            for path, content, times in before:
                path.write_bytes(mutant.apply(content))
                # Python compares size and whole seconds to find stale bytecode, so each version gets a different time.
                os.utime(path, (int(times.st_mtime) - 2 * age,) * 2)
            return self._verdict((mutant.test, *(("-k", mutant.selection) if mutant.selection else ())))
        finally:
            for path, content, times in before:
                path.write_bytes(content)
                os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    def run(self, arguments: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        """Run pytest in the copy, with the packages of the copy."""
        roots = os.pathsep.join((str(self._folder), str(self._folder / "generated")))
        return subprocess.run(  # noqa: S603
            [sys.executable, "-m", "pytest", *_PYTEST, *arguments],
            cwd=self._folder,
            env={**os.environ, **_SETTINGS, "PYTHONPATH": roots},
            capture_output=True,
            text=True,
            timeout=self._timeout_s,
            check=False,
        )

    def _verdict(self, tests: tuple[str, ...]) -> Verdict:
        try:
            done = self.run(tests)
        except subprocess.TimeoutExpired:
            # Not counted as caught: on a slow machine a surviving mutant looks the same.
            return Verdict(False, f"timeout after {self._timeout_s:g} s")
        if done.returncode == _ALL_PASSED:
            return Verdict(False, "all passed")
        found = _FAILED.search(done.stdout)
        if found is None or done.returncode not in (_SOME_FAILED, _INTERRUPTED):
            return Verdict(False, f"pytest ended with {done.returncode}: {_last_line(done.stdout + done.stderr)}")
        return Verdict(True, found[1].removeprefix("tests/") + (found[2] or ""))


def _last_line(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if line.strip()), "")
