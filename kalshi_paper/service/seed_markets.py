"""The markets that a fresh exchange opens with: three series, three price grids, every status."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING, Any, Final

from kalshi_paper.engine.markets import DECI_CENTS, PENNIES, TAPERED, PriceRange

if TYPE_CHECKING:
    from kalshi_paper.service.service import Desk

_DAY_MS: Final = 86_400_000
_MAKER: Final = "market maker"
_TAKER: Final = "market taker"
_HOUSE_MICROS: Final = 10**12

_SERIES: Final[list[dict[str, Any]]] = [
    {"ticker": "KXHIGHNY", "title": "Highest temperature in New York", "category": "Climate and Weather"},
    {
        "ticker": "KXFED",
        "title": "Federal funds rate",
        "category": "Economics",
        "frequency": "monthly",
        "fee_type": "quadratic_with_maker_fees",
    },
    {"ticker": "KXGAME", "title": "Game winner", "category": "Sports", "frequency": "weekly"},
]
_EVENTS: Final[list[tuple[str, str, str]]] = [
    ("KXHIGHNY-TODAY", "Highest temperature in New York today?", "Today"),
    ("KXHIGHNY-TOMORROW", "Highest temperature in New York tomorrow?", "Tomorrow"),
    ("KXHIGHNY-YESTERDAY", "Highest temperature in New York yesterday?", "Yesterday"),
    ("KXFED-NEXT", "Federal funds rate after the next meeting?", "Next meeting"),
    ("KXFED-LAST", "Federal funds rate after the last meeting?", "Last meeting"),
    ("KXGAME-FINAL", "Who wins the final?", "The final"),
]
_GRIDS: Final[dict[str, tuple[str, Sequence[PriceRange]]]] = {
    "KXHIGHNY": ("linear_cent", PENNIES),
    "KXFED": ("tapered_deci_cent", TAPERED),
    "KXGAME": ("deci_cent", DECI_CENTS),
}
# Event, end of the ticker, the answer YES stands for, days until it opens and closes, what becomes of it at once.
_MARKETS: Final[list[tuple[str, str, str, float, float, str]]] = [
    ("KXHIGHNY-TODAY", "T50", "Above 50°", -1, 1, "quoted"),
    ("KXHIGHNY-TODAY", "T55", "Above 55°", -1, 1, ""),
    ("KXHIGHNY-TODAY", "T60", "Above 60°", -1, 1, ""),
    ("KXHIGHNY-TOMORROW", "T55", "Above 55°", 1, 2, ""),
    ("KXHIGHNY-YESTERDAY", "T50", "Above 50°", -2, -0.5, "yes"),
    ("KXHIGHNY-YESTERDAY", "T55", "Above 55°", -2, -0.5, "no"),
    ("KXFED-NEXT", "T3.75", "Above 3.75%", -30, 30, "quoted"),
    ("KXFED-NEXT", "T4.00", "Above 4.00%", -30, 30, ""),
    ("KXFED-LAST", "T4.00", "Above 4.00%", -60, -1, ""),
    ("KXGAME-FINAL", "HOME", "Home", -7, 7, ""),
    ("KXGAME-FINAL", "AWAY", "Away", -7, 7, ""),
    ("KXGAME-FINAL", "TIE", "Tie", -7, 7, "paused"),
]


def open_universe(desk: Desk, seed: int) -> None:
    """
    List everything, with a book and a few trades where a market is quoted.

    Tickers are always the same; the seed decides about prices and sizes.
    """
    random, now_ms = Random(seed), desk.clock.now_ms()  # noqa: S311 - nothing here is a secret
    for series in _SERIES:
        desk.do("series", **series)
    for ticker, title, sub_title in _EVENTS:
        exclusive = ticker.startswith("KXGAME")
        desk.do(
            "event",
            event_ticker=ticker,
            series_ticker=ticker.partition("-")[0],
            title=title,
            sub_title=sub_title,
            mutually_exclusive=exclusive,
        )
    for name in (_MAKER, _TAKER):
        desk.do("user", name=name, user_id=desk.ids(), balance_micros=_HOUSE_MICROS)
    for event, end, answer, opens, closes, fate in _MARKETS:
        ticker = f"{event}-{end}"
        structure, grid = _GRIDS[event.partition("-")[0]]
        desk.do(
            "market",
            ticker=ticker,
            event_ticker=event,
            title=f"{answer}?",
            yes_sub_title=answer,
            rules=f"Ends in yes if the answer is: {answer}.",
            structure=structure,
            floor_strike=float(end[1:]) if end[0] == "T" and end[1:2].isdigit() else None,
            open_ms=now_ms + round(opens * _DAY_MS),
            close_ms=now_ms + round(closes * _DAY_MS),
            price_ranges=[(band.start, band.end, band.step) for band in grid],
        )
        if fate == "quoted":
            _quote(desk, ticker, random)
        elif fate == "paused":
            desk.do("pause", ticker=ticker)
        elif fate:
            desk.do("settle", ticker=ticker, result=fate, value=None)


def _quote(desk: Desk, ticker: str, random: Random) -> None:
    """Put a ladder on both sides, and trade a little."""
    middle = random.randrange(30, 70) * 100
    for step in range(1, 6):
        for side, price in (("bid", middle - 100 * step), ("ask", middle + 100 * step)):
            _order(desk, _MAKER, ticker, side, price, random.randrange(10, 200) * 100)
    for _ in range(4):
        side = random.choice(("bid", "ask"))
        _order(desk, _TAKER, ticker, side, middle + (300 if side == "bid" else -300), random.randrange(1, 9) * 100)


def _order(desk: Desk, account: str, ticker: str, side: str, price: int, count: int) -> None:
    lasting = "good_till_canceled" if account == _MAKER else "immediate_or_cancel"
    new = {"ticker": ticker, "side": side, "price": price, "count": count, "time_in_force": lasting}
    desk.do("create_order", account=account, new={**new, "self_trade_prevention_type": "taker_at_cross"})
