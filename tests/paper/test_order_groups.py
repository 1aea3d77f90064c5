"""Order groups: limits, triggers, resets."""

from __future__ import annotations

import pytest

from kalshi_paper.engine.engine import MatchingEngine
from tests.paper.engines import START_MS, Place, refused


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


def test_reset_group_may_trade_its_whole_limit_again(engine: MatchingEngine, place: Place) -> None:
    """What traded before the reset no longer counts towards the limit."""
    group = engine.order_groups.create("anna", 1000, START_MS)
    place("ben", "ask", 4000, 2000)
    place("anna", "bid", 4000, 900, order_group_id=group.order_group_id)
    engine.order_groups.reset("anna", group.order_group_id, START_MS)
    placed = place("anna", "bid", 4000, 950, order_group_id=group.order_group_id)
    assert (placed.filled.count, group.triggered) == (950, False)
