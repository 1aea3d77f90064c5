"""What one account has in one market: contracts held, what they cost, and what its resting orders lock."""

from __future__ import annotations

from attrs import Factory, define, field

from kalshi_paper.engine.amounts import DOLLAR, Count, Micros, Price
from kalshi_paper.engine.fees import charged, units
from kalshi_paper.engine.fenwick_tree import Fenwick
from kalshi_paper.engine.orders import BookSide, Order


def leg_price(side: BookSide, price: Price) -> Price:
    """Return the price of the leg that a side buys: YES for a bid, NO for an ask."""
    return price if side == "bid" else DOLLAR - price


def fees_held(order: Order) -> Micros:
    """Return the fees that what rests of an order will cost if all of it fills where it is."""
    rate = order.fees.maker_rate
    if not rate:
        return 0
    return charged(order.fee_units + units(rate, order.remaining_count, order.price)) - charged(order.fee_units)


class Reserve:
    """
    An account's resting contracts on one side of a market, by the price of the leg they buy, dearest first.

    The dearest trade first. Those that close a position need no collateral: each pays for itself out of the dollar
    that its pair releases. Most accounts have none to close on that side, so the trees are brought up to date when it
    matters which orders are the dearest.

    Attributes:
        count: All contracts.
        value: What they cost.
        waiting: Contracts by the price of their leg, or below zero taken off, that the trees have not seen.
    """

    __slots__ = ("_tick", "_trees", "count", "value", "waiting")

    def __init__(self, tick: Price) -> None:
        self.count: Count = 0
        self.value: Micros = 0
        self._tick = tick
        self._trees: tuple[Fenwick, Fenwick] | None = None
        self.waiting: dict[Price, Count] = {}

    def required(self, closing: Count) -> Micros:
        """Return the collateral of all but the first `closing` contracts."""
        if closing <= 0:
            return self.value
        if closing >= self.count:
            return 0
        counts, values = self._caught_up()
        index = counts.find(closing)
        over = closing - counts.before(index)
        return self.value - values.before(index) - over * (DOLLAR - index * self._tick)

    def _caught_up(self) -> tuple[Fenwick, Fenwick]:
        """Return the contracts and their value, by price."""
        if self._trees is None:
            size = DOLLAR // self._tick + 1
            self._trees = Fenwick(size), Fenwick(size)
        counts, values = self._trees
        for leg, count in self.waiting.items():
            index = (DOLLAR - leg) // self._tick
            counts.add(index, count)
            values.add(index, count * leg)
        self.waiting.clear()
        return self._trees


@define(kw_only=True, eq=False)
class Holding:
    """
    One account's contracts and figures in one market.

    Attributes:
        account_id: The account.
        ticker: The market.
        event_ticker: Its event.
        tick: The market's tick.
        count: Contracts held: YES above zero, NO below.
        cost_micros: What the contracts now held cost.
        realized_micros: Profit locked in, fees left out.
        traded_micros: All that was spent on contracts.
        traded_count: All contracts traded, either way.
        fees_micros: Fees paid.
        updated_ms: When the position last changed.
        settled: Whether the market was settled.
        locked_micros: What its resting orders lock.
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
    _fees_held: Micros = field(default=0, init=False)
    _bids: Reserve = field(init=False, default=Factory(lambda self: Reserve(self.tick), takes_self=True))
    _asks: Reserve = field(init=False, default=Factory(lambda self: Reserve(self.tick), takes_self=True))

    def reserve(self, order: Order, sign: int) -> None:
        """Count what rests of an order in (1) or out (-1); `locked_micros` is for the caller to bring up to date."""
        reserve, leg = (self._bids, order.price) if order.side == "bid" else (self._asks, DOLLAR - order.price)
        count = sign * order.remaining_count
        reserve.count += count
        reserve.value += count * leg
        reserve.waiting[leg] = reserve.waiting.get(leg, 0) + count
        if order.fees.maker_rate:
            self._fees_held += sign * fees_held(order)

    def required(self, count: Count) -> Micros:
        """Return the collateral of the orders counted in, were so many contracts held."""
        if not count:
            return self._bids.value + self._asks.value + self._fees_held
        return self._bids.required(-count) + self._asks.required(count) + self._fees_held

    def closable(self, side: BookSide) -> Count:
        """Return the contracts that trading on a side would close."""
        return max(0, -self.count if side == "bid" else self.count)

    def trade(self, side: BookSide, count: Count, price: Price) -> Micros:
        """Take a fill in, and return what it adds to the account's cash, fees left out."""
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
