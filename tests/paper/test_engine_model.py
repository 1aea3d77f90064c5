"""The engine against a slow model that is right at a glance."""

from __future__ import annotations

import copy
from itertools import count as counter
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kalshi_paper.engine.engine import MatchingEngine
from kalshi_paper.engine.errors import RequestRejected
from kalshi_paper.engine.fees import FeeSchedule
from kalshi_paper.engine.markets import Market
from kalshi_paper.engine.orders import NewOrder
from tests.paper.engine_model import ACCOUNTS, MONEY, RATES, USERS, Model, No, Op


def real(engine: MatchingEngine, names: list[str], groups: list[str], op: Op, now_ms: int) -> None:
    kind = op["kind"]
    if kind == "create":
        new = NewOrder(
            ticker="M",
            side=op["side"],
            price=op["price"],
            count=op["count"],
            time_in_force=op["time_in_force"],
            self_trade_prevention_type=op["stp"],
            post_only=op["post_only"],
            reduce_only=op["reduce_only"],
            order_group_id=None if op["group"] is None else groups[op["group"]],
        )
        names.append(engine.orders.create(op["account"], new, now_ms).order.order_id)
        return
    if kind == "reset":
        engine.order_groups.reset(["anna", "ben"][op["group"]], groups[op["group"]], now_ms)
        return
    if not names:
        raise RequestRejected(404, "not_found", "not found")
    order_id = names[op["target"]]
    order = next(o for account in ACCOUNTS for o in engine.portfolio.orders(account) if o.order_id == order_id)
    if kind == "cancel":
        engine.orders.cancel(order.account_id, order_id, now_ms)
    elif kind == "decrease":
        engine.orders.decrease(order.account_id, order_id, now_ms, reduce_by=op["by"])
    else:
        engine.orders.amend(
            order.account_id, order_id, now_ms, ticker="M", side=order.side, price=op["price"], count=op["count"]
        )


PRICES = st.sampled_from([100, 4500, 4800, 5000, 5200, 5500, 9900])
COUNTS = st.sampled_from([1, 33, 100, 250, 500, 2000])
PASSES = st.sampled_from([0, 0, 0, 1_000, 7_000, 15_000])
CREATE = st.fixed_dictionaries(
    {
        "kind": st.just("create"),
        "passes": PASSES,
        "account": st.sampled_from(ACCOUNTS),
        "side": st.sampled_from(["bid", "ask"]),
        "price": PRICES,
        "count": COUNTS,
        "time_in_force": st.sampled_from(["good_till_canceled"] * 8 + ["fill_or_kill", "immediate_or_cancel"]),
        "stp": st.sampled_from(["taker_at_cross", "maker"]),
        "post_only": st.sampled_from([False, False, False, True]),
        "reduce_only": st.sampled_from([False] * 9 + [True]),
        "group": st.sampled_from([None, None, None, "own", "own", 0]),
    }
)
WHICH = st.integers(0, 30)
"""One that rests, or with the last three any that there was."""
AMEND = st.fixed_dictionaries(
    {"kind": st.just("amend"), "passes": PASSES, "which": WHICH, "price": PRICES, "count": COUNTS}
)
DECREASE = st.fixed_dictionaries({"kind": st.just("decrease"), "passes": PASSES, "which": WHICH, "by": COUNTS})
CANCEL = st.fixed_dictionaries({"kind": st.just("cancel"), "passes": PASSES, "which": WHICH})
RESET = st.fixed_dictionaries({"kind": st.just("reset"), "passes": PASSES, "group": st.sampled_from([0, 1])})
OPS = st.lists(
    st.sampled_from([CREATE] * 10 + [AMEND] * 3 + [DECREASE, CANCEL, RESET]).flatmap(lambda some: some),
    min_size=20,
    max_size=60,
)


def plain(account: str, side: str, price: int, count: int, **more: Any) -> Op:
    """Lay out a create for an example."""
    usual: Op = {"kind": "create", "passes": 0, "account": account, "side": side, "price": price, "count": count}
    usual |= {"time_in_force": "good_till_canceled", "stp": "maker", "post_only": False, "reduce_only": False}
    return usual | {"group": None} | more


@pytest.mark.parametrize("fee_type", ["quadratic", "quadratic_with_maker_fees"])
@settings(max_examples=60)
@given(ops=OPS)
@example(
    # A position closed by one order while another was to close it: the second now needs collateral of its own.
    ops=[
        plain("anna", "bid", 5000, 500),
        plain("ben", "ask", 5000, 500),
        plain("anna", "ask", 5500, 500),
        plain("anna", "ask", 5200, 500),
        plain("cora", "bid", 5500, 500),
        plain("cora", "bid", 5500, 500),
    ]
)
@example(
    # A group comes to its limit in the middle of a taker's walk: its next order is passed over.
    ops=[
        plain("anna", "ask", 4800, 250, group=0),
        plain("anna", "ask", 4800, 250, group=0),
        plain("anna", "ask", 4900, 250, group=0),
        plain("ben", "ask", 5000, 100),
        plain("cora", "bid", 5500, 2000),
    ]
)
def test_any_sequence_of_requests_ends_as_in_the_model(ops: list[Op], fee_type: Any) -> None:
    """Orders, cancels, amends and decreases by several accounts give the model's fills, places, money and refusals."""
    ids = counter()
    engine = MatchingEngine(new_id=lambda: f"id {next(ids)}")
    for account, user in USERS.items():
        engine.add_account(account, MONEY, user_id=user)
    engine.lifecycle.add(
        Market(
            ticker="M",
            event_ticker="E",
            series_ticker="S",
            open_ms=0,
            close_ms=10**12,
            fees=FeeSchedule(fee_type=fee_type),
        ),
        0,
    )
    groups = [
        engine.order_groups.create("anna", 300, 0).order_group_id,
        engine.order_groups.create("ben", 1000, 0).order_group_id,
    ]
    model, names, now_ms = Model(RATES[fee_type]), list[str](), 0
    for op in ops:
        now_ms += op["passes"]
        op = aimed(op, model)
        was = copy.deepcopy(model)
        model.now = now_ms
        said = refused = None
        try:
            getattr(model, op["kind"])(op)
        except No as no:
            said, model = str(no), was
        try:
            real(engine, names, groups, op, now_ms)
        except RequestRejected as refusal:
            refused = refusal.code
        assert refused == said
        engine.check_invariants()
        same(engine, model, names)


def aimed(op: Op, model: Model) -> Op:
    """Find out which order, or whose group, a request is about."""
    if op["kind"] == "create" and op["group"] == "own":
        return op | {"group": {"anna": 0, "ben": 1}.get(op["account"])}
    if "which" in op and model.orders:
        live = [index for index, order in enumerate(model.orders) if order.alive and op["which"] < 28]
        return op | {"target": live[op["which"] % len(live)] if live else op["which"] % len(model.orders)}
    return op


def same(engine: MatchingEngine, model: Model, names: list[str]) -> None:
    """Compare all that can be seen of both."""
    mine = dict(zip(names, (order.name for order in model.orders), strict=True))
    fills = [
        (mine[fill.order_id], fill.side, fill.price, fill.count, fill.fee_micros, fill.ts_ms)
        for account in ACCOUNTS
        for fill in engine.portfolio.fills(account)
    ]
    assert sorted(fills) == sorted(model.fills)
    assert {
        mine[entry.order_id]: entry.contracts_ahead
        for account in ACCOUNTS
        for entry in engine.portfolio.queue_positions(account)
    } == {order.name: model.ahead(order) for order in model.live()}
    assert {account: engine.portfolio.balance(account) for account in ACCOUNTS} == {
        account: model.free(account) for account in ACCOUNTS
    }
    assert {account: sum(row.count for row in engine.portfolio.positions(account)) for account in ACCOUNTS} == {
        account: model.yes[account] - model.no[account] for account in ACCOUNTS
    }
    assert engine.collected_fees_micros() == model.house
    assert {
        mine[order.order_id]: (order.price, order.fill_count, order.remaining_count if order.status == "resting" else 0)
        for account in ACCOUNTS
        for order in engine.portfolio.orders(account)
    } == {order.name: (order.price, order.done, order.left if order.alive else 0) for order in model.orders}
