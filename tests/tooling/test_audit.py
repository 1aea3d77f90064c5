"""The audit of pinned requirements: it fails for a vulnerability, not without a network."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NO_NETWORK = "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='x'): Max retries exceeded"
CASES = {
    "clean": (0, 0, "No known vulnerabilities found", 0),
    "unknown packages": (0, 0, "No known vulnerabilities found\nx Dependency not found and could not be audited: x", 0),
    "vulnerable": (0, 1, "Found 1 known vulnerability in 1 package\njinja2 2.4.1 PYSEC-2019-217", 1),
    "other failure": (0, 1, "ERROR:pip_audit._cli:invalid requirements input", 1),
    "service not reached": (0, 1, f"Traceback (most recent call last):\n{NO_NETWORK}", 0),
    "not installed": (1, 1, "never asked", 0),
}


@pytest.mark.parametrize("case", CASES)
def test_only_the_network_may_be_missing(case: str, tmp_path: Path) -> None:
    """The exit status follows from those of pip and pip-audit; packages that were not audited are reported."""
    installed, audited, said, expected = CASES[case]
    python = tmp_path / "python"
    (tmp_path / "said").write_text(said)
    python.write_text(
        f'#!/bin/sh\n[ "$2" = pip ] && exit {installed}\n[ "$2" = pip_audit ] || exit 9\n'
        f'cat "{tmp_path}/said"\nexit {audited}\n'
    )
    python.chmod(0o755)
    ran = subprocess.run(
        ["bash", ROOT / ".ci/audit"], env={**os.environ, "PYTHON": str(python)}, capture_output=True, text=True
    )
    assert ran.returncode == expected
    assert ("not audited" in ran.stdout) == (case in ("service not reached", "not installed", "unknown packages"))
    assert (said.splitlines()[-1] in ran.stdout) == (case != "not installed")
