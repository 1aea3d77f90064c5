"""Data of one account: orders, queue positions, balance, positions, fills, settlements."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from attrs import frozen

from kalshi_paper.engine.accounts import Account
from kalshi_paper.engine.amounts import DOLLAR, Count, Micros
from kalshi_paper.engine.errors import not_found
from kalshi_paper.engine.orders import Order, OrderStatus
from kalshi_paper.engine.position_views import (
    EventPosition,
    MarketPosition,
    QueuePosition,
    market_position,
    sum_by_event,
)
from kalshi_paper.engine.positions import Position, leg_price
from kalshi_paper.engine.records import Fill, Settlement, between
from kalshi_paper.engine.state import EngineState


@frozen(eq=False)
class PortfolioQueries:
    """
    Read the data of an account; nothing is changed.

    The methods read the state as of the last `MatchingEngine.advance_time`. An unknown account raises RequestRejected
    404 `not_found`.

    Args:
        state: State of the engine.
    """

    _state: EngineState

    def order(self, account_id: str, order_id: str) -> Order:
        """Return an order of the account, in any status; RequestRejected 404 `not_found` if it does not exist."""
        account, order = self._account(account_id), self._state.orders.get(order_id)
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
        """Return the orders of the account, newest first; the time bounds are inclusive and apply to `created_ms`."""
        account = self._account(account_id)
        return [
            order
            for order in reversed([*account.resting.values()] if status == "resting" else account.orders)
            if ticker in (None, order.ticker)
            and status in (None, order.status)
            and (event_tickers is None or self._state.markets[order.ticker].event_ticker in event_tickers)
            and (min_ms is None or order.created_ms >= min_ms)
            and (max_ms is None or order.created_ms <= max_ms)
        ]

    def queue_position(self, account_id: str, order_id: str) -> Count:
        """Return the contracts ahead of a resting order; RequestRejected 404 `not_found` if it does not rest."""
        return self._contracts_ahead(self._state.resting_order(self._account(account_id), order_id))

    def queue_positions(
        self, account_id: str, *, market_tickers: Iterable[str] | None = None, event_ticker: str | None = None
    ) -> list[QueuePosition]:
        """Return the queue positions of the account's resting orders, oldest order first."""
        state = self._state
        tickers = None if market_tickers is None else set(market_tickers)
        return [
            QueuePosition(order_id=order_id, ticker=order.ticker, contracts_ahead=self._contracts_ahead(order))
            for order_id, order in self._account(account_id).resting.items()
            if (tickers is None or order.ticker in tickers)
            and event_ticker in (None, state.markets[order.ticker].event_ticker)
        ]

    def balance(self, account_id: str) -> Micros:
        """Return the money available for new orders, without the money that resting orders lock."""
        return self._account(account_id).free_micros

    def locked(self, account_id: str) -> Micros:
        """Return the money that resting orders lock, including the maker fees they may cost."""
        return self._account(account_id).locked_micros

    def portfolio_value(self, account_id: str) -> Micros:
        """Return the value of the positions at the last traded price, or at $0.50 before the first trade."""
        value: Micros = 0
        for position in self._account(account_id).positions.values():
            last = self._state.markets[position.ticker].last_price
            price = DOLLAR // 2 if last is None else last
            value += position.count * price if position.count > 0 else -position.count * (DOLLAR - price)
        return value

    def resting_value(self, account_id: str) -> Micros:
        """Return the value of the resting orders: remaining count times the price of the leg each buys."""
        resting = self._account(account_id).resting.values()
        return sum(order.remaining_count * leg_price(order.side, order.price) for order in resting)

    def updated_ms(self, account_id: str) -> int:
        """Return the time of the last balance change, Unix milliseconds."""
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
        Return the account's position in each market that it traded.

        Args:
            account_id: Account.
            ticker: Market; None for all.
            event_ticker: Event; None for all.
            settled: True for settled markets, False for unsettled ones, None for both.
        """
        return [market_position(each) for each in self._traded(account_id, event_ticker, ticker, settled)]

    def event_positions(
        self,
        account_id: str,
        *,
        ticker: str | None = None,
        event_ticker: str | None = None,
        settled: bool | None = False,
    ) -> list[EventPosition]:
        """Return the account's positions summed by event; the arguments select markets as in `positions`."""
        return sum_by_event(self._traded(account_id, event_ticker, ticker, settled))

    def fills(
        self,
        account_id: str,
        *,
        ticker: str | None = None,
        order_id: str | None = None,
        min_ms: int | None = None,
        max_ms: int | None = None,
    ) -> list[Fill]:
        """Return the account's fills, newest first; the time bounds are inclusive."""
        rows = between(reversed(self._account(account_id).fills), min_ms, max_ms)
        return [fill for fill in rows if ticker in (None, fill.ticker) and order_id in (None, fill.order_id)]

    def settlements(self, account_id: str) -> list[Settlement]:
        """Return the account's settlements, newest first."""
        return self._account(account_id).settlements[::-1]

    def _account(self, account_id: str) -> Account:
        return self._state.ledger.account(account_id)

    def _contracts_ahead(self, order: Order) -> Count:
        return self._state.books[order.ticker].contracts_ahead(order.entry_in_queue())

    def _traded(
        self, account_id: str, event_ticker: str | None, ticker: str | None, settled: bool | None
    ) -> list[Position]:
        return [
            position
            for position in self._account(account_id).positions.values()
            if position.traded_count
            and settled in (None, position.settled)
            and ticker in (None, position.ticker)
            and event_ticker in (None, position.event_ticker)
        ]
