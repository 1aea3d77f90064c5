"""`exchange.clock`: move the exchange's time, and open, pause, close and settle markets."""

from __future__ import annotations

from typing import Literal

from kalshi_paper.engine.amounts import price_from_text
from kalshi_paper.service.commands.markets import CloseMarket, OpenMarket, PauseMarket, SetClock, SettleMarket
from kalshi_paper.service.service import ExchangeService


class MarketControls:
    """
    Control the clock and the markets of an exchange.

    The market methods raise RequestRejected: 404 `not_found` for an unknown market, 400 `invalid_order` for a settled
    one.

    Args:
        service: The exchange's service.
    """

    def __init__(self, service: ExchangeService) -> None:
        self._service = service

    def now_ms(self) -> int:
        """Return the exchange's time, Unix milliseconds."""
        return self._service.state.clock.now_ms()

    def advance(self, seconds: float) -> None:
        """
        Move time forward at once: orders expire, markets open and close.

        Raises:
            ValueError: `seconds` is negative.
        """
        clock, step_ms = self._service.state.clock, round(seconds * 1000)
        if step_ms < 0:
            raise ValueError("advance(): seconds must not be negative")
        frozen_ms = None if clock.frozen_ms is None else clock.frozen_ms + step_ms
        self._service.execute(SetClock(offset_ms=clock.offset_ms + step_ms, frozen_ms=frozen_ms))

    def freeze(self) -> None:
        """Stop the clock; from now on only `advance` moves time."""
        self._service.execute(SetClock(offset_ms=self._service.state.clock.offset_ms, frozen_ms=self.now_ms()))

    def run(self) -> None:
        """Let a stopped clock run again, from its current time."""
        offset_ms = self.now_ms() - self._service.state.clock.wall_ms()
        self._service.execute(SetClock(offset_ms=offset_ms, frozen_ms=None))

    def open(self, ticker: str) -> None:
        """Open a market."""
        self._service.execute(OpenMarket(ticker=ticker))

    def pause(self, ticker: str) -> None:
        """Pause a market."""
        self._service.execute(PauseMarket(ticker=ticker))

    def close(self, ticker: str) -> None:
        """Close a market."""
        self._service.execute(CloseMarket(ticker=ticker))

    def settle(self, ticker: str, result: Literal["yes", "no", "scalar"], *, value: str | None = None) -> None:
        """
        Settle a market.

        Args:
            ticker: Market.
            result: Result.
            value: Payout of a YES contract, dollars; only for `scalar`.
        """
        payout = None if value is None else price_from_text(value)
        self._service.execute(SettleMarket(ticker=ticker, result=result, value=payout))
