"""The exchange's time, and what it brings: it runs by itself, and can be driven."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from kalshi_paper.engine.amounts import price_from_text

if TYPE_CHECKING:
    from kalshi_paper.service.service import Desk


class Clock:
    """
    The exchange's time. Signatures are held against the wall clock, not against this one.

    Args:
        wall_ms: The wall clock, Unix milliseconds.
    """

    def __init__(self, wall_ms: Callable[[], int]) -> None:
        self.wall_ms = wall_ms
        self.offset_ms = 0
        self.frozen_ms: int | None = None

    def now_ms(self) -> int:
        """Return the exchange's time, Unix milliseconds."""
        return self.wall_ms() + self.offset_ms if self.frozen_ms is None else self.frozen_ms

    def set(self, offset_ms: int, frozen_ms: int | None) -> None:
        """Run so far ahead of the wall clock, or stand still."""
        self.offset_ms, self.frozen_ms = offset_ms, frozen_ms


class Clockwork:
    """
    The handle to turn: time and the life of markets.

    Args:
        desk: What it drives.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def now_ms(self) -> int:
        """Return the exchange's time, Unix milliseconds."""
        return self._desk.clock.now_ms()

    def advance(self, seconds: float) -> None:
        """Let time pass at once: orders expire, markets open and close."""
        clock, step_ms = self._desk.clock, round(seconds * 1000)
        if step_ms < 0:
            raise ValueError("the exchange's time does not run backwards")
        frozen_ms = None if clock.frozen_ms is None else clock.frozen_ms + step_ms
        self._desk.do("drive", offset_ms=clock.offset_ms + step_ms, frozen_ms=frozen_ms)

    def freeze(self) -> None:
        """Stand still: from now on only `advance` moves time."""
        self._desk.do("drive", offset_ms=self._desk.clock.offset_ms, frozen_ms=self.now_ms())

    def run(self) -> None:
        """Go on from where time stands."""
        offset_ms = self.now_ms() - self._desk.clock.wall_ms()
        self._desk.do("drive", offset_ms=offset_ms, frozen_ms=None)

    def open(self, ticker: str) -> None:
        """Open a market for trading."""
        self._desk.do("open", ticker=ticker)

    def pause(self, ticker: str) -> None:
        """Pause a market."""
        self._desk.do("pause", ticker=ticker)

    def close(self, ticker: str) -> None:
        """End a market's trading."""
        self._desk.do("close", ticker=ticker)

    def settle(self, ticker: str, result: Literal["yes", "no", "scalar"], *, value: str | None = None) -> None:
        """
        Settle a market.

        Args:
            ticker: The market.
            result: How it ends.
            value: What a YES contract pays, in dollars, for `scalar`.
        """
        self._desk.do("settle", ticker=ticker, result=result, value=value and price_from_text(value))
