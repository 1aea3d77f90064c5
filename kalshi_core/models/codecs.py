"""
Codecs of composite values, and `codec_for`, which builds the codec of an annotation.

A model is therefore nothing but its annotated fields. `scalars` describes the three methods of a codec; a composite
codec lists the codecs of its elements as `parts`.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Final, Literal, Protocol, Union, get_args, get_origin
from uuid import UUID

from kalshi_core.errors import ArgumentError, DecodeError
from kalshi_core.models import schema_drift
from kalshi_core.models.scalars import (
    DateTimeCodec,
    EnumCodec,
    FixedPointCodec,
    JsonCodec,
    ScalarCodec,
    TextCodec,
    describe,
    reject,
)
from kalshi_core.types import DecimalPlaces, Unset

Decode = Callable[[Any], Any]


class Codec(Protocol):
    """Reads, checks and writes one kind of value."""

    def decode(self, value: Any, /) -> Any:
        """Read a JSON value; DecodeError where it does not match."""

    def accept(self, value: Any, /) -> Any:
        """Return a user's value in its canonical type; ArgumentError where it is not allowed."""

    def encode(self, value: Any, /) -> Any:
        """Write an accepted value as JSON."""


class DecodedRows:
    """
    A page's list whose rows were decoded while the page was parsed.

    Attributes:
        items: Models, and JSON objects where a row needs special handling.
        kind: The class of the models.
        decoded: How many items are models.
    """

    __slots__ = ("decoded", "items", "kind")

    def __init__(self, items: list[Any], kind: type) -> None:
        self.items: list[Any] = items
        self.kind: type = kind
        self.decoded: int = [*map(type, items)].count(kind)

    def __len__(self) -> int:
        return len(self.items)

    def unless_decoded(self, decode: Decode) -> Decode:
        """Return a function that decodes an item only where it is still JSON."""
        return lambda item: item if type(item) is self.kind else decode(item)


class ListCodec:
    """
    A list.

    Args:
        item: Codec of its elements.
        owner: The field, for the drift log.
        nullable: Whether the document allows null elements.
        sent: Whether a user passes the list; null elements that were received are kept and written again.
    """

    def __init__(self, item: Codec, owner: schema_drift.Owner, *, nullable: bool, sent: bool) -> None:
        self.item = item
        self.parts: tuple[Codec, ...] = (item,)
        self._owner = owner
        self._nullable = nullable
        self._sent = sent

    def decode(self, value: Any) -> Any:
        decode = self.item.decode
        if type(value) is DecodedRows:
            if value.decoded == len(value):
                return value.items
            value, decode = value.items, value.unless_decoded(decode)
        elif type(value) is not list:
            reject(value, "a list")
        try:
            return [decode(item) for item in value]
        except DecodeError:
            return self._decode_with_nulls(value, decode)

    def _decode_with_nulls(self, value: list[Any], decode: Decode) -> list[Any]:
        items: list[Any] = []
        try:
            for item in value:
                items.append(None if item is None else decode(item))
        except DecodeError as error:
            error.inside(len(items))
            raise
        if not self._nullable:
            schema_drift.report(self._owner, "contains a null")
        return items

    def accept(self, value: Any) -> Any:
        if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
            raise ArgumentError(f"expected a list, not {describe(value)}")
        return [self._accepted(item) for item in value]

    def _accepted(self, item: Any) -> Any:
        if item is not None:
            return self.item.accept(item)
        if self._sent and not self._nullable:
            raise ArgumentError("None is not allowed in the list")

    def encode(self, value: Any) -> Any:
        encode = self.item.encode
        return [None if item is None else encode(item) for item in value]


class MapCodec:
    """An object whose keys are data."""

    def __init__(self, item: Codec) -> None:
        self._item = item
        self.parts: tuple[Codec, ...] = (item,)

    def decode(self, value: Any) -> Any:
        if type(value) is not dict:
            reject(value, "an object")
        table: dict[str, Any] = {}
        key = ""
        try:
            for key, item in value.items():
                table[key] = None if item is None else self._item.decode(item)
        except DecodeError as error:
            error.inside(key)
            raise
        return table

    def accept(self, value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise ArgumentError(f"expected a mapping, not {describe(value)}")
        return {key: None if item is None else self._item.accept(item) for key, item in value.items()}

    def encode(self, value: Any) -> Any:
        return {key: None if item is None else self._item.encode(item) for key, item in value.items()}


class UnionCodec:
    """The first of several kinds that matches."""

    def __init__(self, options: Iterable[Codec]) -> None:
        self.parts: tuple[Codec, ...] = tuple(options)

    def decode(self, value: Any) -> Any:
        # Models whose required fields an object has come before those that would merely accept it.
        ordered = sorted(self.parts, key=lambda option: not getattr(option, "fits", bool)(value))
        for option in ordered:
            try:
                return option.decode(value)
            except DecodeError:
                continue
        reject(value, "one of several kinds")

    def accept(self, value: Any) -> Any:
        for option in self.parts:
            try:
                return option.accept(value)
            except ArgumentError:
                continue
        raise ArgumentError(f"{describe(value)} matches none of the kinds that the document allows")

    def encode(self, value: Any) -> Any:
        for option in self.parts:
            try:
                return option.encode(option.accept(value))
            except ArgumentError:
                continue
        return value


_SCALARS: Final[dict[Any, Codec]] = {
    Any: JsonCodec(),
    object: JsonCodec(),
    str: ScalarCodec(str),
    int: ScalarCodec(int),
    float: ScalarCodec(float),
    bool: ScalarCodec(bool),
    Decimal: FixedPointCodec(),
    datetime: DateTimeCodec(),
    date: TextCodec(date, date.fromisoformat),
    UUID: TextCodec(UUID, UUID),
}


def codec_for(annotation: Any, owner: schema_drift.Owner, model: Callable[[type], Codec]) -> Codec:
    """
    Build the codec of an annotation; the caller handles None and Unset in a union.

    Args:
        annotation: A resolved annotation.
        owner: The field, for the drift log.
        model: Returns the codec of a model class.
    """
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return FixedPointCodec(next(mark.most for mark in arguments if isinstance(mark, DecimalPlaces)))
    if origin in (list, Sequence):
        item = arguments[0]
        nullable = item is Any or types.NoneType in get_args(item)
        return ListCodec(codec_for(item, owner, model), owner, nullable=nullable, sent=origin is Sequence)
    if origin is dict:
        return MapCodec(codec_for(arguments[1], owner, model))
    if origin is Literal:
        return ScalarCodec(type(arguments[0]))
    if origin in (Union, types.UnionType):
        kinds = [kind for kind in arguments if kind not in (None, types.NoneType, Unset)]
        if any((isinstance(kind, type) and issubclass(kind, Enum | Decimal | UUID)) for kind in kinds):
            # Parameters and bodies also accept the plain value, which these codecs check.
            kinds = [kind for kind in kinds if kind not in (str, int)]
        options = [codec_for(kind, owner, model) for kind in kinds]
        return options[0] if len(options) == 1 else UnionCodec(options)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return EnumCodec(annotation, owner)
    return model(annotation)
