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

from collections.abc import Iterable
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
    marks = [(mark, rows.decode) for mark, rows in marks_of(page).items()]
    if not marks:
        return None
    made = 0
    with drift.trial() as held:

        def taken(data: dict[str, Any]) -> Any:
            nonlocal made
            for mark, decode in marks:
                if mark in data:
                    try:
                        model = decode(data)
                        if not held:
                            made += 1
                            return model
                    except DecodeError:
                        pass
                    held.clear()
                    break
            return data

        try:
            found = jsontext.strict(taken).decode(jsontext.text(content))
        except (ValueError, RecursionError):
            return None
    if type(found) is not dict:
        return None
    for name, rows in page.lists.items():
        items = found.get(name)
        if type(items) is list:
            found[name] = placed = Rows(items, rows.kind)
            made -= placed.made
    return None if made else found  # a model that stands anywhere else was none


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
