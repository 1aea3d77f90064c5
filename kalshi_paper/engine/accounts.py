"""An account: money, positions, orders, records."""

from __future__ import annotations

from attrs import define, field

from kalshi_paper.engine.amounts import Micros
from kalshi_paper.engine.markets import Market
from kalshi_paper.engine.order_groups import OrderGroup
from kalshi_paper.engine.orders import Order
from kalshi_paper.engine.positions import Position
from kalshi_paper.engine.records import Fill, Settlement


@define(kw_only=True, eq=False)
class Account:
    """
    State of an account; read-only outside the engine.

    Attributes:
        account_id: Account id.
        user_id: Owner of the account.
        cash_micros: Cash, including the money that resting orders lock, excluding the cost of positions.
        locked_micros: Money locked by resting orders.
        updated_ms: Time of the last balance change, Unix milliseconds.
        positions: Current and past positions, by market ticker.
        orders: All orders, oldest first.
        resting: Resting orders by id, oldest first.
        fills: Fills, oldest first.
        settlements: Settlements, oldest first.
        groups: Order groups by id, oldest first.
    """

    account_id: str
    user_id: str
    cash_micros: Micros = 0
    locked_micros: Micros = 0
    updated_ms: int = 0
    positions: dict[str, Position] = field(factory=dict)
    orders: list[Order] = field(factory=list)
    resting: dict[str, Order] = field(factory=dict)
    fills: list[Fill] = field(factory=list)
    settlements: list[Settlement] = field(factory=list)
    groups: dict[str, OrderGroup] = field(factory=dict)

    @property
    def free_micros(self) -> Micros:
        """Return the money available for new orders."""
        return self.cash_micros - self.locked_micros

    def position_in(self, market: Market) -> Position:
        """Return the position in a market, creating an empty one if needed."""
        position = self.positions.get(market.ticker)
        if position is None:
            position = self.positions[market.ticker] = Position(
                account_id=self.account_id, ticker=market.ticker, event_ticker=market.event_ticker, tick=market.tick
            )
        return position

    def update_locked(self, position: Position) -> None:
        """Recompute the money that the resting orders in one market lock."""
        collateral = position.collateral(position.count)
        self.locked_micros += collateral - position.locked_micros
        position.locked_micros = collateral
