"""Send a request with rate limiting, retries and clock correction."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable

import httpx

from kalshi_core.errors import BudgetError
from kalshi_core.rate_limit.limiter import RateLimit
from kalshi_core.retry.attempts import CallState
from kalshi_core.retry.deadline import with_time_limit
from kalshi_core.retry.policy import RetryPolicy
from kalshi_core.retry.server_clock import ServerClock
from kalshi_core.transport.event_loop import async_sleep
from kalshi_core.types import PreparedRequest


class RetryingSender:
    """
    A `kalshi_core.client.Sender` that waits for the rate limit, repeats what is safe to repeat, and follows the clock.

    Args:
        policy: When to retry; None for never.
        clock: Corrected when the exchange rejects a timestamp.
        rate_limit: Waited for before each attempt; None for no limit.
        sleep: Waits, in a thread; seconds.
        async_sleep: Waits, in an event loop; seconds.
        monotonic: Clock for deadlines, seconds.
        random: Random number from 0 to 1, for jitter.

    Raises:
        TypeError: `policy` or `rate_limit` is of another type.
    """

    def __init__(
        self,
        *,
        policy: RetryPolicy | None,
        clock: ServerClock,
        rate_limit: RateLimit | None = None,
        sleep: Callable[[float], None] = time.sleep,
        async_sleep: Callable[[float], Awaitable[None]] = async_sleep,
        monotonic: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = random.random,
    ) -> None:
        if policy is not None and not isinstance(policy, RetryPolicy):
            raise TypeError(f"retry must be a RetryPolicy, or None for no retries, not {policy!r}")
        # A rate limit of the user's own has the same methods.
        if rate_limit is not None and (isinstance(rate_limit, type) or not hasattr(rate_limit, "acquire")):
            raise TypeError(f"rate_limit must be a RateLimit, or None for no limit, not {rate_limit!r}")
        self.policy: RetryPolicy | None = policy
        self.clock: ServerClock = clock
        self.rate_limit: RateLimit | None = rate_limit
        self._sleep = sleep
        self._async_sleep = async_sleep
        self._monotonic = monotonic
        self._random = random

    def __repr__(self) -> str:
        return f"RetryingSender(policy={self.policy!r}, clock={self.clock!r}, rate_limit={self.rate_limit!r})"

    def send(self, prepared: PreparedRequest, attempt: Callable[[float | None], httpx.Response]) -> httpx.Response:
        """Send until there is a result, in a thread; `CallState.result` lists the errors."""
        call = self._call(prepared)
        try:
            while True:
                try:
                    if self.rate_limit:
                        self.rate_limit.acquire(prepared, call.left_s())
                except BudgetError as error:
                    return call.result(error)
                if not call.begin():
                    return call.result()
                try:
                    wait_s = call.after_response(attempt(call.left_s()))
                except httpx.RequestError as error:
                    wait_s = call.after_error(error)
                if wait_s is None:
                    return call.result()
                self._sleep(wait_s)
        except KeyboardInterrupt as error:
            raise call.interrupted(error) from None

    async def asend(
        self, prepared: PreparedRequest, attempt: Callable[[float | None], Awaitable[httpx.Response]]
    ) -> httpx.Response:
        """Send until there is a result, in an event loop; `CallState.result` lists the errors."""
        from asyncio import CancelledError  # late: see transport.event_loop

        call = self._call(prepared)
        try:
            while True:
                try:
                    if self.rate_limit:
                        await self.rate_limit.aacquire(prepared, call.left_s())
                except BudgetError as error:
                    return call.result(error)
                if not call.begin():
                    return call.result()
                try:
                    wait_s = call.after_response(await with_time_limit(attempt, call.left_s()))
                except httpx.RequestError as error:
                    wait_s = call.after_error(error)
                if wait_s is None:
                    return call.result()
                await self._async_sleep(wait_s)
        except (KeyboardInterrupt, CancelledError) as error:
            raise call.interrupted(error) from None

    def _call(self, prepared: PreparedRequest) -> CallState:
        return CallState(
            prepared,
            policy=self.policy,
            clock=self.clock,
            rate_limit=self.rate_limit,
            monotonic=self._monotonic,
            random=self._random,
        )
