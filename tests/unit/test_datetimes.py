"""Date-times on the wire: RFC 3339, always with a time zone, no digit lost."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest

from kalshi_core.models.datetimes import NanosecondDatetime, format_datetime, parse_datetime

FINE = "2026-11-23T01:02:03.123456789Z"


@pytest.mark.parametrize("digits", ["", *("123456789"[:length] for length in range(1, 10))])
@pytest.mark.parametrize("offset", ["Z", "-05:00", "+05:30", ""])
def test_zero_to_nine_fractional_digits_come_back(digits: str, offset: str) -> None:
    """A date-time is written with every digit it was read with."""
    text = f"2026-11-23T01:02:03{'.' if digits else ''}{digits}{offset}"
    back = format_datetime(parse_datetime(text))
    assert back.removesuffix(offset or "Z").partition(".")[2].rstrip("0") == digits
    assert back.endswith(offset or "Z")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23T01:02:03Z", datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)),
        ("2026-11-23t01:02:03.5z", datetime(2026, 11, 23, 1, 2, 3, 500_000, tzinfo=UTC)),
        ("2026-11-23 01:02:03+00:00", datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)),
        ("2026-11-23T01:02:03", datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)),
        ("2026-11-23T01:02:03-05:00", datetime(2026, 11, 23, 6, 2, 3, tzinfo=UTC)),
        ("2026-11-23T01:02:03.000000000Z", datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)),
    ],
)
def test_a_text_is_read_as_its_instant(text: str, moment: datetime) -> None:
    """Lower case, a blank for the T, any offset and none (UTC) are read."""
    found = parse_datetime(text)
    assert found == moment
    assert found.utcoffset() is not None
    assert type(found) is datetime


@pytest.mark.parametrize(
    "text",
    ["", "2026-11-23", "2026-11-23T01:02Z", "20261123T010203Z", "2026-13-23T01:02:03Z", "2026-11-23T01:02:03Zone",
     "x" * 30, "1703123456"],
)  # fmt: skip
def test_another_text_is_refused(text: str) -> None:
    """What is no RFC 3339 date-time raises ValueError."""
    with pytest.raises(ValueError):  # noqa: PT011 - the message is Python's
        parse_datetime(text)


def test_digits_behind_the_sixth_are_kept_beside_a_plain_datetime() -> None:
    """A finer date-time equals the datetime it is in microseconds, and knows its further digits."""
    fine = parse_datetime(FINE)
    assert isinstance(fine, NanosecondDatetime)
    assert fine.extra_digits == "789"
    assert fine == datetime(2026, 11, 23, 1, 2, 3, 123_456, tzinfo=UTC)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda fine: pickle.loads(pickle.dumps(fine))])
def test_a_finer_datetime_survives_copies(duplicate: object) -> None:
    """Copy, deepcopy and pickle keep all nine digits."""
    assert callable(duplicate)
    assert format_datetime(duplicate(parse_datetime(FINE))) == FINE


def test_what_is_computed_from_a_finer_datetime_is_written_in_microseconds() -> None:
    """Arithmetic, replace and astimezone give date-times that can be written too."""
    fine = parse_datetime(FINE)
    assert format_datetime(fine + timedelta(days=1)) == "2026-11-24T01:02:03.123456Z"
    assert format_datetime(fine.replace(year=2027)) == "2027-11-23T01:02:03.123456Z"
    assert format_datetime(fine.astimezone(timezone(timedelta(hours=1)))) == "2026-11-23T02:02:03.123456+01:00"
    assert pickle.loads(pickle.dumps(fine + timedelta(days=1))) == fine + timedelta(days=1)


class Nowhere(tzinfo):
    """A time zone that can't tell its offset."""

    def utcoffset(self, moment: datetime | None) -> None:
        return None

    dst = tzname = utcoffset


@pytest.mark.parametrize("zone", [None, Nowhere()])
def test_a_naive_datetime_is_not_written(zone: tzinfo | None) -> None:
    """Without an offset a date-time is ambiguous, whatever its tzinfo attribute holds."""
    with pytest.raises(ValueError, match="time zone"):
        format_datetime(datetime(2026, 11, 23, tzinfo=zone))
