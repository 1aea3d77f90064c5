"""The error of an import whose extra is not installed."""

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
ALIAS: Final = ("kalshi_auth.aio", "AiohttpTransport")
PAPER: Final = ("kalshi_paper", "PaperExchange")
COMMAND: Final = ("kalshi_paper.__main__", "main")


def error_of(missing: str, module: str, name: str) -> str:
    """Return the name of the missing module and the message of the error that an import raises."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "generated")])
    done = subprocess.run(
        [sys.executable, "-c", IMPORT, missing, module, name], env={**os.environ, "PYTHONPATH": paths},
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("needs", "missing", "extra"),
    [
        (AIOHTTP, "aiohttp", "aiohttp"), (AIOHTTP, "httpx_aiohttp", "aiohttp"), (ALIAS, "aiohttp", "aiohttp"),
        (PAPER, "starlette", "paper"), (PAPER, "uvicorn", "paper"), (COMMAND, "starlette", "paper"),
    ],
)  # fmt: skip
def test_a_missing_extra_is_named(needs: tuple[str, str], missing: str, extra: str) -> None:
    """The error says what to install, and has the name of the missing module."""
    expected = f"{missing}: No module named '{missing}': pip install 'kalshi-trade-api[{extra}]'"
    assert error_of(missing, *needs) == expected


@pytest.mark.parametrize(("needs", "missing"), [(AIOHTTP, "multidict"), (PAPER, "anyio"), (COMMAND, "attrs")])
def test_a_missing_module_of_no_extra_is_not_called_one(needs: tuple[str, str], missing: str) -> None:
    """A missing dependency of another package, or of the installation, is Python's own error."""
    assert error_of(missing, *needs) == f"{missing}: No module named '{missing}'"
