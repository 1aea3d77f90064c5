"""An event loop's threads, and how the loop gives way to them; loaded by the first request that a loop signs."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import Callable
from concurrent import futures
from contextvars import copy_context
from functools import cached_property
from queue import Empty, SimpleQueue
from typing import Final, Self, TypeVar

from kalshi_auth.piece import Piece

_T = TypeVar("_T")
_PATIENCE: Final = 16
"""Turns in which the loop waits for a thread in vain, before it takes what the thread is at for hung."""


class Threads:
    """
    Do one event loop's work; a later loop, maybe in a forked process, has others.

    A thread that has done a piece needs the interpreter to go on, and a busy loop lets go of it for moments only: each
    one wakes the thread, too late, and both lose time; beside a loop that is never idle, it would not go on at all. So
    while a thread is at work the loop waits for it, once in a turn and no longer than a piece takes. That is less work
    for both than an executor's futures are, and the loop's turns come sooner.

    Entered by each request for as long as it is under way.

    Args:
        loop: Whose work it is.
        count: How many threads.
    """

    def __init__(self, loop: AbstractEventLoop, count: int) -> None:
        self.loop: AbstractEventLoop = loop
        self._under_way = 0
        self._working = 0
        self._count = count
        self._waiting: deque[Piece] = deque()
        self._news: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._looking = False
        self._gives_way = False
        self._in_vain = 0
        self._longest_s = 0.0

    def __enter__(self) -> Self:
        self._under_way += 1
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._under_way -= 1

    @property
    def busy(self) -> bool:
        """Whether more than one request is under way."""
        return self._under_way > 1

    @property
    def late(self) -> bool:
        """Whether the loop has waited for several pieces' time and nothing came: what a thread is at may hang."""
        return self._in_vain >= _PATIENCE

    async def done(self, work: Callable[[], _T], *, longest_s: float) -> _T:
        """
        Return what the work returns.

        Args:
            work: Done in a thread.
            longest_s: How long the loop may wait for a thread.
        """
        context = copy_context()
        piece = Piece(lambda: context.run(work), self.loop)
        self._longest_s = longest_s
        self._waiting.append(piece)
        self._start()
        self._give_way_next()
        await piece.ended
        result: _T = piece.result()
        return result

    @cached_property
    def _executor(self) -> futures.ThreadPoolExecutor:
        # Made, and its module loaded, late: neither Ed25519 keys nor requests one by one have need of it.
        return futures.ThreadPoolExecutor(self._count)

    def _give_way_next(self) -> None:
        if self._working and not self._gives_way and not self.late:
            self._gives_way = True
            self.loop.call_soon(self._give_way)

    def _give_way(self) -> None:
        self._gives_way = False
        if self._working:
            self._in_vain += 1
            self._looking = True
            try:
                self._news.get(timeout=self._longest_s)()
                self._in_vain = 0
            except Empty:
                pass  # a piece that takes longer is announced
            finally:
                self._look()
            self._give_way_next()

    def _look(self) -> None:
        self._looking = False  # first: what happens from here on is announced
        while not self._news.empty():
            self._news.get()()
            self._in_vain = 0

    def _start(self) -> None:
        if self._waiting and self._working < self._count:
            try:
                self._executor.submit(self._work)
                self._working += 1
            except RuntimeError:
                self._do_all()  # no thread is to be had: the system has none, or the interpreter ends

    def _stopped(self) -> None:
        self._working = max(0, self._working - 1)  # one that could not start may start later
        self._start()

    def _work(self) -> None:
        """Do all that waits, in a thread."""
        self._do_all()
        self._tell(self._stopped)

    def _do_all(self) -> None:
        while True:
            try:
                piece = self._waiting.popleft()
            except IndexError:
                return
            if not piece.ended.cancelled():
                piece.do()
                self._tell(piece.end)

    def _tell(self, news: Callable[[], None]) -> None:
        """Have something called in the loop, from a thread."""
        self._news.put(news)
        if not self._looking:
            self._looking = True
            try:
                self.loop.call_soon_threadsafe(self._look)
            except RuntimeError:
                self._waiting.clear()  # the loop has been closed: nobody waits any more
