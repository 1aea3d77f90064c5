"""Commands about the clock, the catalogue and the lifecycle of markets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

from attrs import asdict, define, evolve

from kalshi_paper.engine.amounts import Price
from kalshi_paper.engine.fees import FeeSchedule
from kalshi_paper.engine.markets import Market, PriceRange, Result
from kalshi_paper.engine.records import Settlement
from kalshi_paper.service.catalogue import EventDetails, MarketDetails, SeriesDetails
from kalshi_paper.service.commands.base import Command
from kalshi_paper.service.service_state import ServiceState


@define(kw_only=True, eq=False)
class SetClock(Command[None]):
    """
    Set the exchange's clock, and process everything that is due.

    Attributes:
        offset_ms: Offset from the wall clock, milliseconds.
        frozen_ms: Time to stand still at, Unix milliseconds; None lets the clock run.
    """

    journal_name: ClassVar[str] = "drive"

    offset_ms: int
    frozen_ms: int | None

    def run(self, state: ServiceState, at_ms: int) -> None:
        state.clock.set(self.offset_ms, self.frozen_ms)
        state.advance_time()


@define(kw_only=True, eq=False)
class AddSeries(Command[None]):
    """
    Add a series to the catalogue.

    Attributes:
        details: Descriptive data of the series.
    """

    journal_name: ClassVar[str] = "series"

    details: SeriesDetails

    def run(self, state: ServiceState, at_ms: int) -> None:
        state.catalogue.series[self.details.ticker] = self.details

    def arguments(self) -> dict[str, Any]:
        return asdict(self.details)

    @classmethod
    def from_arguments(cls, arguments: dict[str, Any]) -> Self:
        return cls(details=SeriesDetails(**arguments))


@define(kw_only=True, eq=False)
class AddEvent(Command[None]):
    """
    Add an event to the catalogue.

    Attributes:
        details: Descriptive data of the event.
    """

    journal_name: ClassVar[str] = "event"

    details: EventDetails

    def run(self, state: ServiceState, at_ms: int) -> None:
        state.catalogue.events[self.details.event_ticker] = self.details

    def arguments(self) -> dict[str, Any]:
        return asdict(self.details)

    @classmethod
    def from_arguments(cls, arguments: dict[str, Any]) -> Self:
        return cls(details=EventDetails(**arguments))


@define(kw_only=True, eq=False)
class AddMarket(Command[Market]):
    """
    List a market; its fees are those of its series.

    Attributes:
        details: Descriptive data of the market; `created_ms` is set when the command runs.
        event_ticker: Event of the market.
        open_ms: Opening time, Unix milliseconds.
        close_ms: Closing time, Unix milliseconds.
        price_ranges: Price grid.
    """

    journal_name: ClassVar[str] = "market"

    details: MarketDetails
    event_ticker: str
    open_ms: int
    close_ms: int
    price_ranges: Sequence[PriceRange]

    def run(self, state: ServiceState, at_ms: int) -> Market:
        details = evolve(self.details, created_ms=at_ms)
        series = state.catalogue.series[state.catalogue.events[self.event_ticker].series_ticker]
        market = Market(
            ticker=details.ticker,
            event_ticker=self.event_ticker,
            series_ticker=series.ticker,
            price_ranges=tuple(self.price_ranges),
            fees=FeeSchedule(fee_type=series.fee_type, multiplier=series.fee_multiplier),
            open_ms=self.open_ms,
            close_ms=self.close_ms,
        )
        added = state.engine.lifecycle.add(market, at_ms)
        state.catalogue.markets[details.ticker] = details
        return added

    def arguments(self) -> dict[str, Any]:
        # Flat, with price ranges as lists: the layout of state files.
        details = asdict(self.details)
        del details["created_ms"]
        return {
            **details,
            "event_ticker": self.event_ticker,
            "open_ms": self.open_ms,
            "close_ms": self.close_ms,
            "price_ranges": [[band.start, band.end, band.step] for band in self.price_ranges],
        }

    @classmethod
    def from_arguments(cls, arguments: dict[str, Any]) -> Self:
        details = dict(arguments)
        price_ranges = [PriceRange(*band) for band in details.pop("price_ranges")]
        event_ticker, open_ms, close_ms = (details.pop(key) for key in ("event_ticker", "open_ms", "close_ms"))
        return cls(
            details=MarketDetails(**details),
            event_ticker=event_ticker,
            open_ms=open_ms,
            close_ms=close_ms,
            price_ranges=price_ranges,
        )


@define(kw_only=True, eq=False)
class MarketCommand(Command[None]):
    """
    Base class of the commands that change the status of a market.

    Attributes:
        ticker: Market.
    """

    ticker: str


class OpenMarket(MarketCommand):
    """Open a market."""

    __slots__ = ()

    journal_name: ClassVar[str] = "open"

    def run(self, state: ServiceState, at_ms: int) -> None:
        state.engine.lifecycle.open(self.ticker, at_ms)


class PauseMarket(MarketCommand):
    """Pause a market."""

    __slots__ = ()

    journal_name: ClassVar[str] = "pause"

    def run(self, state: ServiceState, at_ms: int) -> None:
        state.engine.lifecycle.pause(self.ticker, at_ms)


class CloseMarket(MarketCommand):
    """Close a market."""

    __slots__ = ()

    journal_name: ClassVar[str] = "close"

    def run(self, state: ServiceState, at_ms: int) -> None:
        state.engine.lifecycle.close(self.ticker, at_ms)


@define(kw_only=True, eq=False)
class SettleMarket(Command[list[Settlement]]):
    """
    Settle a market.

    Attributes:
        ticker: Market.
        result: `yes`, `no` or `scalar`.
        value: Payout of a YES contract; only for `scalar`.
    """

    journal_name: ClassVar[str] = "settle"

    ticker: str
    result: Result
    value: Price | None = None

    def run(self, state: ServiceState, at_ms: int) -> list[Settlement]:
        return state.engine.lifecycle.settle(self.ticker, self.result, at_ms, value=self.value)
