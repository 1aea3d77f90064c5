"""The exchange's rate limit: two token buckets for each account, refilled continuously."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import define, frozen

DEFAULT_COST: Final = 10
"""Tokens of an operation that is not in `COSTS`."""
COSTS: Final[Mapping[tuple[str, str], int]] = {
    ("DELETE", "/portfolio/events/orders/{order_id}"): 2,
    ("DELETE", "/portfolio/events/orders/batched"): 2,
}
"""Tokens of single operations by method and path. Our own choice: the real list is not in the document."""


@frozen
class Rates:
    """
    Rate limit of an account.

    Attributes:
        read: Tokens per second and capacity of the bucket for GETs.
        write: Tokens per second and capacity of the bucket for everything else.
    """

    read: tuple[int, int]
    write: tuple[int, int]


BASIC: Final = Rates((200, 200), (100, 100))
"""Rate limit of the basic tier."""
UNLIMITED: Final = Rates((1_000_000, 1_000_000), (1_000_000, 1_000_000))
"""Rate limit that is reported for an account without one."""


@define
class TokenBucket:
    """
    A bucket that is refilled continuously.

    Attributes:
        refill_rate: Tokens per second.
        capacity: Maximum number of tokens.
        tokens: Tokens in it at the time `updated_s`.
        updated_s: Time of the last update, monotonic seconds.
    """

    refill_rate: float
    capacity: float
    tokens: float
    updated_s: float

    def take(self, cost: float, now_s: float) -> bool:
        """Take tokens; returns False and takes nothing if there are not enough."""
        self.tokens = min(self.capacity, self.tokens + (now_s - self.updated_s) * self.refill_rate)
        self.updated_s = now_s
        if cost > self.tokens:
            return False
        self.tokens -= cost
        return True


class RateLimiter:
    """
    Token buckets of all accounts.

    Args:
        monotonic: Returns monotonic seconds.

    Attributes:
        active: Whether any account has a rate limit.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._rates: dict[str | None, Rates] = {}
        self.active = False
        self._buckets: dict[tuple[str | None, bool], TokenBucket] = {}

    def set_rates(self, rates: Rates | None, account: str | None = None) -> None:
        """Set the rate limit of an account, or of all without their own for None; `rates` None removes it."""
        self._buckets.clear()
        if rates is None:
            self._rates.pop(account, None)
        else:
            self._rates[account] = rates
        self.active = bool(self._rates)

    def rates(self, account: str | None) -> Rates | None:
        """Return the rate limit of an account; None for no limit."""
        return self._rates.get(account) or self._rates.get(None)

    def take(self, account: str | None, method: str, path: str, body: Any) -> bool:
        """
        Take the tokens of a request; returns False and takes nothing if its bucket has too few.

        Args:
            account: Account that signed; None for a public request.
            method: HTTP verb, upper case.
            path: Path of the operation, with `{parameters}`.
            body: Decoded body.
        """
        rates = self.rates(account)
        if rates is None:
            return True
        is_read = method == "GET"
        bucket = self._buckets.get((account, is_read))
        if bucket is None:
            refill_rate, capacity = rates.read if is_read else rates.write
            bucket = TokenBucket(refill_rate, capacity, capacity, self._monotonic())
            self._buckets[account, is_read] = bucket
        return bucket.take(request_cost(method, path, body), self._monotonic())


def request_cost(method: str, path: str, body: Any) -> int:
    """Return the tokens of a request; a batch costs the sum of its orders."""
    each = COSTS.get((method, path), DEFAULT_COST)
    orders = body.get("orders") if isinstance(body, dict) else None
    return each * len(orders) if isinstance(orders, list) else each
