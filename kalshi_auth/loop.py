"""
What an event loop needs: waiting, an end to an attempt, and not being held by signatures.

asyncio is imported when a loop runs already: that takes as long as importing httpx, and threads have no use for it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from typing import TYPE_CHECKING, Final, TypeVar

import httpx

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

_T = TypeVar("_T")

_GRACE_S: Final = 0.02
"""httpx's own timeout comes first where it can: it knows whether anything was sent."""

_SHORT_NS: Final = 200_000
"""Handing work to a thread and back costs about this much."""
_LONG_NS: Final = 5_000_000
_THREADS: Final = max(1, min(4, (os.cpu_count() or 1) - 1))


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

    Work as short as an Ed25519 signature is done at once. Longer work, such as an RSA signature, is shared between the
    loop, which does one piece at once in a turn, and threads, one less than there are processors, so that the loop
    keeps one for itself. Where requests come one by one the loop does it all, which costs least. Work longer than 5 ms
    (a remote signer) always goes to asyncio's own threads, of which there are more.

    Args:
        clock: Nanoseconds, for how long the work takes.
        threads: How many share the work.
    """

    def __init__(self, *, clock: Callable[[], int] = time.perf_counter_ns, threads: int = _THREADS) -> None:
        self._clock = clock
        self._threads = threads
        self._took_ns = _SHORT_NS
        self._turns: _Turns | None = None

    async def done(self, work: Callable[[], _T]) -> _T:
        """Return what the work returns."""
        if self._took_ns < _SHORT_NS:
            return self._timed(work)
        import asyncio

        if self._took_ns > _LONG_NS:
            return await asyncio.to_thread(self._timed, work)
        loop, turns = asyncio.get_running_loop(), self._turns
        if turns is None or turns.loop is not loop:
            turns = self._turns = _Turns(loop, self._threads)
        # Threads that have begun are kept busy before the loop helps: it has the rest of every request to do.
        if turns.taken or 0 < turns.handed <= self._threads:
            turns.handed += 1
            context = copy_context()
            try:
                return await loop.run_in_executor(turns.threads, lambda: context.run(self._timed, work))
            finally:
                turns.handed -= 1
        turns.taken = True
        loop.call_soon(turns.next)
        return self._timed(work)

    def _timed(self, work: Callable[[], _T]) -> _T:
        start = self._clock()
        try:
            return work()
        finally:
            self._took_ns = self._clock() - start


class _Turns:
    """
    One event loop and its threads; a later loop, maybe in a forked process, has others.

    Attributes:
        taken: Whether the loop's present turn has seen work done.
        handed: Pieces of work that threads have, or that wait for them.
    """

    def __init__(self, loop: AbstractEventLoop, threads: int) -> None:
        from concurrent.futures import ThreadPoolExecutor

        self.loop = loop
        self.threads = ThreadPoolExecutor(threads)
        self.taken = False
        self.handed = 0

    def next(self) -> None:
        self.taken = False
