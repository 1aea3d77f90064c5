"""Compute candlesticks from trades and quotes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from kalshi_paper.engine.amounts import Price
from kalshi_paper.engine.records import Candlestick, Ohlc, Trade


def candlesticks(
    trades: Sequence[Trade], quotes: Sequence[tuple[int, Price, Price]], start_s: int, end_s: int, period_s: int
) -> Iterator[Candlestick]:
    """
    Yield the candlesticks whose periods end between `start_s` and `end_s`, both inclusive, at multiples of the period.

    A period includes its end and excludes its start.

    Args:
        trades: Trades of the market, oldest first.
        quotes: Quote changes as (Unix milliseconds, best bid, best ask), oldest first; at least one.
        start_s: First end of a period, Unix seconds.
        end_s: Last end of a period, Unix seconds.
        period_s: Length of a period, seconds.
    """
    for end in range(-(-start_s // period_s) * period_s, end_s + 1, period_s):
        first = bisect_right(trades, (end - period_s) * 1000, key=lambda trade: trade.ts_ms)
        after_last = bisect_right(trades, end * 1000, lo=first, key=lambda trade: trade.ts_ms)
        within = trades[first:after_last]
        quoted_from = max(0, bisect_right(quotes, (end - period_s) * 1000, key=lambda quote: quote[0]) - 1)
        quoted = quotes[
            quoted_from : max(quoted_from + 1, bisect_right(quotes, end * 1000, key=lambda quote: quote[0]))
        ]
        volume = sum(trade.count for trade in within)
        yield Candlestick(
            end_s=end,
            price=_ohlc([trade.price for trade in within]) if within else None,
            mean_micros=sum(trade.count * trade.price for trade in within) * 100 // volume if volume else None,
            previous=trades[first - 1].price if first else None,
            yes_bid=_ohlc([bid for _, bid, _ in quoted]),
            yes_ask=_ohlc([ask for _, _, ask in quoted]),
            volume=volume,
            open_interest=trades[after_last - 1].open_interest if after_last else 0,
        )


def _ohlc(prices: Sequence[Price]) -> Ohlc:
    return Ohlc(open=prices[0], low=min(prices), high=max(prices), close=prices[-1])
