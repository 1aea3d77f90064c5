"""What an account can ask about itself; nothing here changes anything."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from kalshi_paper.engine.accounts import Account
from kalshi_paper.engine.amounts import DOLLAR, Count, Micros
from kalshi_paper.engine.errors import not_found
from kalshi_paper.engine.orders import Order, OrderStatus
from kalshi_paper.engine.position_views import EventPosition, MarketPosition, QueuePosition, market_position
from kalshi_paper.engine.position_views import event_positions as summed_by_event
from kalshi_paper.engine.positions import Holding, leg_price
from kalshi_paper.engine.records import Fill, Settlement, between
from kalshi_paper.engine.state import Floor


class Portfolio:
    """
    The part of `Exchange` that an account asks about itself.

    No call takes a moment: `Exchange.expire` brings the state up to it.

    Args:
        floor: The state to read.
    """

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def get_order(self, account_id: str, order_id: str) -> Order:
        """Return one of the account's orders, in any state; 404 `not_found`."""
        account, order = self._account(account_id), self._floor.orders.get(order_id)
        if order is None or order.account_id != account.account_id:
            raise not_found()
        return order

    def orders(
        self,
        account_id: str,
        *,
        ticker: str | None = None,
        event_tickers: Collection[str] | None = None,
        status: OrderStatus | None = None,
        min_ms: int | None = None,
        max_ms: int | None = None,
    ) -> list[Order]:
        """Return the account's orders, newest first, by moment of creation."""
        account = self._account(account_id)
        return [
            order
            for order in reversed([*account.resting.values()] if status == "resting" else account.orders)
            if ticker in (None, order.ticker)
            and status in (None, order.status)
            and (event_tickers is None or self._floor.markets[order.ticker].event_ticker in event_tickers)
            and (min_ms is None or order.created_ms >= min_ms)
            and (max_ms is None or order.created_ms <= max_ms)
        ]

    def queue_position(self, account_id: str, order_id: str) -> Count:
        """Return the contracts ahead of a resting order; 404 `not_found` for any other."""
        order = self._floor.resting(self._account(account_id), order_id)
        return self._ahead(order)

    def _ahead(self, order: Order) -> Count:
        return self._floor.books[order.ticker].ahead(order.resting_place())

    def queue_positions(
        self, account_id: str, *, market_tickers: Iterable[str] | None = None, event_ticker: str | None = None
    ) -> list[QueuePosition]:
        """Return the places of the account's resting orders, oldest order first."""
        floor = self._floor
        tickers = None if market_tickers is None else set(market_tickers)
        return [
            QueuePosition(order_id=order_id, ticker=order.ticker, ahead=self._ahead(order))
            for order_id, order in self._account(account_id).resting.items()
            if (tickers is None or order.ticker in tickers)
            and event_ticker in (None, floor.markets[order.ticker].event_ticker)
        ]

    def balance(self, account_id: str) -> Micros:
        """Return the money free to trade with: what is locked behind resting orders is not in it."""
        return self._account(account_id).free_micros

    def locked(self, account_id: str) -> Micros:
        """Return the money locked behind resting orders, fees that they may cost included."""
        return self._account(account_id).locked_micros

    def portfolio_value(self, account_id: str) -> Micros:
        """Return the worth of the positions at the last price, or a half dollar without one."""
        worth: Micros = 0
        for held in self._account(account_id).holdings.values():
            last = self._floor.markets[held.ticker].last_price
            price = DOLLAR // 2 if last is None else last
            worth += held.count * price if held.count > 0 else -held.count * (DOLLAR - price)
        return worth

    def resting_value(self, account_id: str) -> Micros:
        """Return what the resting orders are worth: count times price of the leg each buys."""
        resting = self._account(account_id).resting.values()
        return sum(order.remaining_count * leg_price(order.side, order.price) for order in resting)

    def updated_ms(self, account_id: str) -> int:
        """Return when the balance last changed."""
        return self._account(account_id).updated_ms

    def positions(
        self,
        account_id: str,
        *,
        ticker: str | None = None,
        event_ticker: str | None = None,
        settled: bool | None = False,
    ) -> list[MarketPosition]:
        """
        Return the account's figures in each market that it traded.

        Args:
            account_id: The account.
            ticker: The one market wanted; None for all.
            event_ticker: The one event wanted; None for all.
            settled: Whether the markets are those that were settled; None for both.
        """
        return [market_position(held) for held in self._holdings(account_id, event_ticker, ticker, settled)]

    def event_positions(
        self,
        account_id: str,
        *,
        ticker: str | None = None,
        event_ticker: str | None = None,
        settled: bool | None = False,
    ) -> list[EventPosition]:
        """Return the same, summed over those of each event's markets."""
        return summed_by_event(self._holdings(account_id, event_ticker, ticker, settled))

    def fills(
        self,
        account_id: str,
        *,
        ticker: str | None = None,
        order_id: str | None = None,
        min_ms: int | None = None,
        max_ms: int | None = None,
    ) -> list[Fill]:
        """Return the account's fills, newest first."""
        rows = between(reversed(self._account(account_id).fills), min_ms, max_ms)
        return [fill for fill in rows if ticker in (None, fill.ticker) and order_id in (None, fill.order_id)]

    def settlements(self, account_id: str) -> list[Settlement]:
        """Return what settled markets paid the account, newest first."""
        return self._account(account_id).settlements[::-1]

    def _account(self, account_id: str) -> Account:
        return self._floor.ledger.account(account_id)

    def _holdings(
        self, account_id: str, event_ticker: str | None, ticker: str | None, settled: bool | None
    ) -> list[Holding]:
        return [
            held
            for held in self._account(account_id).holdings.values()
            if held.traded_count
            and settled in (None, held.settled)
            and ticker in (None, held.ticker)
            and event_ticker in (None, held.event_ticker)
        ]
