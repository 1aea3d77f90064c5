"""
What an event loop needs: waiting, an end to an attempt, and not being held by signatures.

asyncio is imported when a loop runs already: that takes as long as importing httpx, and threads have no use for it.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import httpx

_T = TypeVar("_T")

_GRACE_S: Final = 0.02
"""httpx's own timeout comes first where it can: it knows whether anything was sent."""

_SHORT_NS: Final = 200_000
"""Handing work to a thread and back costs about this much."""
_LONG_NS: Final = 5_000_000


async def asleep(seconds: float) -> None:
    """Wait."""
    import asyncio

    await asyncio.sleep(seconds)


async def bounded(attempt: Callable[[float | None], Awaitable[httpx.Response]], left_s: float | None) -> httpx.Response:
    """End an attempt whose answer trickles: each byte that comes starts httpx's own timeout anew."""
    import asyncio

    bound = asyncio.timeout(None if left_s is None else left_s + _GRACE_S)
    try:
        async with bound:
            return await attempt(left_s)
    except TimeoutError:
        if bound.expired():
            raise httpx.ReadTimeout("the time is up") from None
        raise


class Aside:
    """
    Do the same work again and again, such as signing, holding the loop for no longer than once in a turn.

    Work as short as an Ed25519 signature is done at once. Longer work, such as an RSA signature, is done at once the
    first time in a turn of the loop, which costs least where requests come one by one, and in threads beyond that, or
    while threads are at it. Work longer than 5 ms (a remote signer) always goes to a thread.

    Args:
        clock: Nanoseconds, for how long the work takes.
    """

    def __init__(self, *, clock: Callable[[], int] = time.perf_counter_ns) -> None:
        self._clock = clock
        self._took_ns = _SHORT_NS
        self._taken: object = None
        """The event loop whose turn has seen work done; a closed one may never have begun another."""
        self._in_threads = 0

    async def done(self, work: Callable[[], _T]) -> _T:
        """Return what the work returns."""
        if self._took_ns < _SHORT_NS:
            return self._timed(work)
        import asyncio

        loop = asyncio.get_running_loop()
        if self._taken is loop or self._in_threads or self._took_ns > _LONG_NS:
            self._in_threads += 1
            try:
                return await asyncio.to_thread(self._timed, work)
            finally:
                self._in_threads -= 1
        self._taken = loop
        loop.call_soon(self._next_turn)
        return self._timed(work)

    def _next_turn(self) -> None:
        self._taken = None

    def _timed(self, work: Callable[[], _T]) -> _T:
        start = self._clock()
        try:
            return work()
        finally:
            self._took_ns = self._clock() - start
