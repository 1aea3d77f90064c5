"""
The rows of a page, made into models while it is read: by `structs` where msgspec is installed, and here where not.

Reading all of a long text first, and making the models then, fetches every row from memory a second time; so here a row
is made as soon as it is read, while it is in the processor's cache. Which model an object becomes is a matter of its
place, but here objects can be told only by their keys, so all that were made have to be found in a list of models of
the page itself. A row is made on trial: where that fails, or would log drift, it stays JSON, and decoding the page,
once the text is read to its end, meets it in its place and in its turn. A text that is odd in any way is read again,
plainly: this module never has the last word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

from . import drift, jsontext
from .codec import Codec, Rows
from .errors import DecodeError
from .model import Layout
from .scalars import Known

_WIDE: Final = 1 << 19
"""Bytes of a page, from which on what is read of it leaves the cache; below, reading plainly takes fewer steps."""
_START: Final = 256
_starts: Final[dict[str, bytes]] = {}


def read(content: bytes, page: Layout) -> dict[str, Any] | None:
    """
    Read a page as JSON, but for `Rows` in place of its lists of models; None where it is better read plainly.

    Args:
        content: The text.
        page: How the page is read; it has lists of models.
    """
    asked_again(content, next(iter(page.lists)))
    for rows in page.lists.values():
        rows.start()
    if jsontext.FAST:
        from . import structs

        return structs.read(content, page)
    return read_standard(content, page) if len(content) >= _WIDE else None


def asked_again(content: bytes, name: str) -> None:
    """Have all values remembered while a page begins like the one before it: it is the same one, asked for again."""
    start = content[:_START]
    Known.eager = _starts.get(name) == start
    _starts[name] = start


def read_standard(content: bytes, page: Layout) -> dict[str, Any] | None:
    """Read with the standard library, which hands over every object, wherever it stands; None for an odd text."""
    marks = marks_of(page)
    if not marks:
        return None
    with drift.trial() as held:
        maker = _Maker(marks, held)

        def taken(data: dict[str, Any]) -> Any:
            for mark in marks:
                if mark in data:
                    return maker.row(mark, data)
            return data

        try:
            found = jsontext.strict(taken).decode(jsontext.text(content))
        except (ValueError, RecursionError):
            return None
    return maker.settled(found, page)


class _Maker:
    """Makes rows on trial, and counts them."""

    __slots__ = ("_decode", "_held", "_made")

    def __init__(self, marks: Mapping[str, Layout], held: list[Any]) -> None:
        self._decode = {mark: rows.decode for mark, rows in marks.items()}
        self._held = held
        self._made = 0

    def row(self, mark: str, data: dict[str, Any]) -> Any:
        """Return the model that an object is by its mark, or the object where it takes a thought."""
        try:
            model = self._decode[mark](data)
        except DecodeError:
            self._held.clear()
            return data
        if self._held:
            self._held.clear()
            return data
        self._made += 1
        return model

    def settled(self, found: Any, page: Layout) -> dict[str, Any] | None:
        """Return a page with its lists marked as what they are; None where a model stands anywhere else."""
        if type(found) is not dict:
            return None
        for name, rows in page.lists.items():
            items = found.get(name)
            if type(items) is list:
                found[name] = made = Rows(items, rows.kind)
                self._made -= made.made
        return None if self._made else found


@cache
def marks_of(page: Layout) -> dict[str, Layout]:
    """Return how rows are read, by a key which no other object of the page has; those that have none are left out."""
    marks = {}
    for rows in dict.fromkeys(page.lists.values()):
        others = [field.codec for field in page.fields if page.lists.get(field.wire) is not rows]
        wires = page.wires.union(*(kind.wires for kind in _within([*others, *rows.parts])))
        own = [field for field in rows.fields if field.wire not in wires]
        if own:
            marks[max(own, key=lambda field: field.required).wire] = rows
    return marks


def _within(codecs: Iterable[Codec]) -> set[Layout]:
    """Return how all models are read that may stand in values of some kinds."""
    found: set[Layout] = set()
    left = list(codecs)
    while left:
        codec = left.pop()
        if isinstance(codec, Layout):
            if codec in found:
                continue
            found.add(codec)
        left += getattr(codec, "parts", ())
    return found
