"""New orders: rejections, times in force, self-trade prevention."""

from __future__ import annotations

from typing import Any

import pytest

from kalshi_paper.engine.amounts import DOLLAR_MICROS
from kalshi_paper.engine.engine import MatchingEngine
from kalshi_paper.engine.markets import DECI_CENTS, TAPERED
from tests.paper.engines import CLOSE_MS, HUNDRED, START_MS, Place, listed, refused

# -- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("price", [0, 4350, 10_000, 10_100, -100])
def test_a_price_off_the_grid_is_refused(place: Place, price: int) -> None:
    """Only steps of `price_ranges`, strictly between zero and one dollar, are prices."""
    with refused(400, "invalid_price"):
        place("anna", "bid", price, 100)


@pytest.mark.parametrize(
    ("price", "valid"), [(10, True), (990, True), (1010, False), (5000, True), (5010, False), (9010, True)]
)
def test_each_band_of_a_grid_has_its_own_step(engine: MatchingEngine, place: Place, price: int, valid: bool) -> None:
    """A tapered grid takes tenths of a cent near its ends and whole cents in between."""
    engine.lifecycle.add(listed("T", price_ranges=TAPERED), START_MS)
    if valid:
        assert place("anna", "bid", price, 1, ticker="T").remaining_count == 1
    else:
        with refused(400, "invalid_price"):
            place("anna", "bid", price, 1, ticker="T")


def test_a_finer_grid_takes_finer_prices(engine: MatchingEngine, place: Place) -> None:
    """Where steps are tenths of a cent, orders queue by them."""
    engine.lifecycle.add(listed("D", price_ranges=DECI_CENTS), START_MS)
    place("anna", "bid", 4310, 100, ticker="D")
    place("ben", "bid", 4320, 100, ticker="D")
    assert engine.market_data.order_book("D").yes == [(4310, 100), (4320, 100)]


@pytest.mark.parametrize("count", [0, -100])
def test_a_count_must_be_above_zero(place: Place, count: int) -> None:
    """An order for nothing is refused."""
    with refused(400, "invalid_order"):
        place("anna", "bid", 4300, count)


@pytest.mark.parametrize(("side", "price"), [("bid", 5000), ("ask", 5000)])
def test_what_the_account_cannot_pay_for_is_refused(place: Place, side: str, price: int) -> None:
    """A hundred dollars buy two hundred contracts of either leg at a half, and not one hundredth more."""
    with refused(400, "insufficient_balance"):
        place("anna", side, price, 20_001)
    assert place("anna", side, price, 20_000).remaining_count == 20_000


def test_a_taker_fee_must_be_paid_for_too(place: Place) -> None:
    """An order that would fill at once needs the fee on top of its price."""
    place("ben", "ask", 5000, 20_000)
    with refused(400, "insufficient_balance"):
        place("anna", "bid", 5000, 20_000)


def test_money_is_locked_once(engine: MatchingEngine, place: Place) -> None:
    """What rests is no longer free for other orders, and is free again once cancelled."""
    order = place("anna", "bid", 9000, 10_000).order
    assert engine.portfolio.balance("anna") == 10 * DOLLAR_MICROS
    with refused(400, "insufficient_balance"):
        place("anna", "bid", 5000, 2_001)
    engine.orders.cancel("anna", order.order_id, START_MS)
    assert engine.portfolio.balance("anna") == HUNDRED


def test_a_client_order_id_is_used_up_for_good(engine: MatchingEngine, place: Place) -> None:
    """A second order with it is refused, even after the first was cancelled, even when it is otherwise invalid."""
    order = place("anna", "bid", 4300, 100, client_order_id="mine").order
    engine.orders.cancel("anna", order.order_id, START_MS)
    with refused(409, "order_already_exists"):
        place("anna", "bid", 4300, 100, client_order_id="mine")
    with refused(409, "order_already_exists"):
        place("anna", "bid", 1, 100, client_order_id="mine")
    assert place("ben", "bid", 4300, 100, client_order_id="mine").order.client_order_id == "mine"


def test_a_refused_order_does_not_use_up_its_client_order_id(place: Place) -> None:
    """Nothing has changed by a refusal."""
    with refused(400, "invalid_price"):
        place("anna", "bid", 4350, 100, client_order_id="mine")
    assert place("anna", "bid", 4300, 100, client_order_id="mine").remaining_count == 100


def test_subaccounts_of_a_user_share_their_client_order_ids(engine: MatchingEngine, place: Place) -> None:
    """An id used in one subaccount is used up for the others."""
    engine.add_account("anna#1", HUNDRED, user_id="anna")
    place("anna", "bid", 4300, 100, client_order_id="mine")
    with refused(409, "order_already_exists"):
        place("anna#1", "bid", 4300, 100, client_order_id="mine")


@pytest.mark.parametrize("fate", ["unknown", "cancelled", "executed", "another's"])
def test_cancelling_what_does_not_rest_is_refused_alike(engine: MatchingEngine, place: Place, fate: str) -> None:
    """Whatever became of the order, the answer is the same 404."""
    order_id = place("anna", "bid", 4300, 100).order.order_id
    if fate == "cancelled":
        engine.orders.cancel("anna", order_id, START_MS)
    elif fate == "executed":
        place("ben", "ask", 4300, 100)
    elif fate == "unknown":
        order_id = "nothing"
    account = "ben" if fate == "another's" else "anna"
    with refused(404, "not_found") as seen:
        engine.orders.cancel(account, order_id, START_MS)
    assert (seen.value.message, seen.value.details) == ("not found", None)
    with refused(404, "not_found"):
        engine.portfolio.queue_position(account, order_id)
    with refused(404, "not_found"):
        engine.orders.decrease(account, order_id, START_MS, reduce_by=1)


def test_an_unknown_market_takes_no_order(place: Place) -> None:
    """Placing an order has no 404 in the document: it is an invalid order."""
    with refused(400, "invalid_order", "market not found"):
        place("anna", "bid", 4300, 100, ticker="X")


@pytest.mark.parametrize("change", ["pause", "close"])
def test_a_market_that_is_not_active_takes_no_order(engine: MatchingEngine, place: Place, change: str) -> None:
    """Neither a paused nor a closed market trades, until it is opened again."""
    getattr(engine.lifecycle, change)("M", START_MS)
    with refused(400, "invalid_order"):
        place("anna", "bid", 4300, 100)
    engine.lifecycle.open("M", START_MS)
    assert place("anna", "bid", 4300, 100).remaining_count == 100


# -- time in force --------------------------------------------------------------------------------------------------


def test_what_an_immediate_order_does_not_fill_is_cancelled(engine: MatchingEngine, place: Place) -> None:
    """It fills what it can, and nothing rests."""
    place("ben", "ask", 5000, 60)
    placed = place("anna", "bid", 5000, 100, time_in_force="immediate_or_cancel")
    assert (placed.filled.count, placed.remaining_count, placed.order.status) == (60, 0, "canceled")
    assert engine.market_data.order_book("M").yes == []


def test_fill_or_kill_is_killed_when_it_cannot_fill_whole(engine: MatchingEngine, place: Place) -> None:
    """It is refused, nothing trades, and no order is kept."""
    place("ben", "ask", 5000, 99)
    with refused(409, "fill_or_kill_insufficient_resting_volume"):
        place("anna", "bid", 5000, 100, time_in_force="fill_or_kill")
    assert not engine.portfolio.orders("anna")
    assert not engine.market_data.trades("M")


def test_fill_or_kill_fills_whole_over_several_prices(place: Place) -> None:
    """It takes what it needs from each price, the best first."""
    place("ben", "ask", 5000, 60)
    place("cora", "ask", 5100, 60)
    placed = place("anna", "bid", 5200, 100, time_in_force="fill_or_kill")
    assert (placed.filled.count, placed.order.status) == (100, "executed")
    assert placed.filled.average_price_micros == 504_000


def test_an_order_expires_at_its_time(engine: MatchingEngine, place: Place) -> None:
    """It rests until its expiry has come, and is then cancelled at that very moment."""
    order = place("anna", "bid", 4300, 100, expiration_s=1010).order
    engine.advance_time(1_009_999)
    assert order.status == "resting"
    engine.advance_time(1_020_000)
    assert (order.status, order.updated_ms) == ("canceled", 1_010_000)
    engine.check_invariants()


@pytest.mark.parametrize(
    "more",
    [
        {"expiration_s": 1000},
        {"expiration_s": 2000, "time_in_force": "immediate_or_cancel"},
        {"expiration_s": 1_795_430_000_000},
    ],
)
def test_an_expiry_is_in_the_future_of_an_order_that_rests(place: Place, more: dict[str, Any]) -> None:
    """An expiry gone by, in milliseconds, or with another time in force, is refused."""
    with refused(400, "invalid_order"):
        place("anna", "bid", 4300, 100, **more)


def test_time_opens_and_closes_a_market(engine: MatchingEngine, place: Place) -> None:
    """It turns active at its opening and closed at its close, which cancels what rests."""
    engine.lifecycle.add(listed("L", open_ms=START_MS + 10), START_MS)
    assert engine.market_data.market("L").status == "initialized"
    engine.advance_time(START_MS + 10)
    assert engine.market_data.market("L").status == "active"
    order = place("anna", "bid", 4300, 100, ticker="L", now_ms=START_MS + 20).order
    engine.advance_time(CLOSE_MS)
    assert (engine.market_data.market("L").status, order.status) == ("closed", "canceled")


def test_a_pause_cancels_the_orders_that_asked_for_it(engine: MatchingEngine, place: Place) -> None:
    """Others stay, and can be cancelled during the pause."""
    goes = place("anna", "bid", 4300, 100, cancel_order_on_pause=True).order
    stays = place("anna", "bid", 4300, 100).order
    engine.lifecycle.pause("M", START_MS)
    assert (goes.status, stays.status) == ("canceled", "resting")
    assert engine.orders.cancel("anna", stays.order_id, START_MS).reduced_by == 100


def test_post_only_never_takes(engine: MatchingEngine, place: Place) -> None:
    """It is refused where it would cross, and rests where it would not."""
    place("ben", "ask", 5000, 100)
    with refused(400, "invalid_order", "post only cross"):
        place("anna", "bid", 5000, 100, post_only=True)
    assert place("anna", "bid", 4900, 100, post_only=True).remaining_count == 100


def test_reduce_only_is_cut_to_the_position(place: Place) -> None:
    """It closes what is held, not more, and is refused where nothing is held on the other side."""
    place("ben", "ask", 5000, 70)
    place("anna", "bid", 5000, 70)
    with refused(400, "invalid_order"):
        place("anna", "bid", 5000, 100, reduce_only=True)
    placed = place("anna", "ask", 6000, 100, reduce_only=True)
    assert (placed.order.initial_count, placed.remaining_count) == (70, 70)


# -- self-trades ----------------------------------------------------------------------------------------------------


def test_a_taker_stops_at_its_own_order(engine: MatchingEngine, place: Place) -> None:
    """Accepted with both counts zero, it is cancelled; the order that rested stays."""
    own = place("anna", "ask", 5000, 100).order
    placed = place("anna", "bid", 5000, 100)
    assert (placed.filled.count, placed.remaining_count, placed.order.status) == (0, 0, "canceled")
    assert own.status == "resting"


def test_a_taker_keeps_what_it_filled_before_its_own_order(place: Place) -> None:
    """Only the rest is cancelled."""
    place("ben", "ask", 4900, 30)
    place("anna", "ask", 5000, 100)
    placed = place("anna", "bid", 5000, 100)
    assert (placed.filled.count, placed.order.status) == (30, "canceled")


def test_the_resting_order_gives_way_to_a_taker_that_says_so(place: Place) -> None:
    """With `maker` the resting order is cancelled, and the incoming one goes on to what lies behind."""
    own = place("anna", "ask", 5000, 100).order
    place("ben", "ask", 5000, 40)
    placed = place("anna", "bid", 5000, 100, self_trade_prevention_type="maker")
    assert own.status == "canceled"
    assert (placed.filled.count, placed.remaining_count) == (40, 60)
