"""
What an event loop needs: waiting, an end to an attempt, and not being held by signatures.

asyncio is imported when a loop runs already: that takes as long as importing httpx, and threads have no use for it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

import httpx

if TYPE_CHECKING:
    from kalshi_auth.threads import Threads

_T = TypeVar("_T")

_GRACE_S: Final = 0.02
"""httpx's own timeout comes first where it can: it knows whether anything was sent."""

_SHORT_NS: Final = 200_000
"""Handing work to a thread and back costs about this much."""
_LONG_NS: Final = 5_000_000
_NS_PER_S: Final = 1_000_000_000
_SHARE: Final = 0.5
"""How long the loop waits for a thread, of what work takes; to go on takes it a while longer."""
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
    Do the same work again and again, such as signing, without holding the loop for longer than it takes once in a turn.

    Work as short as an Ed25519 signature is done at once. So is longer work, such as an RSA signature, for a request
    that is alone, which costs least. For requests that are under way together threads do it, one less than there are
    processors, so that the loop keeps one for itself. Work longer than 5 ms (a remote signer) always goes to asyncio's
    own threads, of which there are more.

    Args:
        clock: Nanoseconds, for how long the work takes.
        threads: How many threads.
    """

    def __init__(self, *, clock: Callable[[], int] = time.perf_counter_ns, threads: int = _THREADS) -> None:
        self._clock = clock
        self._count = threads
        self._took_ns = _SHORT_NS
        self._took_here_ns = _SHORT_NS, _SHORT_NS
        self._threads: Threads | None = None

    def under_way(self) -> Threads:
        """Return the running loop's threads, to be entered for as long as a request is under way."""
        from asyncio import get_running_loop

        loop, threads = get_running_loop(), self._threads
        if threads is None or threads.loop is not loop:
            from kalshi_auth.threads import Threads

            threads = self._threads = Threads(loop, self._count)
        return threads

    async def done(self, work: Callable[[], _T], threads: Threads) -> _T:
        """
        Return what the work returns.

        Args:
            work: Done here or in a thread.
            threads: Those that were entered.
        """
        timed = partial(self._timed, work)
        if self._took_ns < _SHORT_NS:
            return timed()
        if self._took_ns > _LONG_NS or threads.late:
            from asyncio import to_thread

            return await to_thread(timed)
        if threads.busy:
            # In a thread it seems to take longer, for the interpreter is waited for; and a few RSA signatures do.
            usual_ns = min(*self._took_here_ns, _LONG_NS)
            return await threads.done(timed, longest_s=_SHARE * usual_ns / _NS_PER_S)
        done = timed()
        self._took_here_ns = self._took_here_ns[1], self._took_ns
        return done

    def _timed(self, work: Callable[[], _T]) -> _T:
        start = self._clock()
        try:
            done = work()
        except BaseException as error:
            # What fails at once says nothing about what takes its time.
            self._took_ns = max(self._took_ns, self._clock() - start)
            if isinstance(error, StopIteration):
                raise RuntimeError("signing ended with StopIteration") from error  # for no future takes one
            raise
        self._took_ns = self._clock() - start
        return done
