"""Deadlines of calls: the total time of a policy, and the deadline that a user sets for a block."""

from __future__ import annotations

import asyncio
import contextvars
import math
import threading
import time

import httpx
import pytest

from kalshi_auth import (
    RetryPolicy,
    WriteNotSentError,
    deadline,
)
from kalshi_core.retry.deadline import CALLER_DEADLINE
from kalshi_core.retry.sender import RetryingSender
from kalshi_core.retry.server_clock import ServerClock
from tests.unit.scripted_calls import (
    ScriptedServer,
    refused_connection,
    request_of,
    response,
)


def test_every_attempt_is_capped_by_the_time_that_is_left() -> None:
    """Each attempt gets the seconds that are left of the total."""
    server = ScriptedServer(refused_connection(), refused_connection(), response(200), each_s=2.0)
    server.send("cancel")
    assert server.caps == [30, 27, 23]


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_no_attempt_begins_that_the_time_does_not_allow(mode: str) -> None:
    """A wait that would end after the total time does not begin."""
    server = ScriptedServer(*[response(503) for _ in range(4)], each_s=13.0)
    assert server.send("get", mode).status_code == 503
    assert server.waits == [1, 2]
    assert server.now <= 100 + 30 + 13


def test_an_earlier_deadline_of_the_caller_ends_the_attempts() -> None:
    """No attempt and no wait begins that would end after it."""
    server = ScriptedServer(*[response(503) for _ in range(4)])
    with deadline(2.5, monotonic=lambda: 100.0):
        assert server.send("get").status_code == 503
    assert server.waits == [1]
    assert server.caps == [2.5, 1.5]


@pytest.mark.parametrize("policy", [RetryPolicy(), None])
@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize(("kind", "error"), [("get", httpx.ConnectTimeout), ("create", WriteNotSentError)])
def test_after_the_deadline_nothing_is_sent(
    kind: str, error: type[Exception], mode: str, policy: RetryPolicy | None
) -> None:
    """A call that begins too late ends before its first attempt."""
    server = ScriptedServer(policy=policy)
    with deadline(-1, monotonic=lambda: 100.0), pytest.raises(error, match="was not sent: the deadline has passed"):
        server.send(kind, mode)
    assert server.caps == []


def test_without_retries_a_deadline_still_caps() -> None:
    """With retry=None there is no total time, and the caller's deadline still applies."""
    server = ScriptedServer(response(200), response(200), policy=None)
    server.send("get")
    with deadline(2.0, monotonic=lambda: 100.0):
        server.send("get")
    assert server.caps == [None, 2.0]


def test_an_attempt_ends_at_the_deadline() -> None:
    """In an event loop, the time that is left limits an attempt as a whole."""
    sender = RetryingSender(policy=RetryPolicy(attempts=2, total_s=0.05), clock=ServerClock())

    async def attempt(cap_s: float | None) -> httpx.Response:
        await asyncio.sleep(5)
        raise AssertionError

    began = time.monotonic()
    with pytest.raises(httpx.ReadTimeout, match="deadline exceeded"):
        asyncio.run(sender.asend(request_of("get"), attempt))
    assert time.monotonic() - began < 1


def test_a_timeout_error_of_an_attempt_passes_through() -> None:
    """It is not the deadline's, and stays as it is."""
    sender = RetryingSender(policy=RetryPolicy(), clock=ServerClock())

    async def attempt(cap_s: float | None) -> httpx.Response:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        asyncio.run(sender.asend(request_of("get"), attempt))


def test_the_seconds_left_are_never_zero() -> None:
    """httpx gives a timeout of zero another meaning."""
    server = ScriptedServer(response(200), response(200))
    server.send("get")
    assert all(cap is not None and 0 < cap < math.inf for cap in server.caps)


def test_deadlines_nest_and_end() -> None:
    """An inner deadline can only be earlier, and ends with its block."""
    assert CALLER_DEADLINE.get() == math.inf
    with deadline(10, monotonic=lambda: 100.0):
        with deadline(99, monotonic=lambda: 100.0):
            assert CALLER_DEADLINE.get() == 110
        with deadline(1, monotonic=lambda: 100.0):
            assert CALLER_DEADLINE.get() == 101
        assert CALLER_DEADLINE.get() == 110
    assert CALLER_DEADLINE.get() == math.inf


def test_a_deadline_that_is_not_a_number_is_rejected() -> None:
    """NaN would limit nothing."""
    with pytest.raises(ValueError, match="deadline: seconds must not be NaN"), deadline(math.nan):
        pass


def test_a_deadline_belongs_to_its_thread_and_task() -> None:
    """It does not apply to other threads; tasks that are started inside inherit it."""
    found: list[float] = []

    async def inside() -> float:
        return await asyncio.create_task(_read())

    with deadline(10, monotonic=lambda: 0.0):
        thread = threading.Thread(target=contextvars.Context().run, args=(lambda: found.append(CALLER_DEADLINE.get()),))
        thread.start()
        thread.join()
        assert asyncio.run(inside()) == 10
    assert found == [math.inf]


async def _read() -> float:
    return CALLER_DEADLINE.get()
