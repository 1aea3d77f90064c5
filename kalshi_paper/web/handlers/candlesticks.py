"""Handlers for the candlesticks of a market, of several markets, and of an event."""

from __future__ import annotations

from typing import Any, Final

from kalshi_paper.engine.amounts import price_text
from kalshi_paper.engine.errors import invalid_parameter, not_found
from kalshi_paper.web.market_json import candlestick_json
from kalshi_paper.web.openapi import Json
from kalshi_paper.web.request_context import RequestContext

_MAX_CANDLESTICKS: Final = 10_000
_PERIODS_MINUTES: Final = (1, 60, 1440)
_TRADE_PRICES: Final = ("open_dollars", "low_dollars", "high_dollars", "close_dollars", "mean_dollars")


def get_market_candlesticks(request: RequestContext) -> Json:
    ticker = request.path["ticker"]
    return {"ticker": ticker, "candlesticks": _candlesticks(request, ticker)}


def batch_get_candlesticks(request: RequestContext) -> Json:
    tickers = request.query["market_tickers"].split(",")
    known = [ticker for ticker in tickers if ticker in request.catalogue.markets]
    return {"markets": [{"market_ticker": each, "candlesticks": _candlesticks(request, each)} for each in known]}


def get_event_candlesticks(request: RequestContext) -> Json:
    markets = request.engine.market_data.markets(event_ticker=request.path["ticker"])
    if not markets:
        raise not_found()
    return {
        "market_tickers": [market.ticker for market in markets],
        "market_candlesticks": [_candlesticks(request, market.ticker) for market in markets],
        "adjusted_end_ts": request.query["end_ts"],
    }


def _candlesticks(request: RequestContext, ticker: str) -> list[Json]:
    start_s, end_s, minutes = request.query["start_ts"], request.query["end_ts"], request.query["period_interval"]
    if minutes not in _PERIODS_MINUTES:
        raise invalid_parameter("period_interval is not one of 1, 60, 1440")
    if end_s < start_s:
        raise invalid_parameter("end_ts is before start_ts")
    period_s = minutes * 60
    if (end_s - start_s) // period_s > _MAX_CANDLESTICKS:
        raise invalid_parameter(f"more than {_MAX_CANDLESTICKS} candlesticks")
    rows = request.engine.market_data.candlesticks(ticker, start_s, end_s, period_s)
    found = [candlestick_json(row) for row in rows]
    if request.query.get("include_latest_before_start"):
        found = _latest_before(request, ticker, start_s, period_s) + found
    return found


def _latest_before(request: RequestContext, ticker: str, start_s: int, period_s: int) -> list[Json]:
    """Return a candlestick without trades that carries the last price before the start, if there was a trade."""
    market_data = request.engine.market_data
    earlier = market_data.trades(ticker, max_ms=start_s * 1000 - 1)
    if not earlier:
        return []
    at_s = -(-start_s // period_s) * period_s
    found: list[Any] = [candlestick_json(row) for row in market_data.candlesticks(ticker, at_s, at_s, period_s)]
    for row in found:
        row["price"] = {
            **dict.fromkeys(_TRADE_PRICES),
            "previous_dollars": row["price"].get("previous_dollars") or price_text(earlier[0].price),
        }
        row["volume_fp"] = "0.00"
    return found


HANDLERS: Final = {
    "GetMarketCandlesticks": get_market_candlesticks,
    "BatchGetMarketCandlesticks": batch_get_candlesticks,
    "GetMarketCandlesticksByEvent": get_event_candlesticks,
}
