"""
Between JSON values and typed ones, by annotation.

A codec has three ways to go: `decode` reads what a server sent, kindly where nothing is lost by it;
`accept` takes what a user passed, strictly; `encode` writes an accepted value. `codec_for` builds the
codec of an annotation, so a model is nothing but its annotated fields.
"""

from __future__ import annotations

import math
import types
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import lru_cache
from typing import Annotated, Any, Final, Literal, NoReturn, Protocol, Union, get_args, get_origin
from uuid import UUID

from . import drift
from .errors import ArgumentError, DecodeError
from .moments import moment_from_text, text_from_moment
from .types import Places, Unset


class Codec(Protocol):
    """How one kind of value is read, taken and written."""

    def decode(self, value: Any, /) -> Any:
        """Read a JSON value; DecodeError when it can't be one of ours."""

    def accept(self, value: Any, /) -> Any:
        """Take a user's value in its canonical type; ArgumentError when it is not allowed."""

    def encode(self, value: Any, /) -> Any:
        """Write an accepted value as JSON."""


class Anything:
    """Free JSON: kept as it is."""

    def decode(self, value: Any) -> Any:
        return value

    accept = encode = decode


class Scalar:
    """A string, integer, number or boolean."""

    def __init__(self, kind: type) -> None:
        self._kind = kind

    def decode(self, value: Any) -> Any:
        if type(value) is self._kind:
            return value
        if self._kind is float and type(value) is int:
            return float(value)
        if self._kind is int and type(value) is float and value.is_integer():
            return int(value)
        refuse(value, self._kind.__name__)

    def accept(self, value: Any) -> Any:
        if self._kind is float and type(value) in (int, float):
            if not math.isfinite(value):
                raise ArgumentError(f"{value!r} is not a finite number")
            return value
        if isinstance(value, self._kind) and (self._kind is bool or not isinstance(value, bool)):
            return value
        raise ArgumentError(f"expected {self._kind.__name__}, not {_shown(value)}")

    def encode(self, value: Any) -> Any:
        return value


class FixedPoint:
    """A decimal string, exact both ways: "0.5600" in is "0.5600" out."""

    def __init__(self, places: int | None = None) -> None:
        self._places = places

    def decode(self, value: Any) -> Any:
        if type(value) is str:
            try:
                return _decimal(value)
            except (InvalidOperation, ValueError):
                pass
        elif type(value) is int or (type(value) is float and math.isfinite(value)):
            return Decimal(repr(value))
        refuse(value, "a decimal string")

    def accept(self, value: Any) -> Any:
        if isinstance(value, float):
            raise ArgumentError(f"{value!r} is a float, which is not exact: pass a Decimal, an int or a string")
        if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
            raise ArgumentError(f"expected Decimal, int or str, not {_shown(value)}")
        try:
            number = _decimal(value) if isinstance(value, str) else Decimal(value)
        except (InvalidOperation, ValueError):
            number = Decimal("NaN")
        if not number.is_finite():
            raise ArgumentError(f"{_shown(value)} is not a decimal number")
        exponent = number.as_tuple().exponent
        if self._places is not None and isinstance(exponent, int) and -exponent > self._places:
            raise ArgumentError(f"{value} has more than {self._places} decimal places")
        return number

    def encode(self, value: Any) -> Any:
        return format(value, "f")


class Moment:
    """A date-time, RFC 3339 on the wire."""

    def decode(self, value: Any) -> Any:
        if type(value) is str:
            try:
                return moment_from_text(value)
            except ValueError:
                pass
        refuse(value, "an RFC 3339 date-time")

    def accept(self, value: Any) -> Any:
        if not isinstance(value, datetime):
            raise ArgumentError(f"expected datetime, not {_shown(value)}")
        if value.tzinfo is None:
            raise ArgumentError(f"{value} has no time zone: give it one, such as datetime.UTC")
        return value

    def encode(self, value: Any) -> Any:
        return text_from_moment(value)


class Text:
    """A value with a textual form of its own: a date, a UUID."""

    def __init__(self, kind: type, read: Callable[[str], Any]) -> None:
        self._kind = kind
        self._read = read

    def decode(self, value: Any) -> Any:
        if type(value) is str:
            try:
                return self._read(value)
            except ValueError:
                pass
        refuse(value, self._kind.__name__)

    def accept(self, value: Any) -> Any:
        if isinstance(value, self._kind):
            return value
        try:
            return self.decode(value)
        except DecodeError as error:
            raise ArgumentError(error.problem) from None

    def encode(self, value: Any) -> Any:
        return str(value)


class Choice:
    """A member of an open enum; a user's plain string has to be a known one."""

    def __init__(self, kind: type[Enum], owner: tuple[str, str]) -> None:
        self._kind = kind
        self._owner = owner
        self._known = {member.value: member for member in kind}

    def decode(self, value: Any) -> Any:
        try:
            return self._known[value]
        except (KeyError, TypeError):
            pass
        try:
            member = self._kind(value)
        except ValueError:
            refuse(value, self._kind.__name__)
        drift.report(*self._owner, f"has the unknown value {value!r}")
        return member

    def accept(self, value: Any) -> Any:
        if isinstance(value, self._kind):
            return value
        if isinstance(value, str | int) and not isinstance(value, bool) and value in self._known:
            return self._known[value]
        known = ", ".join(repr(known) for known in self._known)
        raise ArgumentError(
            f"{_shown(value)} is none of {known}; for a newer value pass {self._kind.__name__}({value!r})"
        )

    def encode(self, value: Any) -> Any:
        return value.value


class Many:
    """A list."""

    def __init__(self, item: Codec, owner: tuple[str, str]) -> None:
        self._item = item
        self._owner = owner

    def decode(self, value: Any) -> Any:
        if type(value) is not list:
            refuse(value, "a list")
        decode = self._item.decode
        items: list[Any] = []
        try:
            for item in value:
                items.append(decode(item) if item is not None else self._null(decode))
        except DecodeError as error:
            error.inside(len(items))
            raise
        return items

    def _null(self, decode: Callable[[Any], Any]) -> Any:
        drift.report(*self._owner, "holds a null")

    def accept(self, value: Any) -> Any:
        if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
            raise ArgumentError(f"expected a list, not {_shown(value)}")
        return [self._item.accept(item) for item in value]

    def encode(self, value: Any) -> Any:
        encode = self._item.encode
        return [None if item is None else encode(item) for item in value]


class Table:
    """An object whose keys are data."""

    def __init__(self, item: Codec) -> None:
        self._item = item

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
            raise ArgumentError(f"expected a mapping, not {_shown(value)}")
        return {key: None if item is None else self._item.accept(item) for key, item in value.items()}

    def encode(self, value: Any) -> Any:
        return {key: None if item is None else self._item.encode(item) for key, item in value.items()}


class OneOf:
    """The first of several kinds that fits."""

    def __init__(self, options: Iterable[Codec]) -> None:
        self._options = tuple(options)

    def decode(self, value: Any) -> Any:
        # An object goes to the model whose required fields it has, before one that merely tolerates it.
        ordered = sorted(self._options, key=lambda option: not getattr(option, "fits", bool)(value))
        for option in ordered:
            try:
                return option.decode(value)
            except DecodeError:
                continue
        refuse(value, "one of several kinds")

    def accept(self, value: Any) -> Any:
        for option in self._options:
            try:
                return option.accept(value)
            except ArgumentError:
                continue
        raise ArgumentError(f"{_shown(value)} fits none of the kinds the document allows")

    def encode(self, value: Any) -> Any:
        for option in self._options:
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
    UUID: Text(UUID, UUID),
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
    if origin is list:
        return Many(codec_for(arguments[0], owner, model), owner)
    if origin is dict:
        return Table(codec_for(arguments[1], owner, model))
    if origin is Literal:
        return Scalar(type(arguments[0]))
    if origin in (Union, types.UnionType):
        kinds = [kind for kind in arguments if kind not in (None, types.NoneType, Unset)]
        choices = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Enum)]
        if choices:
            # A parameter or a body takes an enum's plain value too.
            kinds = [kind for kind in kinds if kind not in (str, int)]
        options = [codec_for(kind, owner, model) for kind in kinds]
        return options[0] if len(options) == 1 else OneOf(options)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return Choice(annotation, owner)
    return model(annotation)


def refuse(value: Any, expected: str) -> NoReturn:
    """Stop decoding: this value is not what the document promises."""
    raise DecodeError(f"expected {expected}, found {_shown(value)}")


@lru_cache(maxsize=65536)
def _decimal(text: str) -> Decimal:
    # Decimal itself also takes blanks, underscores, exponents, infinities and digits of other scripts.
    if not text.isascii() or text.strip("+-.0123456789"):
        raise ValueError("not a plain decimal number")
    return Decimal(text)


def _shown(value: Any) -> str:
    text = repr(value)
    return f"{type(value).__name__} {text if len(text) <= 60 else text[:57] + '...'}"
