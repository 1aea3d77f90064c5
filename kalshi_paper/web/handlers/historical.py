"""Handlers for the archive of old data, which is empty: nothing on the paper exchange is old enough."""

from __future__ import annotations

from typing import Final

from kalshi_paper.web.handlers.candlesticks import get_market_candlesticks
from kalshi_paper.web.handlers.markets import get_market
from kalshi_paper.web.json_text import time_text
from kalshi_paper.web.openapi import Json
from kalshi_paper.web.request_context import RequestContext

_PRICES: Final = ("open", "low", "high", "close", "mean", "previous")


def get_cutoff(request: RequestContext) -> Json:
    schema, _ = request.fake_data.resolve(request.operation.response_schema or {})
    return dict.fromkeys(schema["properties"], time_text(0))


def get_candlesticks(request: RequestContext) -> Json:
    found = get_market_candlesticks(request)
    return {**found, "candlesticks": [_historical_json(row) for row in found["candlesticks"]]}


def _historical_json(row: Json) -> Json:
    """Convert a candlestick to the field names of the archive."""
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
    "GetHistoricalMarkets": lambda request: {"markets": [], "cursor": ""},
    "GetTradesHistorical": lambda request: {"trades": [], "cursor": ""},
    "GetFillsHistorical": lambda request: {"fills": [], "cursor": ""},
    "GetHistoricalOrders": lambda request: {"orders": [], "cursor": ""},
    "GetHistoricalPositions": lambda request: {"market_positions": [], "event_positions": [], "cursor": ""},
}
