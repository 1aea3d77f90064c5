"""Orders: the request, the stored order, and the results of order entry."""

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
class QueueEntry:
    """
    Entry of a resting order in the order book.

    Attributes:
        order_id: Order.
        side: `bid` or `ask`.
        price: Price of the YES leg.
        count: Resting contracts.
        slot: Index among the entries at its price.
    """

    order_id: str
    side: BookSide
    price: Price
    count: Count
    slot: int


# Not frozen, like the other objects created for every order: frozen ones take twice as long to create.
@define(kw_only=True)
class NewOrder:
    """
    Request for a new order, in the engine's units; the names are those of the OpenAPI document.

    Attributes:
        ticker: Market to trade.
        side: `bid` buys YES, `ask` sells YES.
        price: Limit price of the YES leg.
        count: Contracts to trade.
        time_in_force: How long the order stays active.
        self_trade_prevention_type: What to cancel when it would trade with an order of the same user.
        client_order_id: The client's own id; None or empty for none.
        post_only: Reject the order if it would trade at once.
        reduce_only: Limit the count to the position that the order closes.
        expiration_s: Expiration time, Unix seconds, in the future; only with `good_till_canceled`.
        order_group_id: Order group of the order.
        cancel_order_on_pause: Cancel the order when the market is paused.
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
    An order, resting or finished; read-only outside the engine.

    Attributes:
        order_id: Order id.
        account_id: Account of the order.
        user_id: Owner of the account.
        client_order_id: The client's own id; empty for none.
        ticker: Market of the order.
        side: `bid` or `ask`.
        price: Limit price of the YES leg.
        initial_count: Contracts of the original order.
        remaining_count: Unfilled contracts; zero once cancelled.
        fill_count: Filled contracts.
        status: `resting`, `canceled` or `executed`.
        taker_fill_cost_micros: Cost of the contracts filled as taker, at the price of the leg bought.
        maker_fill_cost_micros: Cost of the contracts filled as maker, at the price of the leg bought.
        taker_fees_micros: Fees on the contracts filled as taker.
        maker_fees_micros: Fees on the contracts filled as maker.
        created_ms: Creation time, Unix milliseconds.
        updated_ms: Time of the last change, Unix milliseconds.
        expiration_s: Expiration time, Unix seconds; None for none.
        fees: Fee schedule at the time of creation.
        fee_units: Fees before rounding, see `fees.exact_fee`.
        queue_entry: Current or last entry in the order book; None if it never rested.
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
    queue_entry: QueueEntry | None = None

    def entry_in_queue(self) -> QueueEntry:
        """Return the entry in the order book; RuntimeError for an order that never rested."""
        if self.queue_entry is None:
            raise RuntimeError(f"order {self.order_id} has no entry in the order book")
        return self.queue_entry


@frozen(kw_only=True)
class FillSummary:
    """
    Immediate fills of a create or an amend.

    Attributes:
        count: Filled contracts.
        cost_micros: Sum of YES price times contracts.
        fees_micros: Taker fees of these fills.
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
class OrderPlaced:
    """
    Result of a create.

    Attributes:
        order: The order after the request.
        filled: Immediate fills.
        remaining_count: Contracts that rest.
        ts_ms: Time of the request, Unix milliseconds.
    """

    order: Order
    filled: FillSummary
    remaining_count: Count
    ts_ms: int


@frozen(kw_only=True)
class OrderAmended:
    """
    Result of an amend.

    Attributes:
        order: The order after the request.
        filled: Immediate fills; None if there were none and the resting count did not change.
        remaining_count: Contracts that rest; None in the same case.
        ts_ms: Time of the request, Unix milliseconds.
    """

    order: Order
    filled: FillSummary | None
    remaining_count: Count | None
    ts_ms: int


@frozen(kw_only=True)
class OrderDecreased:
    """
    Result of a decrease.

    Attributes:
        order: The order after the request; cancelled when no contracts are left.
        remaining_count: Contracts that rest.
        ts_ms: Time of the request, Unix milliseconds.
    """

    order: Order
    remaining_count: Count
    ts_ms: int


@frozen(kw_only=True)
class OrderCancelled:
    """
    Result of a cancel.

    Attributes:
        order: The order after the request.
        reduced_by: Contracts that rested.
        ts_ms: Time of the request, Unix milliseconds.
    """

    order: Order
    reduced_by: Count
    ts_ms: int


def _average(total: int, count: Count) -> Micros | None:
    """Return 100 * total / count, rounded half up."""
    return None if count == 0 else (total * 200 + count) // (2 * count)
