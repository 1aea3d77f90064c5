"""
Between JSON values and typed ones, by annotation.

A codec has three ways to go: `decode` reads what a server sent, kindly where nothing is lost by it;
`accept` takes what a user passed, strictly; `encode` writes an accepted value. The codecs of what a value is made of
are its codec's `parts`, where it has any. `codec_for` builds the codec of an annotation, so a model is nothing but its
annotated fields.
"""

from __future__ import annotations

import math
import re
import sys
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, ClassVar, Final, Literal, NoReturn, Protocol, Union, get_args, get_origin

from . import drift
from .errors import ArgumentError, DecodeError
from .moments import moment_from_text, text_from_moment
from .types import Places, Unset

Decode = Callable[[Any], Any]
_PLAIN: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)")
_DIGITS: Final = "0123456789"
_PRICE: Final = len("0.5600")
_SECONDS: Final = len("2026-11-23T00:00:00Z")


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

    accept = decode
    encode = decode


class Scalar:
    """A string, integer, number or boolean."""

    def __init__(self, kind: type) -> None:
        self.kind = kind

    def decode(self, value: Any) -> Any:
        if self.kind is float:
            if type(value) in (int, float) and _is_finite(value):
                return float(value)
        elif type(value) is self.kind:
            return value
        elif self.kind is int and type(value) is float and value.is_integer():
            return int(value)
        refuse(value, self.kind.__name__)

    def accept(self, value: Any) -> Any:
        if self.kind is float and type(value) in (int, float):
            if not _is_finite(value):
                raise ArgumentError(f"{excerpt(value)} is not a finite number")
            return value
        if isinstance(value, self.kind) and (self.kind is bool or not isinstance(value, bool)):
            return value
        raise ArgumentError(f"expected {self.kind.__name__}, not {_shown(value)}")

    def encode(self, value: Any) -> Any:
        return value


class Known(dict[str, Any]):
    """
    Values by their text, emptied when there are many.

    Prices and whole seconds come again on every page. All else, volumes and microseconds, does so only on a page that
    is asked for again and again; elsewhere it would fill memory for nothing.

    Attributes:
        eager: Whether such a page is being read.
    """

    eager: ClassVar[bool] = False
    _MOST: Final = 8192

    def keep(self, text: str, value: Any) -> None:
        """Remember a value."""
        if len(self) >= self._MOST:
            self.clear()
        self[text] = value


class FixedPoint:
    """A decimal string, exact both ways: "0.5600" in is "0.5600" out."""

    known: ClassVar[Known] = Known()
    plain: ClassVar[type[str]] = str

    def __init__(self, places: int | None = None) -> None:
        self._places = places

    @classmethod
    def read(cls, text: Any) -> Decimal | None:
        """Return the number that a plain decimal string stands for; None where it is none."""
        # Decimal itself also takes blanks, underscores, exponents, infinities and digits of other scripts. Most texts
        # have digits on both sides of a point, which is told sooner than by the pattern.
        if not isinstance(text, str) or not ((text.strip(_DIGITS) == "." and len(text) > 1) or _PLAIN.fullmatch(text)):
            return None
        number = Decimal(text)
        if (len(text) == _PRICE and text[1] == ".") or Known.eager:
            cls.known.keep(text, number)
        return number

    def decode(self, value: Any) -> Any:
        if type(value) is str:
            number = self.known.get(value)
            if number is None:
                number = self.read(value)
            if number is not None:
                return number
        elif type(value) is int or (type(value) is float and math.isfinite(value)):
            return Decimal(value if type(value) is int else repr(value))
        refuse(value, "a decimal string")

    def accept(self, value: Any) -> Any:
        if isinstance(value, float):
            raise ArgumentError(f"{value!r} is a float, which is not exact: pass a Decimal, an int or a string")
        if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
            raise ArgumentError(f"expected Decimal, int or str, not {_shown(value)}")
        number = self.read(value) if isinstance(value, str) else Decimal(value)
        if number is None or not number.is_finite():
            raise ArgumentError(f"{_shown(value)} is not a decimal number")
        exponent = number.as_tuple().exponent
        if self._places is not None and isinstance(exponent, int) and -exponent > self._places:
            raise ArgumentError(f"{value} has more than {self._places} decimal places")
        return number

    def encode(self, value: Any) -> Any:
        return format(value, "f")


class Moment:
    """A date-time, RFC 3339 on the wire."""

    known: ClassVar[Known] = Known()
    plain: ClassVar[type[str]] = str

    @classmethod
    def read(cls, text: Any) -> datetime | None:
        """Return the moment that a text stands for; None where it is none."""
        if not isinstance(text, str):
            return None
        try:
            moment = moment_from_text(text)
        except ValueError:
            return None
        if len(text) == _SECONDS or Known.eager:
            cls.known.keep(text, moment)
        return moment

    def decode(self, value: Any) -> Any:
        moment = self.read(value)
        if moment is None:
            refuse(value, "an RFC 3339 date-time")
        return moment

    def accept(self, value: Any) -> Any:
        if not isinstance(value, datetime):
            raise ArgumentError(f"expected datetime, not {_shown(value)}")
        if value.utcoffset() is None:
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
        # A datetime is a date to isinstance, and is written otherwise.
        if type(value) is self._kind:
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
        self.known: dict[Any, Enum] = {member.value: member for member in kind}
        self.plain: type = type(next(iter(self.known), ""))

    def decode(self, value: Any) -> Any:
        if type(value) is bool:
            # True equals 1, and is none of an enum's values.
            refuse(value, self._kind.__name__)
        try:
            return self.known[value]
        except (KeyError, TypeError):
            pass
        try:
            member = self._kind(value)
        except ValueError:
            refuse(value, self._kind.__name__)
        drift.report(*self._owner, f"has the unknown value {excerpt(value)}")
        return member

    def accept(self, value: Any) -> Any:
        if isinstance(value, self._kind):
            return value
        if isinstance(value, str | int) and not isinstance(value, bool) and value in self.known:
            return self.known[value]
        known = ", ".join(repr(known) for known in self.known)
        raise ArgumentError(
            f"{_shown(value)} is none of {known}; for a newer value pass {self._kind.__name__}({excerpt(value)})"
        )

    def encode(self, value: Any) -> Any:
        return value.value


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
            raise ArgumentError(f"expected a list, not {_shown(value)}")
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
            raise ArgumentError(f"expected a mapping, not {_shown(value)}")
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
        raise ArgumentError(f"{_shown(value)} fits none of the kinds the document allows")

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


def refuse(value: Any, expected: str) -> NoReturn:
    """Stop decoding: this value is not what the document promises."""
    raise DecodeError(f"expected {expected}, found {_shown(value)}")


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        # An integer that no float can hold.
        return False


def excerpt(value: Any, most: int = 60) -> str:
    """Return the beginning of a value's repr; of a private key, no more than that it is one."""
    try:
        text = repr(value)
    except (RecursionError, ValueError):
        # Nested deeper, or an integer with more digits, than Python writes out.
        text = "..."
    head, mark, rest = text.partition("PRIVATE KEY-----")
    if rest:
        text = f"{head}{mark}..."
    return text if len(text) <= most else f"{text[: most - 3]}..."


def _shown(value: Any) -> str:
    return f"{type(value).__name__} {excerpt(value)}"
