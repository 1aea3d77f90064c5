"""The markets that a new exchange lists: three series, three price grids, every market status."""

from __future__ import annotations

from random import Random
from typing import Final, Literal

from attrs import frozen

from kalshi_paper.engine.amounts import Count, Price
from kalshi_paper.engine.markets import DECI_CENTS, PENNIES, TAPERED, PriceRange
from kalshi_paper.engine.orders import BookSide, NewOrder
from kalshi_paper.service.catalogue import EventDetails, MarketDetails, SeriesDetails
from kalshi_paper.service.commands.accounts import AddUser
from kalshi_paper.service.commands.markets import AddEvent, AddMarket, AddSeries, PauseMarket, SettleMarket
from kalshi_paper.service.commands.orders import CreateOrder
from kalshi_paper.service.service import ExchangeService

_DAY_MS: Final = 86_400_000
_MAKER: Final = "market maker"
_TAKER: Final = "market taker"
_BALANCE_MICROS: Final = 10**12
"""Balance of the two accounts that make the first quotes and trades."""

_SERIES: Final = (
    SeriesDetails(ticker="KXHIGHNY", title="Highest temperature in New York", category="Climate and Weather"),
    SeriesDetails(
        ticker="KXFED",
        title="Federal funds rate",
        category="Economics",
        frequency="monthly",
        fee_type="quadratic_with_maker_fees",
    ),
    SeriesDetails(ticker="KXGAME", title="Game winner", category="Sports", frequency="weekly"),
)
_EVENTS: Final[list[tuple[str, str, str]]] = [
    ("KXHIGHNY-TODAY", "Highest temperature in New York today?", "Today"),
    ("KXHIGHNY-TOMORROW", "Highest temperature in New York tomorrow?", "Tomorrow"),
    ("KXHIGHNY-YESTERDAY", "Highest temperature in New York yesterday?", "Yesterday"),
    ("KXFED-NEXT", "Federal funds rate after the next meeting?", "Next meeting"),
    ("KXFED-LAST", "Federal funds rate after the last meeting?", "Last meeting"),
    ("KXGAME-FINAL", "Who wins the final?", "The final"),
]
_GRIDS: Final[dict[str, tuple[str, tuple[PriceRange, ...]]]] = {
    "KXHIGHNY": ("linear_cent", PENNIES),
    "KXFED": ("tapered_deci_cent", TAPERED),
    "KXGAME": ("deci_cent", DECI_CENTS),
}


@frozen
class _SeedMarket:
    """
    One market to list.

    Attributes:
        event_ticker: Event of the market.
        suffix: End of the market ticker.
        outcome: The outcome that YES stands for.
        opens_days: Days until it opens; negative for the past.
        closes_days: Days until it closes; negative for the past.
        setup: What to do after listing: quote it, pause it, settle it, or nothing.
    """

    event_ticker: str
    suffix: str
    outcome: str
    opens_days: float
    closes_days: float
    setup: Literal["quote", "pause", "yes", "no", ""] = ""


_MARKETS: Final = (
    _SeedMarket("KXHIGHNY-TODAY", "T50", "Above 50°", -1, 1, "quote"),
    _SeedMarket("KXHIGHNY-TODAY", "T55", "Above 55°", -1, 1),
    _SeedMarket("KXHIGHNY-TODAY", "T60", "Above 60°", -1, 1),
    _SeedMarket("KXHIGHNY-TOMORROW", "T55", "Above 55°", 1, 2),
    _SeedMarket("KXHIGHNY-YESTERDAY", "T50", "Above 50°", -2, -0.5, "yes"),
    _SeedMarket("KXHIGHNY-YESTERDAY", "T55", "Above 55°", -2, -0.5, "no"),
    _SeedMarket("KXFED-NEXT", "T3.75", "Above 3.75%", -30, 30, "quote"),
    _SeedMarket("KXFED-NEXT", "T4.00", "Above 4.00%", -30, 30),
    _SeedMarket("KXFED-LAST", "T4.00", "Above 4.00%", -60, -1),
    _SeedMarket("KXGAME-FINAL", "HOME", "Home", -7, 7),
    _SeedMarket("KXGAME-FINAL", "AWAY", "Away", -7, 7),
    _SeedMarket("KXGAME-FINAL", "TIE", "Tie", -7, 7, "pause"),
)


def list_seed_markets(service: ExchangeService, seed: int) -> None:
    """
    List all series, events and markets, and fill the books of the quoted markets.

    The tickers are always the same; the seed determines prices and sizes.
    """
    random, now_ms = Random(seed), service.state.clock.now_ms()  # noqa: S311 - nothing here is a secret
    for series in _SERIES:
        service.execute(AddSeries(details=series))
    for event_ticker, title, sub_title in _EVENTS:
        details = EventDetails(
            event_ticker=event_ticker,
            series_ticker=event_ticker.partition("-")[0],
            title=title,
            sub_title=sub_title,
            mutually_exclusive=event_ticker.startswith("KXGAME"),
        )
        service.execute(AddEvent(details=details))
    for name in (_MAKER, _TAKER):
        service.execute(AddUser(name=name, user_id=service.state.ids(), balance_micros=_BALANCE_MICROS))
    for market in _MARKETS:
        _list_market(service, market, now_ms, random)


def _list_market(service: ExchangeService, market: _SeedMarket, now_ms: int, random: Random) -> None:
    ticker = f"{market.event_ticker}-{market.suffix}"
    structure, grid = _GRIDS[market.event_ticker.partition("-")[0]]
    has_strike = market.suffix[0] == "T" and market.suffix[1:2].isdigit()
    details = MarketDetails(
        ticker=ticker,
        title=f"{market.outcome}?",
        yes_sub_title=market.outcome,
        rules=f"Ends in yes if the answer is: {market.outcome}.",
        structure=structure,
        floor_strike=float(market.suffix[1:]) if has_strike else None,
    )
    service.execute(
        AddMarket(
            details=details,
            event_ticker=market.event_ticker,
            open_ms=now_ms + round(market.opens_days * _DAY_MS),
            close_ms=now_ms + round(market.closes_days * _DAY_MS),
            price_ranges=grid,
        )
    )
    if market.setup == "quote":
        _quote(service, ticker, random)
    elif market.setup == "pause":
        service.execute(PauseMarket(ticker=ticker))
    elif market.setup:
        service.execute(SettleMarket(ticker=ticker, result=market.setup))


def _quote(service: ExchangeService, ticker: str, random: Random) -> None:
    """Place five orders on each side, and make four trades."""
    middle = random.randrange(30, 70) * 100
    for step in range(1, 6):
        _order(service, _MAKER, ticker, "bid", middle - 100 * step, random.randrange(10, 200) * 100)
        _order(service, _MAKER, ticker, "ask", middle + 100 * step, random.randrange(10, 200) * 100)
    for _ in range(4):
        side: BookSide = random.choice(("bid", "ask"))
        price = middle + (300 if side == "bid" else -300)
        _order(service, _TAKER, ticker, side, price, random.randrange(1, 9) * 100)


def _order(service: ExchangeService, account: str, ticker: str, side: BookSide, price: Price, count: Count) -> None:
    new = NewOrder(
        ticker=ticker,
        side=side,
        price=price,
        count=count,
        time_in_force="good_till_canceled" if account == _MAKER else "immediate_or_cancel",
        self_trade_prevention_type="taker_at_cross",
    )
    service.execute(CreateOrder(account=account, new=new))
