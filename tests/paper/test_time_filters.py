"""Time filters of reads, in whole Unix seconds, both bounds inclusive; limits of candlesticks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

import pytest

from kalshi_paper import PaperExchange, PaperSigner
from kalshi_paper.engine.engine import MatchingEngine
from tests.paper.clients import EMPTY, QUOTED, send
from tests.paper.engines import CLOSE_MS, START_MS, Place, refused

START_S: Final = 1_795_430_000
AWAY: Final = "KXGAME-FINAL-AWAY"


class Timeline:
    """An exchange whose wall clock is set by hand."""

    def __init__(self) -> None:
        self.now_ms = START_S * 1000
        self.exchange = PaperExchange(wall_ms=lambda: self.now_ms)

    def get(self, path: str, **params: Any) -> Any:
        found = send(self.exchange, "GET", path, timestamp_ms=self.now_ms, params=params)
        assert found.status_code == 200, found.text
        return found.json()

    def status(self, path: str, **params: Any) -> int:
        return send(self.exchange, "GET", path, timestamp_ms=self.now_ms, params=params).status_code

    def place(self, signer: PaperSigner, side: str, price: str, ticker: str = EMPTY, subaccount: int = 0) -> str:
        order = {
            "ticker": ticker,
            "side": side,
            "price": price,
            "count": "1",
            "time_in_force": "good_till_canceled",
            "self_trade_prevention_type": "taker_at_cross",
            "subaccount": subaccount,
        }
        response = send(
            self.exchange,
            "POST",
            "/portfolio/events/orders",
            signer=signer,
            timestamp_ms=self.now_ms,
            json=order,
        )
        order_id: str = response.json()["order_id"]
        return order_id

    def trade(self, ticker: str = EMPTY) -> str:
        """Trade one contract; return the order of the first account."""
        self.place(self.exchange.account("bob").signer, "ask", "0.40", ticker)
        return self.place(self.exchange.signer, "bid", "0.40", ticker)


@pytest.fixture
def timeline() -> Iterator[Timeline]:
    found = Timeline()
    with found.exchange:
        yield found
        found.exchange.check()


# Milliseconds of three events: the last of one second, the first and the last of the next but one.
TIMES_MS: Final = (START_S * 1000 + 1999, START_S * 1000 + 3000, START_S * 1000 + 3999)
BOUNDS: Final = [
    ({}, [0, 1, 2]),
    ({"min": 1}, [0, 1, 2]),
    ({"min": 2}, [1, 2]),
    ({"min": 3}, [1, 2]),
    ({"min": 4}, []),
    ({"max": 0}, []),
    ({"max": 1}, [0]),
    ({"max": 2}, [0]),
    ({"max": 3}, [0, 1, 2]),
    ({"min": 1, "max": 1}, [0]),
    ({"min": 2, "max": 3}, [1, 2]),
]


def _params(bounds: dict[str, int], kind: str = "") -> dict[str, int]:
    return {f"{name}_{kind}ts": START_S + second for name, second in bounds.items()}


@pytest.mark.parametrize("path", ["/portfolio/orders", "/portfolio/fills", "/markets/trades"])
def test_orders_fills_and_trades_are_filtered_by_whole_seconds(timeline: Timeline, path: str) -> None:
    """`min_ts` includes its second from the first millisecond, `max_ts` to the last."""
    orders = []
    for at_ms in TIMES_MS:
        timeline.now_ms = at_ms
        orders.append(timeline.trade())
    fills = {fill["order_id"]: fill["trade_id"] for fill in timeline.get("/portfolio/fills")["fills"]}
    for bounds, expected in BOUNDS:
        params: dict[str, Any] = {"ticker": EMPTY, **_params(bounds)}
        rows = next(iter(timeline.get(path, **params).values()))
        found = [row["trade_id"] if path == "/markets/trades" else row["order_id"] for row in rows]
        wanted = [fills[orders[index]] if path == "/markets/trades" else orders[index] for index in expected]
        assert found == wanted[::-1], bounds


def test_orders_of_all_subaccounts_are_listed_newest_first(timeline: Timeline) -> None:
    """Orders of several subaccounts are merged by their time."""
    signer = timeline.exchange.signer
    for path, body in (
        ("/portfolio/subaccounts", {}),
        (
            "/portfolio/subaccounts/transfer",
            {"client_transfer_id": str(UUID(int=1)), "from_subaccount": 0, "to_subaccount": 1, "amount_cents": 1000},
        ),
    ):
        assert send(timeline.exchange, "POST", path, timestamp_ms=timeline.now_ms, json=body).is_success
    placed = []
    for subaccount in (0, 1, 0, 1):
        timeline.now_ms += 1
        placed.append(timeline.place(signer, "bid", "0.10", subaccount=subaccount))
    assert [order["order_id"] for order in timeline.get("/portfolio/orders")["orders"]] == placed[::-1]


def test_settlements_are_filtered_by_whole_seconds(timeline: Timeline) -> None:
    """The settlement time is compared, not the trade's; both bounds are inclusive, in any combination."""
    tickers = [EMPTY, AWAY, "KXHIGHNY-TODAY-T55"]
    for ticker in tickers:
        timeline.trade(ticker)
    for ticker, at_ms in zip(tickers, TIMES_MS, strict=True):
        timeline.now_ms = at_ms
        timeline.exchange.clock.settle(ticker, "yes")
    for bounds, expected in BOUNDS:
        rows = timeline.get("/portfolio/settlements", **_params(bounds))["settlements"]
        assert [row["ticker"] for row in rows] == [tickers[index] for index in expected][::-1], bounds


def test_markets_are_filtered_by_their_settlement_second(timeline: Timeline) -> None:
    """Markets that are not settled have no settlement time, and `updated` falls back to the time of listing."""
    tickers = [EMPTY, AWAY, "KXHIGHNY-TODAY-T55"]
    for ticker, at_ms in zip(tickers, TIMES_MS, strict=True):
        timeline.now_ms = at_ms
        timeline.exchange.clock.settle(ticker, "yes")
    listed = [market["ticker"] for market in timeline.get("/markets")["markets"]]
    for kind in ("settled", "updated"):
        for bounds, expected in BOUNDS[1:]:
            found = {row["ticker"] for row in timeline.get("/markets", **_params(bounds, f"{kind}_"))["markets"]}
            wanted = {tickers[index] for index in expected}
            if kind == "updated" and "min" not in bounds:
                wanted |= set(listed) - set(tickers)
            if "min" not in bounds:
                # Settled when they were listed.
                wanted |= {"KXHIGHNY-YESTERDAY-T50", "KXHIGHNY-YESTERDAY-T55"}
            assert found == wanted, (kind, bounds)


@pytest.mark.parametrize(("seconds", "found"), [(-1, False), (0, True), (1, False)])
def test_markets_are_filtered_by_their_closing_and_listing_second(
    timeline: Timeline, seconds: int, found: bool
) -> None:
    """A market that closes, or was listed, in a second is in the range of that second only."""
    close_s = START_S + 7 * 86_400 + seconds
    closing = timeline.get("/markets", min_close_ts=close_s, max_close_ts=close_s)["markets"]
    assert ({row["ticker"] for row in closing} == {EMPTY, AWAY, "KXGAME-FINAL-TIE"}) is found
    assert bool(closing) is found
    created = timeline.get("/markets", min_created_ts=START_S + seconds, max_created_ts=START_S + seconds)["markets"]
    assert (len(created) == 12) is found
    assert bool(created) is found


@pytest.mark.parametrize(
    ("kind", "allowed"),
    [("created", {"unopened", "open"}), ("close", {"closed"}), ("settled", {"settled"}), ("updated", set())],
)
def test_time_filter_goes_with_its_statuses_only(timeline: Timeline, kind: str, allowed: set[str]) -> None:
    """Each kind of time filter can be combined with its own statuses; any other gives 400."""
    for status in ("unopened", "open", "paused", "closed", "settled"):
        response = timeline.status("/markets", **{f"min_{kind}_ts": 1, "status": status})
        assert response == (200 if status in allowed else 400), status


def test_events_are_filtered_by_the_closing_time_of_their_markets(timeline: Timeline) -> None:
    """`min_close_ts` keeps the events of which a market closes later; equal is not later."""
    close_s = START_S + 7 * 86_400
    for min_s, expected in ((close_s - 1, True), (close_s, False)):
        events = timeline.get("/events", min_close_ts=min_s)["events"]
        assert ("KXGAME-FINAL" in {event["event_ticker"] for event in events}) is expected


def test_candlesticks_are_limited(timeline: Timeline) -> None:
    """10,000 periods are accepted and one more is not; nor is an end before the start, or another period."""
    path = f"/series/KXGAME/markets/{EMPTY}/candlesticks"
    start_s = START_S - START_S % 60
    last = {"start_ts": start_s, "end_ts": start_s + 10_000 * 60, "period_interval": 1}
    assert len(timeline.get(path, **last)["candlesticks"]) == 10_001
    assert timeline.status(path, **{**last, "end_ts": start_s + 10_001 * 60}) == 400
    assert timeline.status(path, **{**last, "end_ts": start_s - 1}) == 400
    assert len(timeline.get(path, **{**last, "end_ts": start_s})["candlesticks"]) == 1
    assert timeline.status(path, **{**last, "period_interval": 5}) == 400


def test_latest_candlestick_before_the_start_has_a_price_and_no_volume(timeline: Timeline) -> None:
    """The close before the start is carried forward, without trades; there is none before the first trade."""
    path = f"/series/KXGAME/markets/{EMPTY}/candlesticks"
    timeline.now_ms = (START_S - START_S % 60 + 60) * 1000
    first_s = timeline.now_ms // 1000
    timeline.trade()
    params = {"end_ts": first_s + 60, "period_interval": 1, "include_latest_before_start": True}
    before, *rows = timeline.get(path, start_ts=first_s + 1, **params)["candlesticks"]
    assert (before["price"]["previous_dollars"], before["price"]["close_dollars"]) == ("0.4000", None)
    assert (before["volume_fp"], before["end_period_ts"], len(rows)) == ("0.00", first_s + 60, 1)
    rows = timeline.get(path, start_ts=first_s, **params)["candlesticks"]
    assert [row["volume_fp"] for row in rows] == ["1.00", "0.00"]
    timeline.now_ms += 5_000
    timeline.trade()
    rows = timeline.get(path, start_ts=first_s + 10, **params)["candlesticks"]
    assert [row["volume_fp"] for row in rows] == ["0.00", "1.00"]
    assert timeline.get(f"/series/KXHIGHNY/markets/{QUOTED}/candlesticks", start_ts=first_s, **params)["candlesticks"]


# -- the engine by itself, to the millisecond -----------------------------------------------------------------------


def test_engine_filters_fills_and_trades_to_the_millisecond(engine: MatchingEngine, place: Place) -> None:
    """Both bounds are inclusive."""
    for at_ms in (START_MS, START_MS + 1, START_MS + 2):
        place("ben", "ask", 4000, 1, now_ms=at_ms)
        place("anna", "bid", 4000, 1, now_ms=at_ms)
    middle = START_MS + 1
    fills, trades = engine.portfolio.fills, engine.market_data.trades
    for read in (lambda **bounds: fills("anna", **bounds), lambda **bounds: trades("M", **bounds)):
        assert [row.ts_ms for row in read(min_ms=middle)] == [middle + 1, middle]
        assert [row.ts_ms for row in read(max_ms=middle)] == [middle, middle - 1]
        assert [row.ts_ms for row in read(min_ms=middle, max_ms=middle)] == [middle]
    assert engine.market_data.volume_since("M", middle) == 2
    assert engine.market_data.volume_since("M", middle + 2) == 0


def test_order_expires_at_its_second_and_market_closes_at_its_millisecond(engine: MatchingEngine, place: Place) -> None:
    """One millisecond before, the order rests and the market trades."""
    order = place("anna", "bid", 4000, 100, expiration_s=2_000).order
    engine.advance_time(1_999_999)
    assert order.status == "resting"
    engine.advance_time(2_000_000)
    assert (order.status, order.updated_ms) == ("canceled", 2_000_000)
    kept = place("anna", "bid", 4000, 100, now_ms=CLOSE_MS - 1).order
    assert (kept.status, engine.market_data.market("M").status) == ("resting", "active")
    with refused(400, "invalid_order", "market is closed, not active"):
        place("anna", "bid", 4000, 100, now_ms=CLOSE_MS)
    assert (kept.status, engine.portfolio.locked("anna")) == ("canceled", 0)


def test_market_closed_by_hand_cancels_its_orders(engine: MatchingEngine, place: Place) -> None:
    """Nothing rests in a closed market, and its money is free again."""
    order = place("anna", "bid", 4000, 100).order
    engine.lifecycle.close("M", START_MS + 1)
    assert (order.status, order.updated_ms, engine.portfolio.locked("anna")) == ("canceled", START_MS + 1, 0)
    engine.check_invariants()


def test_expiration_must_be_after_the_current_time(engine: MatchingEngine, place: Place) -> None:
    """The current second is too early; the next one is not."""
    with refused(400, "invalid_order", "expiration_time must be in the future"):
        place("anna", "bid", 4000, 100, now_ms=1_500_000, expiration_s=1_500)
    assert place("anna", "bid", 4000, 100, now_ms=1_500_000, expiration_s=1_501).order.status == "resting"
