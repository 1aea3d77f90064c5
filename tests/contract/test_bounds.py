"""Paging stops at the number of pages or rows that the caller asked for, even where the exchange has more."""

from __future__ import annotations

from itertools import count
from typing import Any

import httpx

from tests.contract.arguments import required_arguments
from tests.contract.document import Document
from tests.contract.package import FUNCTIONS, MODES, RecordingClients, call
from tests.contract.values import Values

PAGES = 2
MORE = 5


@MODES
def test_max_pages_ends_paging(paged_operation_id: str, mode: str, document: Document, amended: Document) -> None:
    """Exactly `max_pages` pages come, after one request for each."""
    endless = Endless(paged_operation_id, document, amended)
    assert endless.counts(FUNCTIONS[mode][2], most=MORE, max_pages=PAGES) == (PAGES, PAGES)


@MODES
def test_max_items_ends_an_iteration(
    iterated_operation_id: str, mode: str, document: Document, amended: Document
) -> None:
    """Exactly `max_items` rows come, and no page is requested after the last one that they need."""
    endless = Endless(iterated_operation_id, document, amended)
    (field,) = amended.rows(endless.schema)
    wanted = PAGES * len(endless.page[field])
    assert endless.counts(FUNCTIONS[mode][3], most=MORE * wanted, max_items=wanted) == (wanted, PAGES)


class Endless:
    """An operation whose pages never end: each response has a new cursor."""

    def __init__(self, operation_id: str, document: Document, amended: Document) -> None:
        self._operation = document.operations[operation_id]
        status, schema = amended.operations[operation_id].first_success
        self.schema = schema or {}
        self.page = Values(amended).full(self.schema)
        field, cursors = str(amended.cursor_of(self._operation)), count(1)
        self._clients = RecordingClients(
            document, lambda _: httpx.Response(status, json={**self.page, field: f"{next(cursors)}"})
        )
        self._arguments = required_arguments(amended, operation_id)

    def counts(self, function: str, *, most: int, **bound: Any) -> tuple[int, int]:
        """Return how many pages or rows a function gives within a bound, and after how many requests."""
        client = self._clients.client(self._operation)
        found = call(self._operation, function, client, {**self._arguments, **bound}, most=most)
        return len(found), len(self._clients.requests)
