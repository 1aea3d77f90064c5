"""
Pages as msgspec reads them best: each row into a struct, and the struct into its model.

To make a dictionary of an object takes longer than to read it. A struct's names are known beforehand, and it holds
values only; in what order they came, it can't tell. It has no room for a key that has not come before, nor a place of
an object or a list for anything else. Where such a thing comes, or drift would be logged, the page is read plainly:
this module never has the last word. The rows of a page are found first, and then read one by one, so that each is made
into its model while it is in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Final

import msgspec

from . import drift, jsontext
from .codec import Decode, Rows
from .errors import DecodeError
from .fastpath import ABSENT, compiled
from .model import Field, Layout, Model, OpenModel
from .scalars import refuse

_REFUSED: Final[tuple[type[Exception], ...]] = (*jsontext.REFUSED, DecodeError)
_pages: Final[dict[Layout, _Object]] = {}


def read(content: bytes, page: Layout) -> dict[str, Any] | None:
    """
    Read a page as JSON, but for `Rows` in place of its lists of models; None where it has to be read plainly.

    Args:
        content: The text.
        page: How the page is read; it has lists of models.
    """
    known = _pages.get(page)
    if known is None or not known.is_current:
        known = _pages[page] = _page(page)
    with drift.trial() as held:
        try:
            found = known.values(known.reader.decode(content))
            for wire, row in known.inner.items():
                texts = found.get(wire)
                if texts is not None:
                    read, model = row.reader.decode, row.model
                    found[wire] = Rows([model(read(text)) for text in texts], row.layout.kind)
        except _REFUSED:
            return None
    return None if held else found


class _Object:
    """
    How an object is read into a struct that has a place for every key; to a compiled decoder, the rules of its model.

    Args:
        layout: How the model is read.
        inner: How objects in it are read, by the key that they, or a list of them, stand at.
        kinds: What is read at these keys, to msgspec.

    Attributes:
        layout: As above.
        inner: As above.
        struct: The class.
        odd: Stores what is to be stored of a value that takes a thought.
    """

    def __init__(self, layout: Layout, inner: Mapping[str, _Object], kinds: Mapping[str, Any]) -> None:
        self.layout: Layout = layout
        self.inner: Mapping[str, _Object] = inner
        self.odd: Callable[[Model, Field, Any], None] = layout.odd
        self._newer = tuple(layout.newer)
        # msgspec takes no name that JSON would escape, and a server that sends odd names may send ever others.
        self._beyond = [key for key in self._newer if key.isidentifier()]
        self._keys = *layout.by_wire, *self._beyond
        self.struct: Any = msgspec.defstruct(
            layout.kind.__name__,
            [
                (f"field_{index}", kinds.get(key, Any), msgspec.field(name=key, default=ABSENT))
                for index, key in enumerate(self._keys)
            ],
            forbid_unknown_fields=True,
            gc=False,  # what it holds never refers back to it
        )

    @property
    def is_current(self) -> bool:
        """Whether no key has come since for which there is no place."""
        return len(self._newer) == len(self.layout.newer) and all(each.is_current for each in self.inner.values())

    @cached_property
    def reader(self) -> Any:
        """What makes a struct of a text."""
        return msgspec.json.Decoder(self.struct)

    @cached_property
    def model(self) -> Decode:
        """What makes a model of a struct; DecodeError where something takes a thought."""
        return compiled(
            self.layout.kind,
            self.layout.by_wire,
            self._keys,
            self,
            values=msgspec.structs.astuple,
            inner={wire: each.model for wire, each in self.inner.items()},
            absent=True,
        )

    def values(self, struct: Any) -> dict[str, Any]:
        """Return what is there, by key."""
        pairs = zip(self._keys, msgspec.structs.astuple(struct), strict=True)
        return {key: value for key, value in pairs if value is not ABSENT}

    def finish(self, model: Model, data: Any) -> None:
        """Keep what is no field."""
        pairs = zip(self._beyond, msgspec.structs.astuple(data)[len(self.layout.fields) :], strict=True)
        self.layout.finish(model, {key: value for key, value in pairs if value is not ABSENT})

    def plain(self, data: Any) -> Any:
        """Leave an object as it is."""
        refuse(data, "what takes no thought")


def _page(layout: Layout) -> _Object:
    rows = _rows(layout)
    return _Object(layout, rows, dict.fromkeys(rows, list[msgspec.Raw] | None))


def _rows(layout: Layout, *above: Layout) -> dict[str, _Object]:
    """Return how the items of an object's lists are read."""
    above = layout, *above
    return {wire: _row(item, *above) for wire, item in layout.lists.items() if _is_closed(item, *above)}


def _row(layout: Layout, *above: Layout) -> _Object:
    lists = _rows(layout, *above)
    codecs = {field.wire: field.codec for field in layout.fields}
    objects = {
        wire: _row(codec, layout, *above)
        for wire, codec in codecs.items()
        if isinstance(codec, Layout) and _is_closed(codec, layout, *above)
    }
    kinds: dict[str, Any] = {wire: each.struct | None for wire, each in objects.items()}
    kinds |= {wire: list[each.struct] | None for wire, each in lists.items()}  # type: ignore[name-defined]
    return _Object(layout, lists | objects, kinds)


def _is_closed(layout: Layout, *above: Layout) -> bool:
    """Tell whether an object's keys are no data, and it stands in none of its own kind."""
    return bool(layout.fields) and not issubclass(layout.kind, OpenModel) and layout not in above
