"""Candlesticks: of a market, of several, of an event's."""

from __future__ import annotations

from typing import Any, Final

from kalshi_paper.engine.amounts import price_text
from kalshi_paper.engine.errors import Refusal
from kalshi_paper.web import market_json as rows
from kalshi_paper.web.error_responses import bad_parameter
from kalshi_paper.web.openapi import Json
from kalshi_paper.web.request_context import Call

_MOST: Final = 10_000
_PERIODS: Final = (1, 60, 1440)
_FIRST: Final = ("open_dollars", "low_dollars", "high_dollars", "close_dollars", "mean_dollars")


def get_candlesticks(call: Call) -> Json:
    ticker = call.path["ticker"]
    return {"ticker": ticker, "candlesticks": _candlesticks(call, ticker)}


def get_several(call: Call) -> Json:
    tickers = call.query["market_tickers"].split(",")
    known = [ticker for ticker in tickers if ticker in call.desk.catalogue.markets]
    return {"markets": [{"market_ticker": each, "candlesticks": _candlesticks(call, each)} for each in known]}


def get_of_event(call: Call) -> Json:
    markets = call.exchange.markets(event_ticker=call.path["ticker"])
    if not markets:
        raise Refusal(404, "not_found", "not found")
    return {
        "market_tickers": [market.ticker for market in markets],
        "market_candlesticks": [_candlesticks(call, market.ticker) for market in markets],
        "adjusted_end_ts": call.query["end_ts"],
    }


def _candlesticks(call: Call, ticker: str) -> list[Json]:
    start_s, end_s, minutes = call.query["start_ts"], call.query["end_ts"], call.query["period_interval"]
    if minutes not in _PERIODS:
        raise bad_parameter("period_interval is not one of 1, 60, 1440")
    if end_s < start_s:
        raise bad_parameter("end_ts is before start_ts")
    if (end_s - start_s) // (minutes * 60) > _MOST:
        raise bad_parameter(f"more than {_MOST} candlesticks")
    found = [rows.candlestick(each) for each in call.exchange.candlesticks(ticker, start_s, end_s, minutes * 60)]
    if call.query.get("include_latest_before_start"):
        found = _before(call, ticker, start_s, minutes * 60) + found
    return found


def _before(call: Call, ticker: str, start_s: int, period_s: int) -> list[Json]:
    """Return the latest close before the start, carried forward, if there was one."""
    earlier = call.exchange.trades(ticker, max_ms=start_s * 1000 - 1)
    if not earlier:
        return []
    at_s = -(-start_s // period_s) * period_s
    found: list[Any] = [rows.candlestick(each) for each in call.exchange.candlesticks(ticker, at_s, at_s, period_s)]
    for row in found:
        price = row["price"]
        row["price"] = {
            **dict.fromkeys(_FIRST),
            "previous_dollars": price.get("previous_dollars") or price_text(earlier[0].price),
        }
        row["volume_fp"] = "0.00"
    return found


HANDLERS: Final = {
    "GetMarketCandlesticks": get_candlesticks,
    "BatchGetMarketCandlesticks": get_several,
    "GetMarketCandlesticksByEvent": get_of_event,
}
