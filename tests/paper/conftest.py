"""Fixtures of the paper exchange: an engine by itself, and an exchange with two clients."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count as counter
from typing import Any

import pytest
from kalshi_trade_api import AuthenticatedClient

from kalshi_paper import PaperExchange
from kalshi_paper.engine.engine import MatchingEngine
from kalshi_paper.engine.orders import NewOrder, OrderPlaced
from tests.paper.clients import client_of
from tests.paper.engines import HUNDRED, START_MS, Place, listed


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


@pytest.fixture
def exchange() -> Iterator[PaperExchange]:
    with PaperExchange() as found:
        yield found
        found.check()


@pytest.fixture
def client(exchange: PaperExchange) -> Iterator[AuthenticatedClient]:
    with client_of(exchange) as found:
        yield found


@pytest.fixture
def bob(exchange: PaperExchange) -> Iterator[AuthenticatedClient]:
    with client_of(exchange, exchange.account("bob").signer) as found:
        yield found
