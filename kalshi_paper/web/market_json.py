"""Public market data as JSON: series, events, markets, order books, trades, candlesticks."""

from __future__ import annotations

from kalshi_paper.engine.amounts import DOLLAR, Count, Price, count_text, money_text, price_text
from kalshi_paper.engine.market_queries import OrderBookSnapshot, Quote
from kalshi_paper.engine.markets import Market
from kalshi_paper.engine.records import Candlestick, Ohlc, Trade
from kalshi_paper.service.catalogue import EventDetails, MarketDetails, SeriesDetails
from kalshi_paper.web.account_json import leg_prices_json, outcome_side
from kalshi_paper.web.json_text import time_text
from kalshi_paper.web.openapi import Json


def trade_json(row: Trade) -> Json:
    """Return a public trade as JSON."""
    outcome = outcome_side(row.taker_side)
    return {
        "trade_id": row.trade_id,
        "ticker": row.ticker,
        "count_fp": count_text(row.count),
        **leg_prices_json(row.price),
        "taker_side": outcome,
        "taker_outcome_side": outcome,
        "taker_book_side": row.taker_side,
        "created_time": time_text(row.ts_ms),
        "is_block_trade": False,
    }


def order_book_json(book: OrderBookSnapshot) -> Json:
    """Return the bids of both legs as JSON, best last."""
    return {"yes_dollars": _levels_json(book.yes), "no_dollars": _levels_json(book.no)}


def series_json(details: SeriesDetails, volume: Count | None, created_ms: int) -> Json:
    """Return a series as JSON; without volume if it is None."""
    found: Json = {
        "ticker": details.ticker,
        "frequency": details.frequency,
        "title": details.title,
        "category": details.category,
        "categories": [details.category],
        "tags": list(details.tags),
        "settlement_sources": [],
        "contract_url": "https://example.com/contract",
        "contract_terms_url": "https://example.com/terms",
        "fee_type": details.fee_type,
        "fee_multiplier": details.fee_multiplier,
        "additional_prohibitions": [],
        "last_updated_ts": time_text(created_ms),
        "exchange_index": 0,
    }
    return found if volume is None else {**found, "volume_fp": count_text(volume)}


def event_json(details: EventDetails, category: str, markets: list[Json] | None, created_ms: int) -> Json:
    """Return an event as JSON; without its markets if they are None."""
    found: Json = {
        "event_ticker": details.event_ticker,
        "series_ticker": details.series_ticker,
        "title": details.title,
        "sub_title": details.sub_title,
        "collateral_return_type": "",
        "mutually_exclusive": details.mutually_exclusive,
        "category": category,
        "strike_date": None,
        "strike_period": None,
        "settlement_sources": [],
        "last_updated_ts": time_text(created_ms),
        "exchange_index": 0,
    }
    return found if markets is None else {**found, "markets": markets}


def market_json(row: Market, details: MarketDetails, quote: Quote, volume_24h: Count) -> Json:
    """Return a market as JSON: details and trading state."""
    trading = row.status in ("active", "inactive")
    found = {
        "ticker": row.ticker,
        "event_ticker": row.event_ticker,
        "market_type": "binary",
        "title": details.title,
        "subtitle": details.yes_sub_title,
        "yes_sub_title": details.yes_sub_title,
        "no_sub_title": f"Not: {details.yes_sub_title}",
        "created_time": time_text(details.created_ms),
        "updated_time": time_text(row.settled_ms or details.created_ms),
        "open_time": time_text(row.open_ms),
        "close_time": time_text(row.close_ms),
        "expected_expiration_time": time_text(row.close_ms),
        "latest_expiration_time": time_text(row.close_ms),
        "settlement_timer_seconds": 0,
        "status": row.status,
        "yes_bid_dollars": price_text(quote.yes_bid if trading else 0),
        "yes_bid_size_fp": count_text(quote.yes_bid_count),
        "yes_ask_dollars": price_text(quote.yes_ask if trading else DOLLAR),
        "yes_ask_size_fp": count_text(quote.yes_ask_count),
        "no_bid_dollars": price_text(DOLLAR - quote.yes_ask if trading else 0),
        "no_ask_dollars": price_text(DOLLAR - quote.yes_bid if trading else DOLLAR),
        "last_price_dollars": price_text(row.last_price or 0),
        "volume_fp": count_text(row.volume),
        "volume_24h_fp": count_text(volume_24h),
        "result": row.result,
        "can_close_early": True,
        "open_interest_fp": count_text(row.open_interest),
        "notional_value_dollars": price_text(DOLLAR),
        "previous_yes_bid_dollars": price_text(0),
        "previous_yes_ask_dollars": price_text(DOLLAR),
        "previous_price_dollars": price_text(0),
        "expiration_value": row.result,
        "rules_primary": details.rules,
        "rules_secondary": "",
        "price_level_structure": details.structure,
        "price_ranges": [
            {"start": price_text(band.start), "end": price_text(band.end), "step": price_text(band.step)}
            for band in row.price_ranges
        ],
        "exchange_index": 0,
        "settlement_bounds_type": "default",
    }
    if details.floor_strike is not None:
        found |= {"strike_type": "greater", "floor_strike": details.floor_strike}
    if row.settlement_value is not None and row.settled_ms is not None:
        found["settlement_value_dollars"] = price_text(row.settlement_value)
        found["settlement_ts"] = time_text(row.settled_ms)
    return found


def candlestick_json(row: Candlestick) -> Json:
    """Return a candlestick as JSON."""
    price: Json = {}
    if row.price is not None:
        price = _ohlc_json(row.price)
        price |= {"min_dollars": price["low_dollars"], "max_dollars": price["high_dollars"]}
    if row.mean_micros is not None:
        price["mean_dollars"] = money_text(row.mean_micros)
    if row.previous is not None:
        price["previous_dollars"] = price_text(row.previous)
    return {
        "end_period_ts": row.end_s,
        "yes_bid": _ohlc_json(row.yes_bid),
        "yes_ask": _ohlc_json(row.yes_ask),
        "price": price,
        "volume_fp": count_text(row.volume),
        "open_interest_fp": count_text(row.open_interest),
    }


def _levels_json(levels: list[tuple[Price, Count]]) -> list[list[str]]:
    return [[price_text(price), count_text(count)] for price, count in levels]


def _ohlc_json(row: Ohlc) -> Json:
    return {
        "open_dollars": price_text(row.open),
        "low_dollars": price_text(row.low),
        "high_dollars": price_text(row.high),
        "close_dollars": price_text(row.close),
    }
