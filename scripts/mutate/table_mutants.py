"""Mutants that replace text, from one table for each hand-written module."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from scripts.mutate.edits import Mutant, exact

_TABLES: Final = Path(__file__).parent / "tables"
"""`core/retry/rules.toml` in it is the table of `kalshi_core/retry/rules.py`."""


def table_mutants() -> Iterator[Mutant]:
    """Yield the mutants of every table; a table names the tests that should fail, a mutant may name others."""
    for path in sorted(_TABLES.rglob("*.toml")):
        module = path.relative_to(_TABLES).with_suffix("").as_posix()
        table = tomllib.loads(path.read_text("utf-8"))
        for row in table["mutant"]:
            yield Mutant(
                name=f"{module.replace('/', '.')}.{row['name']}",
                files=(f"kalshi_{module}.py",),
                find=exact(row["old"], row["new"]),
                test=row.get("test", table["test"]),
                selection=row.get("wanted", ""),
            )
