"""One fault, and what a request meets of all of them."""

from __future__ import annotations

from math import isfinite
from random import Random
from typing import Literal

from attrs import Factory, define, field, frozen

Kind = Literal["latency", "fail", "drop", "limit", "skew", "lag"]


@define(eq=False)
class Fault:
    """
    One kind of trouble; it lasts until it is used up, or ended.

    Attributes:
        kind: What goes wrong.
        amount: Seconds, or the status of a failure.
        jitter_s: Seconds of latency added at random, at most.
        rate: How many of the requests it hits, from 0 to 1.
        times: How many more it hits; None for no end.
        executed: Whether the request is carried out all the same, and only its answer lost.
        account: The one account it hits; None for all.
        operation: The one operation it hits; None for all.
        hits: How many it has hit.
    """

    kind: Kind
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
            raise ValueError("a rate is a number from 0 to 1")
        if not (isfinite(self.amount) and isfinite(self.jitter_s)):
            raise ValueError(f"a {self.kind} is a finite number of seconds")
        if self.kind in ("latency", "lag") and min(self.amount, self.jitter_s) < 0:
            raise ValueError(f"a {self.kind} is a number of seconds, none below zero")
        if self.times is not None and self.times < 1:
            raise ValueError("times is a whole number above zero, or None for no end")

    def end(self) -> None:
        """Hit no more."""
        self.times = 0

    def covers(self, account: str | None, operation: str) -> bool:
        """Tell whether a request is one of those that it may hit."""
        return (
            self.times != 0
            and (self.account is None or self.account == account)
            and (self.operation is None or self.operation == operation)
        )

    @property
    def ending(self) -> bool:
        """Tell whether it is what becomes of a request, which only one fault can be."""
        return self.kind in ("fail", "drop", "limit")

    def drawn(self) -> bool:
        """Draw, for a request that it covers."""
        return self.rate == 1 or self.random.random() < self.rate

    def strike(self) -> None:
        """Hit a request."""
        self.hits += 1
        if self.times is not None:
            self.times -= 1


@frozen
class Conditions:
    """
    What one request meets.

    Attributes:
        delay_s: Seconds before it is looked at.
        skew_ms: Milliseconds that the server's clock is ahead.
        refused: Whether it gets 429 without a look at the buckets.
        status: The failure it ends in; None for none.
        dropped: Whether its connection breaks.
        executed: Whether it is carried out before it fails or is dropped.
        lag_s: Seconds that reads lag behind its cancels.
        answered: Whether it is carried out: it gets its own answer, or only the answer is lost.
    """

    delay_s: float = 0.0
    skew_ms: int = 0
    refused: bool = False
    status: int | None = None
    dropped: bool = False
    executed: bool = False
    lag_s: float = 0.0

    answered: bool = field(
        init=False,
        default=Factory(lambda self: self.executed or not (self.dropped or self.status is not None), takes_self=True),
    )


FAIR = Conditions()
"""What a request meets on a good day."""
