"""Timestamps that the exchange rejects: when a request is signed again, and what the clock learns from it."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any, Final

import httpx
import pytest

from kalshi_auth import (
    RetryPolicy,
)
from kalshi_core.retry.server_clock import ServerClock
from tests.unit.scripted_calls import (
    NOW_NS,
    ScriptedServer,
    request_of,
    response,
)

EXPIRED: Final = {"error": {"code": "header_timestamp_expired", "message": "expired"}}


def date_at(seconds: float) -> str:
    """Return the Date of a server that is so many seconds ahead."""
    return formatdate(NOW_NS / 1e9 + seconds, usegmt=True)


def test_a_request_with_an_expired_timestamp_is_signed_again_at_once() -> None:
    """The offset is applied, and the request is sent once more, without a wait."""
    server = ScriptedServer(response(401, EXPIRED, Date=date_at(300)), response(200))
    assert server.send("bare create").status_code == 200
    assert server.waits == [0.0]
    assert server.clock.offset_ns / 1e9 == pytest.approx(300, abs=1)


@pytest.mark.parametrize("policy", [None, RetryPolicy(attempts=1)])
def test_the_clock_is_corrected_without_retries(policy: RetryPolicy | None) -> None:
    """A correction does not count as a retry: retry=None allows it too."""
    server = ScriptedServer(response(401, EXPIRED, Date=date_at(300)), response(200), policy=policy)
    assert server.send("bare create").status_code == 200


@pytest.mark.parametrize(
    ("body", "date"),
    [(EXPIRED, date_at(0)), (EXPIRED, "garbage"),
     ({"error": {"code": "authentication_error"}}, date_at(300))],
)  # fmt: skip
def test_a_rejection_that_the_clock_does_not_explain_is_the_result(body: Any, date: str) -> None:
    """Without another time to sign with, or for another reason, a 401 is final."""
    server = ScriptedServer(response(401, body, Date=date), response(200))
    assert server.send("create").status_code == 401
    assert server.clock.offset_ns == 0


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_timestamp_that_was_not_sent_cannot_have_expired(mode: str) -> None:
    """The same response to an unsigned request is final, and does not change the clock."""
    server = ScriptedServer(response(401, EXPIRED, Date=date_at(300)), response(200))
    assert server.send("public get", mode).status_code == 401
    assert server.clock.offset_ns == 0


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize(("kind", "each_s", "status"), [("bare create", 11, 200), ("get", 11, 200), ("get", 0.9, 401)])
def test_a_request_that_waited_after_it_was_signed_is_repeated(
    kind: str, each_s: float, status: int, mode: str
) -> None:
    """The clock is right, but the request waited too long for a connection; another attempt may be quicker."""
    server = ScriptedServer(response(401, EXPIRED), response(200), each_s=each_s)
    server.sender.clock = ServerClock(lambda: NOW_NS + int(server.now * 1e9))
    assert server.send(kind, mode).status_code == status


def test_a_timestamp_that_is_always_too_old_uses_up_the_attempts() -> None:
    """Each repetition counts as an attempt, with its wait."""
    server = ScriptedServer(*[response(401, EXPIRED) for _ in range(9)], each_s=2)
    server.sender.clock = ServerClock(lambda: NOW_NS + int(server.now * 1e9))
    assert server.send("bare create").status_code == 401
    assert (len(server.caps), server.waits) == (4, [1, 2, 4])


def test_an_offset_that_another_call_learnt_is_used() -> None:
    """Of many calls rejected at once, the first corrects the clock, and all are repeated."""
    date = date_at(300)
    server = ScriptedServer(response(401, EXPIRED, Date=date), response(200))
    first = server.attempt

    def attempt(cap_s: float | None) -> httpx.Response:
        server.clock.correct(date, NOW_NS, NOW_NS)
        return first(cap_s)

    assert server.sender.send(request_of("bare create"), attempt).status_code == 200


def test_a_correction_is_not_made_past_the_deadline() -> None:
    """A rejection that arrives after the deadline is final."""
    server = ScriptedServer(response(401, EXPIRED, Date=date_at(300)), each_s=31)
    assert server.send("create").status_code == 401


def test_an_offset_in_use_follows_later_responses() -> None:
    """The Dates of ordinary responses keep the offset correct."""
    server = ScriptedServer(
        response(401, EXPIRED, Date=date_at(300)),
        response(200, Date=date_at(250)),
    )
    server.send("get")
    assert server.clock.offset_ns / 1e9 == pytest.approx(250, abs=1)


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("kind", ["get", "bare create", "cancel"])
def test_the_clock_is_corrected_once_a_call(kind: str, mode: str) -> None:
    """An exchange that rejects every timestamp, each time with another Date, gets two requests."""
    server = ScriptedServer(*[response(401, EXPIRED, Date=date_at(300 * number)) for number in range(1, 9)])
    assert server.send(kind, mode).status_code == 401
    assert len(server.caps) == 2


@pytest.mark.parametrize(("age", "follows"), [("0", True), ("40", False), ("soon", False)])
def test_a_response_from_a_cache_does_not_change_the_clock(age: str, follows: bool) -> None:
    """Its Date is old: it changes neither an offset in use nor, in a rejection, a clock without one."""
    late = date_at(250)
    server = ScriptedServer(response(401, EXPIRED, Date=date_at(300)), response(200, Date=late, Age=age))
    server.send("get")
    assert server.clock.offset_ns / 1e9 == pytest.approx(250 if follows else 300, abs=1)
    server = ScriptedServer(response(401, EXPIRED, Date=late, Age=age), response(200))
    assert server.send("get").status_code == (200 if follows else 401)
