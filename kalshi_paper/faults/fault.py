"""One fault, and the faults that apply to one request."""

from __future__ import annotations

from math import isfinite
from random import Random
from typing import Literal

from attrs import Factory, define, field, frozen

FaultKind = Literal["latency", "fail", "drop", "limit", "skew", "lag"]


@define(eq=False)
class Fault:
    """
    A fault; it applies until it has hit `times` requests, or `end` is called.

    Attributes:
        kind: Kind of fault.
        amount: Seconds, or the status of a `fail`.
        jitter_s: Maximum random extra latency, seconds.
        rate: Fraction of the requests that it hits, from 0 to 1.
        times: Requests that it still hits; None for no limit.
        executed: Whether the request is executed and only its response is lost.
        account: Account that it is limited to; None for all.
        operation: Operation that it is limited to; None for all.
        hits: Requests that it has hit.
    """

    kind: FaultKind
    amount: float
    random: Random = field(repr=False)
    jitter_s: float = 0.0
    rate: float = 1.0
    times: int | None = None
    executed: bool = False
    account: str | None = None
    operation: str | None = None
    hits: int = 0

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.rate <= 1:
            raise ValueError("rate must be a number from 0 to 1")
        if not (isfinite(self.amount) and isfinite(self.jitter_s)):
            raise ValueError(f"{self.kind}: seconds must be finite")
        if self.kind in ("latency", "lag") and min(self.amount, self.jitter_s) < 0:
            raise ValueError(f"{self.kind}: seconds must not be negative")
        if self.times is not None and self.times < 1:
            raise ValueError("times must be a positive integer, or None for no limit")

    def end(self) -> None:
        """Stop the fault."""
        self.times = 0

    def matches(self, account: str | None, operation: str) -> bool:
        """Return True if the fault can hit a request of this account and operation."""
        return (
            self.times != 0
            and (self.account is None or self.account == account)
            and (self.operation is None or self.operation == operation)
        )

    @property
    def replaces_response(self) -> bool:
        """Return True if a request that it hits gets no regular response; one request has one such fault at most."""
        return self.kind in ("fail", "drop", "limit")

    def draw(self) -> bool:
        """Decide by `rate` whether the fault hits a matching request."""
        return self.rate == 1 or self.random.random() < self.rate

    def record_hit(self) -> None:
        """Count a request that it hits."""
        self.hits += 1
        if self.times is not None:
            self.times -= 1


@frozen
class RequestFaults:
    """
    The faults that apply to one request.

    Attributes:
        delay_s: Seconds to wait before the request is processed.
        skew_ms: Milliseconds that the server's clock is ahead.
        rate_limited: Whether the response is 429, whatever the token buckets hold.
        status: Status of the 5xx response; None for none.
        dropped: Whether the connection is closed without a response.
        executed: Whether the request is executed before it fails or its connection is dropped.
        lag_s: Seconds that reads lag behind the cancels of the request.
        processed: Whether the request is processed at all.
    """

    delay_s: float = 0.0
    skew_ms: int = 0
    rate_limited: bool = False
    status: int | None = None
    dropped: bool = False
    executed: bool = False
    lag_s: float = 0.0

    processed: bool = field(
        init=False,
        default=Factory(lambda self: self.executed or not (self.dropped or self.status is not None), takes_self=True),
    )


NO_FAULTS = RequestFaults()
"""The faults of a request that meets none."""
