"""Handlers for an account's balance, positions, fills and settlements."""

from __future__ import annotations

from typing import Any, Final

from kalshi_paper.engine.amounts import money_cents, money_text
from kalshi_paper.engine.errors import invalid_parameter
from kalshi_paper.web.account_json import (
    balance_by_shard_json,
    event_position_json,
    fill_json,
    market_position_json,
    settlement_json,
)
from kalshi_paper.web.openapi import Json
from kalshi_paper.web.request_context import RequestContext

_SETTLED: Final = {"unsettled": False, "settled": True, "all": None}
_MARKET_FIELDS: Final = {"position": "position_fp", "total_traded": "total_traded_dollars"}
"""Field of a market position that each `count_filter` requires to be non-zero."""
_EVENT_FIELDS: Final = {"position": "event_exposure_dollars", "total_traded": "total_cost_dollars"}
"""Field of an event position that each `count_filter` requires to be non-zero."""


def get_balance(request: RequestContext) -> Json:
    account_id, portfolio = request.account_id(), request.engine.portfolio
    free = portfolio.balance(account_id)
    return {
        "balance": money_cents(free),
        "balance_dollars": money_text(free),
        "portfolio_value": money_cents(portfolio.portfolio_value(account_id)),
        "updated_ts": portfolio.updated_ms(account_id) // 1000,
        "balance_breakdown": balance_by_shard_json(free),
    }


def get_positions(request: RequestContext) -> Json:
    query, account_id, portfolio = request.query, request.account_id(), request.engine.portfolio
    status = query.get("settlement_status") or "unsettled"
    if status not in _SETTLED:
        raise invalid_parameter(f"settlement_status is not one of {', '.join(_SETTLED)}")
    count_filters = [each for each in query.get("count_filter", "").split(",") if each]
    if unknown := [each for each in count_filters if each not in _MARKET_FIELDS]:
        raise invalid_parameter(f"count_filter: {unknown[0]} is not one of {', '.join(_MARKET_FIELDS)}")
    # Settled positions stay among them forever, because the cut-off of the archive never moves here.
    selection: dict[str, Any] = {name: query.get(name) for name in ("ticker", "event_ticker")}
    selection["settled"] = _SETTLED[status]
    markets = [market_position_json(each) for each in portfolio.positions(account_id, **selection)]
    events = [event_position_json(each) for each in portfolio.event_positions(account_id, **selection)]
    for each in count_filters:
        markets = [row for row in markets if float(row[_MARKET_FIELDS[each]])]
        events = [row for row in events if float(row[_EVENT_FIELDS[each]])]
    if request.is_other_shard:
        markets, events = [], []
    all_positions = portfolio.positions(account_id, **{**selection, "settled": None})
    page, cursor = request.page(
        markets, lambda row: row["ticker"], all_keys=(position.ticker for position in all_positions)
    )
    return {"market_positions": list(page), "event_positions": events, "cursor": cursor}


def get_fills(request: RequestContext) -> Json:
    query = request.query
    found = request.rows_of_accounts(
        lambda account_id: request.engine.portfolio.fills(
            account_id,
            ticker=query.get("ticker"),
            order_id=query.get("order_id"),
            min_ms=request.start_ms("min_ts"),
            max_ms=request.end_ms("max_ts"),
        ),
        lambda fill: fill.ts_ms,
    )
    page, cursor = request.page(found, lambda pair: f"{pair[0].fill_id} {pair[0].order_id}")
    return {"fills": [fill_json(fill, number) for fill, number in page], "cursor": cursor}


def get_settlements(request: RequestContext) -> Json:
    query = request.query
    min_ms, max_ms = request.start_ms("min_ts"), request.end_ms("max_ts")
    rows = request.rows_of_accounts(request.engine.portfolio.settlements, lambda settlement: settlement.settled_ms)
    found = [
        (settlement, number)
        for settlement, number in rows
        if query.get("ticker") in (None, settlement.ticker)
        and query.get("event_ticker") in (None, settlement.event_ticker)
        and (min_ms is None or settlement.settled_ms >= min_ms)
        and (max_ms is None or settlement.settled_ms <= max_ms)
    ]
    page, cursor = request.page(found, lambda pair: f"{pair[0].ticker} {pair[1]}")
    return {"settlements": [settlement_json(each) for each, _ in page], "cursor": cursor}


def get_resting_value(request: RequestContext) -> Json:
    portfolio = request.engine.portfolio
    micros = sum(portfolio.resting_value(account_id) for account_id in request.user.accounts.values())
    return {
        "total_resting_order_value": money_cents(micros),
        "resting_order_value_breakdown": balance_by_shard_json(micros),
    }


HANDLERS: Final = {
    "GetBalance": get_balance,
    "GetPositions": get_positions,
    "GetFills": get_fills,
    "GetSettlements": get_settlements,
    "GetPortfolioRestingOrderTotalValue": get_resting_value,
}
