"""Pages that differ, read from files before the clock starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any


class Pages:
    """
    Decode page after page.

    Args:
        setup: `pages` is the folder of all pages, `page` the number of markets on each.
        decode: Decodes one page.
        prepare: Makes what `decode` takes of a page's bytes, outside the measured time.
    """

    _ready: Iterator[Any]

    def __init__(
        self, setup: dict[str, Any], decode: Callable[[Any], Any], prepare: Callable[[bytes], Any] = bytes
    ) -> None:
        self._paths = cycle(sorted(Path(setup["pages"], str(setup["page"])).iterdir()))
        self._decode = decode
        self._prepare = prepare

    def before(self, times: int) -> None:
        """Read the pages of the next calls."""
        self._ready = iter([self._prepare(path.read_bytes()) for path in islice(self._paths, times)])

    def __call__(self) -> Any:
        return self._decode(next(self._ready))
