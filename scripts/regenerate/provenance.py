"""Record the inputs of a package by hash; without a date, so that the same input gives the same file."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Iterable
from pathlib import Path

from scripts.regenerate.generate import SETTINGS, TEMPLATES
from scripts.regenerate.project import MARKER


def provenance(document_text: str, version: str, overlay: Path | None) -> str:
    """
    Return the text of PROVENANCE.toml.

    Args:
        document_text: Text of the document before the overlay.
        version: Its `info.version`.
        overlay: The overlay, or None for none.
    """
    tables = {
        "document": {"version": version, "sha256": _sha256(document_text.encode("utf-8"))},
        "overlay": {"sha256": _sha256(overlay.read_bytes()) if overlay else "none"},
        "templates": {"sha256": _of_files([SETTINGS, *TEMPLATES.glob("*.jinja")])},
        "openapi-python-client": {"version": importlib.metadata.version("openapi-python-client")},
        "ruff": {"version": importlib.metadata.version("ruff")},
    }
    blocks = [
        "\n".join([f"[{name}]", *(f'{key} = "{value}"' for key, value in table.items())])
        for name, table in tables.items()
    ]
    return "\n\n".join([MARKER, *blocks]) + "\n"


def _of_files(paths: Iterable[Path]) -> str:
    """Return the hash of the lines that `sha256sum` prints for the files, sorted by name."""
    lines = [f"{_sha256(path.read_bytes())}  {path.name}\n" for path in sorted(paths, key=lambda path: path.name)]
    return _sha256("".join(lines).encode("utf-8"))


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
