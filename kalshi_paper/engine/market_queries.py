"""Public market data: markets, order books, quotes, trades, candlesticks."""

from __future__ import annotations

from bisect import bisect_left
from heapq import merge
from itertools import islice
from typing import Final

from attrs import frozen

from kalshi_paper.engine.amounts import DOLLAR, Count, Price
from kalshi_paper.engine.candlesticks import candlesticks
from kalshi_paper.engine.markets import Market
from kalshi_paper.engine.order_book import OrderBook
from kalshi_paper.engine.orders import BookSide
from kalshi_paper.engine.records import Candlestick, Trade, between
from kalshi_paper.engine.state import EngineState

_SIDES: Final[tuple[BookSide, BookSide]] = ("bid", "ask")


@frozen(kw_only=True)
class OrderBookSnapshot:
    """
    The bids for both legs of a market, ascending by price, best last.

    Attributes:
        yes: Price of the YES leg and contracts bid at it.
        no: Price of the NO leg and contracts bid at it; a YES ask at p is a NO bid at one dollar minus p.
    """

    yes: list[tuple[Price, Count]]
    no: list[tuple[Price, Count]]


@frozen(kw_only=True)
class Quote:
    """
    Best bid and ask of a market.

    Attributes:
        yes_bid: Best YES bid; zero when there is none.
        yes_bid_count: Contracts at the best bid.
        yes_ask: Best YES ask; one dollar when there is none.
        yes_ask_count: Contracts at the best ask.
    """

    yes_bid: Price
    yes_bid_count: Count
    yes_ask: Price
    yes_ask_count: Count


@frozen(eq=False)
class MarketQueries:
    """
    Read market data; nothing is changed.

    The methods read the state as of the last `MatchingEngine.advance_time`. Where a ticker is required, an unknown one
    raises RequestRejected 404 `not_found`.

    Args:
        state: State of the engine.
    """

    _state: EngineState

    def market(self, ticker: str) -> Market:
        """Return a market; the object is live, not a copy."""
        return self._state.market(ticker)

    def markets(self, *, event_ticker: str | None = None, series_ticker: str | None = None) -> list[Market]:
        """Return the markets of an event, of a series, or all, in order of listing."""
        return [
            market
            for market in self._state.markets.values()
            if event_ticker in (None, market.event_ticker) and series_ticker in (None, market.series_ticker)
        ]

    def quote(self, ticker: str) -> Quote:
        """Return the best bid and ask."""
        book = self._book(ticker)
        yes_bid, bid_count = next(book.levels("bid"), (0, 0))
        yes_ask, ask_count = next(book.levels("ask"), (DOLLAR, 0))
        return Quote(yes_bid=yes_bid, yes_bid_count=bid_count, yes_ask=yes_ask, yes_ask_count=ask_count)

    def order_book(self, ticker: str, depth: int | None = None) -> OrderBookSnapshot:
        """Return the best `depth` price levels of both legs; all of them by default."""
        book = self._book(ticker)
        bids, asks = (list(islice(book.levels(side), depth))[::-1] for side in _SIDES)
        return OrderBookSnapshot(yes=bids, no=[(DOLLAR - price, count) for price, count in asks])

    def volume_since(self, ticker: str, since_ms: int) -> Count:
        """Return the contracts traded at or after a time, Unix milliseconds."""
        self._state.market(ticker)
        trades = self._state.trades[ticker]
        first = bisect_left(trades, since_ms, key=lambda trade: trade.ts_ms)
        return sum(trade.count for trade in trades[first:])

    def trades(self, ticker: str | None = None, *, min_ms: int | None = None, max_ms: int | None = None) -> list[Trade]:
        """Return trades of one market or of all, newest first; an unknown ticker has none."""
        if ticker is None:
            rows = list(merge(*self._state.trades.values(), key=lambda trade: trade.ts_ms))
        else:
            rows = self._state.trades.get(ticker, [])
        return list(between(reversed(rows), min_ms, max_ms))

    def candlesticks(self, ticker: str, start_s: int, end_s: int, period_s: int) -> list[Candlestick]:
        """Return the candlesticks whose periods end between start and end, both inclusive, Unix seconds."""
        self._state.market(ticker)
        trades, quotes = self._state.trades[ticker], self._state.quotes[ticker]
        return list(candlesticks(trades, quotes, start_s, end_s, period_s))

    def _book(self, ticker: str) -> OrderBook:
        self._state.market(ticker)
        return self._state.books[ticker]
