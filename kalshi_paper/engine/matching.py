"""Match an incoming order with the book: plan its fills before anything is changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import define

from kalshi_paper.engine.amounts import Count
from kalshi_paper.engine.fees import exact_fee
from kalshi_paper.engine.ledger import PlannedCost
from kalshi_paper.engine.order_book import OrderBook
from kalshi_paper.engine.order_groups import OrderGroup
from kalshi_paper.engine.orders import Order

_NO_COST: Final = PlannedCost(count=0, cost_micros=0, fee_units=0)


@define
class MatchPlan:
    """
    The planned result of an incoming order.

    Attributes:
        remaining: Contracts left after the fills.
        fills: Resting orders that it trades with, in priority, and the contracts of each fill.
        cancels: Resting orders of the same user that self-trade prevention cancels.
        stopped: True if the remainder is cancelled, because of self-trade prevention or the limit of its group.
        triggers: True if the fills use up the limit of its group.
    """

    remaining: Count
    fills: list[tuple[Order, Count]]
    cancels: list[Order]
    stopped: bool = False
    triggers: bool = False

    def cost(self, order: Order) -> PlannedCost:
        """Return the cost of the fills for the incoming order."""
        if not self.fills:
            return _NO_COST
        rate = order.fees.taker_rate
        return PlannedCost(
            count=sum(count for _, count in self.fills),
            cost_micros=sum(count * maker.price for maker, count in self.fills),
            fee_units=sum(exact_fee(rate, count, maker.price) for maker, count in self.fills),
        )


def match(
    book: OrderBook, orders: Mapping[str, Order], groups: Mapping[str, OrderGroup], order: Order, now_ms: int
) -> MatchPlan:
    """
    Match an order with the other side of the book in price-time priority.

    No order group trades more than its limit: a fill is reduced to the group's allowance, and a resting order whose
    group has no allowance left is skipped, because it will have been cancelled.

    Args:
        book: Order book of the market.
        orders: Orders by id.
        groups: Order groups by id.
        order: The incoming order; `remaining_count` is the count to match.
        now_ms: Unix milliseconds.
    """
    plan = MatchPlan(order.remaining_count, [], [])
    allowances: dict[str, Count] = {}
    own_group = order.order_group_id
    if own_group is not None:
        allowances[own_group] = groups[own_group].allowance(now_ms)
    buying = order.side == "bid"
    for entry in book.queue("ask" if buying else "bid"):
        if plan.remaining == 0 or (entry.price > order.price if buying else entry.price < order.price):
            break
        maker = orders[entry.order_id]
        if maker.user_id == order.user_id:
            if order.self_trade_prevention_type == "taker_at_cross":
                plan.stopped = True
                break
            plan.cancels.append(maker)
            continue
        count = min(plan.remaining, entry.count)
        for group_id in (maker.order_group_id, own_group):
            if group_id is not None:
                count = min(count, allowances.setdefault(group_id, groups[group_id].allowance(now_ms)))
        if count == 0:
            continue
        plan.fills.append((maker, count))
        plan.remaining -= count
        for group_id in (maker.order_group_id, own_group):
            if group_id is not None:
                allowances[group_id] -= count
        if own_group is not None and allowances[own_group] == 0:
            plan.triggers, plan.stopped = True, plan.remaining > 0
            break
    return plan
