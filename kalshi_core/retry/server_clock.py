"""The exchange's time, as its responses reveal it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

from kalshi_core.transport.fork import FORK_LOCK

_LOGGER: Final = logging.getLogger("kalshi_core.clock")
_NS_PER_S: Final = 1_000_000_000
_EARLIEST: Final = datetime(2002, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2286, 1, 1, tzinfo=UTC)
"""Between these, milliseconds since 1970 have the thirteen digits that can be signed."""


class ServerClock:
    """
    The local clock, corrected by what the exchange's `Date` headers justify.

    A `Date` is a whole second, and the response was written between sending and receiving: that gives a range that
    contains the true offset. The offset is moved into that range, never past its edge. It is zero until the exchange
    has rejected a timestamp.

    Args:
        local_ns: The local clock, nanoseconds since 1970.

    Attributes:
        local_ns: The local clock, as passed.
        offset_ns: Nanoseconds by which the exchange is ahead of the local clock.
    """

    def __init__(self, local_ns: Callable[[], int] = time.time_ns) -> None:
        self.local_ns: Callable[[], int] = local_ns
        self.offset_ns: int = 0

    def now_ns(self) -> int:
        """Return the exchange's time as far as it is known, nanoseconds since 1970."""
        return self.local_ns() + self.offset_ns

    def follow(self, date: str | None, sent_ns: int, received_ns: int) -> None:
        """Adjust an offset that is in use by a later response; do nothing while there is none."""
        if self.offset_ns:
            self._adjust(date, sent_ns, received_ns)

    def correct(self, date: str | None, sent_ns: int, received_ns: int) -> None:
        """
        Learn the offset from a response that rejected a timestamp.

        Args:
            date: The response's `Date` header.
            sent_ns: Local time when the request was sent.
            received_ns: Local time when the response had arrived.
        """
        if self._adjust(date, sent_ns, received_ns):
            _LOGGER.warning(
                "the exchange rejected a timestamp: its clock differs by %+.1f s, which signatures now account for",
                self.offset_ns / _NS_PER_S,
            )

    def _adjust(self, date: str | None, sent_ns: int, received_ns: int) -> bool:
        second_ns = _ns_from_date(date)
        if second_ns is None or received_ns < sent_ns:
            return False
        low, high = second_ns - received_ns, second_ns + _NS_PER_S - sent_ns
        with FORK_LOCK:
            before = self.offset_ns
            self.offset_ns = min(max(before, low), high)
            return self.offset_ns != before


def date_of(response: httpx.Response) -> str | None:
    """Return a response's `Date`, unless the response comes from a cache (`Age`) and the date is old."""
    return response.headers.get("Date") if response.headers.get("Age", "0") == "0" else None


def _ns_from_date(date: str | None) -> int | None:
    try:
        moment = parsedate_to_datetime(date or "")
    except (TypeError, ValueError, OverflowError):
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return int(moment.timestamp()) * _NS_PER_S if _EARLIEST < moment < _LATEST else None
