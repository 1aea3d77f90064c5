"""What accounts have, in the document's words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from kalshi_paper.engine.amounts import DOLLAR, Micros, Price, count_text, money_cents, money_text, price_text
from kalshi_paper.engine.orders import Filled, Order
from kalshi_paper.engine.position_views import EventPosition, MarketPosition
from kalshi_paper.engine.records import Fill, Settlement

Json = dict[str, Any]


def time_text(ms: int) -> str:
    """
    Write a moment as RFC 3339.

    Example:
        >>> time_text(1_795_430_100_250)
        '2026-11-23T10:35:00.250Z'
    """
    moment = datetime.fromtimestamp(ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03}Z"


def order(row: Order, subaccount: int) -> Json:
    """Write an order."""
    return {
        "order_id": row.order_id,
        "user_id": row.user_id,
        "client_order_id": row.client_order_id,
        "ticker": row.ticker,
        **_direction(row.side),
        "type": "limit",
        "status": row.status,
        **leg_texts(row.price),
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


def filled(row: Filled) -> Json:
    """Write the averages of what a request filled; nothing without fills."""
    price, fee = row.average_price_micros, row.average_fee_micros
    if price is None or fee is None:
        return {}
    return {"average_fill_price": money_text(price), "average_fee_paid": money_text(fee)}


def fill(row: Fill, subaccount: int) -> Json:
    """Write one account's half of a trade."""
    return {
        "fill_id": row.fill_id,
        "exchange_index": 0,
        "trade_id": row.fill_id,
        "order_id": row.order_id,
        "ticker": row.ticker,
        "market_ticker": row.ticker,
        **_direction(row.side),
        "count_fp": count_text(row.count),
        **leg_texts(row.price),
        "is_taker": row.is_taker,
        "created_time": time_text(row.ts_ms),
        "fee_cost": money_text(row.fee_micros),
        "subaccount_number": subaccount,
        "ts": row.ts_ms // 1000,
    }


def settlement(row: Settlement) -> Json:
    """Write what a market paid."""
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


def market_position(row: MarketPosition) -> Json:
    """Write what an account has in a market."""
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


def event_position(row: EventPosition) -> Json:
    """Write what an account has in an event's markets together."""
    return {
        "event_ticker": row.event_ticker,
        "total_cost_dollars": money_text(row.cost_micros),
        "total_cost_shares_fp": count_text(row.traded_count),
        "event_exposure_dollars": money_text(row.exposure_micros),
        "realized_pnl_dollars": money_text(row.realized_micros),
        "fees_paid_dollars": money_text(row.fees_micros),
    }


def indexed(micros: Micros) -> list[Json]:
    """Write money by exchange shard; there is one."""
    return [{"exchange_index": 0, "balance": money_text(micros)}]


def _direction(side: str) -> Json:
    outcome = outcome_side(side)
    return {"side": outcome, "action": "buy", "outcome_side": outcome, "book_side": side}


def outcome_side(side: str) -> str:
    """Say a side of the book in the other vocabulary."""
    return "yes" if side == "bid" else "no"


def leg_texts(price: Price) -> Json:
    """Write a price for either leg."""
    return {"yes_price_dollars": price_text(price), "no_price_dollars": price_text(DOLLAR - price)}
