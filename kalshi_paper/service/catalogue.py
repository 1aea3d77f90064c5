"""What describes series, events and markets; what trades is in `markets`."""

from __future__ import annotations

from typing import TypeVar

from attrs import field, frozen

from kalshi_paper.engine.errors import not_found

Card = TypeVar("Card")


@frozen(kw_only=True)
class SeriesCard:
    """
    A family of events.

    Attributes:
        ticker: Its name.
        title: What it is about.
        category: The shelf it stands on.
        frequency: How often there is an event.
        tags: Words to find it by.
        fee_type: The document's name of the fee rule of its markets.
        fee_multiplier: Factor on the fees.
    """

    ticker: str
    title: str
    category: str
    frequency: str = "daily"
    tags: tuple[str, ...] = field(default=(), converter=tuple)
    fee_type: str = "quadratic"
    fee_multiplier: float = 1.0


@frozen(kw_only=True)
class EventCard:
    """
    Something that happens, and markets ask about.

    Attributes:
        event_ticker: Its name.
        series_ticker: The series it belongs to.
        title: The question.
        sub_title: When.
        mutually_exclusive: Whether one of its markets at most ends in yes.
    """

    event_ticker: str
    series_ticker: str
    title: str
    sub_title: str
    mutually_exclusive: bool = False


@frozen(kw_only=True)
class MarketCard:
    """
    What is printed on a market.

    Attributes:
        ticker: Its name.
        title: The question.
        yes_sub_title: The answer that YES stands for.
        rules: When it ends in yes.
        structure: Label of its price grid.
        floor_strike: Above what it ends in yes; None where it doesn't ask for a number.
        created_ms: When it was listed, Unix milliseconds.
    """

    ticker: str
    title: str
    yes_sub_title: str
    rules: str
    structure: str = "linear_cent"
    floor_strike: float | None = None
    created_ms: int = 0


class Catalogue:
    """All cards, in the order of listing."""

    def __init__(self) -> None:
        self.series: dict[str, SeriesCard] = {}
        self.events: dict[str, EventCard] = {}
        self.markets: dict[str, MarketCard] = {}


def look_up(cards: dict[str, Card], ticker: str) -> Card:
    """Return a card; 404 for one that is not there."""
    found = cards.get(ticker)
    if found is None:
        raise not_found()
    return found
