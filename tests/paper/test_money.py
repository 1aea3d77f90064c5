"""Fees, collateral, positions, settlement: every amount of money."""

from __future__ import annotations

from typing import Any

import pytest

from kalshi_paper.engine.amounts import DOLLAR_MICROS
from kalshi_paper.engine.engine import MatchingEngine
from kalshi_paper.engine.fees import FeeSchedule
from tests.paper.engines import HUNDRED, START_MS, Place, refused


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
