"""Reads of market data and of portfolios."""

from __future__ import annotations

from contextlib import suppress
from itertools import count as counter
from typing import Any

from kalshi_paper.engine.engine import MatchingEngine
from kalshi_paper.engine.errors import RequestRejected
from kalshi_paper.engine.orders import NewOrder
from tests.paper.engines import HUNDRED, START_MS, Place, listed, vars_of


def test_the_book_shows_bids_of_both_legs_best_last(engine: MatchingEngine, place: Place) -> None:
    """A YES ask at p is a NO bid at a dollar less p; depth keeps the best."""
    for account, side, price in (
        ("anna", "bid", 4300),
        ("anna", "bid", 4200),
        ("ben", "ask", 4500),
        ("ben", "ask", 4600),
    ):
        place(account, side, price, 100)
    assert engine.market_data.order_book("M").yes == [(4200, 100), (4300, 100)]
    assert engine.market_data.order_book("M").no == [(5400, 100), (5500, 100)]
    assert engine.market_data.order_book("M", depth=1).no == [(5500, 100)]
    quote = engine.market_data.quote("M")
    assert (quote.yes_bid, quote.yes_ask, quote.yes_ask_count) == (4300, 4500, 100)


def test_queue_positions_are_filtered_by_market_and_event(engine: MatchingEngine, place: Place) -> None:
    """Both filters hold together, and without any all resting orders come, asks and bids."""
    engine.lifecycle.add(listed("N", event_ticker="F"), START_MS)
    place("ben", "bid", 4300, 150)
    place("anna", "bid", 4300, 100)
    place("anna", "ask", 6000, 100, ticker="N")
    assert [(row.ticker, row.contracts_ahead) for row in engine.portfolio.queue_positions("anna")] == [
        ("M", 150),
        ("N", 0),
    ]
    assert [row.ticker for row in engine.portfolio.queue_positions("anna", market_tickers=["N", "X"])] == ["N"]
    assert [row.ticker for row in engine.portfolio.queue_positions("anna", event_ticker="E")] == ["M"]
    assert engine.portfolio.queue_positions("anna", market_tickers=["N"], event_ticker="E") == []


def test_orders_are_filtered_and_newest_first(engine: MatchingEngine, place: Place) -> None:
    """Status, market, event and moment each narrow the list."""
    old = place("anna", "bid", 4300, 100).order
    new = place("anna", "bid", 4200, 100, now_ms=START_MS + 5).order
    engine.orders.cancel("anna", old.order_id, START_MS + 6)
    assert engine.portfolio.orders("anna") == [new, old]
    assert engine.portfolio.orders("anna", status="resting") == [new]
    assert engine.portfolio.orders("anna", status="canceled", ticker="M", event_tickers={"E"}) == [old]
    assert engine.portfolio.orders("anna", max_ms=START_MS) == [old]
    assert engine.portfolio.orders("anna", min_ms=START_MS + 1) == [new]
    assert engine.portfolio.orders("anna", event_tickers={"F"}) == []


def test_candlesticks_tell_what_traded_in_each_period(engine: MatchingEngine, place: Place) -> None:
    """A period includes its end; one without trades has the price before it, and its quotes."""
    engine.add_account("rich", 10 * HUNDRED)
    for at_ms, price, count in ((1_020_001, 5000, 100), (1_050_000, 5600, 100), (1_080_000, 5300, 200)):
        place("rich", "ask", price, count, now_ms=at_ms)
        place("anna", "bid", price, count, now_ms=at_ms)
    place("anna", "bid", 4100, 100, now_ms=1_090_000)
    first, second, third = engine.market_data.candlesticks("M", 1_021, 1_200, 60)
    assert (first.end_s, second.end_s, third.end_s) == (1_080, 1_140, 1_200)
    assert first.price is not None
    assert (first.price.open, first.price.low, first.price.high, first.price.close) == (5000, 5000, 5600, 5300)
    assert (first.mean_micros, first.volume, first.open_interest, first.previous) == (530_000, 400, 400, None)
    assert (second.price, second.previous, second.volume) == (None, 5300, 0)
    assert (second.yes_bid.open, second.yes_bid.close, third.yes_bid.open) == (0, 4100, 4100)


def test_mean_price_of_a_candlestick_is_weighted_by_contracts(engine: MatchingEngine, place: Place) -> None:
    """Three contracts at $0.40 and one at $0.80 have a mean of $0.50."""
    for price, count in ((4000, 300), (8000, 100)):
        place("ben", "ask", price, count, now_ms=1_020_001)
        place("anna", "bid", price, count, now_ms=1_020_001)
    (row,) = engine.market_data.candlesticks("M", 1_080, 1_080, 60)
    assert (row.mean_micros, row.volume) == (500_000, 400)


def test_event_positions_sum_their_markets(engine: MatchingEngine, place: Place) -> None:
    """Both markets of an event make one row."""
    engine.lifecycle.add(listed("N"), START_MS)
    for ticker in ("M", "N"):
        place("ben", "ask", 4000, 100, ticker=ticker)
        place("anna", "bid", 4000, 100, ticker=ticker)
    (row,) = engine.portfolio.event_positions("anna", event_ticker="E")
    assert (row.traded_count, row.exposure_micros, row.cost_micros) == (200, 800_000, 800_000)
    assert engine.portfolio.portfolio_value("anna") == 800_000


def test_resting_orders_are_worth_the_leg_they_buy(engine: MatchingEngine, place: Place) -> None:
    """A bid counts at its price, an ask at a dollar less its price."""
    place("anna", "bid", 4000, 100)
    place("anna", "ask", 7000, 100)
    assert engine.portfolio.resting_value("anna") == engine.portfolio.locked("anna") == 700_000


def test_the_same_requests_make_the_same_exchange() -> None:
    """Refused requests leave no trace, so a journal of the others makes the exchange again."""

    def run(*, with_refused: bool) -> list[Any]:
        ids = counter()
        engine = MatchingEngine(new_id=lambda: f"id {next(ids)}")
        for account in ("anna", "ben"):
            engine.add_account(account, HUNDRED)
        engine.lifecycle.add(listed(), START_MS)
        usual: dict[str, Any] = {"time_in_force": "good_till_canceled", "self_trade_prevention_type": "maker"}
        engine.orders.create("anna", NewOrder(ticker="M", side="bid", price=5000, count=100, **usual), START_MS)
        for price, count in ((4, 100), (5000, 100_000), (5000, 70), (5100, 100)):
            if with_refused or (price, count) in ((5000, 70), (5100, 100)):
                new = NewOrder(ticker="M", side="ask", price=price, count=count, **usual)
                with suppress(RequestRejected):
                    engine.orders.create("ben", new, START_MS)
        return [vars_of(order) for account in ("anna", "ben") for order in engine.portfolio.orders(account)]

    assert run(with_refused=True) == run(with_refused=False)
