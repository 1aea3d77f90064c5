"""An event loop's threads, and how the loop gives way to them; loaded by the first loop that has need of them."""

from __future__ import annotations

from asyncio import AbstractEventLoop, Future
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from queue import Empty, SimpleQueue
from typing import Any, Self, TypeVar

_T = TypeVar("_T")


class Threads:
    """
    Do one event loop's work; a later loop, maybe in a forked process, has others.

    A thread that has done a piece needs the interpreter to go on, and a busy loop lets go of it for moments only: each
    one wakes the thread, too late, and both lose time. So the loop waits until a thread has come by, once in a turn in
    which it has handed work out, and no longer than a piece takes. That is less work for both than an executor's
    futures are, and the loop's turns come sooner.

    Entered by each request for as long as it is under way.

    Args:
        loop: Whose work it is.
        count: How many threads.
    """

    def __init__(self, loop: AbstractEventLoop, count: int) -> None:
        self.loop: AbstractEventLoop = loop
        self._under_way = 0
        self._executor = ThreadPoolExecutor(count)
        self._working = 0
        self._count = count
        self._waiting: deque[_Piece] = deque()
        self._news: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._looking = False
        self._gives_way = False
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

    async def done(self, work: Callable[[], _T], *, longest_s: float) -> _T:
        """
        Return what the work returns.

        Args:
            work: Done in a thread.
            longest_s: How long the loop may wait for a thread.
        """
        piece = _Piece(work, self.loop)
        self._longest_s = longest_s
        self._waiting.append(piece)
        self._start()
        if not self._gives_way:
            self._gives_way = True
            self.loop.call_soon(self._give_way)
        await piece.ended
        result: _T = piece.result()
        return result

    def _give_way(self) -> None:
        self._gives_way = False
        if self._working:
            self._looking = True
            try:
                self._news.get(timeout=self._longest_s)()
            except Empty:
                pass  # a piece that takes longer is announced
            self._look()

    def _look(self) -> None:
        self._looking = False  # first: what happens from here on is announced
        while not self._news.empty():
            self._news.get()()

    def _start(self) -> None:
        if self._waiting and self._working < self._count:
            self._working += 1
            self._executor.submit(self._work)

    def _stopped(self) -> None:
        self._working -= 1
        self._start()

    def _work(self) -> None:
        """Do all that waits, in a thread."""
        while True:
            try:
                piece = self._waiting.popleft()
            except IndexError:
                return self._tell(self._stopped)
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


class _Piece:
    """A piece of work, who waits for it (`ended`), and what came of it."""

    __slots__ = ("_error", "_result", "_work", "ended")

    def __init__(self, work: Callable[[], Any], loop: AbstractEventLoop) -> None:
        context = copy_context()
        self._work: Callable[[], Any] = lambda: context.run(work)
        self._result: Any = None
        self._error: BaseException | None = None
        self.ended: Future[None] = loop.create_future()

    def do(self) -> None:
        try:
            self._result = self._work()
        except BaseException as error:
            self._error = error

    def end(self) -> None:
        if not self.ended.done():
            self.ended.set_result(None)

    def result(self) -> Any:
        if self._error is None:
            return self._result
        try:
            raise self._error
        finally:
            self._error = None  # its frames hold this piece
