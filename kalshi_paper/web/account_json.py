"""Orders, fills, settlements, positions and balances as JSON."""

from __future__ import annotations

from kalshi_paper.engine.amounts import DOLLAR, Micros, Price, count_text, money_cents, money_text, price_text
from kalshi_paper.engine.orders import FillSummary, Order
from kalshi_paper.engine.position_views import EventPosition, MarketPosition
from kalshi_paper.engine.records import Fill, Settlement
from kalshi_paper.web.json_text import time_text
from kalshi_paper.web.openapi import Json


def order_json(row: Order, subaccount: int) -> Json:
    """Return an order as JSON."""
    return {
        "order_id": row.order_id,
        "user_id": row.user_id,
        "client_order_id": row.client_order_id,
        "ticker": row.ticker,
        **_side_json(row.side),
        "type": "limit",
        "status": row.status,
        **leg_prices_json(row.price),
        "fill_count_fp": count_text(row.fill_count),
        "remaining_count_fp": count_text(row.remaining_count),
        "initial_count_fp": count_text(row.initial_count),
        "taker_fill_cost_dollars": money_text(row.taker_fill_cost_micros),
        "maker_fill_cost_dollars": money_text(row.maker_fill_cost_micros),
        "taker_fees_dollars": money_text(row.taker_fees_micros),
        "maker_fees_dollars": money_text(row.maker_fees_micros),
        "expiration_time": None if row.expiration_s is None else time_text(row.expiration_s * 1000),
        "created_time": time_text(row.created_ms),
        "last_update_time": time_text(row.updated_ms),
        "self_trade_prevention_type": row.self_trade_prevention_type,
        "order_group_id": row.order_group_id,
        "cancel_order_on_pause": row.cancel_order_on_pause,
        "subaccount_number": subaccount,
        "exchange_index": 0,
    }


def average_fill_json(row: FillSummary) -> Json:
    """Return the average price and fee of the immediate fills; an empty object without fills."""
    price, fee = row.average_price_micros, row.average_fee_micros
    if price is None or fee is None:
        return {}
    return {"average_fill_price": money_text(price), "average_fee_paid": money_text(fee)}


def fill_json(row: Fill, subaccount: int) -> Json:
    """Return a fill as JSON."""
    return {
        "fill_id": row.fill_id,
        "exchange_index": 0,
        "trade_id": row.fill_id,
        "order_id": row.order_id,
        "ticker": row.ticker,
        "market_ticker": row.ticker,
        **_side_json(row.side),
        "count_fp": count_text(row.count),
        **leg_prices_json(row.price),
        "is_taker": row.is_taker,
        "created_time": time_text(row.ts_ms),
        "fee_cost": money_text(row.fee_micros),
        "subaccount_number": subaccount,
        "ts": row.ts_ms // 1000,
    }


def settlement_json(row: Settlement) -> Json:
    """Return a settlement as JSON."""
    return {
        "ticker": row.ticker,
        "exchange_index": 0,
        "event_ticker": row.event_ticker,
        "market_result": row.result,
        "yes_count_fp": count_text(row.yes_count),
        "yes_total_cost_dollars": money_text(row.yes_cost_micros),
        "no_count_fp": count_text(row.no_count),
        "no_total_cost_dollars": money_text(row.no_cost_micros),
        "revenue": money_cents(row.revenue_micros),
        "settled_time": time_text(row.settled_ms),
        "fee_cost": money_text(row.fees_micros),
        "value": row.value // 100,
    }


def market_position_json(row: MarketPosition) -> Json:
    """Return a position in a market as JSON."""
    return {
        "ticker": row.ticker,
        "exchange_index": 0,
        "total_traded_dollars": money_text(row.traded_micros),
        "position_fp": count_text(row.count),
        "market_exposure_dollars": money_text(row.exposure_micros),
        "realized_pnl_dollars": money_text(row.realized_micros),
        "fees_paid_dollars": money_text(row.fees_micros),
        "last_updated_ts": time_text(row.updated_ms),
    }


def event_position_json(row: EventPosition) -> Json:
    """Return a position in an event as JSON."""
    return {
        "event_ticker": row.event_ticker,
        "total_cost_dollars": money_text(row.cost_micros),
        "total_cost_shares_fp": count_text(row.traded_count),
        "event_exposure_dollars": money_text(row.exposure_micros),
        "realized_pnl_dollars": money_text(row.realized_micros),
        "fees_paid_dollars": money_text(row.fees_micros),
    }


def balance_by_shard_json(micros: Micros) -> list[Json]:
    """Return an amount by exchange shard; the paper exchange has one."""
    return [{"exchange_index": 0, "balance": money_text(micros)}]


def _side_json(side: str) -> Json:
    outcome = outcome_side(side)
    return {"side": outcome, "action": "buy", "outcome_side": outcome, "book_side": side}


def outcome_side(side: str) -> str:
    """Return the outcome that a book side buys: `yes` for a bid, `no` for an ask."""
    return "yes" if side == "bid" else "no"


def leg_prices_json(price: Price) -> Json:
    """Return the prices of both legs."""
    return {"yes_price_dollars": price_text(price), "no_price_dollars": price_text(DOLLAR - price)}
