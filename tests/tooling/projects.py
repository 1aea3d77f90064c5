"""A project of its own for the command: scripts and a small document in a folder, with nothing generated yet."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from scripts.regenerate.document import dump
from scripts.regenerate.steps import ROOT
from tests.tooling.small import TEXT, document, model, operation, ref

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
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "scripts.regenerate", *arguments],
            cwd=self.root, capture_output=True, text=True, check=False, timeout=60,
            env={**os.environ, "NO_PROXY": "127.0.0.1", "PYTHONDONTWRITEBYTECODE": "1", **environment},
        )  # fmt: skip

    def text(self, path: str) -> str:
        """Return a file's text."""
        return (self.root / path).read_text("utf-8")

    def state(self) -> dict[str, str]:
        """Return every file with the hash of its content, and every folder."""
        return state(self.root)


def state(folder: Path) -> dict[str, str]:
    """Return every file below a folder with the hash of its content, and every folder; bytecode aside."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in sorted(folder.rglob("*"))
        if "__pycache__" not in path.parts
    }
