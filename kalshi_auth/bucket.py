"""A token bucket: continuous, first come, first served."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from attrs import frozen

from kalshi_auth.errors import BudgetError
from kalshi_auth.lock import LOCK


@frozen
class Promise:
    """
    Tokens that were promised.

    Attributes:
        cost: How many.
        due_s: When they are there, on the bucket's clock.
        wait_s: Seconds until then, when they were promised.
    """

    cost: float
    due_s: float
    wait_s: float


class Bucket:
    """
    Tokens that flow in continuously, and are promised in the order of asking.

    A promise may be for later: the balance goes below zero, and whoever asks next waits behind, even when
    a promise before it is given back.

    Args:
        refill_rate: Tokens a second.
        capacity: Tokens when full.
        monotonic: Seconds.
    """

    def __init__(self, refill_rate: float, capacity: float, monotonic: Callable[[], float]) -> None:
        if not (0 < refill_rate < float("inf") and 0 < capacity < float("inf")):
            raise ValueError("refill rate and capacity are numbers above zero")
        self.refill_rate: float = refill_rate
        self.capacity: float = capacity
        self._monotonic = monotonic
        self._tokens = capacity
        self._at = monotonic()
        self._waiting: deque[float] = deque()

    def promise(self, cost: float, most_s: float | None) -> Promise:
        """
        Take tokens, which may be there only later.

        Raises:
            BudgetError: They never fit, or not within `most_s`; nothing is taken.
        """
        if cost > self.capacity:
            raise BudgetError(
                f"a request of {cost:g} tokens never fits a bucket of {self.capacity:g}; nothing was sent"
            )
        with LOCK:
            now = self._refill()
            while self._waiting and self._waiting[0] <= now:
                self._waiting.popleft()
            behind = self._waiting[-1] if self._waiting else now
            due = max(now + (cost - self._tokens) / self.refill_rate, behind)
            if most_s is not None and due - now > most_s:
                raise BudgetError(
                    f"{due - now:.1f} s until the rate limit allows it, more than there is; nothing was sent"
                )
            self._tokens -= cost
            if due > now:
                self._waiting.append(due)
            return Promise(cost, due, due - now)

    def give_back(self, promise: Promise) -> None:
        """Return tokens that were promised and will not be used."""
        with LOCK:
            self._refill()
            self._tokens = min(self.capacity, self._tokens + promise.cost)
            if promise.due_s in self._waiting:
                self._waiting.remove(promise.due_s)

    def resize(self, other: Bucket) -> None:
        """Take over the size of another; what was spent stays spent, and whoever waits keeps the place."""
        with LOCK:
            self._refill()
            left = max(0.0, other.capacity - (self.capacity - self._tokens))
            self.refill_rate, self.capacity = other.refill_rate, other.capacity
            self._tokens = left if self._tokens >= 0 else self._tokens

    def empty(self) -> None:
        """Believe the exchange that nothing is left."""
        with LOCK:
            self._refill()
            self._tokens = min(self._tokens, 0.0)

    def _refill(self) -> float:
        now = self._monotonic()
        self._tokens = min(self.capacity, self._tokens + (now - self._at) * self.refill_rate)
        self._at = now
        return now
