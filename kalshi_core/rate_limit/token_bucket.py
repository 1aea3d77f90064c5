"""A token bucket that refills continuously and serves requests in the order of asking."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from kalshi_core.errors import BudgetError
from kalshi_core.transport.fork import FORK_LOCK


class Reservation(NamedTuple):
    """
    Tokens that are reserved for one request.

    Attributes:
        cost: Number of tokens.
        due_s: When they are available, on the bucket's clock.
        wait_s: Seconds until then, at the time of the reservation.
    """

    cost: float
    due_s: float
    wait_s: float


class TokenBucket:
    """
    Tokens that are added continuously and reserved in the order of asking.

    A reservation may lie in the future: the balance becomes negative, and the next request waits behind it, even when
    an earlier reservation is returned.

    Args:
        refill_rate: Tokens per second.
        capacity: Tokens when full.
        monotonic: Clock, seconds.

    Raises:
        ValueError: A number is not above zero, or not finite.
    """

    def __init__(self, refill_rate: float, capacity: float, monotonic: Callable[[], float]) -> None:
        check_size(refill_rate, capacity)
        self.refill_rate: float = refill_rate
        self.capacity: float = capacity
        self._monotonic = monotonic
        self._tokens = capacity
        self._refilled_s = monotonic()
        self._waiting: deque[float] = deque()

    def reserve(self, cost: float, longest_s: float | None) -> Reservation:
        """
        Reserve tokens, which may be available only later.

        Raises:
            BudgetError: They never fit, or not within `longest_s` seconds; nothing is reserved.
        """
        if cost > self.capacity:
            raise BudgetError(
                f"a request of {cost:g} tokens never fits a bucket of {self.capacity:g}; nothing was sent"
            )
        with FORK_LOCK:
            now = self._refill()
            while self._waiting and self._waiting[0] <= now:
                self._waiting.popleft()
            behind = self._waiting[-1] if self._waiting else now
            due = max(now + (cost - self._tokens) / self.refill_rate, behind)
            if longest_s is not None and due - now > longest_s:
                raise BudgetError(
                    f"the rate limit requires a wait of {due - now:.1f} s, longer than the time left; nothing was sent"
                )
            self._tokens -= cost
            if due > now:
                self._waiting.append(due)
            return Reservation(cost, due, due - now)

    def give_back(self, reservation: Reservation) -> None:
        """Return reserved tokens that will not be used."""
        with FORK_LOCK:
            self._refill()
            self._tokens = min(self.capacity, self._tokens + reservation.cost)
            if reservation.due_s in self._waiting:
                self._waiting.remove(reservation.due_s)

    def resize(self, refill_rate: float, capacity: float) -> None:
        """Change the size; tokens that were spent stay spent, and waiting requests keep their places."""
        with FORK_LOCK:
            self._refill()
            left = max(0.0, capacity - (self.capacity - self._tokens))
            self.refill_rate, self.capacity = refill_rate, capacity
            self._tokens = left if self._tokens >= 0 else self._tokens

    def empty(self) -> None:
        """Remove all tokens, because the exchange says that none is left."""
        with FORK_LOCK:
            self._refill()
            self._tokens = min(self._tokens, 0.0)

    def _refill(self) -> float:
        now = self._monotonic()
        self._tokens = min(self.capacity, self._tokens + (now - self._refilled_s) * self.refill_rate)
        self._refilled_s = now
        return now


def check_size(refill_rate: float, capacity: float) -> None:
    """Raise a ValueError where a bucket cannot have this size."""
    if not (0 < refill_rate < math.inf and 0 < capacity < math.inf):
        raise ValueError("refill rate and capacity must be numbers above zero")
