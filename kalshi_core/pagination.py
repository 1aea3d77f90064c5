"""Follow cursors: one page in memory at a time, and never an endless loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, TypeVar

from kalshi_core.client import AuthenticatedClient, Client
from kalshi_core.errors import ArgumentError, MissingFieldError, PaginationError
from kalshi_core.operation import Operation
from kalshi_core.types import UNSET, Unset

T = TypeVar("T")


class _CursorTrail:
    """The cursors of one iteration: detects the end, and a cursor that comes back."""

    def __init__(self, operation: Operation[Any], cursor_field: str, start: Any, max_pages: int | Unset) -> None:
        self._operation = operation
        self._field = cursor_field
        self._seen = {start}
        self._left = _checked("max_pages", max_pages)

    def after(self, page: Any) -> str | None:
        """Return the cursor of the next page, or None after the last one."""
        self._left = None if self._left is None else self._left - 1
        try:
            cursor = getattr(page, self._field)
        except MissingFieldError:
            return None
        if not cursor or self._left == 0:
            return None
        if cursor in self._seen:
            raise PaginationError(
                f"{self._operation.id}: the exchange repeated the cursor {cursor!r}; following it would never end"
            )
        self._seen.add(cursor)
        return str(cursor)


def pages(
    operation: Operation[T],
    client: Client | AuthenticatedClient,
    cursor_field: str,
    max_pages: int | Unset,
    **arguments: Any,
) -> Iterator[T]:
    """
    Yield page after page.

    Args:
        operation: Returns a page, and takes a `cursor`.
        client: The client to send with.
        cursor_field: Attribute of the page that has the next cursor; empty, null or missing on the last page.
        max_pages: Stop after so many pages.
        arguments: Arguments of the operation.

    Raises:
        PaginationError: The exchange repeated a cursor.
    """
    trail = _CursorTrail(operation, cursor_field, arguments.get("cursor", UNSET), max_pages)
    cursor: str | None = ""
    while cursor is not None:
        page = operation.sync(client, **arguments)
        yield page
        cursor = trail.after(page)
        arguments["cursor"] = cursor


async def apages(
    operation: Operation[T],
    client: Client | AuthenticatedClient,
    cursor_field: str,
    max_pages: int | Unset,
    **arguments: Any,
) -> AsyncIterator[T]:
    """Do what `pages` does, in an event loop."""
    trail = _CursorTrail(operation, cursor_field, arguments.get("cursor", UNSET), max_pages)
    cursor: str | None = ""
    while cursor is not None:
        page = await operation.asyncio(client, **arguments)
        yield page
        cursor = trail.after(page)
        arguments["cursor"] = cursor


def items(pages: Iterator[Any], rows_field: str, max_items: int | Unset) -> Iterator[Any]:
    """Yield the rows in the list `rows_field` of every page, at most `max_items`; PaginationError without the list."""
    left = _checked("max_items", max_items)
    for page in pages:
        for row in _rows(page, rows_field):
            yield row
            left = None if left is None else left - 1
            if left == 0:
                return


async def aitems(pages: AsyncIterator[Any], rows_field: str, max_items: int | Unset) -> AsyncIterator[Any]:
    """Do what `items` does, in an event loop."""
    left = _checked("max_items", max_items)
    async for page in pages:
        for row in _rows(page, rows_field):
            yield row
            left = None if left is None else left - 1
            if left == 0:
                return


def _rows(page: Any, rows_field: str) -> list[Any]:
    try:
        # The servers sometimes send null for an empty list.
        return getattr(page, rows_field) or []
    except MissingFieldError as missing:
        raise PaginationError(f"a page has no list of rows: {missing}") from None


def _checked(name: str, most: int | Unset) -> int | None:
    if isinstance(most, Unset):
        return None
    if not isinstance(most, int) or isinstance(most, bool) or most < 1:
        raise ArgumentError(f"{name} must be a whole number from 1, not {most!r}")
    return most
