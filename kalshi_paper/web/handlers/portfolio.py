"""What an account has: money, positions, fills, settlements."""

from __future__ import annotations

from typing import Any, Final

from kalshi_paper.engine.amounts import money_cents, money_text
from kalshi_paper.web import account_json as rows
from kalshi_paper.web.error_responses import bad_parameter
from kalshi_paper.web.openapi import Json
from kalshi_paper.web.request_context import Call

_COUNTS: Final = {"position": "position_fp", "total_traded": "total_traded_dollars"}
_SETTLED: Final = {"unsettled": False, "settled": True, "all": None}
_SHARES: Final = {"position": "event_exposure_dollars", "total_traded": "total_cost_dollars"}


def get_balance(call: Call) -> Json:
    account = call.account()
    free = call.exchange.balance(account)
    return {
        "balance": money_cents(free),
        "balance_dollars": money_text(free),
        "portfolio_value": money_cents(call.exchange.portfolio_value(account)),
        "updated_ts": call.exchange.updated_ms(account) // 1000,
        "balance_breakdown": rows.indexed(free),
    }


def get_positions(call: Call) -> Json:
    asked, account = call.query, call.account()
    status = asked.get("settlement_status") or "unsettled"
    if status not in _SETTLED:
        raise bad_parameter(f"settlement_status is not one of {', '.join(_SETTLED)}")
    counts = [each for each in asked.get("count_filter", "").split(",") if each]
    if unknown := [each for each in counts if each not in _COUNTS]:
        raise bad_parameter(f"count_filter: {unknown[0]} is not one of {', '.join(_COUNTS)}")
    # Settled ones stay among them for good: the archive's cut-off never moves here.
    narrow: dict[str, Any] = {name: asked.get(name) for name in ("ticker", "event_ticker")}
    narrow["settled"] = _SETTLED[status]
    markets = [rows.market_position(each) for each in call.exchange.positions(account, **narrow)]
    events = [rows.event_position(each) for each in call.exchange.event_positions(account, **narrow)]
    for each in counts:
        markets = [row for row in markets if float(row[_COUNTS[each]])]
        events = [row for row in events if float(row[_SHARES[each]])]
    if call.elsewhere:
        markets, events = [], []
    every = call.exchange.positions(account, **{**narrow, "settled": None})
    page, cursor = call.page(markets, lambda row: row["ticker"], among=(each.ticker for each in every))
    return {"market_positions": list(page), "event_positions": events, "cursor": cursor}


def get_fills(call: Call) -> Json:
    asked = call.query
    found = call.of_all(
        lambda account: call.exchange.fills(
            account,
            ticker=asked.get("ticker"),
            order_id=asked.get("order_id"),
            min_ms=call.milliseconds("min_ts"),
            max_ms=call.milliseconds("max_ts", 999),
        ),
        lambda fill: fill.ts_ms,
    )
    page, cursor = call.page(found, lambda pair: f"{pair[0].fill_id} {pair[0].order_id}")
    return {"fills": [rows.fill(fill, number) for fill, number in page], "cursor": cursor}


def get_settlements(call: Call) -> Json:
    asked = call.query
    found = [
        pair
        for pair in call.of_all(call.exchange.settlements, lambda each: each.settled_ms)
        if asked.get("ticker") in (None, pair[0].ticker)
        and asked.get("event_ticker") in (None, pair[0].event_ticker)
        and pair[0].settled_ms >= (call.milliseconds("min_ts") or 0)
        and pair[0].settled_ms <= (call.milliseconds("max_ts", 999) or pair[0].settled_ms)
    ]
    page, cursor = call.page(found, lambda pair: f"{pair[0].ticker} {pair[1]}")
    return {"settlements": [rows.settlement(each) for each, _ in page], "cursor": cursor}


def get_resting_value(call: Call) -> Json:
    micros = sum(call.exchange.resting_value(account) for account in call.user.accounts.values())
    return {"total_resting_order_value": money_cents(micros), "resting_order_value_breakdown": rows.indexed(micros)}


HANDLERS: Final = {
    "GetBalance": get_balance,
    "GetPositions": get_positions,
    "GetFills": get_fills,
    "GetSettlements": get_settlements,
    "GetPortfolioRestingOrderTotalValue": get_resting_value,
}
