"""Order groups: a limit on the contracts that a set of orders may trade within 15 seconds."""

from __future__ import annotations

from collections import deque
from typing import Final

from attrs import define, field

from kalshi_paper.engine.amounts import Count

WINDOW_MS: Final = 15_000
"""Length of the rolling window that the limit applies to, milliseconds."""


@define(kw_only=True, eq=False)
class OrderGroup:
    """
    A set of orders with a shared limit.

    Attributes:
        order_group_id: Group id.
        account_id: Account of the group.
        contracts_limit: Maximum number of contracts traded within any 15 seconds.
        triggered: True once the limit was reached; the group then rejects orders until it is reset.
        resting: Ids of its resting orders, oldest first; a dict used as an ordered set.
    """

    order_group_id: str
    account_id: str
    contracts_limit: Count
    triggered: bool = False
    resting: dict[str, None] = field(factory=dict)
    _trades: deque[tuple[int, Count]] = field(factory=deque, init=False)
    _traded_count: Count = field(default=0, init=False)

    def allowance(self, now_ms: int) -> Count:
        """Return the contracts that the group may still trade now; zero once triggered."""
        if self.triggered:
            return 0
        while self._trades and self._trades[0][0] <= now_ms - WINDOW_MS:
            self._traded_count -= self._trades.popleft()[1]
        return max(0, self.contracts_limit - self._traded_count)

    def record_trade(self, count: Count, now_ms: int) -> None:
        """Count traded contracts towards the limit."""
        self._trades.append((now_ms, count))
        self._traded_count += count

    def reset(self) -> None:
        """Set the traded contracts to zero and accept orders again."""
        self._trades.clear()
        self._traded_count = 0
        self.triggered = False
