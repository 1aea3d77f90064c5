"""Sending a request until it is settled: attempts and waits."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import httpx

from kalshi_auth.call import Call
from kalshi_auth.clock import ServerClock
from kalshi_auth.errors import BudgetError
from kalshi_auth.loop import asleep, bounded
from kalshi_auth.policy import RetryPolicy
from kalshi_auth.retry import Outgoing

if TYPE_CHECKING:
    from kalshi_auth.pacing import RateLimit


class Sending:
    """
    Stand between operations and httpx: pacing, retries, clock.

    Args:
        policy: When to retry; None for never.
        clock: Corrected when the exchange refuses a timestamp.
        rate_limit: Paces requests; None for not at all.
        sleep: Waits, in a thread.
        asleep: Waits, in an event loop.
        monotonic: Seconds, for deadlines.
        random: A number from 0 to 1, for jitter.
    """

    def __init__(
        self,
        *,
        policy: RetryPolicy | None,
        clock: ServerClock,
        rate_limit: RateLimit | None = None,
        sleep: Callable[[float], None] = time.sleep,
        asleep: Callable[[float], Awaitable[None]] = asleep,
        monotonic: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = random.random,
    ) -> None:
        self.policy: RetryPolicy | None = policy
        self.clock: ServerClock = clock
        self.rate_limit: RateLimit | None = rate_limit
        self.sleep: Callable[[float], None] = sleep
        self.asleep: Callable[[float], Awaitable[None]] = asleep
        self.monotonic: Callable[[], float] = monotonic
        self.random: Callable[[], float] = random

    def __repr__(self) -> str:
        return f"Sending(policy={self.policy!r}, clock={self.clock!r}, rate_limit={self.rate_limit!r})"

    def send(self, outgoing: Outgoing, attempt: Callable[[float | None], httpx.Response]) -> httpx.Response:
        """Send until it is settled, in a thread."""
        call = Call(self, outgoing)
        try:
            while True:
                try:
                    if self.rate_limit:
                        self.rate_limit.acquire(outgoing, call.left_s())
                except BudgetError as error:
                    return call.settled(error)
                if not call.begin():
                    return call.settled()
                try:
                    wait_s = call.after_response(attempt(call.left_s()))
                except httpx.RequestError as error:
                    wait_s = call.after_error(error)
                if wait_s is None:
                    return call.settled()
                self.sleep(wait_s)
        except KeyboardInterrupt as error:
            raise call.interrupted(error) from None

    async def asend(
        self, outgoing: Outgoing, attempt: Callable[[float | None], Awaitable[httpx.Response]]
    ) -> httpx.Response:
        """Send until it is settled, in an event loop."""
        from asyncio import CancelledError  # see `loop`: a loop runs by now

        call = Call(self, outgoing)
        try:
            while True:
                try:
                    if self.rate_limit:
                        await self.rate_limit.aacquire(outgoing, call.left_s())
                except BudgetError as error:
                    return call.settled(error)
                if not call.begin():
                    return call.settled()
                try:
                    wait_s = call.after_response(await bounded(attempt, call.left_s()))
                except httpx.RequestError as error:
                    wait_s = call.after_error(error)
                if wait_s is None:
                    return call.settled()
                await self.asleep(wait_s)
        except (KeyboardInterrupt, CancelledError) as error:
            raise call.interrupted(error) from None
