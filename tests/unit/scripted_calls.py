"""Calls whose server responds from a list, and whose clock moves only by waiting and sending."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import httpx

from kalshi_auth import RetryPolicy
from kalshi_core.retry.sender import RetryingSender
from kalshi_core.retry.server_clock import ServerClock
from kalshi_core.types import PreparedRequest
from tests.weather.calls import call_of

NOW_NS: Final = 1_795_000_000 * 10**9
ORDER_EXISTS: Final = {"error": {"code": "order_already_exists", "message": "exists"}}
Event = httpx.Response | BaseException


class ScriptedServer:
    """
    A server that responds from a list, with a sender that sends to it.

    Args:
        events: Responses, and errors to raise, in order.
        each_s: Seconds that each attempt takes.
        options: Arguments of the sender.
    """

    def __init__(self, *events: Event, each_s: float = 0.0, **options: Any) -> None:
        self.events = list(events)
        self.each_s = each_s
        self.now = 100.0
        self.caps: list[float | None] = []
        self.waits: list[float] = []
        self.interruption: type[BaseException] | None = None
        """Raised by every wait."""
        policy = options.pop("policy", RetryPolicy(attempts=4, total_s=30, first_wait_s=1, longest_wait_s=4))
        self.clock = ServerClock(lambda: NOW_NS)
        self.sender = RetryingSender(
            policy=policy,
            clock=self.clock,
            sleep=self.sleep,
            async_sleep=self.async_sleep,
            monotonic=lambda: self.now,
            random=lambda: 1.0,
            **options,
        )

    def sleep(self, seconds: float) -> None:
        if self.interruption:
            raise self.interruption
        self.waits.append(seconds)
        self.now += seconds

    async def async_sleep(self, seconds: float) -> None:
        self.sleep(seconds)

    def attempt(self, cap_s: float | None) -> httpx.Response:
        self.caps.append(cap_s)
        self.now += self.each_s
        event = self.events.pop(0)
        request = httpx.Request("POST", "https://x/y", headers={"KALSHI-ACCESS-SIGNATURE": "secret", "A": "b"})
        if isinstance(event, httpx.Response):
            event.request = request
            return event
        if isinstance(event, httpx.RequestError):
            event.request = request
        raise event

    def send(self, kind: str, mode: str = "sync") -> httpx.Response:
        """Send a call of this kind, as `call_of` names it."""

        async def attempt(cap_s: float | None) -> httpx.Response:
            return self.attempt(cap_s)

        if mode == "sync":
            return self.sender.send(request_of(kind), self.attempt)
        return asyncio.run(self.sender.asend(request_of(kind), attempt))


def request_of(kind: str) -> PreparedRequest:
    """Return the request of a kind of call, as `call_of` names it."""
    operation, arguments = call_of(kind)
    prepared: PreparedRequest = operation.OPERATION.request(**arguments)
    return prepared


def response(status: int, body: Any = None, **headers: str) -> httpx.Response:
    """Return a response; in the names of headers, underscores stand for hyphens."""
    return httpx.Response(status, json=body, headers={k.replace("_", "-"): v for k, v in headers.items()})


def lost_response() -> httpx.RequestError:
    """Return the error of a request that may have been executed."""
    return httpx.ReadTimeout("late")


def refused_connection() -> httpx.RequestError:
    """Return the error of a request that was not sent."""
    return httpx.ConnectError("refused")
