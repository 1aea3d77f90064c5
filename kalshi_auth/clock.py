"""The exchange's time, as far as its answers tell it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

from kalshi_auth.lock import LOCK

_LOGGER: Final = logging.getLogger("kalshi_auth.clock")
_NS_PER_S: Final = 1_000_000_000
_EARLIEST: Final = datetime(2002, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2286, 1, 1, tzinfo=UTC)
"""Between them a count of milliseconds has the thirteen digits that can be signed."""


class ServerClock:
    """
    The local clock, corrected by what the exchange's `Date` headers justify.

    A `Date` names a whole second, and the answer was written between sending and receiving: that gives a
    range in which the true offset lies. The offset is moved into that range, and never past its edge.
    It is zero until the exchange has refused a timestamp.

    Args:
        now_ns: The local clock, nanoseconds since 1970.
    """

    def __init__(self, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._now_ns = now_ns
        self._offset_ns = 0

    @property
    def offset_s(self) -> float:
        """Seconds by which the exchange is ahead of the local clock."""
        return self._offset_ns / _NS_PER_S

    def local_ns(self) -> int:
        """Return the local time."""
        return self._now_ns()

    def now_ns(self) -> int:
        """Return the exchange's time, as well as it is known."""
        return self._now_ns() + self._offset_ns

    def follow(self, date: str | None, sent_ns: int, received_ns: int) -> None:
        """Keep an offset that is in use true to a later answer; without one, do nothing."""
        if self._offset_ns:
            self._move(date, sent_ns, received_ns)

    def correct(self, date: str | None, sent_ns: int, received_ns: int) -> None:
        """
        Learn from an answer that refused a timestamp.

        Args:
            date: The answer's `Date` header.
            sent_ns: Local time when the request was sent.
            received_ns: Local time when the answer was there.
        """
        if self._move(date, sent_ns, received_ns):
            _LOGGER.warning(
                "the exchange refused a timestamp; its clock is %+.1f s from ours, which signing now follows",
                self.offset_s,
            )

    def _move(self, date: str | None, sent_ns: int, received_ns: int) -> bool:
        second_ns = _ns_from_date(date)
        if second_ns is None or received_ns < sent_ns:
            return False
        low, high = second_ns - received_ns, second_ns + _NS_PER_S - sent_ns
        with LOCK:
            before = self._offset_ns
            self._offset_ns = min(max(before, low), high)
            return self._offset_ns != before


def date_of(response: httpx.Response) -> str | None:
    """Return an answer's `Date`, if it tells of now: that of one with an `Age` is from when a cache took it."""
    return response.headers.get("Date") if response.headers.get("Age", "0") == "0" else None


def _ns_from_date(date: str | None) -> int | None:
    try:
        moment = parsedate_to_datetime(date or "")
    except (TypeError, ValueError, OverflowError):
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return int(moment.timestamp()) * _NS_PER_S if _EARLIEST < moment < _LATEST else None
