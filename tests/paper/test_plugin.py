"""The pytest fixture, and the page that shows how to use it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from scripts.regenerate.project import ROOT

PAGE = ROOT / "docs" / "testing-a-bot.md"


def _run(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run a test file as a user would, with the plugin loaded once, whether or not it is installed."""
    (folder / "test_bot.py").write_text(code, "utf-8")
    paths = os.pathsep.join([str(ROOT), str(ROOT / "generated")])
    environment = {**os.environ, "PYTHONPATH": paths, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "NO_PROXY": "127.0.0.1"}
    options = ["-p", "kalshi_paper.plugin", "-p", "no:cacheprovider", "-W", "error", "-q"]
    command = [sys.executable, "-m", "pytest", *options]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def _block() -> str:
    found = re.search(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def test_page_shows_a_test_that_passes(tmp_path: Path) -> None:
    """The code of the page runs as it stands."""
    done = _run(tmp_path, _block())
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_page_shows_it_in_fifteen_lines() -> None:
    """The code of the page has fifteen lines at most, blank ones left out."""
    assert sum(1 for line in _block().splitlines() if line.strip()) <= 15


def test_each_test_gets_an_exchange_of_its_own(tmp_path: Path) -> None:
    """The fixture gives a fresh exchange to each test, and stops it."""
    code = (
        "seen = []\n"
        "def test_first(paper_exchange): seen.append(paper_exchange)\n"
        "def test_second(paper_exchange):\n"
        "    assert paper_exchange is not seen[0] and paper_exchange.tickers\n"
        "    try:\n"
        "        seen[0].base_url\n"
        "    except RuntimeError:\n"
        "        return\n"
        "    assert False, 'the first one still listens'\n"
    )
    done = _run(tmp_path, code)
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_plugin_costs_nothing_unless_it_is_used(tmp_path: Path) -> None:
    """A run that does not ask for the fixture does not import the server."""
    code = "import sys\ndef test_lean(): assert not {'uvicorn', 'starlette', 'cryptography'} & set(sys.modules)\n"
    done = _run(tmp_path, code)
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_plugin_without_the_extra_fails_who_asks_for_it(tmp_path: Path) -> None:
    """It loads and disturbs nobody; the fixture's error tells what to install."""
    code = "import sys\nsys.modules['uvicorn'] = None\ndef test_other(): pass\ndef test_bot(paper_exchange): pass\n"
    done = _run(tmp_path, code)
    assert "1 passed, 1 error" in done.stdout, done.stdout + done.stderr
    assert "pip install 'kalshi-trade-api[paper]'" in done.stdout
