"""An account's figures as they are read: places in queues, positions by market and summed by event."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from kalshi_paper.engine.amounts import Count, Micros
from kalshi_paper.engine.positions import Holding


@frozen(kw_only=True)
class QueuePosition:
    """
    Place of a resting order.

    Attributes:
        order_id: The order.
        ticker: Its market.
        ahead: Contracts that must trade before it does.
    """

    order_id: str
    ticker: str
    ahead: Count


@frozen(kw_only=True)
class MarketPosition:
    """
    One account's figures in one market.

    Attributes:
        ticker: The market.
        event_ticker: Its event.
        count: Contracts held: YES above zero, NO below.
        traded_micros: All that was spent on contracts there.
        exposure_micros: What the contracts now held cost.
        realized_micros: Profit locked in, fees left out.
        fees_micros: Fees paid there.
        updated_ms: When the position last changed.
    """

    ticker: str
    event_ticker: str
    count: Count
    traded_micros: Micros
    exposure_micros: Micros
    realized_micros: Micros
    fees_micros: Micros
    updated_ms: int


@frozen(kw_only=True)
class EventPosition:
    """
    One account's figures in one event, summed over its markets.

    Attributes:
        event_ticker: The event.
        cost_micros: All that was spent on contracts there.
        traded_count: All contracts traded there, either way.
        exposure_micros: What the contracts now held cost.
        realized_micros: Profit locked in, fees left out.
        fees_micros: Fees paid there.
    """

    event_ticker: str
    cost_micros: Micros
    traded_count: Count
    exposure_micros: Micros
    realized_micros: Micros
    fees_micros: Micros


def market_position(held: Holding) -> MarketPosition:
    """Copy a holding's figures."""
    return MarketPosition(
        ticker=held.ticker,
        event_ticker=held.event_ticker,
        count=held.count,
        traded_micros=held.traded_micros,
        exposure_micros=held.cost_micros,
        realized_micros=held.realized_micros,
        fees_micros=held.fees_micros,
        updated_ms=held.updated_ms,
    )


def event_positions(holdings: Iterable[Holding]) -> list[EventPosition]:
    """Sum holdings by event, in the order in which the events come first."""
    by_event: dict[str, list[Holding]] = {}
    for held in holdings:
        by_event.setdefault(held.event_ticker, []).append(held)
    return [
        EventPosition(
            event_ticker=event_ticker,
            cost_micros=sum(held.traded_micros for held in group),
            traded_count=sum(held.traded_count for held in group),
            exposure_micros=sum(held.cost_micros for held in group),
            realized_micros=sum(held.realized_micros for held in group),
            fees_micros=sum(held.fees_micros for held in group),
        )
        for event_ticker, group in by_event.items()
    ]
