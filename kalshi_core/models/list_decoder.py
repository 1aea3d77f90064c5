"""
Decode the rows of a page while it is parsed: with msgspec where it is installed, otherwise with the standard library.

Parsing a long text first and decoding it afterwards fetches every row from memory twice; here a row is decoded as soon
as it is parsed, while it is in the processor's cache. The standard library reports objects without their place, so
rows are recognised by a key that no other object of the page has, and all decoded rows must turn up in the page's
lists. A row that fails to decode, or would log drift, stays JSON and is decoded in its turn. On anything unexpected,
the page is decoded again by the plain decoder.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, Final

from kalshi_core.errors import DecodeError
from kalshi_core.models import json_text, schema_drift
from kalshi_core.models.codecs import Codec, Decode, DecodedRows
from kalshi_core.models.layout import Layout

_WIDE: Final = 1 << 19
"""Bytes of a page from which on parsed rows leave the processor's cache; below, plain decoding is faster."""


def parse_page(content: bytes, page: Layout) -> dict[str, Any] | None:
    """
    Parse a page with `DecodedRows` in place of its lists of models.

    Args:
        content: JSON.
        page: Layout of the page; it has lists of models.

    Returns:
        None where the plain decoder has to be used, or is faster.
    """
    if json_text.MSGSPEC_DECODER:
        from kalshi_core.models import msgspec_decoder

        return msgspec_decoder.parse_page(content, page)
    return parse_page_standard(content, page) if len(content) >= _WIDE else None


def parse_page_standard(content: bytes, page: Layout) -> dict[str, Any] | None:
    """Do what `parse_page` does with the standard library; None on anything unexpected."""
    marks = [*marks_of(page).items()]
    if not marks:
        return None
    decoded = 0
    last_keys: list[str] = []
    decoder: Decode | None = None
    with schema_drift.trial() as held:

        def decode_row(data: dict[str, Any]) -> Any:
            nonlocal decoded, last_keys, decoder
            for mark, rows in marks:
                if mark in data:
                    # The rows of a page share their key objects: comparing them is quicker than hashing.
                    if (keys := [*data]) != last_keys:
                        last_keys, decoder = keys, rows.compiled_for(keys)
                    try:
                        model = decoder(data) if decoder else rows.decode(data)
                        if not held:
                            decoded += 1
                            return model
                    except DecodeError:
                        pass
                    held.clear()
                    break
            return data

        try:
            found = json_text.strict_decoder(decode_row).decode(json_text.decode_text(content))
        except (ValueError, RecursionError):
            return None
    if type(found) is not dict:
        return None
    for name, rows in page.lists.items():
        items = found.get(name)
        if type(items) is list:
            found[name] = placed = DecodedRows(items, rows.kind)
            decoded -= placed.decoded
    return None if decoded else found  # a decoded object outside the lists was not a row


@cache
def marks_of(page: Layout) -> dict[str, Layout]:
    """Return the layouts of rows by a key that no other object of the page has; rows without one are left out."""
    marks = {}
    for rows in dict.fromkeys(page.lists.values()):
        others = [field.codec for field in page.fields if page.lists.get(field.wire) is not rows]
        wires = page.wires.union(*(kind.wires for kind in _within([*others, *rows.parts])))
        own = [field for field in rows.fields if field.wire not in wires]
        if own:
            marks[max(own, key=lambda field: field.required).wire] = rows
    return marks


def _within(codecs: Iterable[Codec]) -> set[Layout]:
    """Return the layouts of all models that may occur in values of some codecs."""
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
