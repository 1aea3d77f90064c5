"""Live tests run only when they are asked for, and otherwise say why not, and send nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.live.asking import reason_to_skip

ROOT: Final = Path(__file__).parents[2]
LIVE: Final = ROOT / "tests" / "live" / "test_demo_environment.py"
HEARD: Final = 99
ASKED: Final = {"KALSHI_LIVE": "1"}
KEY: Final = {"KALSHI_KEY_ID": "id", "KALSHI_PRIVATE_KEY_FILE": "demo.pem"}
# Ends the process at the first address that is looked up or spoken to.
DEAF: Final = f"""
import os, sys

def heard(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        os._exit({HEARD})

sys.addaudithook(heard)
"""


@pytest.mark.parametrize(
    ("environment", "writes", "reason"),
    [
        ({}, False, "live tests are not asked for: .*--live.*KALSHI_LIVE=1"),
        (KEY, False, "live tests are not asked for"),
        ({**KEY, "KALSHI_LIVE": "0"}, False, "live tests are not asked for"),
        (ASKED, False, "no credentials .*KALSHI_KEY_ID is not set"),
        ({**ASKED, "KALSHI_KEY_ID": ""}, False, "no credentials .*KALSHI_KEY_ID is not set"),
        ({**ASKED, "KALSHI_KEY_ID": "id"}, False, "no credentials .*neither KALSHI_PRIVATE_KEY nor"),
        ({**ASKED, **KEY}, True, "places an order .*KALSHI_LIVE_WRITE=1"),
        ({**ASKED, **KEY, "KALSHI_LIVE_WRITE": ""}, True, "places an order .*KALSHI_LIVE_WRITE=1"),
        ({**KEY, "KALSHI_LIVE_WRITE": "1"}, True, "live tests are not asked for"),
    ],
)
def test_reason_names_what_is_missing(environment: dict[str, str], writes: bool, reason: str) -> None:
    """A live test that may not run says which option or variable would let it."""
    assert re.search(reason, reason_to_skip(environment, asked=False, writes=writes) or "")


@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize("writes", [True, False])
def test_nothing_is_skipped_when_all_is_there(asked: bool, writes: bool) -> None:
    """The option or the variable, and a key, are enough; an order needs one word more."""
    environment = {**KEY, **({} if asked else ASKED), **({"KALSHI_LIVE_WRITE": "1"} if writes else {})}
    assert reason_to_skip(environment, asked=asked, writes=writes) is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "variables", "reason"),
    [((), KEY, "live tests are not asked for"), (("--live",), {}, "KALSHI_KEY_ID is not set")],
    ids=["not asked for", "no credentials"],
)
def test_nothing_is_sent_by_live_tests_that_may_not_run(
    options: tuple[str, ...], variables: dict[str, str], reason: str, tmp_path: Path
) -> None:
    """All of them are skipped, each with the reason, and not even a name is looked up."""
    done = run_deaf(tmp_path, *options, **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    tests = len(re.findall(r"^def test_", LIVE.read_text("utf-8"), re.M))
    assert re.search(rf"^=+ {tests} skipped in ", done.stdout, re.M)
    reasons = re.findall(r"^SKIPPED .*?: (.*)$", done.stdout, re.M)
    assert reasons
    assert [other for other in reasons if reason not in other] == []


@pytest.mark.slow
def test_a_live_test_that_may_run_would_be_heard(tmp_path: Path) -> None:
    """Where nothing is missing the first look-up of a name ends the process, so the silence above has a meaning."""
    done = run_deaf(tmp_path, "--live", **KEY)
    assert done.returncode == HEARD, done.stdout + done.stderr


def run_deaf(folder: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the live tests in a process that can't speak to anybody."""
    (folder / "deaf.py").write_text(DEAF, "utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KALSHI_", "PYTEST_"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "deaf", "-p", "no:cacheprovider", *options, LIVE],
        cwd=ROOT, env={**kept, **variables, "PYTHONPATH": str(folder)},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
