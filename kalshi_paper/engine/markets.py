"""A market: price grid, status, fees, result."""

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
    One band of the price grid: every `step` from `start` to `end`, both inclusive.

    Attributes:
        start: First price, ten-thousandths of a dollar.
        end: Last price, ten-thousandths of a dollar.
        step: Price step, ten-thousandths of a dollar.
    """

    start: Price
    end: Price
    step: Price


PENNIES = (PriceRange(0, DOLLAR, 100),)
"""Price grid of most markets: whole cents."""
DECI_CENTS = (PriceRange(0, DOLLAR, 10),)
"""Price grid of tenths of a cent."""
TAPERED = (PriceRange(0, 1000, 10), PriceRange(1000, 9000, 100), PriceRange(9000, DOLLAR, 10))
"""Price grid of tenths of a cent below $0.10 and above $0.90, whole cents between."""


@cache
def _grid(bands: tuple[PriceRange, ...]) -> frozenset[Price]:
    """Return all valid prices of a grid."""
    return frozenset(
        price for band in bands for price in range(band.start, band.end + 1, band.step) if 0 < price < DOLLAR
    )


@define(kw_only=True)
class Market:
    """
    State of a market. Its descriptive texts (titles, rules) are kept in the catalogue of the service.

    Attributes:
        ticker: Market ticker.
        event_ticker: Event of the market.
        series_ticker: Series of the event.
        price_ranges: Price grid.
        fees: Fee schedule of its series or event.
        open_ms: Opening time, Unix milliseconds; the market becomes `active` automatically.
        close_ms: Closing time, Unix milliseconds; the market becomes `closed` automatically.
        status: Market status.
        result: Market result; empty until settled.
        settlement_value: Payout of a YES contract; None until settled.
        settled_ms: Settlement time, Unix milliseconds; None until settled.
        last_price: YES price of the latest trade; None before the first trade.
        volume: Contracts traded.
        open_interest: Open contract pairs.
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
        """Return the largest step that divides every valid price."""
        return math.gcd(*(value for band in self.price_ranges for value in (band.start, band.step)))

    def check_price(self, price: Price) -> None:
        """
        Reject a price that is not on the grid.

        Raises:
            RequestRejected: 400 `invalid_price`: off the grid, or not strictly between zero and one dollar.
        """
        if price not in self._prices:
            raise invalid_price("price is not on a step of the market's price_ranges")
