"""Format the package with the pinned ruff, independent of any settings around it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from scripts.regenerate.errors import StepError

_COMMON = ("--isolated", "--no-cache", "--quiet", "--target-version", "py311", "--line-length", "120")
# Otherwise ruff would look for the core in the current folder, and the order of imports would depend on that.
_FIRST_PARTY = ("--config", 'lint.isort.known-first-party = ["kalshi_core"]')


def format_package(package: Path) -> str:
    """
    Sort imports, remove unused ones and format; return a line with the number of files.

    Raises:
        StepError: ruff is not installed, or rejects a file.
    """
    _run("check", *_COMMON, *_FIRST_PARTY, "--select", "I,F401", "--fix", str(package))
    _run("format", *_COMMON, str(package))
    return f"{len(list(package.rglob('*.py')))} files"


def _run(*arguments: str) -> None:
    finished = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "ruff", *arguments], capture_output=True, text=True, check=False
    )
    if finished.returncode:
        raise StepError(
            "polish",
            f"ruff {arguments[0]}: {(finished.stdout + finished.stderr).strip()[:2000]}",
            "install the pinned requirements; if ruff is installed, a template writes invalid Python",
        )
