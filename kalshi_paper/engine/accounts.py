"""An account: its money, its orders, its records."""

from __future__ import annotations

from attrs import define, field

from kalshi_paper.engine.amounts import Micros
from kalshi_paper.engine.markets import Market
from kalshi_paper.engine.order_group import OrderGroup
from kalshi_paper.engine.orders import Order
from kalshi_paper.engine.positions import Holding
from kalshi_paper.engine.records import Fill, Settlement


@define(kw_only=True, eq=False)
class Account:
    """
    An account; to be read, never changed, from outside.

    Attributes:
        account_id: Its id.
        user_id: User it belongs to.
        cash_micros: Money, that behind resting orders included, that paid for positions not.
        locked_micros: Money behind resting orders.
        updated_ms: When the balance last changed.
        holdings: What it has, or had, in each market it touched.
        orders: All its orders, oldest first.
        resting: Those that rest, oldest first.
        fills: Its fills, oldest first.
        settlements: Its settlements, oldest first.
        groups: Its order groups, oldest first.
    """

    account_id: str
    user_id: str
    cash_micros: Micros = 0
    locked_micros: Micros = 0
    updated_ms: int = 0
    holdings: dict[str, Holding] = field(factory=dict)
    orders: list[Order] = field(factory=list)
    resting: dict[str, Order] = field(factory=dict)
    fills: list[Fill] = field(factory=list)
    settlements: list[Settlement] = field(factory=list)
    groups: dict[str, OrderGroup] = field(factory=dict)

    @property
    def free_micros(self) -> Micros:
        """Return the money free to trade with."""
        return self.cash_micros - self.locked_micros

    def holding(self, market: Market) -> Holding:
        """Return what it has in a market, an empty record at first."""
        held = self.holdings.get(market.ticker)
        if held is None:
            held = self.holdings[market.ticker] = Holding(
                account_id=self.account_id, ticker=market.ticker, event_ticker=market.event_ticker, tick=market.tick
            )
        return held

    def relock(self, held: Holding) -> None:
        """Bring what is locked up to date with a holding's orders."""
        required = held.required(held.count)
        self.locked_micros += required - held.locked_micros
        held.locked_micros = required
