"""RFC 3339 date-times: always with a time zone, and no digit lost."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, SupportsIndex

_MICROSECOND_DIGITS = 6
_SEVENTH = len("2026-11-23T00:00:00.123456")


class FineDatetime(datetime):
    """
    A date-time with more digits than microseconds; everywhere else a plain `datetime`.

    Attributes:
        finer: The digits behind the sixth, such as `789`; none in what is computed from it.
    """

    finer: str = ""

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        return _fine, (_plain(self), self.finer)


def moment_from_text(text: str) -> datetime:
    """
    Read an RFC 3339 date-time with 0 to 9 fractional digits; one without a time zone is UTC.

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
    if not text[_SEVENTH : _SEVENTH + 1].isdigit():
        return moment
    fraction = text[20:] if text[19:20] in (".", ",") else ""
    digits = fraction[: len(fraction) - len(fraction.lstrip("0123456789"))]
    finer = digits[_MICROSECOND_DIGITS:].rstrip("0")
    return _fine(moment, finer) if finer else moment


def text_from_moment(moment: datetime) -> str:
    """
    Write a date-time as RFC 3339; UTC as `Z`.

    Raises:
        ValueError: The date-time has no time zone.
    """
    if moment.utcoffset() is None:
        raise ValueError("a date-time without a time zone is ambiguous: give it one, such as datetime.UTC")
    text = moment.isoformat()
    if isinstance(moment, FineDatetime) and moment.finer:
        whole = moment.isoformat(timespec="microseconds")
        cut = len("2026-11-23T00:00:00.123456")
        text = whole[:cut] + moment.finer + whole[cut:]
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def _fine(moment: datetime, finer: str) -> FineDatetime:
    fine = FineDatetime(
        moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second,
        moment.microsecond, moment.tzinfo, fold=moment.fold,
    )  # fmt: skip
    fine.finer = finer
    return fine


def _plain(moment: datetime) -> datetime:
    return datetime.combine(moment.date(), moment.timetz())
