"""Folders in which tests run the commands: a copy of the project, or a small package and its document."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from scripts.regenerate.__main__ import main
from scripts.regenerate.document import dump
from scripts.regenerate.project import ROOT
from tests.tooling.small_documents import TEXT, document, model, operation, ref, write

# Run a module as a command, and send it the signal of Ctrl-C before an audit event of Python. An event that never
# occurs is reported, so that a test cannot pass without the interruption.
_INTERRUPT = """
import os, runpy, signal, sys

_, event, word, module, *arguments = sys.argv
sent = []

def interrupt(name, details):
    if name == event and word in repr(details) and not sent:
        sent.append(name)
        os.kill(os.getpid(), signal.SIGINT)

sys.addaudithook(interrupt)
sys.argv[1:] = arguments
try:
    runpy.run_module(module, run_name="__main__", alter_sys=True)
finally:
    if not sent:
        print(f"not interrupted: no {event} with {word}", file=sys.stderr)
"""

DOCUMENT = document(
    {"/orders": {"get": operation("GetOrders", ref("Orders"))}},
    {"Orders": model({"orders": {"type": "array", "items": TEXT}}, ["orders"])},
)


class Project:
    """
    A folder with a copy of the scripts, a document and their output.

    The commands find their files relative to their own location, so the copy reads and writes this folder only.
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


class Place:
    """A folder with a document and the output folder of a package, for runs inside this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output = folder / "output"
        self.spec = write(folder, DOCUMENT)

    def run(self, *arguments: str, spec: Path | None = None, overlay: str = "none") -> int:
        return main([
            "--spec", str(spec or self.spec), "--output", str(self.output), "--package", "small",
            "--overlay", overlay, *arguments,
        ])  # fmt: skip

    def state(self) -> dict[str, str]:
        return state(self.folder)


def run_interrupted(
    root: Path, when: tuple[str, str], module: str, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """
    Run a command and interrupt it, as with Ctrl-C.

    Args:
        root: Folder of the scripts.
        when: Audit event before which the signal is sent, and a word in the event's arguments.
        module: Module of the command.
        arguments: Arguments of the command.
    """
    return _run(root, "-c", _INTERRUPT, *when, module, *arguments)


def _run(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        cwd=root, capture_output=True, text=True, check=False, timeout=180,
        env={**os.environ, "NO_PROXY": "127.0.0.1", "PYTHONDONTWRITEBYTECODE": "1", **environment},
    )  # fmt: skip


def state(folder: Path) -> dict[str, str]:
    """Return every file below a folder with the hash of its content, and every folder; without bytecode."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in sorted(folder.rglob("*"))
        if "__pycache__" not in path.parts
    }
