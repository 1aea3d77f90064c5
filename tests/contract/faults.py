"""What servers and gateways may answer, row by row, and what becomes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import ModuleType
from typing import Any, Final

import httpx
from attrs import field, frozen
from kalshi_trade_api import models
from kalshi_trade_api.api.api_keys import delete_api_key
from kalshi_trade_api.api.market import get_markets
from kalshi_trade_api.api.orders import (
    batch_create_orders_v2,
    cancel_order_v2,
    create_order_v2,
    get_order_queue_positions,
    get_orders,
)
from kalshi_trade_api.api.portfolio import get_settlements
from kalshi_trade_api.errors import (
    ApiError,
    BadRequestError,
    ConflictError,
    MissingFieldError,
    NotFoundError,
    RateLimitError,
    ResponseDecodeError,
    ServerError,
)
from kalshi_trade_api.types import UNSET

from tests.contract.faultserver import Answer, Ending
from tests.contract.subject import error_class

Json = dict[str, Any]


def packed(body: Any) -> bytes:
    """Return a body as JSON."""
    return json.dumps(body).encode()


@frozen(eq=False)
class Call:
    """
    One operation with arguments.

    Attributes:
        module: The endpoint's module.
        status: The documented success.
        body: A body that keeps what the document promises; b"" where it promises none.
        kind: The type of the decoded body.
        rows: The field with a page's rows, for an operation with paging.
        arguments: What it is called with.
    """

    module: ModuleType
    status: int
    body: bytes
    kind: type | None
    rows: str | None = None
    arguments: Mapping[str, Any] = field(factory=dict)

    @property
    def id(self) -> str:
        return str(self.module.OPERATION.id)

    @property
    def good(self) -> Answer:
        """The documented success."""
        return Answer(self.status, self.body, JSON if self.body else ())


@frozen(eq=False)
class Returned:
    """
    A success.

    Attributes:
        kind: The exact type of the value; None for no value.
        reads: What reading it gives, by path, such as `orders.0.status`; MissingFieldError where that is raised.
    """

    kind: type | None
    reads: Mapping[str, Any] = field(factory=dict)


@frozen(eq=False)
class Raised:
    """
    An error.

    Attributes:
        kind: The exact type.
        attributes: Attributes of the error, by name.
    """

    kind: type[Exception]
    attributes: Mapping[str, Any] = field(factory=dict)


@frozen(eq=False)
class Fault:
    """One row: a call, its answer, and what comes of it."""

    name: str
    call: Call
    answer: Answer
    outcome: Returned | Raised

    @property
    def id(self) -> str:
        return f"{self.call.id}: {self.name}"


JSON: Final = (("Content-Type", "application/json"),)
HTML: Final = (("Content-Type", "text/html"),)

ORDER: Final[Json] = {
    "order_id": "order-1",
    "user_id": "user-1",
    "client_order_id": "mine-1",
    "ticker": "KXHIGHNY-26NOV23-T55",
    "outcome_side": "yes",
    "book_side": "bid",
    "type": "limit",
    "status": "resting",
    "yes_price_dollars": "0.5600",
    "no_price_dollars": "0.4400",
    "fill_count_fp": "0.00",
    "remaining_count_fp": "10.00",
    "initial_count_fp": "10.00",
    "taker_fill_cost_dollars": "0.0000",
    "maker_fill_cost_dollars": "0.0000",
    "taker_fees_dollars": "0.0000",
    "maker_fees_dollars": "0.0000",
}
MARKET: Final[Json] = {
    "ticker": "KXHIGHNY-26NOV23-T55",
    "event_ticker": "KXHIGHNY-26NOV23",
    "market_type": "binary",
    "status": "active",
    "result": "",
    "close_time": "2026-11-24T04:59:00Z",
    "yes_bid_dollars": "0.5500",
    "price_ranges": [{"start": "0.0000", "end": "1.0000", "step": "0.0100"}],
}
SETTLEMENT: Final[Json] = {
    "ticker": "KXHIGHNY-26NOV22-T55",
    "exchange_index": 0,
    "event_ticker": "KXHIGHNY-26NOV22",
    "market_result": "yes",
    "yes_count_fp": "10.00",
    "yes_total_cost_dollars": "5.600000",
    "no_count_fp": "0.00",
    "no_total_cost_dollars": "0.000000",
    "revenue": 1000,
    "settled_time": "2026-11-23T05:00:00.123456789Z",
    "fee_cost": "0.1800",
}
PLACE: Final[Json] = {"order_id": "order-1", "market_ticker": "KXHIGHNY-26NOV23-T55", "queue_position_fp": "12.00"}
PLACED: Final[Json] = {"order_id": "order-1", "fill_count": "0.00", "remaining_count": "10.00", "ts_ms": 1795435200123}
CANCELLED: Final[Json] = {"order_id": "order-1", "reduced_by": "10.00", "ts_ms": 1795435200456}


def new_order(name: str) -> models.CreateOrderV2Request:
    """Return an order to place."""
    return models.CreateOrderV2Request(
        ticker="KXHIGHNY-26NOV23-T55",
        client_order_id=name,
        side="bid",
        count="10.00",
        price="0.5600",
        time_in_force="good_till_canceled",
        self_trade_prevention_type="maker",
    )


POSITIONS: Final = Call(
    get_order_queue_positions, 200, packed({"queue_positions": [PLACE]}), models.GetOrderQueuePositionsResponse
)
ORDERS: Final = Call(get_orders, 200, packed({"orders": [ORDER], "cursor": ""}), models.GetOrdersResponse, "orders")
MARKETS: Final = Call(
    get_markets, 200, packed({"markets": [MARKET], "cursor": ""}), models.GetMarketsResponse, "markets"
)
SETTLEMENTS: Final = Call(
    get_settlements, 200, packed({"settlements": [SETTLEMENT]}), models.GetSettlementsResponse, "settlements"
)
CREATE: Final = Call(
    create_order_v2, 201, packed(PLACED), models.CreateOrderV2Response, arguments={"body": new_order("mine-1")}
)
BATCH: Final = Call(
    batch_create_orders_v2,
    201,
    packed({"orders": [PLACED]}),
    models.BatchCreateOrdersV2Response,
    arguments={"body": models.BatchCreateOrdersV2Request(orders=[new_order("mine-1"), new_order("mine-2")])},
)
CANCEL: Final = Call(
    cancel_order_v2, 200, packed(CANCELLED), models.CancelOrderV2Response, arguments={"order_id": "order 1/a"}
)
DELETE: Final = Call(delete_api_key, 204, b"", None, arguments={"api_key": "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"})

CENTS: Final = Decimal("0.017500")
PAGED: Final = (ORDERS, MARKETS, SETTLEMENTS)
PROMISING: Final = (POSITIONS, *PAGED, CREATE, BATCH, CANCEL)
CALLS: Final = (*PROMISING, DELETE)

NO_WORDS: Final = {"code": None, "message": None, "details": None, "service": None}
BALANCE_WORDS: Final = {
    "code": "insufficient_balance",
    "message": "not enough",
    "details": "10 short",
    "service": "orders",
}
TOO_MANY: Final = b'{"error":"too many requests"}'
GATEWAY: Final = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n"
    b"<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
UNDECODABLE: Final = b"\xff\xfe\xfa\x80\x81"
DEEP: Final = b"[" * 200_000
UNWIELDY: Final = b'{"queue_positions":' + b"9" * 5_000 + b"}"
ELSEWHERE: Final = (("Location", "http://127.0.0.2:9/trade-api/v2/elsewhere"),)

_ONE_OF_EACH: Final = (POSITIONS, CREATE)
"""A read and a write, for what need not be asked of all."""

_STATUSES: Final = (400, 401, 403, 404, 409, 422, 429, 500, 402, 408, 418, 451, 499, 502, 503, 504, 520, 599, 600, 999)
"""The first eight are asked of every call, the others of a read and a write."""

_WORDS: Final[list[tuple[str, bytes, Mapping[str, Any]]]] = [
    ("a flat error body", packed(BALANCE_WORDS), BALANCE_WORDS),
    ("a nested error body", packed({"error": BALANCE_WORDS}), BALANCE_WORDS),
    (
        "a nested error body with code and message alone",
        packed({"error": {"code": "not_found", "message": "not found"}}),
        {**NO_WORDS, "code": "not_found", "message": "not found"},
    ),
    (
        "a code that ends in an id",
        packed({"error": {"code": "user_not_found:_17", "message": "who?"}}),
        {**NO_WORDS, "code": "user_not_found:_17", "message": "who?"},
    ),
    ("a msg body", b'{"msg":"limit: too large"}', {**NO_WORDS, "message": "limit: too large"}),
    ("an error that is a string", TOO_MANY, {**NO_WORDS, "message": "too many requests"}),
    ("an error body with a BOM", b"\xef\xbb\xbf" + TOO_MANY, {**NO_WORDS, "message": "too many requests"}),
    (
        "an error string beside a code",
        packed({"error": "refused", "code": "x", "details": "y"}),
        {**NO_WORDS, "code": "x", "message": "refused", "details": "y"},
    ),
    (
        "a null error beside a message",
        packed({"error": None, "code": "x", "message": "refused"}),
        {**NO_WORDS, "code": "x", "message": "refused"},
    ),
    (
        "words that are no strings",
        packed({"error": {"code": 17, "message": {"en": "no"}, "details": ["a", 1], "service": True}}),
        {"code": "17", "message": '{"en": "no"}', "details": '["a", 1]', "service": "true"},
    ),
    (
        "empty words",
        packed({"error": {"code": "x", "message": "", "details": [], "service": {}}}),
        {**NO_WORDS, "code": "x"},
    ),
    ("a list of errors", packed({"error": ["a", "b"]}), {**NO_WORDS, "message": '["a", "b"]'}),
    (
        "a long message on several lines",
        packed({"error": {"code": "x" * 999, "message": "a\r\nb\x1b[31m\x00\ud800\u2028c " + "long " * 9_999}}),
        {"code": "x" * 999},
    ),
]

_SHAPES: Final = [row for row in _WORDS if row[0] in ("a flat error body", "a nested error body", "a msg body")]

_NO_WORDS: Final[list[tuple[str, bytes, Mapping[str, Any]]]] = [
    ("an empty body", b"", NO_WORDS),
    ("a body of blanks", b" \r\n", NO_WORDS),
    ("HTML", GATEWAY, {**NO_WORDS, "message": "502 Bad Gateway 502 Bad Gateway nginx"}),
    ("a list", b'["nope"]', {**NO_WORDS, "message": '["nope"]'}),
    ("an empty list", b"[]", {**NO_WORDS, "message": "[]"}),
    ("a string", b'"nope"', {**NO_WORDS, "message": "nope"}),
    ("a number", b"17", {**NO_WORDS, "message": "17"}),
    ("null", b"null", {**NO_WORDS, "message": "null"}),
    ("an empty object", b"{}", {**NO_WORDS, "message": "{}"}),
    ("an empty nested error", b'{"error":{}}', {**NO_WORDS, "message": '{"error":{}}'}),
    ("an object of another kind", b'{"detail":"Not Found"}', {**NO_WORDS, "message": '{"detail":"Not Found"}'}),
    ("plain text", b"upstream connect error\n", {**NO_WORDS, "message": "upstream connect error"}),
    ("truncated JSON", b'{"error":{"code":"in', {**NO_WORDS, "message": '{"error":{"code":"in'}),
    ("undecodable bytes", UNDECODABLE, {**NO_WORDS, "message": r"\xff\xfe\xfa\x80\x81"}),
    ("very deep JSON", DEEP, {**NO_WORDS, "message": "[" * 197 + "..."}),
]

_UNPROMISED: Final[list[tuple[str, bytes]]] = [
    ("HTML", GATEWAY),
    ("a list", b'["nope"]'),
    ("an empty list", b"[]"),
    ("a string", b'"ok"'),
    ("a number", b"17"),
    ("true", b"true"),
    ("NaN", b"NaN"),
    ("plain text", b"OK"),
    ("undecodable bytes", UNDECODABLE),
    ("a byte that is not UTF-8 inside JSON", b'{"queue_positions":"\xff"}'),
    ("very deep JSON", DEEP),
    ("a number with too many digits", UNWIELDY),
    ("two documents", b"{}{}"),
    ("a truncated error body", b'{"error":{"code":"in'),
]


def _any_status() -> Iterator[Fault]:
    for call in CALLS:
        for status in _STATUSES if call in _ONE_OF_EACH else _STATUSES[:8]:
            body = packed({"error": BALANCE_WORDS})
            yield Fault(f"{status}", call, Answer(status, body, JSON), Raised(error_class(status), BALANCE_WORDS))


def _error_bodies() -> Iterator[Fault]:
    for call in CALLS:
        for name, body, words in _WORDS + _NO_WORDS:
            yield Fault(f"400 with {name}", call, Answer(400, body), Raised(BadRequestError, words))
        for name, body, words in _NO_WORDS[:3]:
            yield Fault(f"503 with {name}", call, Answer(503, body, HTML), Raised(ServerError, words))
        # A success's body does not make a success.
        yield Fault("404 with a success's body", call, call.good.but(status=404), Raised(NotFoundError))
    for call in _ONE_OF_EACH:
        for value in ("1", "-3", "nan", "Wed, 21 Oct 2099 07:28:00 GMT", "soon"):
            answer = Answer(429, TOO_MANY, (*JSON, ("Retry-After", value)))
            words = {**NO_WORDS, "message": "too many requests"}
            yield Fault(f"429, Retry-After {value}", call, answer, Raised(RateLimitError, words))
        for charset in ("hex", "rot13", "undefined", "idna", "no-such", "utf-16"):
            answer = Answer(502, b"Bad Gateway", (("Content-Type", f"text/plain; charset={charset}"),))
            words = {**NO_WORDS, "message": "Bad Gateway"}
            yield Fault(f"502 in charset {charset}", call, answer, Raised(ServerError, words))


def _successes_that_are_errors() -> Iterator[Fault]:
    for call in CALLS:
        for status in sorted({call.status, 200, 299} - {204}):
            for name, body, words in _WORDS if status == call.status else _SHAPES:
                yield Fault(f"{status} with {name}", call, Answer(status, body, JSON), Raised(ApiError, words))
    for call in PAGED:
        body = packed({"error": BALANCE_WORDS, call.rows: None, "cursor": ""})
        yield Fault("an error body in an empty page", call, Answer(200, body, JSON), Raised(ApiError, BALANCE_WORDS))
    body = packed({"queue_positions": [], "error": "database is down"})
    words = {**NO_WORDS, "message": "database is down"}
    yield Fault("an error body in an empty list", POSITIONS, Answer(200, body, JSON), Raised(ApiError, words))
    body = packed({**PLACED, "order_id": "", "ts_ms": None, "error": BALANCE_WORDS})
    yield Fault("an error body in a hollow order", CREATE, Answer(201, body, JSON), Raised(ApiError, BALANCE_WORDS))


def _unpromised() -> Iterator[Fault]:
    broken = Raised(ResponseDecodeError, {"place": ""})
    for call in CALLS:
        status = 200 if call is DELETE else call.status
        for name, body in _UNPROMISED:
            yield Fault(f"{status} with {name}", call, Answer(status, body, JSON), broken)
        yield Fault("299 with HTML", call, Answer(299, GATEWAY, HTML), broken)
    for call in PROMISING:
        for status in (200, 201, 202, 299):
            yield Fault(f"{status} with an empty body", call, Answer(status, b"", JSON), broken)
        for name, body in (("null", b"null"), ("an empty object", b"{}"), ("blanks", b" \n")):
            yield Fault(f"{call.status} with {name}", call, Answer(call.status, body, JSON), broken)
        body = packed({"status": "ok", "data": []})
        yield Fault("an object of another kind", call, Answer(call.status, body, JSON), broken)
        for at in (1, len(call.body) // 2, len(call.body) - 1):
            cut = call.good.but(body=call.body[:at])
            yield Fault(f"truncated JSON, {at} bytes", call, cut, broken)
        yield Fault("204", call, Answer(204), broken)
        yield Fault("206 with a part", call, Answer(206, call.body[3:-3]), broken)
        yield Fault("twice the body", call, call.good.but(body=call.body * 2), broken)


def _redirects() -> Iterator[Fault]:
    for call in CALLS:
        for status in (300, 301, 302, 303, 304, 307, 308, 399) if call in _ONE_OF_EACH else (302, 307):
            answer = Answer(status, b"" if status == 304 else b"<a>moved</a>", ELSEWHERE)
            yield Fault(f"{status} redirect", call, answer, Raised(ResponseDecodeError, {"place": ""}))
        moved = call.good.but(status=307, headers=ELSEWHERE)
        yield Fault("307 with a success's body", call, moved, Raised(ResponseDecodeError))
        refused = Answer(302, packed({"error": BALANCE_WORDS}), ELSEWHERE)
        yield Fault("302 with an error body", call, refused, Raised(ApiError, BALANCE_WORDS))


def _transport() -> Iterator[Fault]:
    broken = [
        (Ending.CUT, httpx.RemoteProtocolError),
        (Ending.CUT_CHUNK, httpx.RemoteProtocolError),
        (Ending.CUT_HEAD, httpx.RemoteProtocolError),
        (Ending.DROPPED, httpx.RemoteProtocolError),
        (Ending.RESET, httpx.ReadError),
        (Ending.NOISE, httpx.RemoteProtocolError),
    ]
    for call in CALLS:
        for ending, kind in broken:
            answer = Answer(201 if call is CREATE else 200, call.body or packed({"a": "b"}), JSON, ending)
            yield Fault(ending.value, call, answer, Raised(kind))


def _arrivals() -> Iterator[Fault]:
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


def _positions() -> Iterator[Fault]:
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


def _rows() -> Iterator[Fault]:
    read: list[tuple[str, Call, Json, Mapping[str, Any]]] = [
        ("unknown order status", ORDERS, {**ORDER, "status": "amended"}, {"status": "amended"}),
        ("unknown book side", ORDERS, {**ORDER, "book_side": "both"}, {"book_side.is_known": False}),
        ("side and action are empty", ORDERS, {**ORDER, "side": "", "action": ""}, {"side": "", "action": ""}),
        ("side and action are gone", ORDERS, ORDER, {"side": UNSET, "action": UNSET}),
        ("expiration is null", ORDERS, {**ORDER, "expiration_time": None}, {"expiration_time": None}),
        ("a required id is gone", ORDERS, _without(ORDER, "order_id"), {"order_id": MissingFieldError}),
        ("six decimals", ORDERS, {**ORDER, "taker_fees_dollars": "0.017500"}, {"taker_fees_dollars": CENTS}),
        ("unknown market result", SETTLEMENTS, {**SETTLEMENT, "market_result": "void"}, {"market_result": "void"}),
        ("nine fractional digits", SETTLEMENTS, SETTLEMENT, {"settled_time.finer": "789"}),
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


def _writes() -> Iterator[Fault]:
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


ANSWERS: Final[list[Fault]] = [
    *_any_status(),
    *_error_bodies(),
    *_successes_that_are_errors(),
    *_unpromised(),
    *_redirects(),
    *_arrivals(),
    *_positions(),
    *_rows(),
    *_writes(),
]
"""Rows where an answer arrives."""

BREAKS: Final[list[Fault]] = list(_transport())
"""Rows where none does."""
