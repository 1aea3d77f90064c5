"""The archive: nothing here is old enough to be in it."""

from __future__ import annotations

from typing import Final

from kalshi_paper.web.account_json import time_text
from kalshi_paper.web.handlers import candlesticks as charts
from kalshi_paper.web.handlers.markets import market_row
from kalshi_paper.web.openapi import Json
from kalshi_paper.web.request_context import Call

_PRICES: Final = ("open", "low", "high", "close", "mean", "previous")


def get_cutoff(call: Call) -> Json:
    answer, _ = call.answers.resolve(call.operation.answer or {})
    return dict.fromkeys(answer["properties"], time_text(0))


def get_candlesticks(call: Call) -> Json:
    found = charts.get_candlesticks(call)
    return {**found, "candlesticks": [_older(row) for row in found["candlesticks"]]}


def get_market(call: Call) -> Json:
    return {"market": market_row(call, call.exchange.market(call.path["ticker"]))}


def _older(row: Json) -> Json:
    """Put a candlestick into the archive's words."""
    price = {name: row["price"].get(f"{name}_dollars") for name in _PRICES}
    return {
        "end_period_ts": row["end_period_ts"],
        "yes_bid": {name.removesuffix("_dollars"): value for name, value in row["yes_bid"].items()},
        "yes_ask": {name.removesuffix("_dollars"): value for name, value in row["yes_ask"].items()},
        "price": price,
        "volume": row["volume_fp"],
        "open_interest": row["open_interest_fp"],
    }


HANDLERS: Final = {
    "GetMarketCandlesticksHistorical": get_candlesticks,
    "GetHistoricalCutoff": get_cutoff,
    "GetHistoricalMarket": get_market,
    "GetHistoricalMarkets": lambda call: {"markets": [], "cursor": ""},
    "GetTradesHistorical": lambda call: {"trades": [], "cursor": ""},
    "GetFillsHistorical": lambda call: {"fills": [], "cursor": ""},
    "GetHistoricalOrders": lambda call: {"orders": [], "cursor": ""},
    "GetHistoricalPositions": lambda call: {"market_positions": [], "event_positions": [], "cursor": ""},
}
