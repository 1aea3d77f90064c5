"""Pagination: a cursor is the encoded key of the last row of a page."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

RowT = TypeVar("RowT")


def paginate(
    rows: Sequence[RowT], key: Callable[[RowT], str], cursor: str | None, limit: int, all_keys: Iterable[str] = ()
) -> tuple[Sequence[RowT], str]:
    """
    Return one page of rows, and the cursor of the next page.

    Args:
        rows: Rows in order.
        key: Returns the key of a row.
        cursor: Cursor of the previous page; one that cannot be decoded gives the first page, as on the real servers.
        limit: Maximum number of rows; 0 for all.
        all_keys: Keys, in order, of the rows and of others that may have been on the previous page.

    Returns:
        The rows, and the cursor, which is empty on the last page.
    """
    start = 0
    if cursor and (last := _decode(cursor)) is not None:
        found = next((index + 1 for index, row in enumerate(rows) if key(row) == last), None)
        start = _rows_before(rows, key, last, all_keys) if found is None else found
    end = start + limit if limit else len(rows)
    return rows[start:end], _encode(key(rows[end - 1])) if end < len(rows) else ""


def _rows_before(rows: Sequence[RowT], key: Callable[[RowT], str], last: str, all_keys: Iterable[str]) -> int:
    """Return how many rows come before one that is no longer among them, such as an order cancelled meanwhile."""
    names = list(all_keys)
    before = set(names[: names.index(last)]) if last in names else set()
    return sum(key(row) in before for row in rows)


def _encode(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode("utf-8")).decode("ascii").rstrip("=")


def _decode(cursor: str) -> str | None:
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
