"""Every operation that pages stops where the caller said, whatever the exchange still has."""

from __future__ import annotations

from itertools import count

import httpx
import pytest

from tests.contract.document import Document
from tests.contract.subject import FUNCTIONS, MODES, Wire, call, modules, python_arguments
from tests.contract.test_requests import deterministic
from tests.contract.values import Values

PAGES = 2
MORE = 5


@MODES
@pytest.mark.parametrize("bound", ["max_pages", "max_items"])
def test_a_bound_ends_paging(operation_id: str, mode: str, bound: str, document: Document, amended: Document) -> None:
    """So many pages or rows come and no more, after no more requests than that takes."""
    operation = document.operations[operation_id]
    _, _, pages, rows = FUNCTIONS[mode]
    function = pages if bound == "max_pages" else rows
    if not hasattr(modules()[operation_id], function):
        return
    (status, schema), *_ = amended.operations[operation_id].successes.items()
    page, cursors = Values(amended).full(schema or {}), count(1)
    field = document.cursor_of(operation)
    wire = Wire(document, lambda _: httpx.Response(status, json={**page, str(field): f"page-{next(cursors)}"}))
    arguments = python_arguments(operation, deterministic(amended, operation_id, full=False), typed=True)
    per_page = 1 if bound == "max_pages" else len(page[document.rows(operation.successes[status] or {})[0]])
    found = call(
        operation, function, wire.client(operation), {**arguments, bound: PAGES * per_page}, most=MORE * per_page
    )
    assert (len(found), len(wire.requests)) == (PAGES * per_page, PAGES)
