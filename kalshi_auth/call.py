"""The state of one call of an operation, and every decision about it; others do the waiting."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NoReturn

import httpx

from kalshi_auth.clock import date_of
from kalshi_auth.errors import BudgetError, OrderExistsError, WriteFateUnknownError, WriteNotSentError
from kalshi_auth.outcome import existing_orders, without_frames, without_signature, words
from kalshi_auth.policy import RetryPolicy
from kalshi_auth.retry import (
    Outgoing,
    caller_deadline,
    is_ambiguous,
    retry_after_s,
    safe_creation_ids,
    was_not_sent,
)

if TYPE_CHECKING:
    from kalshi_auth.sending import Sending

_ONCE: Final = RetryPolicy(attempts=1)
_EXPIRED: Final = b"header_timestamp_expired"
_SHORTEST_S: Final = 0.001
_OLD_NS: Final = 1_000_000_000


class Call:
    """One call: begun, answered, settled."""

    def __init__(self, sending: Sending, outgoing: Outgoing) -> None:
        self._sending = sending
        self._outgoing = outgoing
        self._policy = sending.policy or _ONCE
        self._reading = outgoing.method == "GET"
        # Now, for the body is the user's, who may change it for the next order while this one is under way.
        ids = safe_creation_ids(outgoing)
        self._repeatable = self._reading or ids is not None
        self._ids = ids or []
        self._ticker: str | None = getattr(outgoing.body, "ticker", None) if self._ids else None
        end = sending.monotonic() + self._policy.total_s if sending.policy else math.inf
        self._end = min(end, caller_deadline())
        self._attempts = 0
        self._last: httpx.RequestError | httpx.Response | None = None
        self._first_doubt: httpx.RequestError | httpx.Response | None = None
        self._clock_tried = False
        self._sent_ns = 0
        self._sent_offset_s = 0.0

    def left_s(self) -> float | None:
        """Return the seconds that are left, or None without a bound."""
        return None if self._end == math.inf else max(self._end - self._sending.monotonic(), _SHORTEST_S)

    def begin(self) -> bool:
        """Note that an attempt starts; tell whether there is time for it."""
        if not self._is_time(0.0):
            return False
        self._attempts += 1
        self._last = None
        self._sent_ns = self._sending.clock.local_ns()
        self._sent_offset_s = self._sending.clock.offset_s
        return True

    def after_response(self, response: httpx.Response) -> float | None:
        """Return the wait before the next attempt, or None when the call is over."""
        self._last = response
        clock, received_ns = self._sending.clock, self._sending.clock.local_ns()
        if response.status_code == 401 and self._outgoing.signed and _EXPIRED in response.content:
            clock.correct(date_of(response), self._sent_ns, received_ns)
            # Another call may have corrected the clock while this one was under way.
            helps = clock.offset_s != self._sent_offset_s and not self._clock_tried
            self._clock_tried = True
            if not helps:
                # Signed before it waited for a connection, a request may have grown too old in a queue.
                return self._next_wait(response) if received_ns - self._sent_ns > _OLD_NS else None
            return 0.0 if self._is_time(0.0) else None
        if clock.offset_s:
            clock.follow(date_of(response), self._sent_ns, received_ns)
        if response.status_code == 429:
            if self._sending.rate_limit:
                self._sending.rate_limit.exhausted(self._outgoing)
            return self._next_wait(response)
        if is_ambiguous(response.status_code):
            self._first_doubt = self._first_doubt or response
            return self._next_wait(response) if self._repeatable else None
        return None

    def after_error(self, error: httpx.RequestError) -> float | None:
        """Return the wait before the next attempt, or None when the call is over."""
        unsent = was_not_sent(error)  # its cause tells, which is taken away next
        self._last = without_signature(error)
        if unsent:
            return self._next_wait()
        self._first_doubt = self._first_doubt or error
        return self._next_wait() if self._repeatable else None

    def settled(self, refused: BudgetError | None = None) -> httpx.Response:
        """Return the last answer, or raise what there is to say: never less than the truth about any attempt."""
        last = self._last
        if last is None:
            raise refused or self._late()
        if isinstance(last, httpx.RequestError):
            self._raise(last)
        if self._reading or self._first_doubt is None or self._first_doubt is last:
            return last
        if found := existing_orders(last, self._ids):
            raise OrderExistsError(found, self._ticker, without_signature(last))
        if last.is_success:
            return last
        # Not even a refusal settles it: the first attempt may have used up what the second one lacked.
        raise WriteFateUnknownError(self._in_doubt(), without_signature(last))

    def interrupted(self, error: BaseException) -> BaseException:
        """Return what ends the call from outside, with a note where a write may have been executed."""
        under_way = self._attempts > 0 and self._last is None
        if not self._reading and (under_way or self._first_doubt is not None):
            error.add_note(self._in_doubt())
        return without_frames(error)

    def _raise(self, error: httpx.RequestError) -> NoReturn:
        if self._reading:
            raise error
        if self._first_doubt is None:
            raise WriteNotSentError(f"{self._outgoing.operation_id} was not sent: {words(error)}") from error
        raise WriteFateUnknownError(self._in_doubt()) from error

    def _late(self) -> httpx.TransportError:
        text = f"{self._outgoing.operation_id} was not sent: the deadline has passed"
        return httpx.ConnectTimeout(text) if self._reading else WriteNotSentError(text)

    def _in_doubt(self) -> str:
        end = "was interrupted" if self._last is None else f"ended with {words(self._last)}"
        return f"{self._outgoing.operation_id} may have been executed: {self._attempts} sent, the last {end}"

    def _next_wait(self, response: httpx.Response | None = None) -> float | None:
        if self._attempts >= self._policy.attempts:
            return None
        wait_s = self._policy.wait_s(self._attempts - 1, self._sending.random)
        if response is not None:
            asked_s = retry_after_s(response, self._policy.total_s, self._sending.clock.now_ns())
            wait_s = max(wait_s, asked_s or 0.0)
        return wait_s if self._is_time(wait_s) else None

    def _is_time(self, wait_s: float) -> bool:
        return self._sending.monotonic() + wait_s < self._end
