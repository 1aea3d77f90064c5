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


# -- what each side of a trade is charged ---------------------------------------------------------------------------


def test_fees_and_costs_of_taker_and_maker_are_kept_apart(engine: MatchingEngine, place: Place) -> None:
    """Taker's and maker's fees and costs are separate fields of an order, each at its own rate and leg price."""
    engine.lifecycle.set_fees("M", FeeSchedule(fee_type="quadratic_with_maker_fees"))
    maker = place("ben", "ask", 4000, 1000).order
    taker = place("anna", "bid", 4500, 1000).order
    assert (taker.taker_fees_micros, taker.maker_fees_micros) == (168_000, 0)
    assert (maker.taker_fees_micros, maker.maker_fees_micros) == (0, 42_000)
    assert (taker.taker_fill_cost_micros, taker.maker_fill_cost_micros) == (4_000_000, 0)
    assert (maker.taker_fill_cost_micros, maker.maker_fill_cost_micros) == (0, 6_000_000)
    fills = [engine.portfolio.fills(account)[0] for account in ("anna", "ben")]
    assert [(fill.is_taker, fill.fee_micros, fill.side) for fill in fills] == [
        (True, 168_000, "bid"),
        (False, 42_000, "ask"),
    ]
    positions = [engine.portfolio.positions(account)[0] for account in ("anna", "ben")]
    assert [(row.fees_micros, row.exposure_micros) for row in positions] == [(168_000, 4_000_000), (42_000, 6_000_000)]
    assert engine.collected_fees_micros() == 210_000
    market = engine.market_data.market("M")
    assert (market.last_price, market.volume, market.open_interest) == (4000, 1000, 1000)
    assert engine.portfolio.balance("anna") == HUNDRED - 4_000_000 - 168_000
    assert engine.portfolio.balance("ben") == HUNDRED - 6_000_000 - 42_000


def test_an_order_that_took_and_then_made_has_both_fees(engine: MatchingEngine, place: Place) -> None:
    """What fills at once is charged as taker, what rests and fills later as maker."""
    engine.lifecycle.set_fees("M", FeeSchedule(fee_type="quadratic_with_maker_fees"))
    place("ben", "ask", 5000, 1000)
    placed = place("anna", "bid", 5000, 3000)
    place("cora", "ask", 5000, 2000)
    order = placed.order
    assert (placed.filled.count, placed.filled.fees_micros) == (1000, 175_000)
    assert (order.taker_fees_micros, order.maker_fees_micros, order.status) == (175_000, 87_500, "executed")
    assert [(fill.count, fill.is_taker) for fill in engine.portfolio.fills("anna")] == [(2000, False), (1000, True)]


def test_an_amend_reports_the_fees_of_its_own_fills(engine: MatchingEngine, place: Place) -> None:
    """What the order filled before the amend is not reported again."""
    place("ben", "ask", 5000, 1000)
    order = place("anna", "bid", 5000, 2000).order
    place("ben", "ask", 6000, 1000)
    amended = engine.orders.amend("anna", order.order_id, START_MS, ticker="M", side="bid", price=6000, count=2000)
    assert amended.filled is not None
    assert (amended.filled.count, amended.filled.fees_micros, amended.remaining_count) == (1000, 168_000, 0)
    assert order.taker_fees_micros == 343_000


@pytest.mark.parametrize(("multiplier", "fee"), [(1.0, 175_000), (0.5, 87_500), (2.0, 350_000)])
def test_the_multiplier_of_a_series_scales_its_fees(
    engine: MatchingEngine, place: Place, multiplier: float, fee: int
) -> None:
    """Fees are the quadratic fee times the multiplier."""
    engine.lifecycle.set_fees("M", FeeSchedule(multiplier=multiplier))
    place("ben", "ask", 5000, 1000)
    assert place("anna", "bid", 5000, 1000).filled.fees_micros == fee


def test_fees_are_rounded_up(engine: MatchingEngine, place: Place) -> None:
    """A fee of $0.00000231 is charged as $0.0001."""
    place("ben", "ask", 100, 1)
    assert place("anna", "bid", 100, 1).filled.fees_micros == 100


# -- positions and settlement ---------------------------------------------------------------------------------------


def test_partly_closed_position_keeps_its_share_of_the_cost(engine: MatchingEngine, place: Place) -> None:
    """Selling a quarter realizes its profit, and leaves three quarters of the cost."""
    place("ben", "ask", 4000, 400)
    place("anna", "bid", 4000, 400)
    place("ben", "bid", 6000, 100)
    place("anna", "ask", 6000, 100)
    (row,) = engine.portfolio.positions("anna")
    assert (row.count, row.exposure_micros, row.realized_micros, row.traded_micros) == (
        300,
        1_200_000,
        200_000,
        1_600_000,
    )
    (event,) = engine.portfolio.event_positions("anna")
    assert (event.traded_count, event.realized_micros, event.fees_micros) == (500, 200_000, row.fees_micros)


def test_settlement_reports_both_legs_costs_fees_and_profit(engine: MatchingEngine, place: Place) -> None:
    """Each account's settlement has its contracts, their cost, its fees and its payout; its position is closed."""
    place("ben", "ask", 4000, 100)
    fees = place("anna", "bid", 4000, 100).filled.fees_micros
    rows = {row.account_id: row for row in engine.lifecycle.settle("M", "no", START_MS + 7)}
    anna, ben = rows["anna"], rows["ben"]
    assert (anna.yes_count, anna.yes_cost_micros, anna.no_count, anna.no_cost_micros) == (100, 400_000, 0, 0)
    assert (ben.yes_count, ben.yes_cost_micros, ben.no_count, ben.no_cost_micros) == (0, 0, 100, 600_000)
    assert (anna.revenue_micros, ben.revenue_micros) == (0, 1_000_000)
    assert (anna.fees_micros, ben.fees_micros, anna.settled_ms, anna.value) == (fees, 0, START_MS + 7, 0)
    (row,) = engine.portfolio.positions("ben", settled=True)
    assert (row.count, row.exposure_micros, row.realized_micros) == (0, 0, 400_000)
    market = engine.market_data.market("M")
    assert (market.open_interest, market.settlement_value, market.settled_ms) == (0, 0, START_MS + 7)
    assert "cora" not in rows


@pytest.mark.parametrize(
    ("result", "value"),
    [
        ("scalar", None),
        ("scalar", -1),
        ("scalar", 10_001),
        ("yes", 10_000),
        ("no", 0),
        ("maybe", None),
        ("maybe", 5000),
        ("", None),
    ],
)
def test_settlement_that_does_not_fit_is_refused(
    engine: MatchingEngine, place: Place, result: Any, value: int | None
) -> None:
    """ScalarCodec needs a value from zero to one dollar, yes and no take none, and nothing else is a result."""
    order = place("anna", "bid", 4000, 100).order
    with refused(400, "invalid_order"):
        engine.lifecycle.settle("M", result, START_MS, value=value)
    assert (order.status, engine.market_data.market("M").status) == ("resting", "active")


@pytest.mark.parametrize("value", [0, 10_000])
def test_scalar_settles_at_both_bounds(engine: MatchingEngine, place: Place, value: int) -> None:
    """Zero and one dollar are values, too."""
    place("ben", "ask", 4000, 100)
    place("anna", "bid", 4000, 100)
    paid = {row.account_id: row.revenue_micros for row in engine.lifecycle.settle("M", "scalar", START_MS, value=value)}
    assert paid == {"anna": 100 * value, "ben": 100 * (10_000 - value)}


# -- balances -------------------------------------------------------------------------------------------------------


def test_resting_value_is_that_of_the_contracts_that_still_rest(engine: MatchingEngine, place: Place) -> None:
    """After a partial fill only the remainder counts."""
    place("anna", "bid", 4000, 100)
    place("ben", "ask", 4000, 30)
    assert engine.portfolio.resting_value("anna") == 70 * 4000
    place("cora", "ask", 9000, 100)
    place("ben", "bid", 9000, 60)
    assert engine.portfolio.resting_value("cora") == 40 * 1000


def test_portfolio_value_is_that_of_the_last_price(engine: MatchingEngine, place: Place) -> None:
    """A YES contract is worth the last price, a NO contract a dollar minus it."""
    place("ben", "ask", 4000, 100)
    place("anna", "bid", 4000, 100)
    place("cora", "ask", 7000, 1)
    place("ben", "bid", 7000, 1)
    assert (engine.portfolio.portfolio_value("anna"), engine.portfolio.portfolio_value("ben")) == (700_000, 297_000)
    assert engine.portfolio.portfolio_value("cora") == 3000


def test_only_free_money_can_be_withdrawn(engine: MatchingEngine, place: Place) -> None:
    """What resting orders lock stays in the account; the rest can be withdrawn to the last millionth."""
    place("anna", "bid", 4000, 100)
    with refused(400, "insufficient_balance"):
        engine.deposit("anna", -(HUNDRED - 400_000) - 1)
    engine.deposit("anna", 400_000 - HUNDRED)
    assert (engine.portfolio.balance("anna"), engine.portfolio.locked("anna")) == (0, 400_000)
    engine.check_invariants()


@pytest.mark.parametrize("amount", [0, -1])
def test_transfer_of_nothing_is_refused(engine: MatchingEngine, amount: int) -> None:
    """An amount must be positive: a negative one would take the other account's money."""
    with refused(400, "invalid_order"):
        engine.transfer("anna", "ben", amount)
    assert engine.portfolio.balance("ben") == HUNDRED


def test_account_is_opened_once_and_never_overdrawn(engine: MatchingEngine) -> None:
    """A second account of the same id, and a negative balance, are errors."""
    with pytest.raises(ValueError, match="'anna' already exists"):
        engine.add_account("anna", HUNDRED)
    with pytest.raises(ValueError, match="must not be negative"):
        engine.add_account("dora", -1)
