"""Every selection of operations and schemas holds what its tests apply to, and has cases in our document."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.contract.document import Document, Json
from tests.contract.selection import SELECTIONS

_TEXT: Final = {"type": "string"}
_LIST: Final = {"type": "array", "items": _TEXT}
_SIDE: Final = {"$ref": "#/components/schemas/Side"}


def _operation(id_: str, schema: Any, *parameters: str, failure: str = "200", **more: Any) -> Json:
    answer = {"content": {"application/json": {"schema": schema}}}
    query = [{"in": "query", "name": name, "schema": _TEXT} for name in parameters]
    return {"get": {"operationId": id_, "parameters": query, "responses": {failure: {}, "200": answer}, **more}}


def _object(**properties: Any) -> Json:
    return {"type": "object", "properties": properties}


SMALL: Final = {
    "security": [{"key": []}],
    "paths": {
        "/orders": _operation("GetOrders", _object(orders=_LIST, cursor=_TEXT), "cursor", failure="400", tags=["a"]),
        "/positions": _operation("GetPositions", _object(events=_LIST, markets=_LIST, cursor=_TEXT), "cursor"),
        "/fills": _operation("GetFills", _object(fills=_LIST), "cursor", tags=["a"]),
        "/status": _operation("GetStatus", _object(cursor=_TEXT), security=[]),
    },
    "components": {
        "schemas": {
            "Side": {"type": "string", "enum": ["yes", "no", None]},
            "Price": _TEXT,
            "Order": _object(side=_SIDE, sides={"type": "array", "items": _SIDE}, note=_TEXT),
        }
    },
}


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("paged_operation_id", ["GetOrders", "GetPositions"]),
        ("iterated_operation_id", ["GetOrders"]),
        ("argument_operation_id", ["GetOrders", "GetPositions", "GetFills"]),
        ("public_operation_id", ["GetStatus"]),
        ("failing_operation_id", ["GetOrders"]),
        ("sample_operation_id", ["GetOrders", "GetPositions"]),
        ("object_name", ["Order"]),
        ("enum_name", ["Side"]),
        ("class_schema_name", ["Side", "Order"]),
        ("enum_field", ["Order.side", "Order.sides"]),
    ],
)
def test_a_selection_holds_what_its_tests_apply_to(argument: str, expected: list[str]) -> None:
    """Each selection of a small document is the expected one."""
    assert list(SELECTIONS[argument](Document(SMALL))) == expected


@pytest.mark.parametrize("argument", SELECTIONS)
def test_every_selection_of_our_document_has_cases(
    argument: str, amended: Document, pytestconfig: pytest.Config
) -> None:
    """Pytest skips a test that has no cases; for our own document this fails instead."""
    if pytestconfig.getoption("--document"):
        pytest.skip("another document need not have an operation of each kind")
    assert list(SELECTIONS[argument](amended))
