"""Show a picture that changes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TextIO

_UP_AND_ERASE: Final = "\x1b[{}F\x1b[J"


class Screen:
    """
    Show pictures: each replaces the one before if `live`, else it is printed below it.

    Args:
        out: Where to write.
        live: Whether `out` is a terminal that is large enough for a picture.
        sleep: Called with seconds after each picture if `live`.
    """

    def __init__(self, out: TextIO, *, live: bool, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._out = out
        self._live = live
        self._sleep = sleep
        self._lines = 0

    def write(self, text: str) -> None:
        """Write text; the next picture is shown below it."""
        print(text, file=self._out, flush=True)
        self._lines = 0

    async def show(self, picture: str, *, for_s: float) -> None:
        """Show a picture; if `live`, wait `for_s` seconds."""
        if self._live and self._lines:
            self._out.write(_UP_AND_ERASE.format(self._lines))
        print(picture, end="\n\n", file=self._out, flush=True)
        self._lines = picture.count("\n") + 2
        if self._live:
            await self._sleep(for_s)
