"""
Codecs of single values: numbers, decimals, date-times, enums, text.

A codec has three methods: `decode` reads what a server sent, leniently where nothing is lost; `accept` checks what a
user passed, strictly; `encode` writes an accepted value as JSON.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar, Final, NoReturn

from kalshi_core.errors import ArgumentError, DecodeError
from kalshi_core.models import schema_drift
from kalshi_core.models.datetimes import format_datetime, parse_datetime

_PLAIN: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)")
_DIGITS: Final = "0123456789"
_PRICE_LENGTH: Final = len("0.5600")
_WHOLE_SECOND_LENGTH: Final = len("2026-11-23T00:00:00Z")


class JsonCodec:
    """Any JSON value, unchanged."""

    def decode(self, value: Any) -> Any:
        return value

    accept = decode
    encode = decode


class ScalarCodec:
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
        reject(value, self.kind.__name__)

    def accept(self, value: Any) -> Any:
        if self.kind is float and type(value) in (int, float):
            if not _is_finite(value):
                raise ArgumentError(f"{excerpt(value)} is not a finite number")
            return value
        if isinstance(value, self.kind) and (self.kind is bool or not isinstance(value, bool)):
            return value
        raise ArgumentError(f"expected {self.kind.__name__}, not {describe(value)}")

    def encode(self, value: Any) -> Any:
        return value


class ValueCache(dict[str, Any]):
    """
    Values by their text, emptied when it is full.

    For prices and whole seconds, which repeat on every page; volumes and microseconds would fill it for nothing.
    """

    _MOST: Final = 8192

    def remember(self, text: str, value: Any) -> None:
        """Add a value."""
        if len(self) >= self._MOST:
            self.clear()
        self[text] = value


class FixedPointCodec:
    """A decimal string, exact in both directions: "0.5600" in is "0.5600" out."""

    known: ClassVar[ValueCache] = ValueCache()
    plain: ClassVar[type[str]] = str

    def __init__(self, places: int | None = None) -> None:
        self._places = places

    @classmethod
    def read(cls, text: Any) -> Decimal | None:
        """Return the number of a plain decimal string; None for any other value."""
        # Decimal also accepts spaces, underscores, exponents, infinities and digits of other scripts. Most strings have
        # digits on both sides of a point, which is quicker to check than the pattern.
        if not isinstance(text, str) or not ((text.strip(_DIGITS) == "." and len(text) > 1) or _PLAIN.fullmatch(text)):
            return None
        number = Decimal(text)
        if len(text) == _PRICE_LENGTH and text[1] == ".":
            cls.known.remember(text, number)
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
        reject(value, "a decimal string")

    def accept(self, value: Any) -> Any:
        if isinstance(value, float):
            raise ArgumentError(f"{value!r} is a float, which is not exact: pass a Decimal, an int or a string")
        if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
            raise ArgumentError(f"expected Decimal, int or str, not {describe(value)}")
        number = self.read(value) if isinstance(value, str) else Decimal(value)
        if number is None or isinstance(exponent := number.as_tuple().exponent, str):
            raise ArgumentError(f"{describe(value)} is not a decimal number")
        beyond = 0 if self._places is None else -exponent - self._places
        if beyond <= 0:
            return number
        sign, digits, _ = number.as_tuple()
        # Zeros beyond the allowed places, which prices in responses may have, are dropped.
        if any(digits[-beyond:]):
            raise ArgumentError(f"{value} has more than {self._places} decimal places")
        return Decimal((sign, digits[:-beyond], exponent + beyond))

    def encode(self, value: Any) -> Any:
        return format(value, "f")


class DateTimeCodec:
    """A date-time, RFC 3339 on the wire."""

    known: ClassVar[ValueCache] = ValueCache()
    plain: ClassVar[type[str]] = str

    @classmethod
    def read(cls, text: Any) -> datetime | None:
        """Return the date-time of an RFC 3339 string; None for any other value."""
        if not isinstance(text, str):
            return None
        try:
            moment = parse_datetime(text)
        except ValueError:
            return None
        if len(text) == _WHOLE_SECOND_LENGTH:
            cls.known.remember(text, moment)
        return moment

    def decode(self, value: Any) -> Any:
        moment = self.read(value)
        if moment is None:
            reject(value, "an RFC 3339 date-time")
        return moment

    def accept(self, value: Any) -> Any:
        if not isinstance(value, datetime):
            raise ArgumentError(f"expected datetime, not {describe(value)}")
        if value.utcoffset() is None:
            raise ArgumentError(f"{value} has no time zone: give it one, such as datetime.UTC")
        return value

    def encode(self, value: Any) -> Any:
        return format_datetime(value)


class TextCodec:
    """A type with its own text format: a date, a UUID."""

    def __init__(self, kind: type, read: Callable[[str], Any]) -> None:
        self._kind = kind
        self._read = read

    def decode(self, value: Any) -> Any:
        if type(value) is str:
            try:
                return self._read(value)
            except ValueError:
                pass
        reject(value, self._kind.__name__)

    def accept(self, value: Any) -> Any:
        # isinstance would accept a datetime as a date, and it is written differently.
        if type(value) is self._kind:
            return value
        try:
            return self.decode(value)
        except DecodeError as error:
            raise ArgumentError(error.problem) from None

    def encode(self, value: Any) -> Any:
        return str(value)


class EnumCodec:
    """A member of an open enum; from a user, a plain string must be a documented value."""

    def __init__(self, kind: type[Enum], owner: schema_drift.Owner) -> None:
        self._kind = kind
        self._owner = owner
        self.known: dict[Any, Enum] = {member.value: member for member in kind}
        self.plain: type = type(next(iter(self.known), ""))

    def decode(self, value: Any) -> Any:
        if type(value) is bool:
            # True equals 1, but is not a value of an integer enum.
            reject(value, self._kind.__name__)
        try:
            return self.known[value]
        except (KeyError, TypeError):
            pass
        try:
            member = self._kind(value)
        except ValueError:
            reject(value, self._kind.__name__)
        schema_drift.report(self._owner, f"has the unknown value {excerpt(value)}")
        return member

    def accept(self, value: Any) -> Any:
        if isinstance(value, self._kind):
            return value
        if isinstance(value, str | int) and not isinstance(value, bool) and value in self.known:
            return self.known[value]
        known = ", ".join(repr(known) for known in self.known)
        # A value of another type cannot be a newer one.
        newer = f"; for a newer value pass {self._kind.__name__}({excerpt(value)})" if type(value) is self.plain else ""
        raise ArgumentError(f"{describe(value)} is none of {known}{newer}")

    def encode(self, value: Any) -> Any:
        return value.value


def reject(value: Any, expected: str) -> NoReturn:
    """Raise a DecodeError: the value does not match the document."""
    raise DecodeError(f"expected {expected}, found {describe(value)}")


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        # An integer too large for a float.
        return False


def excerpt(value: Any, most: int = 60) -> str:
    """Return the beginning of a value's repr, without the text of a private key."""
    try:
        text = repr(value)
    except (RecursionError, ValueError):
        # Nested too deeply, or an integer with too many digits, for Python to write.
        text = "..."
    head, mark, rest = text.partition("PRIVATE KEY-----")
    if rest:
        text = f"{head}{mark}..."
    return text if len(text) <= most else f"{text[: most - 3]}..."


def describe(value: Any) -> str:
    """Return a value's type and the beginning of its repr."""
    return f"{type(value).__name__} {excerpt(value)}"
