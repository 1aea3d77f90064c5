"""State machine of one API call: decides whether to retry and how long to wait. The caller sends and sleeps."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, NoReturn

import httpx

from kalshi_core.errors import BudgetError
from kalshi_core.rate_limit.limiter import RateLimit
from kalshi_core.retry.deadline import CALLER_DEADLINE
from kalshi_core.retry.errors import OrderExistsError, WriteFateUnknownError, WriteNotSentError
from kalshi_core.retry.policy import RetryPolicy
from kalshi_core.retry.redaction import describe, without_frames, without_signature
from kalshi_core.retry.rules import existing_orders, is_ambiguous, retry_after_s, safe_creation_ids, was_not_sent
from kalshi_core.retry.server_clock import ServerClock, date_of
from kalshi_core.types import PreparedRequest

_ONCE: Final = RetryPolicy(attempts=1)
_EXPIRED: Final = b"header_timestamp_expired"
_SHORTEST_S: Final = 0.001
_OLD_NS: Final = 1_000_000_000


class CallState:
    """
    The attempts of one call and what is known after each.

    Args:
        prepared: The request.
        policy: When to retry; None for never.
        clock: The exchange's clock.
        rate_limit: Learns from a 429; None without one.
        monotonic: Clock for deadlines, seconds.
        random: Random number from 0 to 1, for jitter.
    """

    def __init__(
        self,
        prepared: PreparedRequest,
        *,
        policy: RetryPolicy | None,
        clock: ServerClock,
        rate_limit: RateLimit | None,
        monotonic: Callable[[], float],
        random: Callable[[], float],
    ) -> None:
        self._prepared = prepared
        self._policy = policy or _ONCE
        self._clock = clock
        self._rate_limit = rate_limit
        self._monotonic = monotonic
        self._random = random
        self._is_read = prepared.method == "GET"
        # Read now: the body is the user's, who may change it for the next order while this call is under way.
        ids = None if self._is_read else safe_creation_ids(prepared)
        self._repeatable = self._is_read or ids is not None
        self._ids = ids or []
        self._ticker: str | None = getattr(prepared.body, "ticker", None) if self._ids else None
        end = monotonic() + policy.total_s if policy else math.inf
        self._end = min(end, CALLER_DEADLINE.get())
        self._attempts = 0
        self._last: httpx.RequestError | httpx.Response | None = None
        self._first_ambiguous: httpx.RequestError | httpx.Response | None = None
        self._clock_corrected = False
        self._sent_ns = 0
        self._sent_offset_ns = 0

    def left_s(self) -> float | None:
        """Return the seconds left for the call, None without a limit."""
        return None if self._end == math.inf else max(self._end - self._monotonic(), _SHORTEST_S)

    def begin(self) -> bool:
        """Count an attempt that is about to start; return False when there is no time left for it."""
        if not self._monotonic() < self._end:
            return False
        self._attempts += 1
        self._last = None
        self._sent_ns = self._clock.local_ns()
        self._sent_offset_ns = self._clock.offset_ns
        return True

    def after_response(self, response: httpx.Response) -> float | None:
        """Return the seconds to wait before the next attempt, or None when the call is over."""
        self._last = response
        clock = self._clock
        if response.status_code == 401 and self._prepared.signed and _EXPIRED in response.content:
            return self._after_expired_timestamp(response)
        if clock.offset_ns:
            clock.follow(date_of(response), self._sent_ns, clock.local_ns())
        if response.status_code == 429:
            if self._rate_limit:
                self._rate_limit.exhausted(self._prepared)
            return self._next_wait(response)
        if response.status_code >= 500 and is_ambiguous(response.status_code):
            self._first_ambiguous = self._first_ambiguous or response
            return self._next_wait(response) if self._repeatable else None
        return None

    def after_error(self, error: httpx.RequestError) -> float | None:
        """Return the seconds to wait before the next attempt, or None when the call is over."""
        not_sent = was_not_sent(error)  # before its cause, which decides this, is removed
        self._last = without_signature(error)
        if not_sent:
            return self._next_wait()
        self._first_ambiguous = self._first_ambiguous or error
        return self._next_wait() if self._repeatable else None

    def result(self, refused: BudgetError | None = None) -> httpx.Response:
        """
        Return the last response, or raise the error that describes all attempts.

        Args:
            refused: The rate limit's error, where the last attempt did not start because of it.

        Raises:
            WriteNotSentError: No attempt of a write was sent.
            WriteFateUnknownError: An attempt of a write may have been executed.
            OrderExistsError: An earlier attempt placed the order.
            BudgetError: The rate limit refused the first attempt.
            httpx.RequestError: A read failed.
        """
        last = self._last
        if last is None:
            raise refused or self._too_late()
        if isinstance(last, httpx.RequestError):
            self._raise(last)
        if self._is_read or self._first_ambiguous is None or self._first_ambiguous is last:
            return last
        if found := existing_orders(last, self._ids):
            raise OrderExistsError(found, self._ticker, without_signature(last))
        if last.is_success:
            return last
        # A rejection does not settle it either: the first attempt may have used up what the second one lacked.
        raise WriteFateUnknownError(self._in_doubt(), without_signature(last))

    def interrupted(self, error: BaseException) -> BaseException:
        """Return an exception that ends the call from outside, with a note where a write may have been executed."""
        under_way = self._attempts > 0 and self._last is None
        if not self._is_read and (under_way or self._first_ambiguous is not None):
            error.add_note(self._in_doubt())
        return without_frames(error)

    def _after_expired_timestamp(self, response: httpx.Response) -> float | None:
        clock, received_ns = self._clock, self._clock.local_ns()
        clock.correct(date_of(response), self._sent_ns, received_ns)
        # Another call may have corrected the clock while this one was under way.
        helps = clock.offset_ns != self._sent_offset_ns and not self._clock_corrected
        self._clock_corrected = True
        if helps:
            return 0.0 if self._monotonic() < self._end else None
        # A request that was signed before it waited for a connection may have grown too old in the queue.
        return self._next_wait(response) if received_ns - self._sent_ns > _OLD_NS else None

    def _raise(self, error: httpx.RequestError) -> NoReturn:
        if self._is_read:
            raise error
        if self._first_ambiguous is None:
            raise WriteNotSentError(f"{self._prepared.operation_id} was not sent: {describe(error)}") from error
        raise WriteFateUnknownError(self._in_doubt()) from error

    def _too_late(self) -> httpx.TransportError:
        text = f"{self._prepared.operation_id} was not sent: the deadline has passed"
        return httpx.ConnectTimeout(text) if self._is_read else WriteNotSentError(text)

    def _in_doubt(self) -> str:
        end = "was interrupted" if self._last is None else f"ended with {describe(self._last)}"
        return f"{self._prepared.operation_id} may have been executed: {self._attempts} sent, the last {end}"

    def _next_wait(self, response: httpx.Response | None = None) -> float | None:
        if self._attempts >= self._policy.attempts:
            return None
        wait_s = self._policy.wait_s(self._attempts - 1, self._random)
        if response is not None:
            asked_s = retry_after_s(response, self._policy.total_s, self._clock.now_ns())
            wait_s = max(wait_s, asked_s or 0.0)
        return wait_s if self._monotonic() + wait_s < self._end else None
