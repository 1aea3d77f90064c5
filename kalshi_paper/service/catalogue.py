"""Descriptive data of series, events and markets. The trading state of a market is in `engine.markets`."""

from __future__ import annotations

from typing import TypeVar

from attrs import field, frozen

from kalshi_paper.engine.errors import not_found
from kalshi_paper.engine.fees import FeeType

DetailsT = TypeVar("DetailsT")


@frozen(kw_only=True)
class SeriesDetails:
    """
    Descriptive data of a series.

    Attributes:
        ticker: Series ticker.
        title: Title.
        category: Category.
        frequency: How often there is an event.
        tags: Search tags.
        fee_type: Fee type of its markets.
        fee_multiplier: Factor on the fees.
    """

    ticker: str
    title: str
    category: str
    frequency: str = "daily"
    tags: tuple[str, ...] = field(default=(), converter=tuple)
    fee_type: FeeType = "quadratic"
    fee_multiplier: float = 1.0


@frozen(kw_only=True)
class EventDetails:
    """
    Descriptive data of an event.

    Attributes:
        event_ticker: Event ticker.
        series_ticker: Series of the event.
        title: Title: the question.
        sub_title: Subtitle: the date.
        mutually_exclusive: Whether at most one of its markets can settle yes.
    """

    event_ticker: str
    series_ticker: str
    title: str
    sub_title: str
    mutually_exclusive: bool = False


@frozen(kw_only=True)
class MarketDetails:
    """
    Descriptive data of a market.

    Attributes:
        ticker: Market ticker.
        title: Title: the question.
        yes_sub_title: The outcome that YES stands for.
        rules: When the market settles yes.
        structure: Name of the price grid.
        floor_strike: Value above which the market settles yes; None if it does not ask for a number.
        created_ms: Time of listing, Unix milliseconds.
    """

    ticker: str
    title: str
    yes_sub_title: str
    rules: str
    structure: str = "linear_cent"
    floor_strike: float | None = None
    created_ms: int = 0


class Catalogue:
    """Details of all series, events and markets by ticker, in order of listing."""

    def __init__(self) -> None:
        self.series: dict[str, SeriesDetails] = {}
        self.events: dict[str, EventDetails] = {}
        self.markets: dict[str, MarketDetails] = {}


def find_details(details: dict[str, DetailsT], ticker: str) -> DetailsT:
    """Return the details of a ticker; RequestRejected 404 `not_found` if it does not exist."""
    found = details.get(ticker)
    if found is None:
        raise not_found()
    return found
