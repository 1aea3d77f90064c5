"""What a strict type checker has to know; checked, never run."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from decimal import Decimal
from typing import assert_type

from kalshi_trade_api import AuthenticatedClient, Client
from kalshi_trade_api.api.api_keys import delete_api_key
from kalshi_trade_api.api.market import get_markets
from kalshi_trade_api.api.orders import create_order_v2, get_order_queue_positions, get_orders
from kalshi_trade_api.errors import ApiError, ResponseDecodeError
from kalshi_trade_api.models import (
    CreateOrderV2Request,
    CreateOrderV2Response,
    GetMarketsResponse,
    GetOrderQueuePositionsResponse,
    GetOrdersResponse,
    Market,
    Order,
    OrderQueuePosition,
)
from kalshi_trade_api.types import UNSET, Response, Unset

from kalshi_auth import DEMO, Signer, public_client, signed_client


class Vault:
    key_id = "from elsewhere"

    def sign(self, message: bytes) -> bytes:
        return message


signer: Signer = Vault()
signed = assert_type(signed_client(Vault(), base_url=DEMO), AuthenticatedClient)
public = assert_type(public_client(), Client)
assert_type(signed.with_headers({"X": "y"}), AuthenticatedClient)

page = assert_type(get_order_queue_positions.sync(client=signed), GetOrderQueuePositionsResponse)
assert_type(page.queue_positions, list[OrderQueuePosition])
assert_type(page.queue_positions[0].queue_position_fp, Decimal)
assert_type(page.queue_positions[0].queue_position, int)

assert_type(get_markets.sync(client=public), GetMarketsResponse)
assert_type(get_markets.sync(client=signed, status="open", limit=5), GetMarketsResponse)
assert_type(get_markets.iterate(client=public, max_items=3), Iterator[Market])
assert_type(get_orders.pages(client=signed, max_pages=2), Iterator[GetOrdersResponse])
assert_type(get_orders.aiterate(client=signed), AsyncIterator[Order])
assert_type(next(get_markets.iterate(client=public)).yes_bid_dollars, Decimal)

order = CreateOrderV2Request(
    ticker="T", side="bid", count=10, price=Decimal("0.56"), time_in_force="good_till_canceled",
    self_trade_prevention_type="maker",
)  # fmt: skip
assert_type(create_order_v2.sync(client=signed, body=order), CreateOrderV2Response)

detailed = assert_type(get_orders.sync_detailed(client=signed), Response[GetOrdersResponse])
assert_type(detailed.status_code, int)
assert_type(detailed.error, ApiError | ResponseDecodeError | None)
assert_type(detailed.value(), GetOrdersResponse)


async def asynchronous() -> None:
    assert_type(await get_orders.asyncio(client=signed), GetOrdersResponse)
    async for each in get_orders.aiterate(client=signed):
        assert_type(each, Order)


def without_a_body() -> None:
    delete_api_key.sync("key", client=signed)


def what_was_not_sent(market: Market) -> None:
    assert_type(market.occurrence_datetime, datetime | Unset | None)
    if market.occurrence_datetime is not UNSET:
        assert_type(market.occurrence_datetime, datetime | None)
    if not isinstance(market.occurrence_datetime, Unset):
        assert_type(market.occurrence_datetime, datetime | None)
    if market.occurrence_datetime:
        assert_type(market.occurrence_datetime, datetime)
