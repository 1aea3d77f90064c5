"""Run the contract tests and the signing tests on a package in another folder."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from attrs import frozen

from scripts.regenerate.errors import StepError
from scripts.regenerate.project import ROOT

CHECKS: Final = (
    "tests/contract/test_amendment.py",
    "tests/contract/test_completeness.py",
    "tests/contract/test_members.py",
    "tests/contract/test_requests.py",
    "tests/contract/test_bounds.py",
    "tests/contract/test_responses.py",
    "tests/contract/test_decoding.py",
    "tests/unit/test_signing.py",
    "tests/unit/test_flow.py",
)
_STEP: Final = "test"


@frozen
class CheckResults:
    """
    Results of the tests.

    Attributes:
        count: Number of tests that ran.
        failed: Names of the failed tests, each with the first line of its message.
    """

    count: int
    failed: list[str]


def run_checks(folder: Path, document: Path, overlay: str = "", tests: Sequence[str] = CHECKS) -> CheckResults:
    """
    Run tests in a separate process; no file of the repository changes.

    Args:
        folder: Output folder of `scripts.regenerate`.
        document: The document that the package was made from.
        overlay: The overlay that was applied: a file, `none`, or empty for ours.
        tests: Test files, relative to the repository's root.

    Raises:
        StepError: The tests did not run.
    """
    with tempfile.TemporaryDirectory(prefix="vet-tests-") as temporary:
        report = Path(temporary) / "report.xml"
        # Not a shell, and no argument is foreign input.
        run = subprocess.run(  # noqa: S603
            [
                sys.executable, "-m", "pytest", *tests, "--package-dir", str(folder), "--document", str(document),
                f"--overlay={overlay}", f"--junitxml={report}", "-q", "-n", "auto", "-p", "no:cacheprovider",
                "--continue-on-collection-errors", "--tb=line",
            ],
            cwd=ROOT, env=_environment(Path(temporary)), capture_output=True, text=True, check=False,
        )  # fmt: skip
        if not report.is_file():
            last = "\n  ".join((run.stderr or run.stdout).strip().splitlines()[-5:])
            raise StepError(
                _STEP, f"pytest did not run:\n  {last}", "set up the environment with `make test` and run it again"
            )
        return _read(report)


def _environment(temporary: Path) -> dict[str, str]:
    """Return the environment without the variables of a pytest that this process may run in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", "HYPOTHESIS_STORAGE_DIRECTORY": str(temporary / "hypothesis")}


def _read(report: Path) -> CheckResults:
    # pytest wrote this file: it is not foreign XML.
    cases = list(ElementTree.parse(report).iter("testcase"))  # noqa: S314
    failed = [
        f"{case.get('name')}: {_first_line(fault.get('message'))}"
        for case in cases
        for fault in case
        if fault.tag in ("failure", "error")
    ]
    return CheckResults(len(cases), failed)


def _first_line(text: str | None) -> str:
    return (text or "no message").strip().partition("\n")[0][:200]
