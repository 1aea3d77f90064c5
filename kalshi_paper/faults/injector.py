"""
Fault injection: latency, errors, lost responses, clock skew, lagging reads.

    exchange.faults.latency(0.2, operation="GetOrders")
    exchange.faults.fail(503, rate=0.1)
    exchange.faults.drop(operation="CreateOrderV2", executed=True, times=1)

Every fault can be limited to an account (the name given to `exchange.account`) and to an operation (its operationId).
Random choices are determined by the seed: the same requests in the same order get the same faults.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from difflib import get_close_matches
from random import Random
from typing import Any

from kalshi_paper.faults.fault import Fault, FaultKind, RequestFaults
from kalshi_paper.faults.rate_limit import BASIC, RateLimiter, Rates


class FaultInjector:
    """
    The faults of an exchange; none at first.

    The keyword arguments `only` of each method are fields of `Fault`: `account`, `operation`, `rate`, `times`, and for
    `fail` and `drop` also `executed`. A value out of range, or an unknown operation, raises ValueError.

    Args:
        seed: Seed of the random choices.
        operations: Known operationIds; None accepts any.
        monotonic: Returns monotonic seconds, for token buckets and lagging reads.

    Attributes:
        active: Whether there are any faults.
        rate_limiter: Token buckets of the accounts.
    """

    def __init__(
        self,
        seed: int = 0,
        *,
        operations: Collection[str] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._operations = operations
        self._seed = seed
        self._added = 0
        self._faults: list[Fault] = []
        self.active = False
        self._lock = threading.Lock()
        self._monotonic = monotonic
        self.rate_limiter = RateLimiter(monotonic)
        self._lagging: dict[str, tuple[float, dict[str, Any]]] = {}

    def latency(self, seconds: float, *, jitter_s: float = 0.0, **only: Any) -> Fault:
        """Delay requests before they are processed, by `seconds` plus a random time up to `jitter_s`."""
        return self._add("latency", seconds, jitter_s=jitter_s, **only)

    def fail(self, status: int = 503, **only: Any) -> Fault:
        """
        Respond with a 5xx.

        Args:
            status: 500 has a JSON body; every other status has the HTML page of a gateway.
            only: Limits, see the class; `executed=True` executes the request all the same.
        """
        if not 500 <= status <= 599:
            raise ValueError("status must be from 500 to 599")
        return self._add("fail", status, **only)

    def drop(self, **only: Any) -> Fault:
        """Close the connection without a response; `executed=True` executes the request first."""
        return self._add("drop", 0, **only)

    def refuse(self, **only: Any) -> Fault:
        """Respond with 429, whatever the token buckets hold."""
        return self._add("limit", 0, **only)

    def skew(self, seconds: float, **only: Any) -> Fault:
        """Set the server's clock ahead (behind if negative): its `Date` header, and its check of timestamps."""
        return self._add("skew", seconds, **only)

    def lag(self, seconds: float, **only: Any) -> Fault:
        """Let reads show a cancelled order as `resting` for so long; `operation` is the one that cancels."""
        return self._add("lag", seconds, **only)

    def limit(
        self,
        read: tuple[int, int] | None = BASIC.read,
        write: tuple[int, int] | None = BASIC.write,
        *,
        account: str | None = None,
    ) -> None:
        """
        Enforce a rate limit with token buckets, which start full; the default is the basic tier's.

        Args:
            read: Tokens per second and capacity for GETs; None here or for `write` removes the limit.
            write: Tokens per second and capacity for everything else.
            account: Account with this limit; None for all accounts without a limit of their own.
        """
        self.rate_limiter.set_rates(None if read is None or write is None else Rates(read, write), account)

    def clear(self) -> None:
        """Remove all faults and rate limits."""
        with self._lock:
            self._faults.clear()
            self.active = False
            self._lagging.clear()
            self.rate_limiter = RateLimiter(self._monotonic)

    def draw(self, account: str | None, operation: str) -> RequestFaults:
        """Return the faults that apply to a request, and count it against them."""
        with self._lock:
            self._faults = [fault for fault in self._faults if fault.times != 0]
            self.active = bool(self._faults)
            drawn = [fault for fault in self._faults if fault.matches(account, operation) and fault.draw()]
            replacing = next((fault for fault in drawn if fault.replaces_response), None)
            # A request has one response, so other faults that would replace it wait for the next request.
            hits = [fault for fault in drawn if fault is replacing or not fault.replaces_response]
            for fault in hits:
                fault.record_hit()
        return RequestFaults(
            delay_s=sum(
                fault.amount + fault.jitter_s * fault.random.random() for fault in hits if fault.kind == "latency"
            ),
            skew_ms=round(1000 * sum(fault.amount for fault in hits if fault.kind == "skew")),
            rate_limited=replacing is not None and replacing.kind == "limit",
            status=int(replacing.amount) if replacing and replacing.kind == "fail" else None,
            dropped=replacing is not None and replacing.kind == "drop",
            executed=replacing is not None and replacing.executed,
            lag_s=max((fault.amount for fault in hits if fault.kind == "lag"), default=0.0),
        )

    def delay_reads(self, orders: list[dict[str, Any]], lag_s: float) -> None:
        """Let reads show orders, as JSON, as they were before a cancel."""
        until = self._monotonic() + lag_s
        self._lagging.update((order["order_id"], (until, order)) for order in orders)

    def as_read(self, order: dict[str, Any]) -> dict[str, Any]:
        """Return an order, as JSON, as reads show it now."""
        if not self._lagging:
            return order
        until, before = self._lagging.get(order["order_id"], (0.0, order))
        if self._monotonic() < until:
            return before
        self._lagging.pop(order["order_id"], None)
        return order

    def _check_operation(self, operation: str | None) -> None:
        if operation is not None and self._operations is not None and operation not in self._operations:
            near = get_close_matches(operation.replace("_", ""), self._operations, 1)
            raise ValueError(f"unknown operation {operation!r}" + (f"; did you mean {near[0]!r}?" if near else ""))

    def _add(self, kind: FaultKind, amount: float, **only: Any) -> Fault:
        self._check_operation(only.get("operation"))
        with self._lock:
            self._added += 1
            # Each fault has its own generator, so that adding another fault does not change its choices.
            random = Random(f"{self._seed}:{self._added}")  # noqa: S311 - nothing here is a secret
            fault = Fault(kind, amount, random, **only)
            self._faults.append(fault)
            self.active = True
            return fault
