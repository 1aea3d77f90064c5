"""
Between JSON values and typed ones, by annotation.

`codec_for` builds the codec of an annotation, so a model is nothing but its annotated fields. What a codec does is told
in `scalars`; the codecs of what a value is made of are its codec's `parts`, where it has any.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Final, Literal, Protocol, Union, get_args, get_origin

from . import drift
from .errors import ArgumentError, DecodeError
from .scalars import Anything, Choice, FixedPoint, Moment, Scalar, Text, refuse, shown
from .types import Places, Unset

Decode = Callable[[Any], Any]


class Codec(Protocol):
    """How one kind of value is read, taken and written."""

    def decode(self, value: Any, /) -> Any:
        """Read a JSON value; DecodeError when it can't be one of ours."""

    def accept(self, value: Any, /) -> Any:
        """Take a user's value in its canonical type; ArgumentError when it is not allowed."""

    def encode(self, value: Any, /) -> Any:
        """Write an accepted value as JSON."""


class Rows:
    """
    A page's list between reading and decoding.

    Attributes:
        items: Models, and JSON where a row takes a thought.
        kind: The class of the models; JSON has none of it.
        made: How many are models.
    """

    __slots__ = ("items", "kind", "made")

    def __init__(self, items: list[Any], kind: type) -> None:
        self.items: list[Any] = items
        self.kind: type = kind
        self.made: int = [*map(type, items)].count(kind)

    def __len__(self) -> int:
        return len(self.items)

    def unless_made(self, decode: Decode) -> Decode:
        """Return what decodes an item that is JSON still."""
        return lambda item: item if type(item) is self.kind else decode(item)


class Many:
    """
    A list.

    Args:
        item: How one of its values is read and written.
        owner: Model and field, for the drift log.
        nullable: Whether the document allows a null among the values.
        sent: Whether a user passes it; a received null is kept, and written again.
    """

    def __init__(self, item: Codec, owner: tuple[str, str], *, nullable: bool, sent: bool) -> None:
        self.item = item
        self.parts: tuple[Codec, ...] = (item,)
        self._owner = owner
        self._nullable = nullable
        self._sent = sent

    def decode(self, value: Any) -> Any:
        decode = self.item.decode
        if type(value) is Rows:
            if value.made == len(value):
                return value.items
            value, decode = value.items, value.unless_made(decode)
        elif type(value) is not list:
            refuse(value, "a list")
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
            drift.report(*self._owner, "holds a null")
        return items

    def accept(self, value: Any) -> Any:
        if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
            raise ArgumentError(f"expected a list, not {shown(value)}")
        return [self._accepted(item) for item in value]

    def _accepted(self, item: Any) -> Any:
        if item is not None:
            return self.item.accept(item)
        if self._sent and not self._nullable:
            raise ArgumentError("None is not allowed in the list")

    def encode(self, value: Any) -> Any:
        encode = self.item.encode
        return [None if item is None else encode(item) for item in value]


class Table:
    """An object whose keys are data."""

    def __init__(self, item: Codec) -> None:
        self._item = item
        self.parts: tuple[Codec, ...] = (item,)

    def decode(self, value: Any) -> Any:
        if type(value) is not dict:
            refuse(value, "an object")
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
            raise ArgumentError(f"expected a mapping, not {shown(value)}")
        return {key: None if item is None else self._item.accept(item) for key, item in value.items()}

    def encode(self, value: Any) -> Any:
        return {key: None if item is None else self._item.encode(item) for key, item in value.items()}


class OneOf:
    """The first of several kinds that fits."""

    def __init__(self, options: Iterable[Codec]) -> None:
        self.parts: tuple[Codec, ...] = tuple(options)

    def decode(self, value: Any) -> Any:
        # An object goes to the model whose required fields it has, before one that merely tolerates it.
        ordered = sorted(self.parts, key=lambda option: not getattr(option, "fits", bool)(value))
        for option in ordered:
            try:
                return option.decode(value)
            except DecodeError:
                continue
        refuse(value, "one of several kinds")

    def accept(self, value: Any) -> Any:
        for option in self.parts:
            try:
                return option.accept(value)
            except ArgumentError:
                continue
        raise ArgumentError(f"{shown(value)} fits none of the kinds the document allows")

    def encode(self, value: Any) -> Any:
        for option in self.parts:
            try:
                return option.encode(option.accept(value))
            except ArgumentError:
                continue
        return value


_SCALARS: Final[dict[Any, Codec]] = {
    Any: Anything(),
    object: Anything(),
    str: Scalar(str),
    int: Scalar(int),
    float: Scalar(float),
    bool: Scalar(bool),
    Decimal: FixedPoint(),
    datetime: Moment(),
    date: Text(date, date.fromisoformat),
}


def codec_for(annotation: Any, owner: tuple[str, str], model: Callable[[type], Codec]) -> Codec:
    """
    Build the codec of an annotation; None and Unset in a union are the caller's to handle.

    Args:
        annotation: A resolved annotation.
        owner: Model (or operation) and field, for the drift log.
        model: How a model class is read and written.
    """
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return FixedPoint(next(mark.most for mark in arguments if isinstance(mark, Places)))
    if origin in (list, Sequence):
        item = arguments[0]
        nullable = item is Any or types.NoneType in get_args(item)
        return Many(codec_for(item, owner, model), owner, nullable=nullable, sent=origin is Sequence)
    if origin is dict:
        return Table(codec_for(arguments[1], owner, model))
    if origin is Literal:
        return Scalar(type(arguments[0]))
    if origin in (Union, types.UnionType):
        kinds = [kind for kind in arguments if kind not in (None, types.NoneType, Unset)]
        if any((isinstance(kind, type) and issubclass(kind, Enum | Decimal)) or _is_uuid(kind) for kind in kinds):
            # A parameter or a body takes the plain value too, which these codecs check.
            kinds = [kind for kind in kinds if kind not in (str, int)]
        options = [codec_for(kind, owner, model) for kind in kinds]
        return options[0] if len(options) == 1 else OneOf(options)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return Choice(annotation, owner)
    if _is_uuid(annotation):
        return Text(annotation, annotation)
    return model(annotation)


def _is_uuid(annotation: Any) -> bool:
    # Few models have one; where nobody has imported the module, no annotation can name it.
    module = sys.modules.get("uuid")
    return module is not None and annotation is module.UUID
