"""Execute the plan of an incoming order: trades, fills, and the status of the order."""

from __future__ import annotations

from typing import Final

from kalshi_paper.engine.amounts import Count
from kalshi_paper.engine.matching import MatchPlan
from kalshi_paper.engine.orders import FillSummary, Order
from kalshi_paper.engine.records import Fill, Trade
from kalshi_paper.engine.state import EngineState

_NO_FILLS: Final = FillSummary()


def execute(state: EngineState, order: Order, plan: MatchPlan, *, may_rest: bool) -> FillSummary:
    """Execute a plan; the remainder of the order rests or is cancelled."""
    fees_before = order.taker_fees_micros
    for own in plan.cancels:
        state.cancel_order(own)
    for maker, count in plan.fills:
        _trade(state, order, maker, count)
    if order.remaining_count == 0:
        state.finish_order(order, "executed")
    elif plan.stopped or not may_rest:
        state.finish_order(order, "canceled")
    else:
        state.rest_order(order)
    state.record_quote(order.ticker)
    if not plan.fills:
        return _NO_FILLS
    return FillSummary(
        count=sum(count for _, count in plan.fills),
        cost_micros=sum(count * maker.price for maker, count in plan.fills),
        fees_micros=order.taker_fees_micros - fees_before,
    )


def _trade(state: EngineState, taker: Order, maker: Order, count: Count) -> None:
    market, trade_id = state.markets[taker.ticker], state.new_id()
    state.books[taker.ticker].reduce(maker.entry_in_queue(), count)
    for order in (maker, taker):
        fee = state.ledger.apply_fill(order, market, count, maker.price, state.now_ms, is_taker=order is taker)
        state.ledger.accounts[order.account_id].fills.append(
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
                ts_ms=state.now_ms,
            )
        )
    market.last_price = maker.price
    market.volume += count
    state.trades[market.ticker].append(
        Trade(
            trade_id=trade_id,
            ticker=market.ticker,
            price=maker.price,
            count=count,
            taker_side=taker.side,
            ts_ms=state.now_ms,
            open_interest=market.open_interest,
        )
    )
    if maker.remaining_count == 0:
        state.finish_order(maker, "executed")
    for order in (maker, taker):
        if order.order_group_id is not None:
            group = state.groups[order.order_group_id]
            group.record_trade(count, state.now_ms)
            if group.allowance(state.now_ms) == 0:
                state.trigger_group(group)
