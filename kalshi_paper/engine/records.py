"""What has happened: trades, fills, settlements, candlesticks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from attrs import frozen

from kalshi_paper.engine.amounts import Count, Micros, Price
from kalshi_paper.engine.markets import Result
from kalshi_paper.engine.orders import BookSide


@frozen(kw_only=True)
class Trade:
    """
    One trade, as the public sees it.

    Attributes:
        trade_id: Its id, and that of both fills.
        ticker: The market.
        price: YES price.
        count: Contracts.
        taker_side: Side of the taker.
        ts_ms: Unix milliseconds.
        open_interest: Contracts held on either side after it.
    """

    trade_id: str
    ticker: str
    price: Price
    count: Count
    taker_side: BookSide
    ts_ms: int
    open_interest: Count


@frozen(kw_only=True)
class Fill:
    """
    One account's half of a trade.

    Attributes:
        fill_id: Its id, which is the trade's.
        order_id: The account's order.
        account_id: The account.
        ticker: The market.
        side: `bid` bought YES, `ask` sold it.
        price: YES price.
        count: Contracts.
        is_taker: Whether the order met one that rested.
        fee_micros: Fee paid.
        ts_ms: Unix milliseconds.
    """

    fill_id: str
    order_id: str
    account_id: str
    ticker: str
    side: BookSide
    price: Price
    count: Count
    is_taker: bool
    fee_micros: Micros
    ts_ms: int


@frozen(kw_only=True)
class Settlement:
    """
    What one market paid one account.

    Attributes:
        account_id: The account.
        ticker: The market.
        event_ticker: Its event.
        result: How it ended.
        value: What a YES contract paid.
        yes_count: YES contracts held.
        yes_cost_micros: What they cost.
        no_count: NO contracts held.
        no_cost_micros: What they cost.
        revenue_micros: What was paid out.
        fees_micros: Fees paid in the market, in all.
        settled_ms: Unix milliseconds.
    """

    account_id: str
    ticker: str
    event_ticker: str
    result: Result
    value: Price
    yes_count: Count
    yes_cost_micros: Micros
    no_count: Count
    no_cost_micros: Micros
    revenue_micros: Micros
    fees_micros: Micros
    settled_ms: int


@frozen(kw_only=True)
class Ohlc:
    """First, lowest, highest and last price of a period."""

    open: Price
    low: Price
    high: Price
    close: Price


@frozen(kw_only=True)
class Candlestick:
    """
    One period of a market.

    Attributes:
        end_s: End of the period, itself included, Unix seconds.
        price: YES prices of the trades in it; None without trades.
        mean_micros: Their mean weighted by contracts, to the nearest millionth of a dollar; None without trades.
        previous: Price of the last trade before it; None if there was none.
        yes_bid: Best YES bids; zero where there was none.
        yes_ask: Best YES asks; one dollar where there was none.
        volume: Contracts traded in it.
        open_interest: Contracts held on either side as it ends.
    """

    end_s: int
    price: Ohlc | None
    mean_micros: Micros | None
    previous: Price | None
    yes_bid: Ohlc
    yes_ask: Ohlc
    volume: Count
    open_interest: Count


_Row = TypeVar("_Row", Trade, Fill)


def between(rows: Iterable[_Row], min_ms: int | None, max_ms: int | None) -> Iterator[_Row]:
    """Walk rows, newest first, from one moment to another, both included."""
    for row in rows:
        if min_ms is not None and row.ts_ms < min_ms:
            return
        if max_ms is None or row.ts_ms <= max_ms:
            yield row
