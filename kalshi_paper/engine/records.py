"""Records of the past: trades, fills, settlements, candlesticks."""

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
    A public trade.

    Attributes:
        trade_id: Trade id; both fills have the same id.
        ticker: The market.
        price: YES price.
        count: Contracts.
        taker_side: Book side of the taker's order.
        ts_ms: Time of the trade, Unix milliseconds.
        open_interest: Open contract pairs after the trade.
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
    One account's side of a trade.

    Attributes:
        fill_id: Id of the fill, equal to the trade id.
        order_id: The account's order.
        account_id: The account.
        ticker: The market.
        side: `bid` bought YES, `ask` sold it.
        price: YES price.
        count: Contracts.
        is_taker: True for the incoming order, False for the resting one.
        fee_micros: Fee paid.
        ts_ms: Time of the trade, Unix milliseconds.
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
    Settlement of one account's position in a market.

    Attributes:
        account_id: The account.
        ticker: The market.
        event_ticker: Its event.
        result: Market result.
        value: Payout of a YES contract.
        yes_count: YES contracts held.
        yes_cost_micros: Cost of the YES contracts.
        no_count: NO contracts held.
        no_cost_micros: Cost of the NO contracts.
        revenue_micros: Total payout.
        fees_micros: Total fees paid in the market.
        settled_ms: Settlement time, Unix milliseconds.
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
    """Open, low, high and close prices of a period."""

    open: Price
    low: Price
    high: Price
    close: Price


@frozen(kw_only=True)
class Candlestick:
    """
    Candlestick of one period of a market.

    Attributes:
        end_s: End of the period (inclusive), Unix seconds.
        price: YES prices of the trades; None without trades.
        mean_micros: Mean price weighted by contracts, in millionths of a dollar; None without trades.
        previous: Price of the last trade before the period; None if there was none.
        yes_bid: Best YES bid; zero where there was no bid.
        yes_ask: Best YES ask; one dollar where there was no ask.
        volume: Contracts traded in the period.
        open_interest: Open contract pairs at the end of the period.
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
    """Filter rows, newest first, by time; both bounds are inclusive and optional."""
    for row in rows:
        if min_ms is not None and row.ts_ms < min_ms:
            return
        if max_ms is None or row.ts_ms <= max_ms:
            yield row
