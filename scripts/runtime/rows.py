"""
The rows of a page, each made into its model as soon as it is read, while it is in the processor's cache.

Reading all of a long text first, and making the models then, fetches every row from memory a second time. Which model
an object becomes is a matter of its place, so nothing is taken for a row but what stands in a list of models of the
page itself. A row is made on trial: where that fails, or would log drift, it stays JSON, and decoding the page, once
the text is read to its end, meets it in its place and in its turn. A text that is odd in any way is read again,
plainly: this module never has the last word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from . import drift, jsontext
from .codec import Known, Rows
from .errors import DecodeError
from .model import Layout

Make = Callable[[Any, Any], Any]
_WIDE: Final = 1 << 19
"""Bytes of a page, from which on what is read of it leaves the cache; below, the plain way takes fewer steps."""
_START: Final = 256
_starts: Final[dict[str, bytes]] = {}
_SIGN: Final = re.compile(r"[ \t\n\r]*([^ \t\n\r])[ \t\n\r]*")


def read(content: bytes, lists: Mapping[str, Layout]) -> dict[str, Any] | None:
    """
    Read a page as JSON, but for `Rows` in place of its lists of models; None where the text is short or odd.

    Args:
        content: The text.
        lists: How a row is read, by the name of the list.
    """
    asked_again(content, next(iter(lists)))
    if len(content) < _WIDE:
        return None
    return read_fast(content, lists) if jsontext.FAST else read_standard(content, lists)


def asked_again(content: bytes, name: str) -> None:
    """Have all values remembered while a page begins like the one before it: it is the same one, asked for again."""
    start = content[:_START]
    Known.eager = _starts.get(name) == start
    _starts[name] = start


def read_standard(content: bytes, lists: Mapping[str, Layout]) -> dict[str, Any] | None:
    """Read with the standard library: the braces and names of the page itself here, every value there."""
    with drift.trial() as held:
        try:
            return _page(jsontext.text(content), lists, held)
        except (ValueError, IndexError, RecursionError):
            return None


def read_fast(content: bytes, lists: Mapping[str, Layout]) -> dict[str, Any] | None:
    """Read with msgspec, which hands over every item of every list of the page itself; one of models, no more."""
    import msgspec

    if len(lists) != 1:
        return None
    ((name, layout),) = lists.items()
    with drift.trial() as held:
        made = _made(layout, held)
        decoder = msgspec.json.Decoder(dict[str, _Value], dec_hook=made)
        try:
            page: dict[str, Any] = decoder.decode(content)
        except jsontext.REFUSED:
            return None
    if any(type(item) is layout.kind for key, value in page.items() if key != name for item in _list(value)):
        return None
    if type(page.get(name)) is list:
        page[name] = Rows(page[name], layout.kind)
    return page


def _made(layout: Layout, held: list[Any]) -> Make:
    decode = layout.decode

    def made(_: Any, row: Any) -> Any:
        try:
            model = decode(row)
        except DecodeError:
            held.clear()
            return row
        if held:
            held.clear()
            return row
        return model

    return made


def _page(text: str, lists: Mapping[str, Layout], held: list[Any]) -> dict[str, Any]:
    page: dict[str, Any] = {}
    at, sign = _after("{", text, 0)
    while sign != "}":
        name, at = _value_at(text, at)
        if type(name) is not str:
            raise ValueError("not a name")
        at, _ = _after(":", text, at)
        if name in lists and text[at] == "[":
            items, at = _items(text, at, _made(lists[name], held))
            page[name] = Rows(items, lists[name].kind)
        else:
            page[name], at = _value_at(text, at)
        at, sign = _after(",}", text, at)
    if at != len(text):
        raise ValueError("more than a page")
    return page


def _items(text: str, at: int, made: Make) -> tuple[list[Any], int]:
    items: list[Any] = []
    at, sign = _after("[", text, at)
    if text[at] == "]":
        return items, at + 1
    while sign != "]":
        row, at = _value_at(text, at)
        items.append(made(None, row))
        if text.startswith(",{", at):
            at += 1
        else:
            at, sign = _after(",]", text, at)
    return items, at


def _after(signs: str, text: str, at: int) -> tuple[int, str]:
    """Return the place after one of some signs, blanks around it skipped, and the sign."""
    found = _SIGN.match(text, at)
    if found is None or found[1] not in signs:
        raise ValueError(f"none of {signs}")
    return found.end(), found[1]


def _list(value: Any) -> list[Any]:
    return value if type(value) is list else []


class _Anything(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return True


class _Row(metaclass=_Anything):
    """An item, to msgspec: it decodes one as far as JSON goes, calls the hook, and takes what that returns."""


_Value = list[_Row] | dict[str, Any] | str | int | float | bool | None
_value_at: Final = jsontext.STRICT.raw_decode
