"""RFC 3339 date-times: always with a time zone, and without losing a digit."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final, SupportsIndex

_MICROSECOND_DIGITS: Final = 6
_SEVENTH_DIGIT: Final = len("2026-11-23T00:00:00.123456")


class NanosecondDatetime(datetime):
    """
    A date-time with more digits than microseconds; otherwise a plain `datetime`.

    Attributes:
        extra_digits: The digits after the sixth, such as `789`; empty in results of arithmetic.
    """

    extra_digits: str = ""

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        return _with_extra_digits, (_without_extra_digits(self), self.extra_digits)


def parse_datetime(text: str) -> datetime:
    """
    Parse an RFC 3339 date-time with 0 to 9 fractional digits; one without a time zone is UTC.

    Raises:
        ValueError: The text is not a date-time.
    """
    if len(text) < len("2026-11-23T00:00:00") or text[10] not in "Tt ":
        raise ValueError("not an RFC 3339 date-time")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = datetime.fromisoformat(text.upper())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if not text[_SEVENTH_DIGIT : _SEVENTH_DIGIT + 1].isdigit():
        return moment
    fraction = text[20:] if text[19:20] in (".", ",") else ""
    digits = fraction[: len(fraction) - len(fraction.lstrip("0123456789"))]
    extra_digits = digits[_MICROSECOND_DIGITS:].rstrip("0")
    return _with_extra_digits(moment, extra_digits) if extra_digits else moment


def format_datetime(moment: datetime) -> str:
    """
    Write a date-time as RFC 3339; UTC as `Z`.

    Raises:
        ValueError: The date-time has no time zone.
    """
    if moment.utcoffset() is None:
        raise ValueError("a date-time without a time zone is ambiguous: give it one, such as datetime.UTC")
    text = moment.isoformat()
    if isinstance(moment, NanosecondDatetime) and moment.extra_digits:
        whole = moment.isoformat(timespec="microseconds")
        text = whole[:_SEVENTH_DIGIT] + moment.extra_digits + whole[_SEVENTH_DIGIT:]
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def _with_extra_digits(moment: datetime, extra_digits: str) -> NanosecondDatetime:
    finer = NanosecondDatetime(
        moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second,
        moment.microsecond, moment.tzinfo, fold=moment.fold,
    )  # fmt: skip
    finer.extra_digits = extra_digits
    return finer


def _without_extra_digits(moment: datetime) -> datetime:
    return datetime.combine(moment.date(), moment.timetz())
