"""The lifecycle of markets: list, open, pause, close, settle."""

from __future__ import annotations

from attrs import frozen

from kalshi_paper.engine.amounts import DOLLAR, Price
from kalshi_paper.engine.errors import invalid_order
from kalshi_paper.engine.fees import FeeSchedule
from kalshi_paper.engine.markets import Market, Result
from kalshi_paper.engine.order_book import OrderBook
from kalshi_paper.engine.records import Settlement
from kalshi_paper.engine.state import EngineState


@frozen(eq=False)
class MarketLifecycle:
    """
    List markets and change their status.

    An unknown market raises RequestRejected 404 `not_found`; opening, pausing, closing or settling a settled one raises
    400 `invalid_order`.

    Args:
        state: State of the engine.
    """

    _state: EngineState

    def add(self, market: Market, now_ms: int) -> Market:
        """
        List a market; it opens and closes automatically at `open_ms` and `close_ms`.

        Raises:
            ValueError: The ticker is taken.
        """
        state, ticker = self._state, market.ticker
        if ticker in state.markets:
            raise ValueError(f"market {ticker!r} already exists")
        now_ms = state.advance_time(now_ms)
        state.markets[ticker], state.books[ticker] = market, OrderBook(market.tick)
        state.trades[ticker], state.quotes[ticker] = [], [(now_ms, 0, DOLLAR)]
        state.schedule(market.open_ms, "open", ticker)
        state.schedule(market.close_ms, "close", ticker)
        state.advance_time(now_ms)
        return market

    def set_fees(self, ticker: str, fees: FeeSchedule) -> None:
        """Change the fees of a market for orders placed from now on."""
        self._state.market(ticker).fees = fees

    def open(self, ticker: str, now_ms: int) -> None:
        """Open a market that is `initialized`, `inactive` or `closed`; a `close_ms` in the past no longer applies."""
        self._unsettled(ticker, now_ms).status = "active"

    def pause(self, ticker: str, now_ms: int) -> None:
        """Pause a market (`inactive`): it rejects orders, and orders with `cancel_order_on_pause` are cancelled."""
        market, state = self._unsettled(ticker, now_ms), self._state
        for entry in [*state.books[ticker].queue("bid"), *state.books[ticker].queue("ask")]:
            if state.orders[entry.order_id].cancel_order_on_pause:
                state.cancel_order(state.orders[entry.order_id])
        market.status = "inactive"

    def close(self, ticker: str, now_ms: int) -> None:
        """Close a market and cancel its resting orders."""
        market = self._unsettled(ticker, now_ms)
        self._state.cancel_orders_in(market)
        market.status = "closed"

    def settle(self, ticker: str, result: Result, now_ms: int, *, value: Price | None = None) -> list[Settlement]:
        """
        Settle a market, open or closed: cancel its orders, pay out its positions, set it to `finalized`.

        Args:
            ticker: Market.
            result: `yes`, `no` or `scalar`.
            now_ms: Unix milliseconds.
            value: Payout of a YES contract; required for `scalar`, None otherwise.

        Raises:
            RequestRejected: 400 `invalid_order`: unknown result, or a value that does not fit it.
        """
        market, state = self._unsettled(ticker, now_ms), self._state
        payout = {"yes": DOLLAR, "no": 0}.get(result, value)
        if payout is None or not 0 <= payout <= DOLLAR or (result == "scalar") == (value is None):
            raise invalid_order("a market settles yes, no, or scalar at a value of zero to one dollar")
        state.cancel_orders_in(market)
        market.status, market.result = "finalized", result
        market.settlement_value, market.settled_ms = payout, state.now_ms
        accounts = state.ledger.accounts.values()
        rows = [state.ledger.settle(account, market, result, payout, state.now_ms) for account in accounts]
        return [row for row in rows if row is not None]

    def _unsettled(self, ticker: str, now_ms: int) -> Market:
        self._state.advance_time(now_ms)
        market = self._state.market(ticker)
        if market.status == "finalized":
            raise invalid_order("market is finalized")
        return market
