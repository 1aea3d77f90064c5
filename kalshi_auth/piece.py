"""A piece of work that is done in one thread and waited for in another."""

from __future__ import annotations

from asyncio import AbstractEventLoop, Future
from collections.abc import Callable
from typing import Any


class Piece:
    """
    A piece of work, and what came of it.

    Args:
        work: Done once, in a thread.
        loop: Where somebody waits for it.

    Attributes:
        ended: Done when the work is.
    """

    __slots__ = ("_error", "_result", "_work", "ended")

    def __init__(self, work: Callable[[], Any], loop: AbstractEventLoop) -> None:
        self._work: Callable[[], Any] = work
        self._result: Any = None
        self._error: BaseException | None = None
        self.ended: Future[None] = loop.create_future()

    def do(self) -> None:
        """Do the work, in a thread."""
        try:
            self._result = self._work()
        except BaseException as error:
            self._error = error

    def end(self) -> None:
        """Tell who waits, in the loop."""
        if self.ended.done():
            self._error = None  # nobody asks
        else:
            self.ended.set_result(None)

    def result(self) -> Any:
        """Return what the work returned, or raise what it raised."""
        if self._error is None:
            return self._result
        try:
            raise self._error
        finally:
            self._error = None  # its frames hold this piece
