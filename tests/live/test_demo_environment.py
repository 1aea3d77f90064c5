"""
The client against Kalshi's demo environment, with a key of that environment: `python -m pytest tests/live --live`.

Everything is read, nothing is changed, unless KALSHI_LIVE_WRITE=1 allows one order of one contract for one cent.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Final
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from kalshi_trade_api import AuthenticatedClient
from kalshi_trade_api.api.account import get_account_api_limits
from kalshi_trade_api.api.exchange import get_exchange_status
from kalshi_trade_api.api.market import get_market_orderbook, get_markets
from kalshi_trade_api.api.orders import (
    cancel_order_v2,
    create_order_v2,
    get_order,
    get_order_queue_positions,
    get_orders,
)
from kalshi_trade_api.api.portfolio import get_balance
from kalshi_trade_api.models import CreateOrderV2Request, Market

from kalshi_auth import DEMO, Ed25519Signer, OrderExistsError, public_client, signed_client, signer_from_env
from kalshi_core.errors import ConflictError, NotFoundError, UnauthorizedError

pytestmark = pytest.mark.live

# An order at this price is far from a market whose best bid and ask are at least ten times as high.
FAR: Final = Decimal("0.01")
# Should cancelling fail, the order ends by itself.
LIFETIME_S: Final = 120


@pytest.fixture
def client() -> Iterator[AuthenticatedClient]:
    """Return a client of the demo environment, and of no other, whatever the variables say."""
    with signed_client(signer_from_env(), base_url=DEMO) as signed:
        yield signed


def test_exchange_answers_without_a_key() -> None:
    """A public operation needs no signature."""
    with public_client(base_url=DEMO) as client:
        assert isinstance(get_exchange_status.sync(client=client).exchange_active, bool)


def test_markets_come_page_after_page() -> None:
    """Cursors are followed, and no market comes twice."""
    with public_client(base_url=DEMO) as client:
        tickers = [market.ticker for market in get_markets.iterate(client=client, status="open", limit=5, max_items=12)]
    assert tickers
    assert len(tickers) == len(set(tickers))


def test_order_book_of_a_market_is_read() -> None:
    """The bids of both legs decode, each a price between nought and a dollar."""
    with public_client(base_url=DEMO) as client:
        market = next(get_markets.iterate(client=client, status="open", max_items=1))
        book = get_market_orderbook.sync(market.ticker, client=client, depth=3).orderbook_fp
    levels = [*(book.yes_dollars or []), *(book.no_dollars or [])]
    assert all(0 < Decimal(price) < 1 for price, _ in levels)


def test_signature_is_accepted(client: AuthenticatedClient) -> None:
    """The balance comes back, so key, timestamp and signature are right."""
    assert get_balance.sync(client=client).balance >= 0


def test_query_is_not_signed(client: AuthenticatedClient) -> None:
    """A signed request with a query is accepted too."""
    assert len(get_orders.sync(client=client, limit=1, status="canceled").orders) <= 1


def test_unknown_key_is_refused() -> None:
    """A key that the exchange has never seen gives 401, with its code."""
    stranger = Ed25519Signer(str(uuid4()), Ed25519PrivateKey.generate())
    with signed_client(stranger, base_url=DEMO) as client, pytest.raises(UnauthorizedError) as caught:
        get_balance.sync(client=client)
    assert caught.value.code


def test_unknown_order_is_not_found(client: AuthenticatedClient) -> None:
    """An order id that nobody has gives 404."""
    with pytest.raises(NotFoundError):
        get_order.sync(str(uuid4()), client=client)


def test_queue_positions_are_those_of_resting_orders(client: AuthenticatedClient) -> None:
    """Every place in a queue decodes to an exact number."""
    tickers = {order.ticker for order in get_orders.iterate(client=client, status="resting", max_items=20)}
    if tickers:
        page = get_order_queue_positions.sync(client=client, market_tickers=",".join(sorted(tickers)))
        assert all(place.queue_position_fp >= 0 for place in page.queue_positions or [])


def test_limits_of_the_account_are_read(client: AuthenticatedClient) -> None:
    """Both buckets hold something."""
    limits = get_account_api_limits.sync(client=client)
    assert limits.read.refill_rate > 0
    assert limits.write.refill_rate > 0


def test_async_reads_what_sync_reads(client: AuthenticatedClient) -> None:
    """With and without `await`, the same orders come back."""

    async def ids() -> list[str]:
        async with signed_client(signer_from_env(), base_url=DEMO) as later:
            return [order.order_id async for order in get_orders.aiterate(client=later, max_items=5)]

    assert asyncio.run(ids()) == [order.order_id for order in get_orders.iterate(client=client, max_items=5)]


@pytest.mark.live(writes=True)
def test_order_far_from_the_market_is_placed_and_cancelled(client: AuthenticatedClient) -> None:
    """One contract at one cent rests, can't be placed twice, and is taken off again."""
    market = next((market for market in get_markets.iterate(client=client, status="open") if is_far(market)), None)
    if market is None:
        pytest.skip("no open market of the demo environment is far enough from one cent")
    order = CreateOrderV2Request(
        ticker=market.ticker, side="bid", count=1, price=FAR, client_order_id=str(uuid4()), post_only=True,
        time_in_force="good_till_canceled", self_trade_prevention_type="taker_at_cross",
        expiration_time=int(time.time()) + LIFETIME_S,
    )  # fmt: skip
    placed = create_order_v2.sync(client=client, body=order)
    try:
        assert placed.fill_count == 0
        assert placed.remaining_count == 1
        with pytest.raises((ConflictError, OrderExistsError)):
            create_order_v2.sync(client=client, body=order)
    finally:
        gone = cancel_order_v2.sync(placed.order_id, client=client)
    assert gone.reduced_by == 1
    with pytest.raises(NotFoundError):
        cancel_order_v2.sync(placed.order_id, client=client)


def is_far(market: Market) -> bool:
    """Return whether an order at one cent is allowed on the market, and would be far from trading."""
    allowed = any(band.start <= FAR <= band.end and (FAR - band.start) % band.step == 0 for band in market.price_ranges)
    return allowed and min(market.yes_bid_dollars, market.yes_ask_dollars) >= 10 * FAR
