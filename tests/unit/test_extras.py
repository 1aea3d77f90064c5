"""What an import says when the extra that it needs is not installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
# Import something where a module can't be found, and print what the error is.
IMPORT: Final = """
import importlib, sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
try:
    getattr(importlib.import_module(sys.argv[2]), sys.argv[3])
except ModuleNotFoundError as error:
    print(error.name, error, sep=": ")
"""
AIOHTTP: Final = ("kalshi_core.transport.aiohttp_transport", "AiohttpTransport")
PAPER: Final = ("kalshi_paper", "PaperExchange")
COMMAND: Final = ("kalshi_paper.__main__", "main")


def said(missing: str, module: str, name: str) -> str:
    """Return the name that is missing and the words of the error that an import raises."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "generated")])
    done = subprocess.run(
        [sys.executable, "-c", IMPORT, missing, module, name], env={**os.environ, "PYTHONPATH": paths},
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("needs", "missing", "extra"),
    [
        (AIOHTTP, "aiohttp", "aiohttp"), (AIOHTTP, "httpx_aiohttp", "aiohttp"),
        (PAPER, "starlette", "paper"), (PAPER, "uvicorn", "paper"), (COMMAND, "starlette", "paper"),
    ],
)  # fmt: skip
def test_a_missing_extra_is_named(needs: tuple[str, str], missing: str, extra: str) -> None:
    """The error tells what to install, and keeps the name of what is missing."""
    told = f"{missing}: No module named '{missing}': pip install 'kalshi-trade-api[{extra}]'"
    assert said(missing, *needs) == told


@pytest.mark.parametrize(("needs", "missing"), [(AIOHTTP, "multidict"), (PAPER, "anyio"), (COMMAND, "attrs")])
def test_what_no_extra_brings_is_not_called_one(needs: tuple[str, str], missing: str) -> None:
    """What another package lacks, or the installation as a whole, is told as Python tells it."""
    assert said(missing, *needs) == f"{missing}: No module named '{missing}'"
