"""A deadline for calls: set by the user for a block of code, enforced by every call inside it."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import Final

import httpx

CALLER_DEADLINE: Final[ContextVar[float]] = ContextVar("deadline", default=math.inf)
"""The caller's deadline on the monotonic clock, seconds; infinite without one."""
_GRACE_S: Final = 0.02
"""Lets httpx's own timeout come first where it can: httpx knows whether anything was sent."""


@contextmanager
def deadline(seconds: float, *, monotonic: Callable[[], float] = monotonic) -> Iterator[None]:
    """
    Limit the total time of the calls inside, attempts and waits together, even when a server sends slowly.

    Works in threads and in tasks; an inner deadline can only be earlier. A call that begins too late sends nothing.
    Tasks and `asyncio.to_thread` inherit it; a thread started inside, a pool's included, needs its own. It applies to
    the clients of `signed_client` and `public_client`. In synchronous code, DNS lookups are not limited, and each
    address of a host that does not respond is given the connect timeout.

    Args:
        seconds: From now on; zero or less means that the deadline has passed.
        monotonic: Clock, seconds.

    Raises:
        ValueError: `seconds` is NaN.
    """
    if math.isnan(seconds):
        raise ValueError("deadline: seconds must not be NaN")
    token = CALLER_DEADLINE.set(min(CALLER_DEADLINE.get(), monotonic() + seconds))
    try:
        yield
    finally:
        CALLER_DEADLINE.reset(token)


async def with_time_limit(
    attempt: Callable[[float | None], Awaitable[httpx.Response]], left_s: float | None
) -> httpx.Response:
    """Run one attempt in an event loop for at most `left_s` seconds; httpx restarts its timeout with every byte."""
    import asyncio

    limit = asyncio.timeout(None if left_s is None else left_s + _GRACE_S)
    try:
        async with limit:
            return await attempt(left_s)
    except TimeoutError:
        if limit.expired():
            raise httpx.ReadTimeout("deadline exceeded") from None
        raise
