"""Documents that the exchange may publish next, made from openapi.yaml, and one that it published in 2025."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from scripts.regenerate.document import load, operations, resolve, walk
from scripts.regenerate.project import ROOT

Doc = dict[str, Any]

SEED: Final = Path(__file__).parent / "seed-2025.yaml"
"""Document of the queue-position endpoint of November 2025."""

TODAY: Final = (
    "GetOrders",
    "GetOrder",
    "CreateOrderV2",
    "CancelOrderV2",
    "GetOrderQueuePositions",
    "GetOrderQueuePosition",
    "GetTrades",
    "GetBalance",
    "GetExchangeStatus",
)
"""Operations that the successors change, and some that they do not."""


@frozen
class Successor:
    """
    A change of our document, and its consequences.

    Attributes:
        change: Changes a document in place.
        expected: Changes in the summary: direction, whether it breaks, kind and place.
        files: New files of the package; with a `-`, removed files.
        python: Breaking changes of the Python API.
    """

    change: Callable[[Doc], None]
    expected: frozenset[tuple[str, bool, str, str]]
    files: tuple[str, ...] = ()
    python: tuple[str, ...] = ()


@cache
def _document() -> Doc:
    return load(ROOT / "openapi.yaml", "test")


def ours() -> Doc:
    """Return a copy of our document."""
    return copy.deepcopy(_document())


def excerpt(names: Iterable[str] = TODAY) -> Doc:
    """Return a copy of our document with these operations and what they refer to, which builds faster."""
    tree, kept = ours(), set(names)
    for path, method, operation in list(operations(tree)):
        if operation["operationId"] not in kept:
            del tree["paths"][path][method]
    tree["paths"] = {path: item for path, item in tree["paths"].items() if any(_operations_of(item))}
    reached: set[str] = set()
    waiting = [tree["paths"]]
    while waiting:
        for _, node in walk(waiting.pop()):
            reference = node.get("$ref")
            if isinstance(reference, str) and reference not in reached:
                reached.add(reference)
                waiting.append(resolve(tree, node))
    for section in ("schemas", "parameters", "responses"):
        found = tree["components"].get(section, {})
        tree["components"][section] = {
            name: node for name, node in found.items() if f"#/components/{section}/{name}" in reached
        }
    return tree


def _operations_of(item: Doc) -> list[Doc]:
    return [node for node in item.values() if isinstance(node, dict) and "operationId" in node]


def _operation(tree: Doc, name: str) -> Doc:
    return next(node for _, _, node in operations(tree) if node["operationId"] == name)


def _schema(tree: Doc, name: str) -> Doc:
    found: Doc = tree["components"]["schemas"][name]
    return found


def _answer(name: str) -> Doc:
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"200": {"description": "A response.", "content": {"application/json": {"schema": schema}}}}


def _add_operation(tree: Doc) -> None:
    tree["components"]["schemas"]["Depth"] = {"type": "object", "properties": {"orders": {"type": "integer"}}}
    tree["paths"]["/portfolio/depth"] = {
        "get": {"operationId": "GetDepth", "tags": ["orders"], "responses": _answer("Depth"), "security": []}
    }


def _remove_operation(tree: Doc) -> None:
    del tree["paths"]["/portfolio/orders/{order_id}/queue_position"]


def _rename_operation(tree: Doc) -> None:
    _operation(tree, "GetBalance")["operationId"] = "GetPortfolioBalance"


def _require_parameter(tree: Doc) -> None:
    schema = {"type": "string", "enum": ["live", "paper"]}
    _operation(tree, "GetOrder")["parameters"].append(
        {"name": "book", "in": "query", "required": True, "description": "Which book.", "schema": schema}
    )


def _add_enum_value(tree: Doc) -> None:
    _schema(tree, "OrderStatus")["enum"].insert(0, "amended")


def _remove_enum_value(tree: Doc) -> None:
    _schema(tree, "SelfTradePreventionType")["enum"].remove("maker")


def _retype_field(tree: Doc) -> None:
    _schema(tree, "Trade")["properties"]["trade_id"] = {"type": "integer", "format": "int64"}


def _add_paged_list(tree: Doc) -> None:
    tree["components"]["schemas"]["Receipt"] = {
        "type": "object", "required": ["receipt_id"], "properties": {"receipt_id": {"type": "string"}},
    }  # fmt: skip
    tree["components"]["schemas"]["GetReceiptsResponse"] = {
        "type": "object",
        "required": ["receipts"],
        "properties": {
            "receipts": {"type": "array", "items": {"$ref": "#/components/schemas/Receipt"}},
            "cursor": {"type": "string"},
        },
    }
    tree["paths"]["/portfolio/receipts"] = {
        "get": {
            "operationId": "GetReceipts",
            "tags": ["portfolio"],
            "parameters": [{"name": "cursor", "in": "query", "schema": {"type": "string"}}],
            "responses": _answer("GetReceiptsResponse"),
        }
    }


def _add_tag(tree: Doc) -> None:
    tree.setdefault("tags", []).append({"name": "queue-positions"})
    _operation(tree, "GetOrderQueuePositions")["tags"] = ["queue-positions", "orders"]


def _rename_schema(tree: Doc) -> None:
    schemas = tree["components"]["schemas"]
    tree["components"]["schemas"] = {"PublicTrade" if name == "Trade" else name: each for name, each in schemas.items()}
    for _, node in walk(tree):
        if node.get("$ref") == "#/components/schemas/Trade":
            node["$ref"] = "#/components/schemas/PublicTrade"


def _sign_public_operation(tree: Doc) -> None:
    _operation(tree, "GetTrades")["security"] = _operation(tree, "GetBalance")["security"]


def _open_signed_operation(tree: Doc) -> None:
    _operation(tree, "GetBalance")["security"] = []


def _allow_null(tree: Doc) -> None:
    _schema(tree, "Trade")["properties"]["ticker"]["nullable"] = True


def _allow_null_for_enum(tree: Doc) -> None:
    _schema(tree, "OrderStatus")["nullable"] = True
    _schema(tree, "OrderStatus")["enum"].append(None)


def _forbid_null(tree: Doc) -> None:
    del _schema(tree, "Order")["properties"]["expiration_time"]["nullable"]


def _name_inline_object(tree: Doc) -> None:
    properties = _schema(tree, "Trade")["properties"]
    inline = {"type": "object", "properties": {"venue": {"type": "string"}}}
    properties["origin"] = inline


def _refer_to_named_object(tree: Doc) -> None:
    _name_inline_object(tree)
    properties = _schema(tree, "Trade")["properties"]
    tree["components"]["schemas"]["Origin"] = properties["origin"]
    properties["origin"] = {"$ref": "#/components/schemas/Origin"}


def _expected(*rows: tuple[str, bool, str, str]) -> frozenset[tuple[str, bool, str, str]]:
    return frozenset(rows)


SUCCESSORS: Final[dict[str, Successor]] = {
    "operation added": Successor(
        _add_operation,
        _expected(("api", False, "operation-added", "GET /portfolio/depth"), ("api", False, "schema-added", "Depth")),
        ("api/orders/get_depth.py", "models/depth.py"),
    ),
    "operation removed": Successor(
        _remove_operation,
        _expected(("api", True, "operation-removed", "GET /portfolio/orders/{order_id}/queue_position")),
        ("-api/orders/get_order_queue_position.py",),
        ("api.orders.get_order_queue_position: public object was removed",),
    ),
    "operation renamed": Successor(
        _rename_operation,
        _expected(("api", True, "operation-renamed", "GET /portfolio/balance")),
        ("-api/portfolio/get_balance.py", "api/portfolio/get_portfolio_balance.py"),
        ("api.portfolio.get_balance: public object was removed",),
    ),
    "required parameter added": Successor(
        _require_parameter,
        _expected(("send", True, "param-added-required", "GET /portfolio/orders/{order_id} › book")),
        ("models/get_order_book.py",),
        tuple(
            f"api.orders.get_order.{name}: parameter was added as required"
            for name in ("asyncio", "asyncio_detailed", "sync", "sync_detailed")
        ),
    ),
    "enum value added": Successor(
        _add_enum_value,
        _expected(
            ("receive", False, "enum-value-added", "OrderStatus"),
        ),
    ),
    "enum value removed": Successor(
        _remove_enum_value,
        _expected(
            ("send", True, "enum-value-removed", "SelfTradePreventionType"),
            ("receive", False, "enum-value-removed", "SelfTradePreventionType"),
        ),
        python=("models.self_trade_prevention_type.SelfTradePreventionType.MAKER: public object was removed",),
    ),
    "field retyped": Successor(_retype_field, _expected(("receive", True, "retyped", "Trade.trade_id"))),
    "paged list added": Successor(
        _add_paged_list,
        _expected(
            ("api", False, "operation-added", "GET /portfolio/receipts"),
            ("api", False, "schema-added", "Receipt"),
            ("api", False, "schema-added", "GetReceiptsResponse"),
        ),
        ("api/portfolio/get_receipts.py", "models/receipt.py", "models/get_receipts_response.py"),
    ),
    "tag added": Successor(
        _add_tag,
        _expected(("api", True, "tag-changed", "GET /portfolio/orders/queue_positions")),
        (
            "-api/orders/get_order_queue_positions.py",
            "api/queue_positions/get_order_queue_positions.py",
            "api/queue_positions/__init__.py",
        ),
        ("api.orders.get_order_queue_positions: public object was removed",),
    ),
    "schema renamed": Successor(
        _rename_schema,
        _expected(("api", True, "schema-renamed", "PublicTrade")),
        tuple(
            f"{sign}models/{stem}{rest}.py"
            for sign, stem in (("-", "trade"), ("", "public_trade"))
            for rest in ("", "_taker_side", "_taker_outcome_side")
        ),
        tuple(
            f"models.{name}: public object was removed"
            for rest in (("Trade", "TakerOutcomeSide", "TakerSide"), ("trade", "_taker_outcome_side", "_taker_side"))
            for name in (rest[0], rest[0] + rest[1], rest[0] + rest[2])
        ),
    ),
    "public operation signed": Successor(
        _sign_public_operation, _expected(("api", True, "security-added", "GET /markets/trades"))
    ),
    "signed operation made public": Successor(
        _open_signed_operation, _expected(("api", False, "security-removed", "GET /portfolio/balance"))
    ),
    "null allowed": Successor(_allow_null, _expected(("receive", True, "nullable-added", "Trade.ticker"))),
    "null allowed for a named enum": Successor(
        _allow_null_for_enum, _expected(("receive", True, "nullable-added", "OrderStatus"))
    ),
    "null no longer allowed": Successor(
        _forbid_null, _expected(("receive", False, "nullable-dropped", "Order.expiration_time"))
    ),
    "inline object added": Successor(
        _name_inline_object, _expected(("receive", False, "field-added", "Trade.origin")), ("models/trade_origin.py",)
    ),
}
INLINE_MADE_REFERENCE: Final = (
    _name_inline_object,
    Successor(
        _refer_to_named_object,
        _expected(("api", True, "class-changed", "Trade.origin"), ("api", False, "schema-added", "Origin")),
        ("-models/trade_origin.py", "models/origin.py"),
        ("models.TradeOrigin: public object was removed", "models.trade_origin: public object was removed"),
    ),
)
"""A change that adds an inline object to the old document, and one that gives it a name."""
