"""The exchange's rate limit: two token buckets for each account, refilled continuously."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import define, frozen

from kalshi_paper.web.openapi import Operation

DEFAULT_COST: Final = 10
COSTS: Final[Mapping[tuple[str, str], int]] = {
    ("DELETE", "/portfolio/events/orders/{order_id}"): 2,
    ("DELETE", "/portfolio/events/orders/batched"): 2,
}
"""Operations that don't cost the default. Ours: the real list is not in the document."""


@frozen
class Rates:
    """
    What an account may do.

    Attributes:
        read: Tokens a second and capacity of the bucket that GETs draw on.
        write: The same of everything else's.
    """

    read: tuple[int, int]
    write: tuple[int, int]


BASIC: Final = Rates((200, 200), (100, 100))
"""The basic tier."""
UNLIMITED: Final = Rates((1_000_000, 1_000_000), (1_000_000, 1_000_000))
"""What an account is told that is not held to any."""


@define
class Bucket:
    """
    Tokens that flow in continuously.

    Attributes:
        refill_rate: Tokens a second.
        capacity: Tokens when full, as it is at first.
        tokens: What is in it.
        at: When that was reckoned, in seconds.
    """

    refill_rate: float
    capacity: float
    tokens: float
    at: float

    def take(self, cost: float, now: float) -> bool:
        """Take tokens; false, and nothing taken, when there are not enough."""
        self.tokens = min(self.capacity, self.tokens + (now - self.at) * self.refill_rate)
        self.at = now
        if cost > self.tokens:
            return False
        self.tokens -= cost
        return True


class Tokens:
    """
    The buckets of all accounts.

    Args:
        monotonic: Seconds.

    Attributes:
        limiting: Whether anybody is held to a rate.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._rates: dict[str | None, Rates] = {}
        self.limiting = False
        self._buckets: dict[tuple[str | None, bool], Bucket] = {}

    def limit(self, rates: Rates | None, account: str | None = None) -> None:
        """Hold an account, or every one without a rate of its own, to a rate; None for no limit."""
        self._buckets.clear()
        if rates is None:
            self._rates.pop(account, None)
        else:
            self._rates[account] = rates
        self.limiting = bool(self._rates)

    def rates(self, account: str | None) -> Rates | None:
        """Return what an account is held to; None for nothing."""
        return self._rates.get(account) or self._rates.get(None)

    def take(self, account: str | None, operation: Operation, body: Any) -> bool:
        """Charge a request; false when its bucket has too little, which costs nothing."""
        rates = self.rates(account)
        if rates is None:
            return True
        bucket = self._buckets.get((account, operation.reading))
        if bucket is None:
            rate, capacity = rates.read if operation.reading else rates.write
            bucket = Bucket(rate, capacity, capacity, self._monotonic())
            self._buckets[account, operation.reading] = bucket
        return bucket.take(cost(operation, body), self._monotonic())


def cost(operation: Operation, body: Any) -> int:
    """Return the tokens of a request; a batch costs the sum of its items."""
    each = COSTS.get((operation.method, operation.path), DEFAULT_COST)
    orders = body.get("orders") if isinstance(body, dict) else None
    return each * len(orders) if isinstance(orders, list) else each
