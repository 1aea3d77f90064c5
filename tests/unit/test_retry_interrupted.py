"""Calls that end from outside: an interruption ends them at once, and says what is known of a write."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import httpx
import pytest

from kalshi_auth import (
    RateLimit,
    RetryPolicy,
)
from tests.unit.scripted_calls import (
    ScriptedServer,
    lost_response,
    refused_connection,
    request_of,
    response,
)


def notes(error: BaseException | None) -> list[str]:
    return getattr(error, "__notes__", [])


STOPS: Final = [("sync", KeyboardInterrupt), ("async", KeyboardInterrupt), ("async", asyncio.CancelledError)]
UNDER_WAY: Final = "CreateOrderV2 may have been executed: {} sent, the last was interrupted"
ENDED: Final = "CreateOrderV2 may have been executed: 1 sent, the last ended with {}"


def interrupted_limit(stop: type[BaseException], server: ScriptedServer, size: tuple[float, float]) -> RateLimit:
    """Return a rate limit whose waits are interrupted."""

    def sleep(seconds: float) -> None:
        raise stop

    async def async_sleep(seconds: float) -> None:
        raise stop

    return RateLimit(read=size, write=size, sleep=sleep, async_sleep=async_sleep, monotonic=lambda: server.now)


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("stop", [KeyboardInterrupt, asyncio.CancelledError, RuntimeError])
def test_an_error_of_another_kind_ends_a_call_at_once(stop: type[BaseException], mode: str) -> None:
    """Ctrl-C, cancellation and a closed client are not retried."""
    server = ScriptedServer(stop("now"), response(200))
    with pytest.raises(stop):
        server.send("get", mode)
    assert len(server.events) == 1


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_wait_that_is_interrupted_ends_the_call(mode: str) -> None:
    """KeyboardInterrupt in the wait before a retry passes through."""
    server = ScriptedServer(response(429), response(200))
    server.interruption = KeyboardInterrupt
    with pytest.raises(KeyboardInterrupt):
        server.send("get", mode)
    assert len(server.events) == 1


@pytest.mark.parametrize(("mode", "stop"), STOPS)
@pytest.mark.parametrize(
    ("kind", "earlier", "note"),
    [
        ("bare create", [], UNDER_WAY.format(1)),
        ("create", [lost_response], UNDER_WAY.format(2)),
        ("create", [refused_connection], UNDER_WAY.format(2)),
        ("create", [lambda: response(429)], UNDER_WAY.format(2)),
        ("cancel", [], "CancelOrderV2 may have been executed: 1 sent, the last was interrupted"),
        ("get", [], None),
        ("get", [lost_response], None),
    ],
)
def test_an_interrupted_write_says_that_it_may_have_been_executed(
    kind: str, earlier: list[Callable[[], Any]], note: str | None, mode: str, stop: type[BaseException]
) -> None:
    """Ctrl-C or a cancellation gets a note while a write is under way, and none for a read."""
    server = ScriptedServer(*[each() for each in earlier], stop("now"))
    with pytest.raises(stop) as caught:
        server.send(kind, mode)
    assert notes(caught.value) == ([note] if note else [])


@pytest.mark.parametrize("wait", ["retry", "rate limit"])
@pytest.mark.parametrize(("mode", "stop"), STOPS)
@pytest.mark.parametrize(
    ("kind", "earlier", "note"),
    [
        ("create", lost_response, ENDED.format("ReadTimeout: late")),
        ("create", lambda: response(503), ENDED.format("503")),
        ("create", refused_connection, None),
        ("create", lambda: response(429), None),
        ("get", lost_response, None),
    ],
)
def test_an_interrupted_wait_reports_an_earlier_doubt(
    kind: str, earlier: Callable[[], Any], note: str | None, mode: str, stop: type[BaseException], wait: str
) -> None:
    """Between attempts nothing is under way, but the fate of an earlier one may be unknown."""
    server = ScriptedServer(earlier(), response(200))
    if wait == "retry":
        server.interruption = stop
    else:
        server.sender.rate_limit = interrupted_limit(stop, server, (0.1, 10))
        server.sender.policy = RetryPolicy(first_wait_s=1, longest_wait_s=1, total_s=1000)
    with pytest.raises(stop) as caught:
        server.send(kind, mode)
    assert len(server.events) == 1
    assert notes(caught.value) == ([note] if note else [])


@pytest.mark.parametrize(("mode", "stop"), STOPS)
def test_a_write_interrupted_before_its_first_attempt_gets_no_note(mode: str, stop: type[BaseException]) -> None:
    """A write that waits for its first tokens has not been sent."""
    server = ScriptedServer(response(201), response(201))
    server.sender.rate_limit = interrupted_limit(stop, server, (10, 10))
    server.send("create", mode)
    with pytest.raises(stop) as caught:
        server.send("create", mode)
    assert notes(caught.value) == []


def test_a_timeout_of_asyncio_has_the_note_on_its_cause() -> None:
    """Where asyncio turns a cancellation into another error, a traceback still shows the note."""
    server = ScriptedServer()

    async def silent(cap_s: float | None) -> httpx.Response:
        await asyncio.sleep(60)
        raise AssertionError

    async def timed() -> None:
        async with asyncio.timeout(0.01):
            await server.sender.asend(request_of("create"), silent)

    async def cancelled() -> None:
        task = asyncio.ensure_future(server.sender.asend(request_of("create"), silent))
        await asyncio.sleep(0.01)
        task.cancel()
        await task

    with pytest.raises(TimeoutError) as late:
        asyncio.run(timed())
    assert notes(late.value.__cause__) == [UNDER_WAY.format(1)]
    with pytest.raises(asyncio.CancelledError) as ended:
        asyncio.run(cancelled())
    assert notes(ended.value) == [UNDER_WAY.format(1)]
