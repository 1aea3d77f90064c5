"""A project of its own for the command: scripts and a small document in a folder, with nothing generated yet."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from scripts.regenerate.document import dump
from scripts.regenerate.project import ROOT
from tests.tooling.small_documents import TEXT, document, model, operation, ref

# Run a module as a command, and send this process what Ctrl-C sends when it is about to do something, named as Python
# tells its audit hooks.
_INTERRUPT = """
import os, runpy, signal, sys

_, event, word, module, *arguments = sys.argv
times = iter([1])

def interrupt(name, details):
    if name == event and word in repr(details) and next(times, 0):
        os.kill(os.getpid(), signal.SIGINT)

sys.addaudithook(interrupt)
sys.argv[1:] = arguments
runpy.run_module(module, run_name="__main__", alter_sys=True)
"""

DOCUMENT = document(
    {"/orders": {"get": operation("GetOrders", ref("Orders"))}},
    {"Orders": model({"orders": {"type": "array", "items": TEXT}}, ["orders"])},
)


class Project:
    """
    A folder with the scripts, a document and their output.

    The command finds its files from where it stands, so a copy of the scripts works on this folder alone.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copytree(ROOT / "scripts", root / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
        (root / "openapi.yaml").write_text(dump(DOCUMENT), "utf-8")

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the command."""
        return _run(self.root, "-m", "scripts.regenerate", *arguments, **environment)

    def text(self, path: str) -> str:
        """Return a file's text."""
        return (self.root / path).read_text("utf-8")

    def state(self) -> dict[str, str]:
        """Return every file with the hash of its content, and every folder."""
        return state(self.root)


def interrupted(root: Path, when: tuple[str, str], module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """
    Run a command, and interrupt it.

    Args:
        root: Where the scripts are.
        when: The audit event before which Ctrl-C comes, and a word that it holds.
        module: The command's module.
        arguments: The command's own.
    """
    return _run(root, "-c", _INTERRUPT, *when, module, *arguments)


def _run(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        cwd=root, capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "NO_PROXY": "127.0.0.1", "PYTHONDONTWRITEBYTECODE": "1", **environment},
    )  # fmt: skip


def state(folder: Path) -> dict[str, str]:
    """Return every file below a folder with the hash of its content, and every folder; bytecode aside."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in sorted(folder.rglob("*"))
        if "__pycache__" not in path.parts
    }
