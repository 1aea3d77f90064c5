"""Trades: what was planned for an incoming order, carried out."""

from __future__ import annotations

from typing import Final

from kalshi_paper.engine.amounts import Count
from kalshi_paper.engine.matching import Plan
from kalshi_paper.engine.orders import Filled, Order
from kalshi_paper.engine.records import Fill, Trade
from kalshi_paper.engine.state import Floor

_NOTHING: Final = Filled()


def carry_out(floor: Floor, order: Order, made: Plan, *, may_rest: bool) -> Filled:
    """Do what was planned for an incoming order, and let it rest, or end it."""
    fees_before = order.taker_fees_micros
    for own in made.cancels:
        floor.cancel(own)
    for maker, count in made.fills:
        _trade(floor, order, maker, count)
    if order.remaining_count == 0:
        floor.finish(order, "executed")
    elif made.stopped or not may_rest:
        floor.finish(order, "canceled")
    else:
        floor.rest(order)
    floor.note_quote(order.ticker)
    if not made.fills:
        return _NOTHING
    return Filled(
        count=sum(count for _, count in made.fills),
        cost_micros=sum(count * maker.price for maker, count in made.fills),
        fees_micros=order.taker_fees_micros - fees_before,
    )


def _trade(floor: Floor, taker: Order, maker: Order, count: Count) -> None:
    market, trade_id = floor.markets[taker.ticker], floor.new_id()
    floor.books[taker.ticker].reduce(maker.resting_place(), count)
    for order in (maker, taker):
        fee = floor.ledger.fill(order, market, count, maker.price, floor.now_ms, taker=order is taker)
        floor.ledger.accounts[order.account_id].fills.append(
            Fill(
                fill_id=trade_id,
                order_id=order.order_id,
                account_id=order.account_id,
                ticker=market.ticker,
                side=order.side,
                price=maker.price,
                count=count,
                is_taker=order is taker,
                fee_micros=fee,
                ts_ms=floor.now_ms,
            )
        )
    market.last_price = maker.price
    market.volume += count
    floor.trades[market.ticker].append(
        Trade(
            trade_id=trade_id,
            ticker=market.ticker,
            price=maker.price,
            count=count,
            taker_side=taker.side,
            ts_ms=floor.now_ms,
            open_interest=market.open_interest,
        )
    )
    if maker.remaining_count == 0:
        floor.finish(maker, "executed")
    for order in (maker, taker):
        if order.order_group_id is not None:
            group = floor.groups[order.order_group_id]
            group.trade(count, floor.now_ms)
            if group.allowance(floor.now_ms) == 0:
                floor.trigger(group)
