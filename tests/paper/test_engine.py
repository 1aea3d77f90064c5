"""The exchange by its facade: refusals, times in force, self-trades, groups, fees, settlement."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import count as counter
from typing import Any

import pytest
from attrs import evolve

from kalshi_paper.engine.amounts import DOLLAR_MICROS
from kalshi_paper.engine.engine import MatchingEngine
from kalshi_paper.engine.errors import RequestRejected
from kalshi_paper.engine.fees import FeeSchedule
from kalshi_paper.engine.markets import DECI_CENTS, TAPERED, Market
from kalshi_paper.engine.orders import NewOrder, OrderPlaced

START_MS = 1_000_000
CLOSE_MS = 9_000_000
HUNDRED = 100 * DOLLAR_MICROS

Place = Callable[..., OrderPlaced]


def listed(ticker: str = "M", **more: Any) -> Market:
    """Describe a market of whole cents that opens at once."""
    usual: dict[str, Any] = {"event_ticker": "E", "series_ticker": "S", "open_ms": 0, "close_ms": CLOSE_MS}
    return Market(ticker=ticker, **usual | more)


@pytest.fixture
def engine() -> MatchingEngine:
    ids = counter()
    made = MatchingEngine(new_id=lambda: f"id {next(ids)}")
    for account in ("anna", "ben", "cora"):
        made.add_account(account, HUNDRED)
    made.lifecycle.add(listed(), START_MS)
    return made


@pytest.fixture
def place(engine: MatchingEngine) -> Place:
    """Place an order, and hold every invariant of the exchange afterwards."""

    def placed(account: str, side: str, price: int, count: int, *, now_ms: int = START_MS, **more: Any) -> OrderPlaced:
        usual: dict[str, Any] = {"time_in_force": "good_till_canceled", "self_trade_prevention_type": "taker_at_cross"}
        new: dict[str, Any] = {"ticker": "M", "side": side, "price": price, "count": count} | usual | more
        try:
            return engine.orders.create(account, NewOrder(**new), now_ms)
        finally:
            engine.check_invariants()

    return placed


def refused(status: int, code: str, details: str | None = None) -> Any:
    """Expect a refusal."""
    return pytest.raises(
        RequestRejected, check=lambda no: (no.status, no.code) == (status, code) and details in (None, no.details)
    )


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


# -- amend, decrease, cancel ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "count", "ahead"),
    [(4300, 100, 100), (4300, 50, 100), (4300, 101, 200), (4200, 100, 200), (4400, 100, 0)],
)
def test_an_amend_keeps_its_place_unless_price_or_size_say_otherwise(
    engine: MatchingEngine, place: Place, price: int, count: int, ahead: int
) -> None:
    """The same price and no more contracts keep the place; another price or more contracts queue up again."""
    place("ben", "bid", 4300, 100)
    order = place("anna", "bid", 4300, 100).order
    place("cora", "bid", 4300, 100)
    engine.orders.amend("anna", order.order_id, START_MS, ticker="M", side="bid", price=price, count=count)
    engine.check_invariants()
    assert engine.portfolio.queue_position("anna", order.order_id) == ahead


def test_an_amend_across_the_book_fills(engine: MatchingEngine, place: Place) -> None:
    """A new price that crosses takes what it meets, and the answer tells."""
    place("ben", "ask", 5000, 60)
    order = place("anna", "bid", 4300, 100).order
    amended = engine.orders.amend("anna", order.order_id, START_MS, ticker="M", side="bid", price=5000, count=100)
    engine.check_invariants()
    assert amended.filled is not None
    assert (amended.filled.count, amended.remaining_count) == (60, 40)


def test_an_amend_that_only_moves_the_price_tells_no_counts(engine: MatchingEngine, place: Place) -> None:
    """Counts come only with fills or another size."""
    order = place("anna", "bid", 4300, 100).order
    amended = engine.orders.amend("anna", order.order_id, START_MS, ticker="M", side="bid", price=4400, count=100)
    assert (amended.filled, amended.remaining_count) == (None, None)


def test_the_count_of_an_amend_includes_what_has_filled(engine: MatchingEngine, place: Place) -> None:
    """Of a new total of 90, 30 filled before, 60 rest; a total of 30 is refused."""
    order = place("anna", "bid", 4300, 100).order
    place("ben", "ask", 4300, 30)
    amended = engine.orders.amend("anna", order.order_id, START_MS, ticker="M", side="bid", price=4300, count=90)
    assert amended.remaining_count == 60
    with refused(400, "invalid_order"):
        engine.orders.amend("anna", order.order_id, START_MS, ticker="M", side="bid", price=4300, count=30)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"side": "ask"}, "invalid_order"),
        ({"ticker": "X"}, "invalid_order"),
        ({"price": 4350}, "invalid_price"),
        ({"count": 40_000}, "insufficient_balance"),
        ({"client_order_id": "other"}, "invalid_order"),
        ({"updated_client_order_id": "taken"}, "invalid_order"),
        ({"expiration_s": 1}, "invalid_order"),
        ({"price": 5000}, "invalid_order"),
    ],
)
def test_an_amend_that_cannot_be_changes_nothing(
    engine: MatchingEngine, place: Place, change: dict[str, Any], code: str
) -> None:
    """Each reason has its code, and the order rests as it was."""
    place("ben", "ask", 5000, 100)
    place("anna", "bid", 100, 100, client_order_id="taken")
    order = place("anna", "bid", 4300, 100, client_order_id="mine", post_only=True).order
    before = evolve(order)
    usual: dict[str, Any] = {"ticker": "M", "side": "bid", "price": 4300, "count": 100}
    with refused(400, code):
        engine.orders.amend("anna", order.order_id, START_MS + 1, **usual | change)
    engine.check_invariants()
    assert vars_of(order) == vars_of(before)


def vars_of(order: Any) -> dict[str, Any]:
    """Return an order's fields."""
    return {name: getattr(order, name) for name in order.__slots__ if not name.startswith("__")}


def test_an_amend_can_rename_an_order_and_move_its_expiry(engine: MatchingEngine, place: Place) -> None:
    """The new client order id and the new expiry hold from now on, and the place is kept."""
    order = place("anna", "bid", 4300, 100, client_order_id="mine", expiration_s=1010).order
    place("ben", "bid", 4300, 100)
    same: dict[str, Any] = {"ticker": "M", "side": "bid", "price": 4300, "count": 100}
    engine.orders.amend(
        "anna",
        order.order_id,
        START_MS,
        client_order_id="mine",
        updated_client_order_id="new",
        expiration_s=1020,
        **same,
    )
    engine.advance_time(1_015_000)
    assert (order.client_order_id, order.status, engine.portfolio.queue_position("anna", order.order_id)) == (
        "new",
        "resting",
        0,
    )
    engine.orders.amend("anna", order.order_id, 1_015_000, expiration_s=0, **same)
    engine.advance_time(1_030_000)
    assert order.status == "resting"


@pytest.mark.parametrize(
    ("change", "left"), [({"reduce_by": 30}, 70), ({"reduce_to": 30}, 30), ({"reduce_to": 100}, 100)]
)
def test_a_decrease_keeps_the_place(engine: MatchingEngine, place: Place, change: dict[str, int], left: int) -> None:
    """Fewer contracts rest, where they were."""
    order = place("anna", "bid", 4300, 100).order
    place("ben", "bid", 4300, 100)
    assert engine.orders.decrease("anna", order.order_id, START_MS, **change).remaining_count == left
    engine.check_invariants()
    assert engine.portfolio.queue_position("anna", order.order_id) == 0


def test_a_decrease_to_nothing_cancels(engine: MatchingEngine, place: Place) -> None:
    """An order of which nothing is left is cancelled."""
    order = place("anna", "bid", 4300, 100).order
    assert engine.orders.decrease("anna", order.order_id, START_MS, reduce_by=100).remaining_count == 0
    assert order.status == "canceled"


@pytest.mark.parametrize(
    "change", [{}, {"reduce_by": 1, "reduce_to": 1}, {"reduce_by": 101}, {"reduce_to": 101}, {"reduce_by": -1}]
)
def test_a_decrease_that_is_none_is_refused(engine: MatchingEngine, place: Place, change: dict[str, int]) -> None:
    """One of the two, and no more than rests."""
    order = place("anna", "bid", 4300, 100).order
    with refused(400, "invalid_order"):
        engine.orders.decrease("anna", order.order_id, START_MS, **change)


def test_cancel_all_cancels_the_resting_orders_of_one_account(engine: MatchingEngine, place: Place) -> None:
    """All resting orders of the account are cancelled, oldest first; those of others stay."""
    gone = place("anna", "bid", 4300, 100).order
    first, second = place("anna", "bid", 4300, 200).order, place("anna", "ask", 4500, 300).order
    other = place("ben", "bid", 4300, 100).order
    engine.orders.cancel("anna", gone.order_id, START_MS)
    cancelled = engine.orders.cancel_all("anna", START_MS)
    assert [(row.order, row.reduced_by) for row in cancelled] == [(first, 200), (second, 300)]
    assert (first.status, second.status, other.status) == ("canceled", "canceled", "resting")
    engine.check_invariants()


# -- order groups ---------------------------------------------------------------------------------------------------


def test_a_group_cancels_its_orders_at_its_limit(engine: MatchingEngine, place: Place) -> None:
    """It trades its limit and not a contract more, takes no order then, and does again once reset."""
    group = engine.order_groups.create("anna", 150, START_MS)
    orders = [place("anna", "ask", 5000, 100, order_group_id=group.order_group_id).order for _ in range(3)]
    place("cora", "ask", 5000, 10)
    assert place("ben", "bid", 5000, 400).filled.count == 160
    assert [order.fill_count for order in orders] == [100, 50, 0]
    assert [order.status for order in orders] == ["executed", "canceled", "canceled"]
    with refused(400, "invalid_order", "order group is triggered"):
        place("anna", "ask", 5000, 1, order_group_id=group.order_group_id)
    engine.order_groups.reset("anna", group.order_group_id, START_MS)
    assert place("anna", "ask", 6000, 1, order_group_id=group.order_group_id).remaining_count == 1


def test_a_taker_counts_towards_its_group(engine: MatchingEngine, place: Place) -> None:
    """An incoming order stops at the limit of its group."""
    group = engine.order_groups.create("anna", 50, START_MS)
    place("ben", "ask", 5000, 100)
    placed = place("anna", "bid", 5000, 100, order_group_id=group.order_group_id)
    assert (placed.filled.count, placed.remaining_count, placed.order.status) == (50, 0, "canceled")


@pytest.mark.parametrize(("later_ms", "status"), [(14_999, "canceled"), (15_000, "resting")])
def test_the_limit_of_a_group_holds_within_15_seconds(
    engine: MatchingEngine, place: Place, later_ms: int, status: str
) -> None:
    """A trade counts for 15 seconds, and not a millisecond longer."""
    group = engine.order_groups.create("anna", 100, START_MS)
    order = place("anna", "ask", 5000, 1000, order_group_id=group.order_group_id).order
    place("ben", "bid", 5000, 60)
    place("ben", "bid", 5000, 60, now_ms=START_MS + later_ms)
    assert order.status == status


def test_a_limit_reached_already_triggers_on_the_spot(engine: MatchingEngine, place: Place) -> None:
    """Lowering a limit below what the window has traded cancels the group's orders."""
    group = engine.order_groups.create("anna", 100, START_MS)
    order = place("anna", "ask", 5000, 200, order_group_id=group.order_group_id).order
    place("ben", "bid", 5000, 60)
    engine.order_groups.set_limit("anna", group.order_group_id, 60, START_MS)
    assert (order.status, group.triggered) == ("canceled", True)


def test_a_group_can_be_triggered_and_deleted_by_hand(engine: MatchingEngine, place: Place) -> None:
    """Triggering cancels its orders, deleting forgets it as well; others' groups are not found."""
    group = engine.order_groups.create("anna", 100, START_MS)
    order = place("anna", "ask", 5000, 200, order_group_id=group.order_group_id).order
    assert list(engine.order_groups.get("anna", group.order_group_id).resting) == [order.order_id]
    engine.order_groups.trigger("anna", group.order_group_id, START_MS)
    assert order.status == "canceled"
    engine.order_groups.reset("anna", group.order_group_id, START_MS)
    order = place("anna", "ask", 5000, 200, order_group_id=group.order_group_id).order
    with refused(404, "not_found"):
        engine.order_groups.delete("ben", group.order_group_id, START_MS)
    engine.order_groups.delete("anna", group.order_group_id, START_MS)
    assert (order.status, engine.order_groups.all_of("anna")) == ("canceled", [])
    with refused(404, "not_found"):
        engine.order_groups.get("anna", group.order_group_id)
    with refused(400, "invalid_order"):
        place("anna", "ask", 5000, 200, order_group_id=group.order_group_id)
    engine.check_invariants()


# -- fees and money -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fees", "taker", "maker"),
    [
        (FeeSchedule(), 17_500, 0),
        (FeeSchedule(multiplier=2.0), 35_000, 0),
        (FeeSchedule(fee_type="quadratic_with_maker_fees"), 17_500, 4_400),
        (FeeSchedule(fee_type="quadratic_with_combo_maker_fees"), 17_500, 8_800),
    ],
)
def test_fees_follow_the_quadratic_rule(
    engine: MatchingEngine, place: Place, fees: FeeSchedule, taker: int, maker: int
) -> None:
    """One contract at a half costs a taker 7% of a quarter, and a maker what the schedule's type says, rounded up."""
    engine.lifecycle.set_fees("M", fees)
    place("anna", "ask", 5000, 100)
    placed = place("ben", "bid", 5000, 100)
    assert placed.filled.fees_micros == placed.filled.average_fee_micros == taker
    assert engine.portfolio.fills("anna")[0].fee_micros == maker
    assert engine.collected_fees_micros() == taker + maker


def test_an_order_filled_in_parts_pays_as_if_filled_whole(engine: MatchingEngine, place: Place) -> None:
    """Fees are rounded up on the order's sum: ten tenths cost what one whole does."""
    for _ in range(10):
        place("ben", "ask", 4300, 10)
    placed = place("anna", "bid", 4300, 100)
    assert [fill.fee_micros for fill in engine.portfolio.fills("anna")][-3:] == [1700, 1700, 1800]
    assert placed.filled.fees_micros == 17_200


def test_both_legs_of_one_account_pay_out_a_dollar_a_pair(engine: MatchingEngine, place: Place) -> None:
    """Selling what is held pays at once, and the profit is locked in."""
    place("ben", "ask", 4000, 100)
    place("anna", "bid", 4000, 100)
    free = engine.portfolio.balance("anna")
    place("cora", "bid", 6000, 100)
    sold = place("anna", "ask", 6000, 100)
    assert engine.portfolio.balance("anna") == free + 600_000 - sold.filled.fees_micros
    position = engine.portfolio.positions("anna")[0]
    assert (position.count, position.exposure_micros, position.realized_micros) == (0, 0, 200_000)


def test_selling_what_is_held_needs_no_money(engine: MatchingEngine, place: Place) -> None:
    """An account that spent everything can still close its position, but not sell more."""
    engine.deposit("anna", 5_150_000 - HUNDRED)
    place("ben", "ask", 5000, 1000)
    place("anna", "bid", 5000, 1000 - 5)
    assert engine.portfolio.balance("anna") < 1_000
    assert place("anna", "ask", 100, 995).remaining_count == 995
    with refused(400, "insufficient_balance"):
        place("anna", "ask", 100, 1)


def test_selling_what_is_held_to_a_bid_needs_no_money_but_the_fee(engine: MatchingEngine, place: Place) -> None:
    """The dollar that each pair releases pays for closing at once, too."""
    engine.deposit("anna", 5_150_000 - HUNDRED)
    place("ben", "ask", 5000, 1000)
    place("anna", "bid", 5000, 995)
    place("ben", "bid", 4000, 995)
    assert place("anna", "ask", 4000, 995).order.status == "executed"


def test_the_fee_that_a_resting_order_may_cost_is_locked_with_it(engine: MatchingEngine, place: Place) -> None:
    """Where makers pay fees, an order needs its price and its fee."""
    engine.lifecycle.set_fees("M", FeeSchedule(fee_type="quadratic_with_maker_fees"))
    engine.deposit("anna", 5_000_000 - HUNDRED)
    with refused(400, "insufficient_balance"):
        place("anna", "bid", 5000, 1000)
    engine.deposit("anna", 43_800)
    place("anna", "bid", 5000, 1000)
    assert engine.portfolio.balance("anna") == 0
    place("ben", "ask", 5000, 1000)
    assert engine.portfolio.balance("anna") == 0


def test_an_order_of_another_subaccount_that_gives_way_frees_no_money_here(
    engine: MatchingEngine, place: Place
) -> None:
    """Self-trade prevention looks at the user, money at the account; a refusal cancels nothing."""
    engine.add_account("anna#1", HUNDRED, user_id="anna")
    engine.deposit("anna", 10_000_000 - HUNDRED)
    other = place("anna#1", "ask", 5000, 2200).order
    with refused(400, "insufficient_balance"):
        place("anna", "bid", 5000, 2200, self_trade_prevention_type="maker")
    assert [row.order_id for row in engine.portfolio.orders("anna#1", status="resting")] == [other.order_id]
    place("anna", "bid", 5000, 2000, self_trade_prevention_type="maker")
    assert engine.portfolio.orders("anna#1", status="resting") == []


def test_orders_that_a_group_will_cancel_leave_their_money_to_its_last_order(
    engine: MatchingEngine, place: Place
) -> None:
    """What the group's limit cancels in the same market pays for the fill that reached it."""
    group = engine.order_groups.create("anna", 1000, START_MS)
    rests = place("anna", "bid", 1000, 99_000, order_group_id=group.order_group_id).order
    place("ben", "ask", 5000, 1000)
    placed = place("anna", "bid", 5000, 1000, order_group_id=group.order_group_id)
    assert (placed.filled.count, rests.status) == (1000, "canceled")


def test_an_amend_may_spend_what_the_order_itself_had_locked(engine: MatchingEngine, place: Place) -> None:
    """All of an account's money can move from one price to another."""
    order = place("anna", "bid", 5000, 20_000).order
    engine.orders.amend("anna", order.order_id, START_MS, ticker="M", side="bid", price=4000, count=25_000)
    engine.check_invariants()
    assert engine.portfolio.balance("anna") == 0


@pytest.mark.parametrize(
    ("result", "value", "yes", "no"),
    [("yes", None, 1_000_000, 0), ("no", None, 0, 1_000_000), ("scalar", 2500, 250_000, 750_000)],
)
def test_a_settled_market_pays_each_leg(
    engine: MatchingEngine, place: Place, result: Any, value: int | None, yes: int, no: int
) -> None:
    """The winner's contract pays a dollar, or both their part of it; what rests is cancelled first."""
    place("ben", "ask", 4000, 100)
    place("anna", "bid", 4000, 100)
    order = place("cora", "bid", 3000, 100).order
    paid = {row.account_id: row.revenue_micros for row in engine.lifecycle.settle("M", result, START_MS, value=value)}
    engine.check_invariants()
    assert paid == {"anna": yes, "ben": no}
    assert (order.status, engine.market_data.market("M").status, engine.portfolio.positions("anna")) == (
        "canceled",
        "finalized",
        [],
    )
    assert [row.yes_cost_micros for row in engine.portfolio.settlements("anna")] == [400_000]
    total = (
        sum(engine.portfolio.balance(account) for account in ("anna", "ben", "cora")) + engine.collected_fees_micros()
    )
    assert total == 3 * HUNDRED
    with refused(400, "invalid_order"):
        engine.lifecycle.settle("M", result, START_MS, value=value)


def test_only_free_money_moves(engine: MatchingEngine, place: Place) -> None:
    """A transfer takes what is not locked, and no more."""
    place("anna", "bid", 5000, 10_000)
    with refused(400, "insufficient_balance"):
        engine.transfer("anna", "ben", 50 * DOLLAR_MICROS + 1)
    engine.transfer("anna", "ben", 50 * DOLLAR_MICROS)
    assert (engine.portfolio.balance("anna"), engine.portfolio.balance("ben")) == (0, 150 * DOLLAR_MICROS)
    engine.check_invariants()


# -- reads ----------------------------------------------------------------------------------------------------------


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
