"""
Faults on demand: what a network and an exchange do to a bot on a bad day.

    exchange.weather.latency(0.2, operation="GetOrders")
    exchange.weather.fail(503, rate=0.1)
    exchange.weather.drop(operation="CreateOrderV2", executed=True, times=1)

Every fault may be narrowed to an account (the name given to `exchange.account`) and to an operation (its
operationId). Chance comes from the seed: the same requests in the same order meet the same faults.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from difflib import get_close_matches
from random import Random
from typing import Any

from kalshi_paper.faults.fault import Conditions, Fault, Kind
from kalshi_paper.faults.rate_limit import BASIC, Rates, Tokens


class Weather:
    """
    All faults there are; none at first.

    Args:
        seed: Where chance comes from.
        known: The operations there are; None for any.
        monotonic: Seconds, for token buckets and lagging reads.

    Attributes:
        fair: Whether there is no fault at all.
    """

    def __init__(
        self,
        seed: int = 0,
        *,
        known: Collection[str] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._known = known
        self._seed = seed
        self._made = 0
        self._faults: list[Fault] = []
        self.fair = True
        self._lock = threading.Lock()
        self.monotonic = monotonic
        self.tokens = Tokens(monotonic)
        self._lagging: dict[str, tuple[float, dict[str, Any]]] = {}

    def latency(self, seconds: float, *, jitter_s: float = 0.0, **narrow: Any) -> Fault:
        """Let requests wait before they are looked at, and up to `jitter_s` longer."""
        return self._add("latency", seconds, jitter_s=jitter_s, **narrow)

    def fail(self, status: int = 503, **narrow: Any) -> Fault:
        """
        Answer with a 5xx.

        Args:
            status: 500 speaks JSON; 502, 503 and 504 send a gateway's page.
            narrow: `account`, `operation`, `rate`, `times`; `executed=True` to carry the request out all the same.
        """
        if not 500 <= status <= 599:
            raise ValueError("status is a 5xx")
        return self._add("fail", status, **narrow)

    def drop(self, **narrow: Any) -> Fault:
        """Break the connection without an answer; `executed=True` carries the request out before."""
        return self._add("drop", 0, **narrow)

    def refuse(self, **narrow: Any) -> Fault:
        """Answer 429, whatever the buckets hold."""
        return self._add("limit", 0, **narrow)

    def skew(self, seconds: float, **narrow: Any) -> Fault:
        """Put the server's clock ahead (behind when below zero): its `Date`, and its view of timestamps."""
        return self._add("skew", seconds, **narrow)

    def lag(self, seconds: float, **narrow: Any) -> Fault:
        """Let reads show a cancelled order as `resting` for so long; narrowed to the operation that cancels."""
        return self._add("lag", seconds, **narrow)

    def limit(
        self,
        read: tuple[int, int] | None = BASIC.read,
        write: tuple[int, int] | None = BASIC.write,
        *,
        account: str | None = None,
    ) -> None:
        """
        Enforce token buckets, full at first; the basic tier's unless told otherwise.

        Args:
            read: Tokens a second and capacity, for GETs; None, like `write=None`, lifts the limit.
            write: The same for everything else.
            account: The one account it is for; None for all without a limit of their own.
        """
        self.tokens.limit(None if read is None or write is None else Rates(read, write), account)

    def clear(self) -> None:
        """End everything."""
        with self._lock:
            self._faults.clear()
            self.fair = True
            self._lagging.clear()
            self.tokens = Tokens(self.monotonic)

    def conditions(self, account: str | None, operation: str) -> Conditions:
        """Draw what a request meets."""
        with self._lock:
            self._faults = [fault for fault in self._faults if fault.times != 0]
            self.fair = not self._faults
            drawn = [fault for fault in self._faults if fault.covers(account, operation) and fault.drawn()]
            end = next((fault for fault in drawn if fault.ending), None)
            # A request ends once: what else would end it is left for the next one.
            struck = [fault for fault in drawn if fault is end or not fault.ending]
            for fault in struck:
                fault.strike()
        return Conditions(
            delay_s=sum(
                fault.amount + fault.jitter_s * fault.random.random() for fault in struck if fault.kind == "latency"
            ),
            skew_ms=round(1000 * sum(fault.amount for fault in struck if fault.kind == "skew")),
            refused=end is not None and end.kind == "limit",
            status=int(end.amount) if end and end.kind == "fail" else None,
            dropped=end is not None and end.kind == "drop",
            executed=end is not None and end.executed,
            lag_s=max((fault.amount for fault in struck if fault.kind == "lag"), default=0.0),
        )

    def hide(self, rows: list[dict[str, Any]], lag_s: float) -> None:
        """Let reads show orders as they were before a cancel."""
        until = self.monotonic() + lag_s
        self._lagging.update((row["order_id"], (until, row)) for row in rows)

    def seen(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return an order as reads show it now."""
        if not self._lagging:
            return row
        until, before = self._lagging.get(row["order_id"], (0.0, row))
        if self.monotonic() < until:
            return before
        self._lagging.pop(row["order_id"], None)
        return row

    def _check(self, operation: str | None = None, **_: Any) -> None:
        """Refuse a fault that would never strike."""
        if operation is not None and self._known is not None and operation not in self._known:
            near = get_close_matches(operation.replace("_", ""), self._known, 1)
            raise ValueError(f"no operation is called {operation!r}" + (f"; one is called {near[0]!r}" if near else ""))

    def _add(self, kind: Kind, amount: float, **narrow: Any) -> Fault:
        self._check(**narrow)
        with self._lock:
            self._made += 1
            # A fault's chance is its own, so that adding another one does not change it.
            random = Random(f"{self._seed}:{self._made}")  # noqa: S311 - chance, not a secret
            fault = Fault(kind, amount, random, **narrow)
            self._faults.append(fault)
            self.fair = False
            return fault
