"""Mistakes that are texts and what stands there instead, from one table for each module."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from scripts.mutate.edits import Mutant, exact

_TABLES: Final = Path(__file__).parent / "tables"
_FOLDERS: Final = {
    "auth": ("kalshi_auth",),
    # The copy is what users run, and some tests look at the original.
    "runtime": ("generated/kalshi_trade_api", "scripts/runtime"),
}


def text_mutants() -> Iterator[Mutant]:
    """Yield the mutants of every table; a table says which tests should notice, and a mutant may name others."""
    for path in sorted(_TABLES.glob("*/*.toml")):
        family, module = path.parent.name, path.stem
        table = tomllib.loads(path.read_text("utf-8"))
        for row in table["mutant"]:
            yield Mutant(
                name=f"{family}.{module}.{row['name']}",
                files=tuple(f"{folder}/{module}.py" for folder in _FOLDERS[family]),
                find=exact(row["old"], row["new"]),
                test=row.get("test", table["test"]),
                wanted=row.get("wanted", ""),
            )
