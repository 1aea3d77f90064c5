"""Following cursors: one page in memory at a time, and no loop without an end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, TypeVar

from .client import AuthenticatedClient, Client
from .errors import ArgumentError, MissingFieldError, PaginationError
from .operation import Operation
from .types import UNSET, Unset

T = TypeVar("T")


class _Trail:
    """The cursors of one run, and whether it goes on."""

    def __init__(self, operation: Operation[Any], cursor_field: str, start: Any, max_pages: int | Unset) -> None:
        self._operation = operation
        self._field = cursor_field
        self._seen = {start}
        self._left = _checked("max_pages", max_pages)

    def after(self, page: Any) -> str | None:
        """Return the cursor of the next page, or None after the last."""
        self._left = None if self._left is None else self._left - 1
        try:
            cursor = getattr(page, self._field)
        except MissingFieldError:
            return None
        if not cursor or self._left == 0:
            return None
        if cursor in self._seen:
            raise PaginationError(f"{self._operation.id}: cursor {cursor!r} came back; following it would never end")
        self._seen.add(cursor)
        return str(cursor)


def pages(
    operation: Operation[T],
    client: Client | AuthenticatedClient,
    cursor_field: str,
    max_pages: int | Unset,
    **arguments: Any,
) -> Iterator[T]:
    """Yield page after page."""
    trail = _Trail(operation, cursor_field, arguments.get("cursor", UNSET), max_pages)
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
    """Yield page after page."""
    trail = _Trail(operation, cursor_field, arguments.get("cursor", UNSET), max_pages)
    cursor: str | None = ""
    while cursor is not None:
        page = await operation.asyncio(client, **arguments)
        yield page
        cursor = trail.after(page)
        arguments["cursor"] = cursor


def items(pages: Iterator[Any], rows_field: str, max_items: int | Unset) -> Iterator[Any]:
    """Yield the rows of every page."""
    left = _checked("max_items", max_items)
    for page in pages:
        for row in _rows(page, rows_field):
            yield row
            left = None if left is None else left - 1
            if left == 0:
                return


async def aitems(pages: AsyncIterator[Any], rows_field: str, max_items: int | Unset) -> AsyncIterator[Any]:
    """Yield the rows of every page."""
    left = _checked("max_items", max_items)
    async for page in pages:
        for row in _rows(page, rows_field):
            yield row
            left = None if left is None else left - 1
            if left == 0:
                return


def _rows(page: Any, rows_field: str) -> list[Any]:
    try:
        # The servers write an empty list as null at times.
        return getattr(page, rows_field) or []
    except MissingFieldError as missing:
        raise PaginationError(f"a page came without its rows: {missing}") from None


def _checked(name: str, most: int | Unset) -> int | None:
    if isinstance(most, Unset):
        return None
    if not isinstance(most, int) or isinstance(most, bool) or most < 1:
        raise ArgumentError(f"{name}: expected a whole number from 1, not {most!r}")
    return most
