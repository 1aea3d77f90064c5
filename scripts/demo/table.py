"""Format tables as text."""

from __future__ import annotations

from collections.abc import Sequence


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], alignment: str) -> str:
    """
    Return a table, its columns separated by two spaces.

    Args:
        heads: Titles of the columns.
        rows: Cells of each row.
        alignment: `<` (left) or `>` (right) for each column.

    Example:
        >>> print(table(("SIDE", "AHEAD"), [("bid", "86.25"), ("ask", "1,250.00")], "<>"))
        SIDE     AHEAD
        bid      86.25
        ask   1,250.00
    """
    lines = [heads, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(line, alignment, widths, strict=True)).rstrip()
        for line in lines
    )
