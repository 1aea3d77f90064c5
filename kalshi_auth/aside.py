"""Where work that holds a thread is done in an event loop: here while it is short, else in a thread of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final, TypeVar

_T = TypeVar("_T")

_SHORT_NS: Final = 200_000
"""Handing work to a thread and back costs about this much."""
_LONG_NS: Final = 5_000_000


class Aside:
    """
    Do the same work again and again, holding the loop for no longer than once in a turn.

    Work as short as an Ed25519 signature is done at once. Longer work, such as an RSA signature, is done at once the
    first time in each turn of the loop, which costs least where requests come one by one, and in threads beyond that.
    Work longer than 5 ms (a remote signer) always goes to a thread.

    Args:
        clock: Nanoseconds, for how long the work takes.
    """

    def __init__(self, *, clock: Callable[[], int] = time.perf_counter_ns) -> None:
        self._clock = clock
        self._took_ns = _SHORT_NS
        self._taken: object = None
        """The event loop whose turn has seen work done; a closed one may never have begun another."""

    async def done(self, work: Callable[[], _T]) -> _T:
        """Return what the work returns."""
        if self._took_ns < _SHORT_NS:
            return self._timed(work)
        loop = asyncio.get_running_loop()
        if self._taken is loop or self._took_ns > _LONG_NS:
            return await asyncio.to_thread(self._timed, work)
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
