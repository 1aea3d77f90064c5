"""Validate a new or amended order: market status, price grid, expiry, order group, balance."""

from __future__ import annotations

from typing import Final

from kalshi_paper.engine.accounts import Account
from kalshi_paper.engine.errors import fill_or_kill_not_filled, invalid_order, order_already_exists
from kalshi_paper.engine.markets import Market
from kalshi_paper.engine.matching import MatchPlan, match
from kalshi_paper.engine.orders import NewOrder, Order
from kalshi_paper.engine.positions import leg_price
from kalshi_paper.engine.state import EngineState

_MAX_EXPIRATION_S: Final = 253_402_300_799
"""End of the year 9999, Unix seconds."""


def validated_order(state: EngineState, account: Account, new: NewOrder) -> Order:
    """
    Return the order for a valid request; its `order_id` is still empty.

    The client order id is checked first: a repeated request gets 409 even if the market has changed since.

    Raises:
        RequestRejected: 409 `order_already_exists`, 400 `invalid_order`, 400 `invalid_price`.
    """
    if new.client_order_id and new.client_order_id in state.client_order_ids[account.user_id]:
        raise order_already_exists()
    market = active_market(state, new.ticker)
    market.check_price(new.price)
    if new.count <= 0:
        raise invalid_order("count must be above zero")
    if new.expiration_s is not None:
        if new.time_in_force != "good_till_canceled":
            raise invalid_order("expiration_time goes with good_till_canceled")
        check_expiration(state, new.expiration_s)
    if new.order_group_id is not None:
        group = account.groups.get(new.order_group_id)
        if group is None:
            raise invalid_order("order group not found")
        if group.triggered:
            raise invalid_order("order group is triggered")
    count = new.count
    if new.reduce_only:
        position = account.positions.get(new.ticker)
        count = min(count, position.closable(new.side) if position else 0)
        if count == 0:
            raise invalid_order("reduce only without a position to reduce")
    return Order(
        order_id="",
        account_id=account.account_id,
        user_id=account.user_id,
        client_order_id=new.client_order_id or "",
        # The market's own string, so that orders share it.
        ticker=market.ticker,
        side=new.side,
        price=new.price,
        initial_count=count,
        remaining_count=count,
        self_trade_prevention_type=new.self_trade_prevention_type,
        post_only=new.post_only,
        reduce_only=new.reduce_only,
        cancel_order_on_pause=new.cancel_order_on_pause,
        order_group_id=new.order_group_id,
        expiration_s=new.expiration_s,
        created_ms=state.now_ms,
        updated_ms=state.now_ms,
        fees=market.fees,
    )


def active_market(state: EngineState, ticker: str) -> Market:
    """
    Return a market that accepts orders.

    Raises:
        RequestRejected: 400 `invalid_order`: unknown or not active; the document has no 404 for a new order.
    """
    market = state.markets.get(ticker)
    if market is None:
        raise invalid_order("market not found")
    if market.status != "active":
        raise invalid_order(f"market is {market.status}, not active")
    return market


def check_expiration(state: EngineState, expiration_s: int) -> None:
    """Reject an expiration time that is not in the future, or after the year 9999: 400 `invalid_order`."""
    if expiration_s * 1000 <= state.now_ms:
        raise invalid_order("expiration_time must be in the future")
    if expiration_s > _MAX_EXPIRATION_S:
        raise invalid_order("expiration_time is in seconds, not in milliseconds")


def affordable_plan(
    state: EngineState, order: Order, *, may_rest: bool, fill_or_kill: bool = False, replaces: Order | None = None
) -> MatchPlan:
    """
    Match an order, and reject it if its account cannot pay for the result; nothing is changed.

    Args:
        state: State of the engine.
        order: The order; for an amend, a copy with the amended values.
        may_rest: Whether unfilled contracts rest.
        fill_or_kill: Whether the order must fill completely.
        replaces: The resting order that is amended; None for a new order.

    Raises:
        RequestRejected: 400 `invalid_order` "post only cross", 409 `fill_or_kill_insufficient_resting_volume`,
            400 `insufficient_balance`.
    """
    book, account = state.books[order.ticker], state.ledger.accounts[order.account_id]
    if not book.crosses(order.side, order.price):
        plan = MatchPlan(order.remaining_count, [], [])
    elif order.post_only:
        raise invalid_order("post only cross")
    else:
        plan = match(book, state.orders, state.groups, order, state.now_ms)
    if fill_or_kill and plan.remaining:
        raise fill_or_kill_not_filled()
    rests = plan.remaining if may_rest and not plan.stopped else 0
    if not (plan.fills or order.fees.maker_rate) and leg_price(order.side, order.price) * rests <= account.free_micros:
        return plan  # Without fills and fees, the limit price is the maximum cost.
    leaving = {own.order_id: own for own in plan.cancels if own.account_id == order.account_id}
    if order.order_group_id is not None and plan.triggers:
        group = (state.orders[order_id] for order_id in state.groups[order.order_group_id].resting)
        leaving.update({own.order_id: own for own in group if own.ticker == order.ticker})
    if replaces is not None:
        leaving[replaces.order_id] = replaces
    position = account.position_in(state.markets[order.ticker])
    state.ledger.check_affordable(position, order, plan.cost(order), rests, list(leaving.values()))
    return plan
