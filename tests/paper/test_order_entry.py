"""Amend, decrease and cancel orders."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from kalshi_paper.engine.engine import MatchingEngine
from tests.paper.engines import START_MS, Place, refused, vars_of


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


def test_client_order_id_of_an_amend_is_used_up_too(engine: MatchingEngine, place: Place) -> None:
    """Neither the first nor the new client order id of an amended order can be used again."""
    order = place("anna", "bid", 4300, 100, client_order_id="first").order
    amend: dict[str, Any] = {"ticker": "M", "side": "bid", "price": 4300, "count": 100}
    engine.orders.amend("anna", order.order_id, START_MS, **amend, updated_client_order_id="second")
    for client_order_id in ("first", "second"):
        with refused(409, "order_already_exists"):
            place("anna", "bid", 4300, 100, client_order_id=client_order_id)
    assert place("anna", "bid", 4300, 100, client_order_id="third").order.client_order_id == "third"
