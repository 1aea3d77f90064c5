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
    """
    Yield the mutants of every table; a table names the tests that should notice, and a mutant may name others.

    A table's `file` names its module where folder and name of the table do not, as with the paper exchange's folders.
    """
    for path in sorted(_TABLES.glob("*/*.toml")):
        family, module = path.parent.name, path.stem
        table = tomllib.loads(path.read_text("utf-8"))
        own = (table["file"],) if "file" in table else ()
        for row in table["mutant"]:
            yield Mutant(
                name=f"{family}.{module}.{row['name']}",
                files=own or tuple(f"{folder}/{module}.py" for folder in _FOLDERS[family]),
                find=exact(row["old"], row["new"]),
                test=row.get("test", table["test"]),
                wanted=row.get("wanted", ""),
            )
