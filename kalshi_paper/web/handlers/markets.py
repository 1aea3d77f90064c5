"""Handlers for public market data: series, events, markets, order books, trades."""

from __future__ import annotations

from typing import Final

from kalshi_paper.engine.errors import invalid_parameter
from kalshi_paper.engine.markets import Market, MarketStatus
from kalshi_paper.service.catalogue import find_details
from kalshi_paper.web.market_json import event_json, market_json, order_book_json, series_json, trade_json
from kalshi_paper.web.openapi import Json
from kalshi_paper.web.request_context import RequestContext

_DAY_MS: Final = 86_400_000
_STATUSES: Final[dict[str, set[MarketStatus]]] = {
    "unopened": {"initialized"},
    "open": {"active"},
    "paused": {"inactive"},
    "closed": {"closed", "determined"},
    "settled": {"finalized"},
}
"""Market statuses that each value of the `status` filter selects."""
_TIME_FILTERS: Final[dict[str, set[str]]] = {
    "created": {"unopened", "open"},
    "close": {"closed"},
    "settled": {"settled"},
    "updated": set(),
}
"""Values of the `status` filter that can be combined with each kind of time filter."""


def get_markets(request: RequestContext) -> Json:
    query, status = request.query, request.query.get("status")
    listed = request.engine.market_data.markets(
        event_ticker=query.get("event_ticker"), series_ticker=query.get("series_ticker")
    )
    found = listed
    _check_time_filters(query, status)
    if "tickers" in query:
        tickers = set(query["tickers"].split(","))
        found = [market for market in found if market.ticker in tickers]
    if status:
        found = [market for market in found if market.status in _STATUSES[status]]
    if query.get("mve_filter") == "only":
        found = []
    for kind in _TIME_FILTERS:
        min_ms, max_ms = request.start_ms(f"min_{kind}_ts"), request.end_ms(f"max_{kind}_ts")
        if min_ms is not None or max_ms is not None:
            found = [market for market in found if _is_between(_time_ms(request, market, kind), min_ms, max_ms)]
    page, cursor = request.page(found, lambda market: market.ticker, all_keys=(market.ticker for market in listed))
    return {"markets": [_market_json(request, market) for market in page], "cursor": cursor}


def get_market(request: RequestContext) -> Json:
    return {"market": _market_json(request, request.engine.market_data.market(request.path["ticker"]))}


def get_order_book(request: RequestContext) -> Json:
    snapshot = request.engine.market_data.order_book(request.path["ticker"], request.query.get("depth") or None)
    return {"orderbook_fp": order_book_json(snapshot)}


def get_order_books(request: RequestContext) -> Json:
    order_book = request.engine.market_data.order_book
    snapshots = [(ticker, order_book(ticker)) for ticker in request.query["tickers"]]
    return {
        "orderbooks": [{"ticker": ticker, "orderbook_fp": order_book_json(snapshot)} for ticker, snapshot in snapshots]
    }


def get_trades(request: RequestContext) -> Json:
    found = request.engine.market_data.trades(
        request.query.get("ticker"), min_ms=request.start_ms("min_ts"), max_ms=request.end_ms("max_ts")
    )
    if request.query.get("is_block_trade"):
        found = []
    page, cursor = request.page(found, lambda trade: trade.trade_id)
    return {"trades": [trade_json(trade) for trade in page], "cursor": cursor}


def get_events(request: RequestContext) -> Json:
    query, found = request.query, list(request.catalogue.events.values())
    if "series_ticker" in query:
        found = [event for event in found if event.series_ticker == query["series_ticker"]]
    if "tickers" in query:
        tickers = set(query["tickers"].split(","))
        found = [event for event in found if event.event_ticker in tickers]
    if "status" in query:
        found = [event for event in found if _event_status(_markets(request, event.event_ticker)) == query["status"]]
    if (min_ms := request.start_ms("min_close_ts")) is not None:
        found = [
            event
            for event in found
            if any(market.close_ms > min_ms for market in _markets(request, event.event_ticker))
        ]
    page, cursor = request.page(found, lambda event: event.event_ticker, 200, all_keys=request.catalogue.events)
    nested = query.get("with_nested_markets", False)
    events = [_event_json(request, event.event_ticker, nested=nested) for event in page]
    body: Json = {"events": events, "cursor": cursor}
    return {**body, "milestones": []} if query.get("with_milestones") else body


def get_event(request: RequestContext) -> Json:
    ticker = request.path["event_ticker"]
    find_details(request.catalogue.events, ticker)
    nested = request.query.get("with_nested_markets", False)
    markets = [] if nested else [_market_json(request, market) for market in _markets(request, ticker)]
    return {"event": _event_json(request, ticker, nested=nested), "markets": markets}


def get_series_list(request: RequestContext) -> Json:
    query = request.query
    tags = set(query["tags"].split(",")) if "tags" in query else None
    return {
        "series": [
            _series_json(request, series.ticker)
            for series in request.catalogue.series.values()
            if query.get("category") in (None, series.category) and (tags is None or tags & set(series.tags))
        ]
    }


def get_series(request: RequestContext) -> Json:
    return {"series": _series_json(request, request.path["series_ticker"])}


def _market_json(request: RequestContext, market: Market) -> Json:
    market_data, ticker = request.engine.market_data, market.ticker
    volume_24h = market_data.volume_since(ticker, request.service.state.clock.now_ms() - _DAY_MS)
    return market_json(market, request.catalogue.markets[ticker], market_data.quote(ticker), volume_24h)


def _series_json(request: RequestContext, ticker: str) -> Json:
    details = find_details(request.catalogue.series, ticker)
    markets = request.engine.market_data.markets(series_ticker=ticker)
    volume = sum(market.volume for market in markets) if request.query.get("include_volume") else None
    return series_json(details, volume, _last_created_ms(request, markets))


def _event_json(request: RequestContext, ticker: str, *, nested: bool) -> Json:
    details, markets = request.catalogue.events[ticker], _markets(request, ticker)
    category = request.catalogue.series[details.series_ticker].category
    nested_markets = [_market_json(request, market) for market in markets] if nested else None
    return event_json(details, category, nested_markets, _last_created_ms(request, markets))


def _last_created_ms(request: RequestContext, markets: list[Market]) -> int:
    return max((request.catalogue.markets[market.ticker].created_ms for market in markets), default=0)


def _markets(request: RequestContext, event_ticker: str) -> list[Market]:
    return request.engine.market_data.markets(event_ticker=event_ticker)


def _event_status(markets: list[Market]) -> str:
    """Return the status of an event: the earliest in the lifecycle among its markets; `paused` counts as `open`."""
    for status in ("open", "paused", "unopened", "closed"):
        if any(market.status in _STATUSES[status] for market in markets):
            return "open" if status == "paused" else status
    return "settled"


def _check_time_filters(query: Json, status: str | None) -> None:
    """Reject time filters that cannot be combined with each other or with the status."""
    kinds = [kind for kind in _TIME_FILTERS if f"min_{kind}_ts" in query or f"max_{kind}_ts" in query]
    if len(kinds) > 1:
        raise invalid_parameter(f"filters of {' and '.join(kinds)} time can't be combined")
    if kinds and status and status not in _TIME_FILTERS[kinds[0]]:
        raise invalid_parameter(f"a filter of {kinds[0]} time does not go with status {status}")


def _time_ms(request: RequestContext, market: Market, kind: str) -> int | None:
    """Return the time that a kind of time filter compares; None if the market has none."""
    if kind == "close":
        return market.close_ms
    created_ms = request.catalogue.markets[market.ticker].created_ms
    if kind == "created":
        return created_ms
    return market.settled_ms or (created_ms if kind == "updated" else None)


def _is_between(time_ms: int | None, min_ms: int | None, max_ms: int | None) -> bool:
    return time_ms is not None and (min_ms is None or time_ms >= min_ms) and (max_ms is None or time_ms <= max_ms)


HANDLERS: Final = {
    "GetMarkets": get_markets,
    "GetMarket": get_market,
    "GetMarketOrderbook": get_order_book,
    "GetMarketOrderbooks": get_order_books,
    "GetTrades": get_trades,
    "GetEvents": get_events,
    "GetEvent": get_event,
    "GetSeriesList": get_series_list,
    "GetSeries": get_series,
}
