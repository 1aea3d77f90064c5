"""The form of a row (a call, its response, the outcome), and the calls and bodies that rows are made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from types import ModuleType
from typing import Any, Final

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

from tests.contract.faults.server import Answer

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
    """One row: a call, its response, and the expected outcome."""

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

ONE_OF_EACH: Final = (POSITIONS, CREATE)
"""A read and a write, for rows that do not need every call."""
