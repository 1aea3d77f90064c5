"""Order groups: a limit on the contracts that a set of orders trades within any 15 seconds."""

from __future__ import annotations

from collections import deque
from typing import Final

from attrs import define, field

from kalshi_paper.engine.amounts import Count

WINDOW_MS: Final = 15_000


@define(kw_only=True, eq=False)
class OrderGroup:
    """
    A set of orders under one limit.

    Attributes:
        order_group_id: Its id.
        account_id: Account it belongs to.
        contracts_limit: Most contracts it may trade within any 15 seconds.
        triggered: Whether it takes no orders until it is reset.
        resting: Ids of its resting orders, oldest first; the values mean nothing.
    """

    order_group_id: str
    account_id: str
    contracts_limit: Count
    triggered: bool = False
    resting: dict[str, None] = field(factory=dict)
    _traded: deque[tuple[int, Count]] = field(factory=deque, init=False)
    _sum: Count = field(default=0, init=False)

    def allowance(self, now_ms: int) -> Count:
        """Return the contracts it may still trade now; zero once triggered."""
        if self.triggered:
            return 0
        while self._traded and self._traded[0][0] <= now_ms - WINDOW_MS:
            self._sum -= self._traded.popleft()[1]
        return max(0, self.contracts_limit - self._sum)

    def trade(self, count: Count, now_ms: int) -> None:
        """Count contracts that it traded."""
        self._traded.append((now_ms, count))
        self._sum += count

    def reset(self) -> None:
        """Start counting from zero, and take orders again."""
        self._traded.clear()
        self._sum = 0
        self.triggered = False
