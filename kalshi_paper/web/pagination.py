"""Paging: a cursor names the last row of the page before."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

Row = TypeVar("Row")


def page(
    rows: Sequence[Row], key: Callable[[Row], str], cursor: str | None, limit: int, among: Iterable[str] = ()
) -> tuple[Sequence[Row], str]:
    """
    Cut one page out of all rows.

    Args:
        rows: All of them, in order.
        key: What names a row.
        cursor: From the page before; one that can't be read starts again, as on the real servers.
        limit: Most rows on the page; 0 for all.
        among: What names the rows, and those beside them that may have been on the page before, in order.

    Returns:
        The page's rows, and the cursor of the next page, empty on the last one.
    """
    start = 0
    if cursor and (last := _key(cursor)) is not None:
        found = next((index + 1 for index, row in enumerate(rows) if key(row) == last), None)
        start = _place(rows, key, last, among) if found is None else found
    end = start + limit if limit else len(rows)
    return rows[start:end], _cursor(key(rows[end - 1])) if end < len(rows) else ""


def _place(rows: Sequence[Row], key: Callable[[Row], str], last: str, among: Iterable[str]) -> int:
    """Return how many rows come before one that is there no longer, as an order that was cancelled meanwhile."""
    names = list(among)
    before = set(names[: names.index(last)]) if last in names else set()
    return sum(key(row) in before for row in rows)


def _cursor(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode("utf-8")).decode("ascii").rstrip("=")


def _key(cursor: str) -> str | None:
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
