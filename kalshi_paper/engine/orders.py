"""Orders: what is asked for, what is kept, what is answered."""

from __future__ import annotations

from typing import Literal

from attrs import define, frozen

from kalshi_paper.engine.amounts import Count, Micros, Price
from kalshi_paper.engine.fees import FeeSchedule

BookSide = Literal["bid", "ask"]
TimeInForce = Literal["good_till_canceled", "fill_or_kill", "immediate_or_cancel"]
SelfTradePrevention = Literal["taker_at_cross", "maker"]
OrderStatus = Literal["resting", "canceled", "executed"]


@define
class Place:
    """
    An order as it rests in a book.

    Attributes:
        order_id: Whose place this is.
        side: `bid` or `ask`.
        price: YES price.
        count: Contracts that rest.
        slot: Index among the orders at its price.
    """

    order_id: str
    side: BookSide
    price: Price
    count: Count
    slot: int


# Not frozen, as what is made anew for each order: freezing it would take as long again as making it.
@define(kw_only=True)
class NewOrder:
    """
    An order to place, in the document's words and this package's units.

    Attributes:
        ticker: Market to trade.
        side: `bid` buys YES, `ask` sells YES.
        price: Limit price of the YES leg.
        count: Contracts to trade.
        time_in_force: How long it stays.
        self_trade_prevention_type: What happens when it meets another order of the same user.
        client_order_id: The caller's own id; None, or empty, for none.
        post_only: Refuse it if it would cross.
        reduce_only: Cap its count, as it is placed, at the position it would make smaller.
        expiration_s: Unix seconds, in the future; only with `good_till_canceled`.
        order_group_id: Group to put it into.
        cancel_order_on_pause: Cancel it when the market is paused.
    """

    ticker: str
    side: BookSide
    price: Price
    count: Count
    time_in_force: TimeInForce
    self_trade_prevention_type: SelfTradePrevention
    client_order_id: str | None = None
    post_only: bool = False
    reduce_only: bool = False
    expiration_s: int | None = None
    order_group_id: str | None = None
    cancel_order_on_pause: bool = False


@define(kw_only=True, eq=False)
class Order:
    """
    An order as the exchange knows it, resting or finished; to be read, never changed, from outside.

    Attributes:
        order_id: Its id.
        account_id: Account it belongs to.
        user_id: User the account belongs to.
        client_order_id: The caller's own id, empty when none was given.
        ticker: Its market.
        side: `bid` or `ask`.
        price: Limit price of the YES leg.
        initial_count: Contracts it was placed for.
        remaining_count: Contracts still to fill; zero once cancelled.
        fill_count: Contracts filled.
        status: `resting`, `canceled` or `executed`.
        taker_fill_cost_micros: What the contracts it took cost, each at its leg's price.
        maker_fill_cost_micros: What the contracts filled while it rested cost.
        taker_fees_micros: Fees on the contracts it took.
        maker_fees_micros: Fees on the contracts filled while it rested.
        created_ms: When it was placed, Unix milliseconds.
        updated_ms: When it last changed, Unix milliseconds.
        expiration_s: When it expires, Unix seconds; None for never.
        fees: The fee schedule it was placed under.
        fee_units: Exact fees so far, before rounding: see `fees.units`.
        place: Where it rests, or rested last; None before it rests.
    """

    order_id: str
    account_id: str
    user_id: str
    client_order_id: str
    ticker: str
    side: BookSide
    price: Price
    initial_count: Count
    remaining_count: Count
    fill_count: Count = 0
    status: OrderStatus = "resting"
    self_trade_prevention_type: SelfTradePrevention
    post_only: bool = False
    reduce_only: bool = False
    cancel_order_on_pause: bool = False
    order_group_id: str | None = None
    expiration_s: int | None = None
    created_ms: int
    updated_ms: int
    taker_fill_cost_micros: Micros = 0
    maker_fill_cost_micros: Micros = 0
    taker_fees_micros: Micros = 0
    maker_fees_micros: Micros = 0
    fees: FeeSchedule
    fee_units: int = 0
    place: Place | None = None

    def resting_place(self) -> Place:
        """Return where it rests; only for one that does."""
        if self.place is None:
            raise RuntimeError(f"order {self.order_id} does not rest")
        return self.place


@frozen(kw_only=True)
class Filled:
    """
    What a request filled at once.

    Attributes:
        count: Contracts filled.
        cost_micros: Sum of YES price times contracts.
        fees_micros: Fees the request's own order paid.
    """

    count: Count = 0
    cost_micros: Micros = 0
    fees_micros: Micros = 0

    @property
    def average_price_micros(self) -> Micros | None:
        """Return the average YES price per contract, to the nearest millionth of a dollar; None without fills."""
        return _average(self.cost_micros, self.count)

    @property
    def average_fee_micros(self) -> Micros | None:
        """Return the average fee per contract, to the nearest millionth of a dollar; None without fills."""
        return _average(self.fees_micros, self.count)


@define(kw_only=True)
class Placed:
    """
    Answer of a create.

    Attributes:
        order: The order, as it is now.
        filled: What filled at placement; zero counts when nothing did.
        remaining_count: Contracts that rest after placement.
        ts_ms: Moment of placement.
    """

    order: Order
    filled: Filled
    remaining_count: Count
    ts_ms: int


@frozen(kw_only=True)
class Amended:
    """
    Answer of an amend.

    Attributes:
        order: The order, as it is now.
        filled: What the amend filled; None when it filled nothing and left the resting size as it was.
        remaining_count: Contracts that rest after the amend; None as above.
        ts_ms: Moment of the amend.
    """

    order: Order
    filled: Filled | None
    remaining_count: Count | None
    ts_ms: int


@frozen(kw_only=True)
class Decreased:
    """
    Answer of a decrease.

    Attributes:
        order: The order, as it is now; cancelled when nothing is left.
        remaining_count: Contracts that still rest.
        ts_ms: Moment of the decrease.
    """

    order: Order
    remaining_count: Count
    ts_ms: int


@frozen(kw_only=True)
class Cancelled:
    """
    Answer of a cancel.

    Attributes:
        order: The order, as it is now.
        reduced_by: Contracts taken off the book.
        ts_ms: Moment of the cancellation.
    """

    order: Order
    reduced_by: Count
    ts_ms: int


def _average(total: int, count: Count) -> Micros | None:
    """Return hundred times total over count, a half rounded up."""
    return None if count == 0 else (total * 200 + count) // (2 * count)
