"""Which resting orders an incoming one meets: worked out before anything is changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import define

from kalshi_paper.engine.amounts import Count
from kalshi_paper.engine.fees import units
from kalshi_paper.engine.ledger import Cost
from kalshi_paper.engine.order_book import Book
from kalshi_paper.engine.order_group import OrderGroup
from kalshi_paper.engine.orders import Order

_NOTHING: Final = Cost(count=0, cost_micros=0, fee_units=0)


@define
class Plan:
    """
    What an incoming order will do.

    Attributes:
        fills: Resting orders it trades with, in turn, and the contracts.
        cancels: Resting orders of the same user that it cancels on its way.
        remaining: Contracts left after the fills.
        stopped: Whether the rest is cancelled: it met an order of the same user, or its group's limit.
        triggers: Whether it brings its group to its limit.
    """

    remaining: Count
    fills: list[tuple[Order, Count]]
    cancels: list[Order]
    stopped: bool = False
    triggers: bool = False

    def cost(self, order: Order) -> Cost:
        """Sum up what the fills cost the incoming order."""
        if not self.fills:
            return _NOTHING
        rate = order.fees.taker_rate
        return Cost(
            count=sum(count for _, count in self.fills),
            cost_micros=sum(count * maker.price for maker, count in self.fills),
            fee_units=sum(units(rate, count, maker.price) for maker, count in self.fills),
        )


def plan(book: Book, orders: Mapping[str, Order], groups: Mapping[str, OrderGroup], order: Order, now_ms: int) -> Plan:
    """
    Walk the other side of the book in price-time priority.

    No order group trades past its limit: a fill is cut to what the group may still trade, and an order whose group
    has come to its limit is passed over, as it will have been cancelled by then.

    Args:
        book: The market's book.
        orders: All orders by id.
        groups: All order groups by id.
        order: The incoming order, its `remaining_count` still to trade.
        now_ms: Unix milliseconds.
    """
    made = Plan(order.remaining_count, [], [])
    left: dict[str, Count] = {}
    own_group = order.order_group_id
    if own_group is not None:
        left[own_group] = groups[own_group].allowance(now_ms)
    buying = order.side == "bid"
    for entry in book.queue("ask" if buying else "bid"):
        if made.remaining == 0 or (entry.price > order.price if buying else entry.price < order.price):
            break
        maker = orders[entry.order_id]
        if maker.user_id == order.user_id:
            if order.self_trade_prevention_type == "taker_at_cross":
                made.stopped = True
                break
            made.cancels.append(maker)
            continue
        count = min(made.remaining, entry.count)
        for group_id in (maker.order_group_id, own_group):
            if group_id is not None:
                count = min(count, left.setdefault(group_id, groups[group_id].allowance(now_ms)))
        if count == 0:
            continue
        made.fills.append((maker, count))
        made.remaining -= count
        for group_id in (maker.order_group_id, own_group):
            if group_id is not None:
                left[group_id] -= count
        if own_group is not None and left[own_group] == 0:
            made.triggers, made.stopped = True, made.remaining > 0
            break
    return made
