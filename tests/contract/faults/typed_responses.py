"""DecodedRows of responses with the documented body, or one close to it, with the decoded value or the error."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from kalshi_trade_api import models

from kalshi_core.errors import (
    ConflictError,
    MissingFieldError,
    ResponseDecodeError,
)
from kalshi_core.types import UNSET
from tests.contract.faults.calls import (
    BALANCE_WORDS,
    BATCH,
    CANCEL,
    CENTS,
    CREATE,
    DELETE,
    JSON,
    MARKET,
    MARKETS,
    NO_WORDS,
    ORDER,
    ORDERS,
    PAGED,
    PLACE,
    PLACED,
    POSITIONS,
    PROMISING,
    SETTLEMENT,
    SETTLEMENTS,
    Call,
    Fault,
    Json,
    Raised,
    Returned,
    packed,
)
from tests.contract.faults.server import Answer


def arrivals() -> Iterator[Fault]:
    for call in PROMISING:
        for status in (200, 201, 202, 206, 299):
            yield Fault(f"{status} with the right body", call, call.good.but(status=status), Returned(call.kind))
        for name, header in (("HTML", "text/html"), ("nothing known", "x/y; charset=hex")):
            odd = call.good.but(headers=(("Content-Type", header),))
            yield Fault(f"a right body that says it is {name}", call, odd, Returned(call.kind))
        newer = call.good.but(body=packed({**json.loads(call.body), "a_newer_field": {"a": [1]}}))
        reads = {"additional_properties": {"a_newer_field": {"a": [1]}}}
        yield Fault("a newer field", call, newer, Returned(call.kind, reads))
        marked = call.good.but(body=b"\xef\xbb\xbf" + call.body)
        yield Fault("a right body with a BOM", call, marked, Returned(call.kind))
        calm = call.good.but(body=packed({**json.loads(call.body), "error": None, "msg": "", "code": ""}))
        yield Fault("empty error fields beside the right body", call, calm, Returned(call.kind))
    for answer in (Answer(204), Answer(200), Answer(202), Answer(299), Answer(200, b"{}", JSON), Answer(200, b"null")):
        yield Fault(f"{answer.status} {answer.body.decode()}", DELETE, answer, Returned(None))
    for body in (b'{"deleted":true}', b'{"error":null}', b'{"error":""}'):
        yield Fault(f"200 {body.decode()}", DELETE, Answer(200, body, JSON), Returned(None))


def _page(call: Call, *rows: Any, **more: Any) -> Answer:
    return Answer(call.status, packed({call.rows or "queue_positions": list(rows), **more}), JSON)


def _without(row: Json, *names: str) -> Json:
    return {name: value for name, value in row.items() if name not in names}


def positions() -> Iterator[Fault]:
    kind, first = models.GetOrderQueuePositionsResponse, "queue_positions.0"
    read: list[tuple[str, Json, Mapping[str, Any]]] = [
        ("queue_position_fp", PLACE, {"queue_position_fp": Decimal("12.00"), "queue_position": MissingFieldError}),
        (
            "old queue_position",
            {**_without(PLACE, "queue_position_fp"), "queue_position": 12},
            {"queue_position": 12, "queue_position_fp": MissingFieldError},
        ),
        (
            "both queue positions",
            {**PLACE, "queue_position": 12},
            {"queue_position": 12, "queue_position_fp": Decimal("12.00")},
        ),
        ("missing order_id", _without(PLACE, "order_id"), {"order_id": MissingFieldError}),
        ("null order_id", {**PLACE, "order_id": None}, {"order_id": None}),
        ("fixed point as an integer", {**PLACE, "queue_position_fp": 12}, {"queue_position_fp": Decimal(12)}),
        ("fixed point as a float", {**PLACE, "queue_position_fp": 12.5}, {"queue_position_fp": Decimal("12.5")}),
        ("extra field of a row", {**PLACE, "newer": 1}, {"additional_properties": {"newer": 1}}),
    ]
    for name, row, reads in read:
        expected = {f"{first}.{attribute}": value for attribute, value in reads.items()}
        yield Fault(name, POSITIONS, _page(POSITIONS, row), Returned(kind, expected))
    for name, value in (
        ("abc", "abc"),
        ("NaN", "NaN"),
        ("sNaN", "sNaN"),
        ("Infinity", "Infinity"),
        ("1e999999999", "1e999999999"),
        ("an empty string", ""),
        ("true", True),
        ("a list", []),
        ("an object", {}),
    ):
        answer = _page(POSITIONS, PLACE, {**PLACE, "queue_position_fp": value})
        stopped = Raised(ResponseDecodeError, {"place": "queue_positions[1].queue_position_fp"})
        yield Fault(f"fixed point {name}", POSITIONS, answer, stopped)
    for name, body, place in (
        ("the list is an object", {"queue_positions": {"a": 1}}, "queue_positions"),
        ("the list is a string", {"queue_positions": "none"}, "queue_positions"),
        ("a row is a string", {"queue_positions": [PLACE, "x"]}, "queue_positions[1]"),
        ("a row is a list", {"queue_positions": [[]]}, "queue_positions[0]"),
        ("order_id is a number", {"queue_positions": [{**PLACE, "order_id": 1}]}, "queue_positions[0].order_id"),
    ):
        yield Fault(name, POSITIONS, Answer(200, packed(body), JSON), Raised(ResponseDecodeError, {"place": place}))
    infinite = POSITIONS.body.replace(b'"12.00"', b"1e999")
    stopped = Raised(ResponseDecodeError, {"place": "queue_positions[0].queue_position_fp"})
    yield Fault("a number beyond a float", POSITIONS, POSITIONS.good.but(body=infinite), stopped)
    null = Answer(200, b'{"queue_positions":null}', JSON)
    yield Fault("list is null", POSITIONS, null, Returned(kind, {"queue_positions": None}))
    yield Fault("list is empty", POSITIONS, _page(POSITIONS), Returned(kind, {"queue_positions": []}))
    kept = Answer(200, packed({"queue_positions": [PLACE], "error": "one shard is down"}), JSON)
    expected = {f"{first}.order_id": "order-1", "additional_properties": {"error": "one shard is down"}}
    yield Fault("rows and an error", POSITIONS, kept, Returned(kind, expected))


def rows() -> Iterator[Fault]:
    read: list[tuple[str, Call, Json, Mapping[str, Any]]] = [
        ("unknown order status", ORDERS, {**ORDER, "status": "amended"}, {"status": "amended"}),
        ("unknown book side", ORDERS, {**ORDER, "book_side": "both"}, {"book_side.is_known": False}),
        ("side and action are empty", ORDERS, {**ORDER, "side": "", "action": ""}, {"side": "", "action": ""}),
        ("side and action are gone", ORDERS, ORDER, {"side": UNSET, "action": UNSET}),
        ("expiration is null", ORDERS, {**ORDER, "expiration_time": None}, {"expiration_time": None}),
        ("a required id is gone", ORDERS, _without(ORDER, "order_id"), {"order_id": MissingFieldError}),
        ("six decimals", ORDERS, {**ORDER, "taker_fees_dollars": "0.017500"}, {"taker_fees_dollars": CENTS}),
        ("unknown market result", SETTLEMENTS, {**SETTLEMENT, "market_result": "void"}, {"market_result": "void"}),
        ("nine fractional digits", SETTLEMENTS, SETTLEMENT, {"settled_time.extra_digits": "789"}),
        ("unknown market status", MARKETS, {**MARKET, "status": "paused"}, {"status": "paused"}),
        ("an older market", MARKETS, MARKET, {"no_bid_dollars": MissingFieldError, "yes_bid_dollars": Decimal("0.55")}),
    ]  # fmt: skip
    for name, call, row, reads in read:
        expected = {f"{call.rows}.0.{path}": value for path, value in reads.items()}
        yield Fault(name, call, _page(call, row, cursor=""), Returned(call.kind, expected))
    stopped: list[tuple[str, Call, Json, str]] = [
        ("order status is a number", ORDERS, {**ORDER, "status": 3}, "status"),
        ("bad price", ORDERS, {**ORDER, "yes_price_dollars": "0,56"}, "yes_price_dollars"),
        ("bad moment", SETTLEMENTS, {**SETTLEMENT, "settled_time": "yesterday"}, "settled_time"),
        ("impossible moment", SETTLEMENTS, {**SETTLEMENT, "settled_time": "2026-02-30T25:00:00Z"}, "settled_time"),
        ("revenue is a fraction", SETTLEMENTS, {**SETTLEMENT, "revenue": 10.5}, "revenue"),
        ("bad nested number", MARKETS, {**MARKET, "price_ranges": [{"step": "x"}]}, "price_ranges[0].step"),
    ]
    for name, call, row, place in stopped:
        good = json.loads(call.body)[call.rows][0]
        answer = _page(call, good, row, cursor="")
        yield Fault(name, call, answer, Raised(ResponseDecodeError, {"place": f"{call.rows}[1].{place}"}))
    for call in PAGED:
        for cursor in (None, ""):
            answer = Answer(200, packed({call.rows: None, "cursor": cursor}), JSON)
            yield Fault(f"list is null, cursor {cursor!r}", call, answer, Returned(call.kind, {str(call.rows): None}))
        answer = _page(call, cursor=17)
        yield Fault("cursor is a number", call, answer, Raised(ResponseDecodeError, {"place": "cursor"}))


def writes() -> Iterator[Fault]:
    decoded = Returned(
        CREATE.kind, {"order_id": "order-1", "remaining_count": Decimal("10.00"), "ts_ms": 1795435200123}
    )
    yield Fault("placed", CREATE, CREATE.good, decoded)
    yield Fault("placed, answered 200", CREATE, CREATE.good.but(status=200), decoded)
    noted = CREATE.good.but(body=packed({**PLACED, "msg": "queued"}))
    yield Fault("placed, with a message", CREATE, noted, Returned(CREATE.kind, {"order_id": "order-1"}))
    older = CREATE.good.but(body=packed({"order": {"order_id": "order-1"}}))
    yield Fault("the older shape", CREATE, older, Raised(ResponseDecodeError, {"place": ""}))
    odd = CREATE.good.but(body=packed({**PLACED, "fill_count": "some"}))
    yield Fault("placed, count unreadable", CREATE, odd, Raised(ResponseDecodeError, {"place": "fill_count"}))
    exists = Answer(409, packed({"error": {"code": "order_already_exists", "message": "exists"}}), JSON)
    words = {**NO_WORDS, "code": "order_already_exists", "message": "exists"}
    yield Fault("its id is taken", CREATE, exists, Raised(ConflictError, words))
    yield Fault("cancelled", CANCEL, CANCEL.good, Returned(CANCEL.kind, {"reduced_by": Decimal("10.00")}))
    half = packed({"orders": [PLACED, {"client_order_id": "mine-2", "error": BALANCE_WORDS}]})
    reads = {
        "orders.0.order_id": "order-1",
        "orders.1.error.code": "insufficient_balance",
        "orders.1.order_id": UNSET,
        "orders.0.error": UNSET,
    }
    yield Fault("one of two placed", BATCH, BATCH.good.but(body=half), Returned(BATCH.kind, reads))
    none = packed({"orders": [{"error": BALANCE_WORDS}]})
    reads = {"orders.0.error.message": "not enough"}
    yield Fault("none placed", BATCH, BATCH.good.but(body=none), Returned(BATCH.kind, reads))
    odd = BATCH.good.but(body=packed({"orders": [PLACED, {**PLACED, "ts_ms": "now"}]}))
    yield Fault("a time unreadable", BATCH, odd, Raised(ResponseDecodeError, {"place": "orders[1].ts_ms"}))
