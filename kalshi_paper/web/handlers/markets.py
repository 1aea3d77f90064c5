"""Series, events, markets, order books, trades: what everybody may see."""

from __future__ import annotations

from typing import Final

from kalshi_paper.engine.markets import Market
from kalshi_paper.service.catalogue import look_up
from kalshi_paper.web import market_json as rows
from kalshi_paper.web.error_responses import bad_parameter
from kalshi_paper.web.openapi import Json
from kalshi_paper.web.request_context import Call

_DAY_MS: Final = 86_400_000
_STATUSES: Final = {
    "unopened": {"initialized"},
    "open": {"active"},
    "paused": {"inactive"},
    "closed": {"closed", "determined"},
    "settled": {"finalized"},
}
_FAMILIES: Final = {"created": {"unopened", "open"}, "close": {"closed"}, "settled": {"settled"}, "updated": set[str]()}


def market_row(call: Call, market: Market) -> Json:
    """Write a market."""
    now_ms = call.desk.clock.now_ms()
    return rows.market(
        market,
        call.desk.catalogue.markets[market.ticker],
        call.exchange.quote(market.ticker),
        call.exchange.volume_since(market.ticker, now_ms - _DAY_MS),
    )


def get_markets(call: Call) -> Json:
    found = every = call.exchange.markets(
        event_ticker=call.query.get("event_ticker"), series_ticker=call.query.get("series_ticker")
    )
    asked, status = call.query, call.query.get("status")
    _check_families(asked, status)
    if "tickers" in asked:
        tickers = set(asked["tickers"].split(","))
        found = [market for market in found if market.ticker in tickers]
    if status:
        found = [market for market in found if market.status in _STATUSES[status]]
    if asked.get("mve_filter") == "only":
        found = []
    for family in _FAMILIES:
        least, most = call.milliseconds(f"min_{family}_ts"), call.milliseconds(f"max_{family}_ts", 999)
        if least is not None or most is not None:
            found = [market for market in found if _within(_moment(call, market, family), least, most)]
    page, cursor = call.page(found, lambda market: market.ticker, among=(market.ticker for market in every))
    return {"markets": [market_row(call, market) for market in page], "cursor": cursor}


def get_market(call: Call) -> Json:
    return {"market": market_row(call, call.exchange.market(call.path["ticker"]))}


def get_order_book(call: Call) -> Json:
    book = call.exchange.order_book(call.path["ticker"], call.query.get("depth") or None)
    return {"orderbook_fp": rows.order_book(book)}


def get_order_books(call: Call) -> Json:
    books = [(ticker, call.exchange.order_book(ticker)) for ticker in call.query["tickers"]]
    return {"orderbooks": [{"ticker": ticker, "orderbook_fp": rows.order_book(book)} for ticker, book in books]}


def get_trades(call: Call) -> Json:
    found = call.exchange.trades(
        call.query.get("ticker"), min_ms=call.milliseconds("min_ts"), max_ms=call.milliseconds("max_ts", 999)
    )
    if call.query.get("is_block_trade"):
        found = []
    page, cursor = call.page(found, lambda trade: trade.trade_id)
    return {"trades": [rows.trade(trade) for trade in page], "cursor": cursor}


def get_events(call: Call) -> Json:
    asked, cards = call.query, list(call.desk.catalogue.events.values())
    if "series_ticker" in asked:
        cards = [card for card in cards if card.series_ticker == asked["series_ticker"]]
    if "tickers" in asked:
        tickers = set(asked["tickers"].split(","))
        cards = [card for card in cards if card.event_ticker in tickers]
    if "status" in asked:
        cards = [card for card in cards if _event_status(_markets(call, card.event_ticker)) == asked["status"]]
    if (least := call.milliseconds("min_close_ts")) is not None:
        cards = [card for card in cards if any(row.close_ms > least for row in _markets(call, card.event_ticker))]
    page, cursor = call.page(cards, lambda card: card.event_ticker, 200, among=call.desk.catalogue.events)
    nested = asked.get("with_nested_markets", False)
    found: Json = {"events": [_event_row(call, card.event_ticker, nested=nested) for card in page], "cursor": cursor}
    return {**found, "milestones": []} if asked.get("with_milestones") else found


def get_event(call: Call) -> Json:
    ticker = call.path["event_ticker"]
    look_up(call.desk.catalogue.events, ticker)
    nested = call.query.get("with_nested_markets", False)
    markets = [] if nested else [market_row(call, market) for market in _markets(call, ticker)]
    return {"event": _event_row(call, ticker, nested=nested), "markets": markets}


def get_series_list(call: Call) -> Json:
    asked = call.query
    tags = set(asked["tags"].split(",")) if "tags" in asked else None
    return {
        "series": [
            _series_row(call, card.ticker)
            for card in call.desk.catalogue.series.values()
            if asked.get("category") in (None, card.category) and (tags is None or tags & set(card.tags))
        ]
    }


def get_series(call: Call) -> Json:
    return {"series": _series_row(call, call.path["series_ticker"])}


def _series_row(call: Call, ticker: str) -> Json:
    card = look_up(call.desk.catalogue.series, ticker)
    markets = call.exchange.markets(series_ticker=ticker)
    volume = sum(market.volume for market in markets) if call.query.get("include_volume") else None
    return rows.series(card, volume, _created_ms(call, markets))


def _event_row(call: Call, ticker: str, *, nested: bool) -> Json:
    card, markets = call.desk.catalogue.events[ticker], _markets(call, ticker)
    category = call.desk.catalogue.series[card.series_ticker].category
    inside = [market_row(call, market) for market in markets] if nested else None
    return rows.event(card, category, inside, _created_ms(call, markets))


def _created_ms(call: Call, markets: list[Market]) -> int:
    return max((call.desk.catalogue.markets[market.ticker].created_ms for market in markets), default=0)


def _markets(call: Call, event_ticker: str) -> list[Market]:
    return call.exchange.markets(event_ticker=event_ticker)


def _event_status(markets: list[Market]) -> str:
    """Return the state of the event whose market is furthest from its end."""
    for status in ("open", "paused", "unopened", "closed"):
        if any(market.status in _STATUSES[status] for market in markets):
            return "open" if status == "paused" else status
    return "settled"


def _check_families(asked: Json, status: str | None) -> None:
    """Refuse filters of time that don't go together, or not with the status."""
    families = [name for name in _FAMILIES if f"min_{name}_ts" in asked or f"max_{name}_ts" in asked]
    if len(families) > 1:
        raise bad_parameter(f"filters of {' and '.join(families)} time can't be combined")
    if families and status and status not in _FAMILIES[families[0]]:
        raise bad_parameter(f"a filter of {families[0]} time does not go with status {status}")


def _moment(call: Call, market: Market, family: str) -> int | None:
    """Return the moment that a family of filters is about."""
    if family == "close":
        return market.close_ms
    created_ms = call.desk.catalogue.markets[market.ticker].created_ms
    if family == "created":
        return created_ms
    return market.settled_ms or (created_ms if family == "updated" else None)


def _within(moment: int | None, least: int | None, most: int | None) -> bool:
    return moment is not None and (least is None or moment >= least) and (most is None or moment <= most)


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
