"""The exchange's time: no offset without a reason, and never more than a Date justifies."""

from __future__ import annotations

import logging
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalshi_core.retry.server_clock import ServerClock

SECOND = 1_000_000_000
NOW_NS = 1_795_000_000 * SECOND


def date_at(seconds: float) -> str:
    """Return the Date of a server that is so many seconds ahead of NOW_NS."""
    return formatdate(NOW_NS / SECOND + seconds, usegmt=True)


def clock() -> ServerClock:
    return ServerClock(lambda: NOW_NS)


def test_without_a_refusal_the_local_clock_is_used_as_it_is() -> None:
    """Answers alone, whatever their Date, don't move a clock that no one complained about."""
    ours = clock()
    ours.follow(date_at(3600), NOW_NS, NOW_NS)
    assert (ours.offset_ns, ours.now_ns(), ours.local_ns()) == (0, NOW_NS, NOW_NS)


@pytest.mark.parametrize("skew_s", [30, -30, 300, -300, 86_400, -86_400])
def test_a_refusal_sets_the_offset_that_the_date_justifies(skew_s: int, caplog: pytest.LogCaptureFixture) -> None:
    """The offset comes within a second of the truth, and is logged once as a warning."""
    ours = clock()
    with caplog.at_level(logging.WARNING, "kalshi_core.clock"):
        ours.correct(date_at(skew_s), NOW_NS, NOW_NS)
    assert ours.offset_ns == pytest.approx(skew_s * SECOND, abs=SECOND)
    assert ours.now_ns() == NOW_NS + ours.offset_ns
    assert [(record.name, record.levelname) for record in caplog.records] == [("kalshi_core.clock", "WARNING")]
    assert f"{ours.offset_ns / SECOND:+.1f} s" in caplog.text


def test_a_refusal_that_the_date_does_not_explain_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """With a Date like our own time there is no offset to learn, and nothing to warn of."""
    ours = clock()
    ours.correct(date_at(0), NOW_NS, NOW_NS)
    assert ours.offset_ns == 0
    assert caplog.records == []


def test_an_offset_follows_later_answers() -> None:
    """Once in use, the offset is moved by every Date that it does not fit, and back again."""
    ours = clock()
    ours.correct(date_at(300), NOW_NS, NOW_NS)
    ours.follow(date_at(200), NOW_NS, NOW_NS)
    assert ours.offset_ns == pytest.approx(200 * SECOND, abs=SECOND)
    ours.follow(date_at(0), NOW_NS, NOW_NS)
    assert ours.offset_ns == pytest.approx(0, abs=SECOND)


@given(
    refused=st.integers(-(10**6), 10**6),
    later=st.lists(st.integers(-(10**6), 10**6), max_size=4),
    took_ns=st.integers(0, 20 * SECOND),
)
def test_an_offset_never_exceeds_what_the_last_date_justifies(refused: int, later: list[int], took_ns: int) -> None:
    """The exchange's clock, by our offset, shows the Date's second at some time between sending and receiving."""
    ours = clock()
    ours.correct(date_at(refused), NOW_NS, NOW_NS + took_ns)
    for skew_s in later:
        ours.follow(date_at(skew_s), NOW_NS, NOW_NS + took_ns)
    if ours.offset_ns:
        last = ([refused, *later])[-1] * SECOND
        assert last - took_ns <= ours.offset_ns <= last + SECOND


@pytest.mark.parametrize(
    "date",
    [None, "", "soon", "Mon, 99 Foo 2026", "0", "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT",
     "Mon, 23 Nov 2026 23:00:00 +9999", "Mon, 23 Nov 99999 23:00:00 GMT"],
)  # fmt: skip
def test_a_date_that_is_none_is_ignored(date: str | None) -> None:
    """Neither garbage nor a time that could not even be signed moves the clock."""
    ours = clock()
    ours.correct(date, NOW_NS, NOW_NS)
    assert ours.offset_ns == 0


def test_an_answer_across_a_jump_backwards_is_ignored() -> None:
    """When our clock was set back while a request was under way, its answer says nothing about the offset."""
    ours = clock()
    ours.correct(date_at(300), NOW_NS, NOW_NS - SECOND)
    assert ours.offset_ns == 0


def test_a_jump_of_the_local_clock_heals() -> None:
    """After a step of our own clock, the next refusal finds the new offset."""
    times = [NOW_NS]
    ours = ServerClock(lambda: times[0])
    ours.correct(date_at(300), NOW_NS, NOW_NS)
    times[0] += 600 * SECOND
    ours.correct(date_at(300), times[0], times[0])
    assert ours.now_ns() == pytest.approx(NOW_NS + 300 * SECOND, abs=SECOND)
