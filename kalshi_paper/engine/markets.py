"""A market: which prices it takes, what state it is in, what its fees are."""

from __future__ import annotations

import math
from functools import cache
from typing import Literal

from attrs import Factory, define, field, frozen

from kalshi_paper.engine.amounts import DOLLAR, Count, Price
from kalshi_paper.engine.errors import invalid_price
from kalshi_paper.engine.fees import FeeSchedule

MarketStatus = Literal["initialized", "inactive", "active", "closed", "determined", "finalized"]
Result = Literal["yes", "no", "scalar", ""]


@frozen
class PriceRange:
    """
    One band of valid prices: from `start` to `end`, both included, in steps.

    Attributes:
        start: Ten-thousandths of a dollar, a multiple of `step` away from every valid price of the band.
        end: Ten-thousandths of a dollar.
        step: Ten-thousandths of a dollar.
    """

    start: Price
    end: Price
    step: Price


PENNIES = (PriceRange(0, DOLLAR, 100),)
"""The grid of most markets: whole cents."""
DECI_CENTS = (PriceRange(0, DOLLAR, 10),)
"""Tenths of a cent throughout."""
TAPERED = (PriceRange(0, 1000, 10), PriceRange(1000, 9000, 100), PriceRange(9000, DOLLAR, 10))
"""Tenths of a cent near both ends, whole cents in between."""


@cache
def _grid(bands: tuple[PriceRange, ...]) -> frozenset[Price]:
    """Return every price there is."""
    return frozenset(
        price for band in bands for price in range(band.start, band.end + 1, band.step) if 0 < price < DOLLAR
    )


@define(kw_only=True)
class Market:
    """
    A market as the exchange keeps it; what only describes it (titles, rules) is kept elsewhere.

    Attributes:
        ticker: Its name.
        event_ticker: The event it belongs to.
        series_ticker: The series the event belongs to.
        price_ranges: The price grid.
        fees: The fee schedule of its series or event.
        open_ms: When trading opens, Unix milliseconds; it then turns `active` by itself.
        close_ms: When trading closes, Unix milliseconds; it then turns `closed` by itself.
        status: Where it stands.
        result: Empty until settled.
        settlement_value: What a YES contract paid; None until settled.
        settled_ms: When it was settled; None until then.
        last_price: YES price of the latest trade; None before the first.
        volume: Contracts traded so far.
        open_interest: Contracts held on either side.
    """

    ticker: str
    event_ticker: str
    series_ticker: str
    price_ranges: tuple[PriceRange, ...] = PENNIES
    fees: FeeSchedule = field(factory=FeeSchedule)
    open_ms: int
    close_ms: int
    status: MarketStatus = "initialized"
    result: Result = ""
    settlement_value: Price | None = None
    settled_ms: int | None = None
    last_price: Price | None = None
    volume: Count = 0
    open_interest: Count = 0
    _prices: frozenset[Price] = field(
        init=False, repr=False, eq=False, default=Factory(lambda self: _grid(self.price_ranges), takes_self=True)
    )

    @property
    def tick(self) -> Price:
        """Return the greatest step of which every valid price is a multiple."""
        return math.gcd(*(value for band in self.price_ranges for value in (band.start, band.step)))

    def check_price(self, price: Price) -> None:
        """
        Hold a price against the grid.

        Raises:
            Refusal: 400 `invalid_price`; off the grid, or not strictly between zero and one dollar.
        """
        if price not in self._prices:
            raise invalid_price("price is not on a step of the market's price_ranges")
