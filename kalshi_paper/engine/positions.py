"""An account's position in one market, and the collateral that its resting orders there lock."""

from __future__ import annotations

from attrs import Factory, define, field

from kalshi_paper.engine.amounts import DOLLAR, Count, Micros, Price
from kalshi_paper.engine.fees import exact_fee, rounded_fee
from kalshi_paper.engine.fenwick_tree import FenwickTree
from kalshi_paper.engine.orders import BookSide, Order


def leg_price(side: BookSide, price: Price) -> Price:
    """Return the price of the leg that a side buys: YES for a bid, NO for an ask."""
    return price if side == "bid" else DOLLAR - price


def reserved_fees(order: Order) -> Micros:
    """Return the maker fees that an order would pay if all of its resting contracts filled at its price."""
    rate = order.fees.maker_rate
    if not rate:
        return 0
    total = order.fee_units + exact_fee(rate, order.remaining_count, order.price)
    return rounded_fee(total) - rounded_fee(order.fee_units)


class RestingCollateral:
    """
    Collateral of an account's resting orders on one side of a market.

    Orders that close a position need no collateral: each is paid from the dollar that the closed pair releases. The
    orders with the highest leg price trade first, so they are the ones that close. Most accounts have no position to
    close, so the trees are updated only when the order of prices matters.

    Attributes:
        count: Resting contracts.
        value: Contracts times the price of the leg that they buy.
        pending: Changes in contracts by leg price that the trees do not include yet.
    """

    __slots__ = ("_tick", "_trees", "count", "pending", "value")

    def __init__(self, tick: Price) -> None:
        self.count: Count = 0
        self.value: Micros = 0
        self._tick = tick
        self._trees: tuple[FenwickTree, FenwickTree] | None = None
        self.pending: dict[Price, Count] = {}

    def required(self, closing: Count) -> Micros:
        """Return the collateral of all contracts except the first `closing` ones."""
        if closing <= 0:
            return self.value
        if closing >= self.count:
            return 0
        counts, values = self._updated_trees()
        index = counts.find(closing)
        over = closing - counts.sum_before(index)
        return self.value - values.sum_before(index) - over * (DOLLAR - index * self._tick)

    def _updated_trees(self) -> tuple[FenwickTree, FenwickTree]:
        """Return the trees of contracts and of their value, indexed by leg price, highest first."""
        if self._trees is None:
            size = DOLLAR // self._tick + 1
            self._trees = FenwickTree(size), FenwickTree(size)
        counts, values = self._trees
        for leg, count in self.pending.items():
            index = (DOLLAR - leg) // self._tick
            counts.add(index, count)
            values.add(index, count * leg)
        self.pending.clear()
        return self._trees


@define(kw_only=True, eq=False)
class Position:
    """
    One account's position in one market.

    Attributes:
        account_id: Account.
        ticker: Market.
        event_ticker: Event of the market.
        tick: Smallest price step of the market.
        count: Contracts held; positive for YES, negative for NO.
        cost_micros: Cost of the contracts held.
        realized_micros: Realized profit, without fees.
        traded_micros: Total spent on opening contracts.
        traded_count: Total contracts traded, both sides.
        fees_micros: Fees paid.
        updated_ms: Time of the last change, Unix milliseconds.
        settled: Whether the market was settled.
        locked_micros: Money locked by the resting orders in the market.
    """

    account_id: str
    ticker: str
    event_ticker: str
    tick: Price
    count: Count = 0
    cost_micros: Micros = 0
    realized_micros: Micros = 0
    traded_micros: Micros = 0
    traded_count: Count = 0
    fees_micros: Micros = 0
    updated_ms: int = 0
    settled: bool = False
    locked_micros: Micros = 0
    _reserved_fees: Micros = field(default=0, init=False)
    _bids: RestingCollateral = field(
        init=False, default=Factory(lambda self: RestingCollateral(self.tick), takes_self=True)
    )
    _asks: RestingCollateral = field(
        init=False, default=Factory(lambda self: RestingCollateral(self.tick), takes_self=True)
    )

    def add_resting(self, order: Order) -> None:
        """Include an order's resting contracts in `collateral`; the caller updates `locked_micros`."""
        self._change_resting(order, order.remaining_count, reserved_fees(order))

    def remove_resting(self, order: Order) -> None:
        """Exclude an order's resting contracts from `collateral`; the caller updates `locked_micros`."""
        self._change_resting(order, -order.remaining_count, -reserved_fees(order))

    def _change_resting(self, order: Order, count: Count, fees: Micros) -> None:
        side, leg = (self._bids, order.price) if order.side == "bid" else (self._asks, DOLLAR - order.price)
        side.count += count
        side.value += count * leg
        side.pending[leg] = side.pending.get(leg, 0) + count
        self._reserved_fees += fees

    def collateral(self, count: Count) -> Micros:
        """Return the money that the resting orders need when the account holds `count` contracts."""
        if not count:
            return self._bids.value + self._asks.value + self._reserved_fees
        return self._bids.required(-count) + self._asks.required(count) + self._reserved_fees

    def closable(self, side: BookSide) -> Count:
        """Return the contracts that a trade on this side would close."""
        return max(0, -self.count if side == "bid" else self.count)

    def apply_fill(self, side: BookSide, count: Count, price: Price) -> Micros:
        """Update the position for a fill, and return the change of the account's cash before fees."""
        leg = leg_price(side, price)
        closing = min(count, self.closable(side))
        opening = count - closing
        cost_closed = self.cost_micros * closing // abs(self.count) if closing else 0
        proceeds = (DOLLAR - leg) * closing
        spent = leg * opening
        self.realized_micros += proceeds - cost_closed
        self.cost_micros += spent - cost_closed
        self.traded_micros += spent
        self.traded_count += count
        self.count += count if side == "bid" else -count
        return proceeds - spent
