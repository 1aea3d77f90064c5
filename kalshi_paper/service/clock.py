"""The exchange's clock: it follows the wall clock with an offset, or stands still."""

from __future__ import annotations

from collections.abc import Callable


class ExchangeClock:
    """
    The exchange's time. Timestamps of signatures are compared with the wall clock instead.

    Args:
        wall_ms: Returns the time of day, Unix milliseconds.
    """

    def __init__(self, wall_ms: Callable[[], int]) -> None:
        self.wall_ms = wall_ms
        self.offset_ms = 0
        self.frozen_ms: int | None = None

    def now_ms(self) -> int:
        """Return the exchange's time, Unix milliseconds."""
        return self.wall_ms() + self.offset_ms if self.frozen_ms is None else self.frozen_ms

    def set(self, offset_ms: int, frozen_ms: int | None) -> None:
        """Set the offset from the wall clock, and the time to stand still at; None lets the clock run."""
        self.offset_ms, self.frozen_ms = offset_ms, frozen_ms
