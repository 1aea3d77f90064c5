"""What an order is held against before it may do anything."""

from __future__ import annotations

from typing import Final

from kalshi_paper.engine.accounts import Account
from kalshi_paper.engine.errors import fill_or_kill, invalid_order, order_already_exists
from kalshi_paper.engine.markets import Market
from kalshi_paper.engine.matching import Plan, plan
from kalshi_paper.engine.orders import NewOrder, Order
from kalshi_paper.engine.positions import leg_price
from kalshi_paper.engine.state import Floor

_LATEST_S: Final = 253_402_300_799
"""The end of the year 9999."""


def admitted(floor: Floor, account: Account, new: NewOrder) -> Order:
    """
    Make an order of what is asked for, if it is in order; its id is still to be given.

    A client order id used before comes first: a retry hears 409 whatever has changed since.

    Raises:
        Refusal: 409 `order_already_exists`, 400 `invalid_order`, 400 `invalid_price`.
    """
    if new.client_order_id and new.client_order_id in floor.client_order_ids[account.user_id]:
        raise order_already_exists()
    market = active_market(floor, new.ticker)
    market.check_price(new.price)
    if new.count <= 0:
        raise invalid_order("count must be above zero")
    if new.expiration_s is not None:
        if new.time_in_force != "good_till_canceled":
            raise invalid_order("expiration_time goes with good_till_canceled")
        check_expiry(floor, new.expiration_s)
    if new.order_group_id is not None:
        group = account.groups.get(new.order_group_id)
        if group is None:
            raise invalid_order("order group not found")
        if group.triggered:
            raise invalid_order("order group is triggered")
    count = new.count
    if new.reduce_only:
        held = account.holdings.get(new.ticker)
        count = min(count, held.closable(new.side) if held else 0)
        if count == 0:
            raise invalid_order("reduce only without a position to reduce")
    return Order(
        order_id="",
        account_id=account.account_id,
        user_id=account.user_id,
        client_order_id=new.client_order_id or "",
        # The market's own, not one more text for each order.
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
        created_ms=floor.now_ms,
        updated_ms=floor.now_ms,
        fees=market.fees,
    )


def active_market(floor: Floor, ticker: str) -> Market:
    """Return a market in which orders may be placed; the document has no 404 for placing one: 400 `invalid_order`."""
    market = floor.markets.get(ticker)
    if market is None:
        raise invalid_order("market not found")
    if market.status != "active":
        raise invalid_order(f"market is {market.status}, not active")
    return market


def check_expiry(floor: Floor, expiration_s: int) -> None:
    """Refuse an expiry that is not in the future, or past what any calendar writes; 400 `invalid_order`."""
    if expiration_s * 1000 <= floor.now_ms:
        raise invalid_order("expiration_time must be in the future")
    if expiration_s > _LATEST_S:
        raise invalid_order("expiration_time is in seconds, not in milliseconds")


def affordable_plan(
    floor: Floor, order: Order, *, may_rest: bool, whole: bool = False, replaces: Order | None = None
) -> Plan:
    """
    Plan what an order will do, and refuse what its account cannot pay for.

    Args:
        floor: The exchange; nothing in it is changed.
        order: The order, or a copy of it as it would be after an amend.
        may_rest: Whether what is left rests.
        whole: Whether it is to be filled whole or not at all.
        replaces: The order that is amended; None for a new one.

    Raises:
        Refusal: 400 `invalid_order` "post only cross", 409 `fill_or_kill_insufficient_resting_volume`,
            400 `insufficient_balance`.
    """
    book, account = floor.books[order.ticker], floor.ledger.accounts[order.account_id]
    if not book.crosses(order.side, order.price):
        made = Plan(order.remaining_count, [], [])
    elif order.post_only:
        raise invalid_order("post only cross")
    else:
        made = plan(book, floor.orders, floor.groups, order, floor.now_ms)
    if whole and made.remaining:
        raise fill_or_kill()
    rests = made.remaining if may_rest and not made.stopped else 0
    if not (made.fills or order.fees.maker_rate) and leg_price(order.side, order.price) * rests <= account.free_micros:
        return made  # It costs its limit price at most, and no fee.
    leaving = {own.order_id: own for own in made.cancels if own.account_id == order.account_id}
    if order.order_group_id is not None and made.triggers:
        group = (floor.orders[order_id] for order_id in floor.groups[order.order_group_id].resting)
        leaving.update({own.order_id: own for own in group if own.ticker == order.ticker})
    if replaces is not None:
        leaving[replaces.order_id] = replaces
    held = account.holding(floor.markets[order.ticker])
    floor.ledger.afford(held, order, made.cost(order), rests, list(leaving.values()))
    return made
