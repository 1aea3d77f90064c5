"""What can be asked of the exchange; nothing here changes anything."""

from __future__ import annotations

from bisect import bisect_left
from heapq import merge
from itertools import islice
from typing import Final

from attrs import frozen

from kalshi_paper.engine.amounts import DOLLAR, Count, Price
from kalshi_paper.engine.candlesticks import candlesticks
from kalshi_paper.engine.markets import Market
from kalshi_paper.engine.order_book import Book
from kalshi_paper.engine.orders import BookSide
from kalshi_paper.engine.records import Candlestick, Trade, between
from kalshi_paper.engine.state import Floor

_SIDES: Final[tuple[BookSide, BookSide]] = ("bid", "ask")


@frozen(kw_only=True)
class OrderBook:
    """
    A market's bids for either leg, ascending by price, the best last.

    Attributes:
        yes: Price of the YES leg and contracts bid at it.
        no: Price of the NO leg and contracts bid at it: a YES ask at p is a NO bid at one dollar less p.
    """

    yes: list[tuple[Price, Count]]
    no: list[tuple[Price, Count]]


@frozen(kw_only=True)
class Quote:
    """
    The best of a book.

    Attributes:
        yes_bid: Best price to sell YES at; zero when there is none.
        yes_bid_count: Contracts bid there.
        yes_ask: Best price to buy YES at; one dollar when there is none.
        yes_ask_count: Contracts on offer there.
    """

    yes_bid: Price
    yes_bid_count: Count
    yes_ask: Price
    yes_ask_count: Count


class Reads:
    """
    The part of `Exchange` that anybody may ask: markets, books, trades.

    No call takes a moment: `Exchange.expire` brings the state up to it.

    Args:
        floor: The state to read.
    """

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def market(self, ticker: str) -> Market:
        """Return a market, live; 404 `not_found`."""
        return self._floor.market(ticker)

    def markets(self, *, event_ticker: str | None = None, series_ticker: str | None = None) -> list[Market]:
        """Return the markets in order of listing."""
        return [
            market
            for market in self._floor.markets.values()
            if event_ticker in (None, market.event_ticker) and series_ticker in (None, market.series_ticker)
        ]

    def quote(self, ticker: str) -> Quote:
        """Return the best bid and ask; 404 `not_found`."""
        book = self._book(ticker)
        yes_bid, bid_count = next(book.levels("bid"), (0, 0))
        yes_ask, ask_count = next(book.levels("ask"), (DOLLAR, 0))
        return Quote(yes_bid=yes_bid, yes_bid_count=bid_count, yes_ask=yes_ask, yes_ask_count=ask_count)

    def order_book(self, ticker: str, depth: int | None = None) -> OrderBook:
        """Return the bids of both legs, the best `depth` prices of each; 404 `not_found`."""
        book = self._book(ticker)
        bids, asks = (list(islice(book.levels(side), depth))[::-1] for side in _SIDES)
        return OrderBook(yes=bids, no=[(DOLLAR - price, count) for price, count in asks])

    def volume_since(self, ticker: str, since_ms: int) -> Count:
        """Return the contracts traded from a moment on; 404 `not_found`."""
        self._floor.market(ticker)
        trades = self._floor.trades[ticker]
        first = bisect_left(trades, since_ms, key=lambda trade: trade.ts_ms)
        return sum(trade.count for trade in trades[first:])

    def trades(self, ticker: str | None = None, *, min_ms: int | None = None, max_ms: int | None = None) -> list[Trade]:
        """Return trades, newest first; of all markets without a ticker; an unknown one has none."""
        if ticker is None:
            rows = list(merge(*self._floor.trades.values(), key=lambda trade: trade.ts_ms))
        else:
            rows = self._floor.trades.get(ticker, [])
        return list(between(reversed(rows), min_ms, max_ms))

    def candlesticks(self, ticker: str, start_s: int, end_s: int, period_s: int) -> list[Candlestick]:
        """Return the periods that end within start to end, both included, on multiples of the period; 404."""
        self._floor.market(ticker)
        floor = self._floor
        return list(candlesticks(floor.trades[ticker], floor.quotes[ticker], start_s, end_s, period_s))

    def _book(self, ticker: str) -> Book:
        self._floor.market(ticker)
        return self._floor.books[ticker]
