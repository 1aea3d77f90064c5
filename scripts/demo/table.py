"""Text in columns."""

from __future__ import annotations

from collections.abc import Sequence


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], alignment: str) -> str:
    """
    Lay out rows below their heads, columns two blanks apart.

    Args:
        heads: A head for each column.
        rows: The cells, row by row.
        alignment: For each column `<` (left) or `>` (right).

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
