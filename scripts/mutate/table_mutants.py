"""Mutants that replace text, from one table for each hand-written module."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from scripts.mutate.edits import Mutant, exact

_TABLES: Final = Path(__file__).parent / "tables"
_FOLDERS: Final = {
    "auth": ("kalshi_auth",),
    "paper": ("kalshi_paper",),
    # Users run the copy, and some tests import the original.
    "runtime": ("generated/kalshi_trade_api", "scripts/runtime"),
}


def table_mutants() -> Iterator[Mutant]:
    """Yield the mutants of every table; a table names the tests that should fail, a mutant may name others."""
    for path in sorted(_TABLES.rglob("*.toml")):
        family, *parts = path.relative_to(_TABLES).with_suffix("").parts
        module = "/".join(parts)
        table = tomllib.loads(path.read_text("utf-8"))
        for row in table["mutant"]:
            yield Mutant(
                name=".".join([family, *parts, row["name"]]),
                files=tuple(f"{folder}/{module}.py" for folder in _FOLDERS[family]),
                find=exact(row["old"], row["new"]),
                test=row.get("test", table["test"]),
                selection=row.get("wanted", ""),
            )
