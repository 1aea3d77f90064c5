"""
Decode pages with msgspec: each row is parsed into a struct, and the struct decoded into its model.

Building a dictionary takes longer than parsing an object; a struct's keys are known in advance, and it holds values
only. It has no room for a key that has not been received before, nor for another type in place of an object or a list.
On anything unexpected, or where drift would be logged, the page is decoded again by the plain decoder. The rows of a
page are located first and then parsed one by one, so that each is decoded while it is in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Final

import msgspec

from kalshi_core.errors import DecodeError
from kalshi_core.models import json_text, schema_drift
from kalshi_core.models.codecs import Decode, DecodedRows
from kalshi_core.models.compiled_decoder import NO_VALUE, compile_decoder
from kalshi_core.models.layout import Field, Layout
from kalshi_core.models.scalars import reject

_UNEXPECTED: Final[tuple[type[Exception], ...]] = (*json_text.PARSE_ERRORS, DecodeError)
_pages: Final[dict[Layout, _StructLayout]] = {}


def parse_page(content: bytes, page: Layout) -> dict[str, Any] | None:
    """
    Parse a page with `DecodedRows` in place of its lists of models; None where the plain decoder has to be used.

    Args:
        content: JSON.
        page: Layout of the page; it has lists of models.
    """
    known = _pages.get(page)
    if known is None or not known.is_current:
        known = _pages[page] = _page(page)
    with schema_drift.trial() as held:
        try:
            found = known.values(known.reader.decode(content))
            for wire, row in known.inner.items():
                texts = found.get(wire)
                if texts is not None:
                    read, model = row.reader.decode, row.model
                    found[wire] = DecodedRows([model(read(text)) for text in texts], row.layout.kind)
        except _UNEXPECTED:
            return None
    return None if held else found


class _StructLayout:
    """
    The struct class of a model, with a field for every key, and the rules of its compiled decoder.

    Args:
        layout: Layout of the model.
        inner: Struct layouts of objects in it, or in its lists, by their key.
        kinds: msgspec's types of the values at these keys.

    Attributes:
        layout: Layout of the model.
        inner: Struct layouts of the objects in it, by their key.
        struct: The struct class.
        decode_special: The layout's, for values that need special handling.
    """

    def __init__(self, layout: Layout, inner: Mapping[str, _StructLayout], kinds: Mapping[str, Any]) -> None:
        self.layout: Layout = layout
        self.inner: Mapping[str, _StructLayout] = inner
        self.decode_special: Callable[[Any, Field, Any], None] = layout.decode_special
        self._unknown_keys = tuple(layout.unknown_keys)
        # msgspec rejects names that JSON escapes, and a server that sends such names may keep sending others.
        self._beyond = [key for key in self._unknown_keys if key.isidentifier()]
        self._keys = *layout.by_wire, *self._beyond
        self.struct: Any = msgspec.defstruct(
            layout.kind.__name__,
            [
                (f"field_{index}", kinds.get(key, Any), msgspec.field(name=key, default=NO_VALUE))
                for index, key in enumerate(self._keys)
            ],
            forbid_unknown_fields=True,
            gc=False,  # what it holds never refers back to it
        )

    @property
    def is_current(self) -> bool:
        """Whether every unknown key received so far has a field."""
        return len(self._unknown_keys) == len(self.layout.unknown_keys) and all(
            each.is_current for each in self.inner.values()
        )

    @cached_property
    def reader(self) -> Any:
        """Parses JSON into the struct."""
        return msgspec.json.Decoder(self.struct)

    @cached_property
    def model(self) -> Decode:
        """Decodes a struct into the model; DecodeError where the plain decoder has to be used."""
        return compile_decoder(
            self.layout.kind,
            self.layout.by_wire,
            self._keys,
            self,
            values=msgspec.structs.astuple,
            inner={wire: each.model for wire, each in self.inner.items()},
            absent=True,
        )

    def values(self, struct: Any) -> dict[str, Any]:
        """Return the values that are present, by key."""
        pairs = zip(self._keys, msgspec.structs.astuple(struct), strict=True)
        return {key: value for key, value in pairs if value is not NO_VALUE}

    def store_unknown(self, model: Any, data: Any) -> None:
        """Store the keys that are not fields."""
        pairs = zip(self._beyond, msgspec.structs.astuple(data)[len(self.layout.fields) :], strict=True)
        self.layout.store_unknown(model, {key: value for key, value in pairs if value is not NO_VALUE})

    def decode_plain(self, data: Any) -> Any:
        """Leave the object to the plain decoder."""
        reject(data, "values of the expected types")


def _page(layout: Layout) -> _StructLayout:
    rows = _rows(layout)
    return _StructLayout(layout, rows, dict.fromkeys(rows, list[msgspec.Raw] | None))


def _rows(layout: Layout, *above: Layout) -> dict[str, _StructLayout]:
    """Return the struct layouts of the models in an object's lists, by key."""
    above = layout, *above
    return {wire: _row(item, *above) for wire, item in layout.lists.items() if _is_closed(item, *above)}


def _row(layout: Layout, *above: Layout) -> _StructLayout:
    lists = _rows(layout, *above)
    codecs = {field.wire: field.codec for field in layout.fields}
    objects = {
        wire: _row(codec, layout, *above)
        for wire, codec in codecs.items()
        if isinstance(codec, Layout) and _is_closed(codec, layout, *above)
    }
    kinds: dict[str, Any] = {wire: each.struct | None for wire, each in objects.items()}
    kinds |= {wire: list[each.struct] | None for wire, each in lists.items()}  # type: ignore[name-defined]
    return _StructLayout(layout, lists | objects, kinds)


def _is_closed(layout: Layout, *above: Layout) -> bool:
    """Return whether an object's keys are fields, and it is not inside an object of its own class."""
    return bool(layout.fields) and not layout.kind.has_data_keys and layout not in above
