"""Running the contract tests and the tests of the signature on a package that stands aside."""

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

from scripts.regenerate.errors import ROOT, StepError

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
class Checked:
    """
    What the tests found.

    Attributes:
        count: How many ran.
        failed: Those that did not pass, by name, each with its first line of words.
    """

    count: int
    failed: list[str]


def checked(folder: Path, document: Path, overlay: str = "", tests: Sequence[str] = CHECKS) -> Checked:
    """
    Run the tests in a process of its own; nothing in the tree changes.

    Args:
        folder: What `scripts.regenerate --output` wrote.
        document: The document it was made from.
        overlay: The corrections it was made with: a file, `none`, or empty for ours.
        tests: Files of tests, from the root of the tree.

    Raises:
        StepError: The tests could not run at all.
    """
    with tempfile.TemporaryDirectory(prefix="vet-tests-") as aside:
        report = Path(aside) / "report.xml"
        # This interpreter, and arguments of our own.
        run = subprocess.run(  # noqa: S603
            [
                sys.executable, "-m", "pytest", *tests, "--package-dir", str(folder), "--document", str(document),
                f"--overlay={overlay}", f"--junitxml={report}", "-q", "-n", "auto", "-p", "no:cacheprovider",
                "--continue-on-collection-errors", "--tb=line",
            ],
            cwd=ROOT, env=_environment(Path(aside)), capture_output=True, text=True, check=False,
        )  # fmt: skip
        if not report.is_file():
            last = "\n  ".join((run.stderr or run.stdout).strip().splitlines()[-5:])
            raise StepError(
                _STEP, f"pytest did not run:\n  {last}", "run it as the message says, in make's environment"
            )
        return _read(report)


def _environment(aside: Path) -> dict[str, str]:
    """Return this process's environment, without what another run of pytest left in it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", "HYPOTHESIS_STORAGE_DIRECTORY": str(aside / "hypothesis")}


def _read(report: Path) -> Checked:
    # The file is our own.
    cases = list(ElementTree.parse(report).iter("testcase"))  # noqa: S314
    failed = [
        f"{case.get('name')}: {_first_line(fault.get('message'))}"
        for case in cases
        for fault in case
        if fault.tag in ("failure", "error")
    ]
    return Checked(len(cases), failed)


def _first_line(text: str | None) -> str:
    return (text or "no words").strip().partition("\n")[0][:200]
