"""Read balance, resting orders and queue positions of an account, with and without `await`."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from attrs import frozen
from kalshi_trade_api import AuthenticatedClient
from kalshi_trade_api.api.orders import get_order_queue_positions, get_orders
from kalshi_trade_api.api.portfolio import get_balance
from kalshi_trade_api.models.get_balance_response import GetBalanceResponse
from kalshi_trade_api.models.order import Order
from kalshi_trade_api.models.order_queue_position import OrderQueuePosition

from scripts.demo.table import table

_TICKER_WIDTH = 40


@frozen
class AccountSnapshot:
    """
    An account at one moment.

    Attributes:
        balance: The balance.
        orders: The resting orders.
        queue_positions: The queue positions of these orders.
    """

    balance: GetBalanceResponse
    orders: list[Order]
    queue_positions: list[OrderQueuePosition]

    def __str__(self) -> str:
        return f"balance ${Decimal(self.balance.balance) / 100:,.2f}, {len(self.orders)} resting orders"


def read(client: AuthenticatedClient) -> AccountSnapshot:
    """Read an account, with all pages of orders."""
    balance = get_balance.sync(client=client)
    orders = list(get_orders.iterate(client=client, status="resting"))
    if not orders:
        return AccountSnapshot(balance, [], [])
    found = get_order_queue_positions.sync(client=client, market_tickers=_tickers(orders))
    return AccountSnapshot(balance, orders, found.queue_positions or [])


async def aread(client: AuthenticatedClient) -> AccountSnapshot:
    """Read an account, like `read`."""
    balance = await get_balance.asyncio(client=client)
    orders = [order async for order in get_orders.aiterate(client=client, status="resting")]
    if not orders:
        return AccountSnapshot(balance, [], [])
    found = await get_order_queue_positions.asyncio(client=client, market_tickers=_tickers(orders))
    return AccountSnapshot(balance, orders, found.queue_positions or [])


def queue_table(account: AccountSnapshot) -> str:
    """Return a table of orders and queue positions; a dash if the order no longer rests."""
    if not account.orders:
        return "no resting orders, so no queue positions"
    ahead = {each.order_id: f"{each.queue_position_fp:,.2f}" for each in account.queue_positions}
    rows = [
        (
            _shortened(order.ticker),
            order.book_side.value,
            str(order.yes_price_dollars),
            f"{order.remaining_count_fp:,.2f}",
            ahead.get(order.order_id, "-"),
        )
        for order in sorted(account.orders, key=lambda order: (order.ticker, -order.yes_price_dollars))
    ]
    return table(("TICKER", "SIDE", "PRICE", "RESTING", "AHEAD"), rows, "<<>>>")


def _tickers(orders: Iterable[Order]) -> str:
    return ",".join(sorted({order.ticker for order in orders}))


def _shortened(ticker: str) -> str:
    return ticker if len(ticker) <= _TICKER_WIDTH else f"{ticker[: _TICKER_WIDTH - 2]}.."
