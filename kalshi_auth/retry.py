"""When a request may be sent again: never a write twice, unless the exchange makes that safe."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any, Final, Protocol

import httpx

_CREATION: Final = r"(Batch)?CreateOrders?(V\d+)?"
_SECONDS: Final = r"[0-9]{1,9}(\.[0-9]{1,9})?"
_UNSENT: Final = (
    httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol
)  # fmt: skip
_AMBIGUOUS: Final = frozenset({502, 503, 504})
_AIOHTTP_UNSENT: Final = frozenset({"ClientConnectorError", "ConnectionTimeoutError"})
_deadline: ContextVar[float] = ContextVar("deadline", default=math.inf)


class Outgoing(Protocol):
    """What retrying has to know of a request; the generated client's own class fits."""

    @property
    def operation_id(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def template(self) -> str: ...
    @property
    def body(self) -> Any: ...
    @property
    def signed(self) -> bool: ...


@contextmanager
def deadline(seconds: float, *, monotonic: Callable[[], float] = monotonic) -> Iterator[None]:
    """
    Bound all calls inside: attempts and waits of every call end within so many seconds.

    Works in threads and tasks alike; an inner deadline can only be nearer. A call that begins too late sends nothing.
    Tasks and `asyncio.to_thread` take it along; a thread that is started inside, a pool's too, needs its own.
    It holds for the clients of `signed_client` and `public_client`. In a thread it does not reach the resolver, and of
    a host with several addresses that all stay silent, each is given the connect timeout.

    Raises:
        ValueError: The seconds are not a number.
    """
    if math.isnan(seconds):
        raise ValueError("a deadline is a number of seconds")
    token = _deadline.set(min(_deadline.get(), monotonic() + seconds))
    try:
        yield
    finally:
        _deadline.reset(token)


def caller_deadline() -> float:
    """Return the caller's deadline on the monotonic clock, or infinity."""
    return _deadline.get()


def was_not_sent(error: httpx.RequestError) -> bool:
    """Tell whether a transport error means that the exchange can't have seen the request."""
    cause = {kind.__name__ for kind in type(error.__cause__).__mro__}
    if "ClientConnectionError" in cause:
        # aiohttp's: httpx-aiohttp reports a connection that broke before the answer as one that was never made.
        return not cause.isdisjoint(_AIOHTTP_UNSENT)
    return isinstance(error, _UNSENT)


def is_ambiguous(status_code: int) -> bool:
    """Tell whether a status leaves open what became of the request behind a gateway."""
    return status_code in _AMBIGUOUS


def safe_creation_ids(outgoing: Outgoing) -> list[str | None] | None:
    """
    Return the ids of an order creation that is safe to send twice, for every order has one; None of any other call.

    Source:
        Kalshi docs, "Create Order": the id is unique per account for good.
    """
    if not re.fullmatch(_CREATION, outgoing.operation_id):
        return None
    ids = client_order_ids(outgoing.body)
    return ids if all(ids) else None


def client_order_ids(body: Any) -> list[str | None]:
    """Return the `client_order_id` of every order of a creation's body."""
    orders = getattr(body, "orders", None)
    return [
        getattr(order, "client_order_id", None) or None for order in (orders if isinstance(orders, list) else [body])
    ]


def retry_after_s(response: httpx.Response, longest_s: float, now_ns: int) -> float | None:
    """
    Return what `Retry-After` asks for, in seconds, when it is sane; None otherwise.

    Args:
        response: The answer that may carry it.
        longest_s: The most that is believed.
        now_ns: The time, for a date in an answer without a `Date` of its own.
    """
    value = response.headers.get("Retry-After", "").strip()
    plain = re.fullmatch(_SECONDS, value)
    seconds = float(value) if plain else _seconds_until(value, response.headers.get("Date"), now_ns)
    return seconds if 0 <= seconds <= longest_s else None


def _seconds_until(date: str, now: str | None, now_ns: int) -> float:
    """Measure to a date by the server's own clock, which ours may differ from; NaN where there is no date."""
    try:
        until = parsedate_to_datetime(date)
        since = parsedate_to_datetime(now) if now else datetime.fromtimestamp(now_ns / 1e9, UTC)
        return (until - since).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return math.nan
