"""Read-only views of queue positions and of positions by market and by event."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from kalshi_paper.engine.amounts import Count, Micros
from kalshi_paper.engine.positions import Position


@frozen(kw_only=True)
class QueuePosition:
    """
    Queue position of a resting order.

    Attributes:
        order_id: Order.
        ticker: Market of the order.
        contracts_ahead: Contracts that trade before the order.
    """

    order_id: str
    ticker: str
    contracts_ahead: Count


@frozen(kw_only=True)
class MarketPosition:
    """
    One account's position in one market.

    Attributes:
        ticker: Market.
        event_ticker: Event of the market.
        count: Contracts held; positive for YES, negative for NO.
        traded_micros: Total spent on opening contracts.
        exposure_micros: Cost of the contracts held.
        realized_micros: Realized profit, without fees.
        fees_micros: Fees paid.
        updated_ms: Time of the last change, Unix milliseconds.
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
    One account's position in one event, summed over its markets.

    Attributes:
        event_ticker: Event.
        cost_micros: Total spent on opening contracts.
        traded_count: Total contracts traded, both sides.
        exposure_micros: Cost of the contracts held.
        realized_micros: Realized profit, without fees.
        fees_micros: Fees paid.
    """

    event_ticker: str
    cost_micros: Micros
    traded_count: Count
    exposure_micros: Micros
    realized_micros: Micros
    fees_micros: Micros


def market_position(position: Position) -> MarketPosition:
    """Return the view of one position."""
    return MarketPosition(
        ticker=position.ticker,
        event_ticker=position.event_ticker,
        count=position.count,
        traded_micros=position.traded_micros,
        exposure_micros=position.cost_micros,
        realized_micros=position.realized_micros,
        fees_micros=position.fees_micros,
        updated_ms=position.updated_ms,
    )


def sum_by_event(positions: Iterable[Position]) -> list[EventPosition]:
    """Sum positions by event, in the order in which the events first appear."""
    by_event: dict[str, list[Position]] = {}
    for position in positions:
        by_event.setdefault(position.event_ticker, []).append(position)
    return [
        EventPosition(
            event_ticker=event_ticker,
            cost_micros=sum(each.traded_micros for each in group),
            traded_count=sum(each.traded_count for each in group),
            exposure_micros=sum(each.cost_micros for each in group),
            realized_micros=sum(each.realized_micros for each in group),
            fees_micros=sum(each.fees_micros for each in group),
        )
        for event_ticker, group in by_event.items()
    ]
