"""
Values that are made of no others: read, taken and written, each kind by a codec of its own.

A codec has three ways to go: `decode` reads what a server sent, kindly where nothing is lost by it;
`accept` takes what a user passed, strictly; `encode` writes an accepted value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar, Final, NoReturn

from . import drift
from .errors import ArgumentError, DecodeError
from .moments import moment_from_text, text_from_moment

_PLAIN: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)")
_DIGITS: Final = "0123456789"
_PRICE: Final = len("0.5600")
_SECONDS: Final = len("2026-11-23T00:00:00Z")


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
        raise ArgumentError(f"expected {self.kind.__name__}, not {shown(value)}")

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
            raise ArgumentError(f"expected Decimal, int or str, not {shown(value)}")
        number = self.read(value) if isinstance(value, str) else Decimal(value)
        if number is None or isinstance(exponent := number.as_tuple().exponent, str):
            raise ArgumentError(f"{shown(value)} is not a decimal number")
        beyond = 0 if self._places is None else -exponent - self._places
        if beyond <= 0:
            return number
        sign, digits, _ = number.as_tuple()
        # Zeros beyond the places, which a price from an answer may have, can be left out.
        if any(digits[-beyond:]):
            raise ArgumentError(f"{value} has more than {self._places} decimal places")
        return Decimal((sign, digits[:-beyond], exponent + beyond))

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
            raise ArgumentError(f"expected datetime, not {shown(value)}")
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
        # Of another type it is no newer value either.
        newer = f"; for a newer value pass {self._kind.__name__}({excerpt(value)})" if type(value) is self.plain else ""
        raise ArgumentError(f"{shown(value)} is none of {known}{newer}")

    def encode(self, value: Any) -> Any:
        return value.value


def refuse(value: Any, expected: str) -> NoReturn:
    """Stop decoding: this value is not what the document promises."""
    raise DecodeError(f"expected {expected}, found {shown(value)}")


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


def shown(value: Any) -> str:
    """Return a value's type and the beginning of its repr."""
    return f"{type(value).__name__} {excerpt(value)}"
