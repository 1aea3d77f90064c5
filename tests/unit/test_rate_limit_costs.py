"""Costs of requests, and the limits and costs that an account loads from the exchange."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from kalshi_trade_api.api.communications import create_rfq_batch
from kalshi_trade_api.api.orders import batch_cancel_orders_v2
from kalshi_trade_api.models import BatchCancelOrdersV2Request, CreateRFQBatchRequest

from kalshi_auth import RateLimit, public_client
from tests.unit.rate_limits import READ, WRITE, Time, client_of
from tests.weather.calls import call_of


def test_a_batch_costs_the_sum_of_its_items() -> None:
    """Orders to place, orders to cancel, and RFQs are counted; any other request counts once."""
    limit = RateLimit()
    operation, arguments = call_of("batch")
    assert limit.cost(operation.OPERATION.request(**arguments)) == 20
    cancels: Any = BatchCancelOrdersV2Request.from_dict({"orders": [{"order_id": str(n)} for n in range(7)]})
    assert limit.cost(batch_cancel_orders_v2.OPERATION.request(body=cancels)) == 70
    rfqs: Any = CreateRFQBatchRequest.from_dict({"children": [{"market_ticker": "A"}, {"market_ticker": "B"}]})
    assert limit.cost(create_rfq_batch.OPERATION.request(body=rfqs)) == 20
    assert limit.cost(WRITE) == limit.cost(READ) == 10


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/portfolio/events/orders"), ("post", "/trade-api/v2/portfolio/events/orders")],
)
def test_costs_are_found_by_method_and_route(method: str, path: str) -> None:
    """A listed route counts with or without the API's prefix; another method of it does not."""
    limit = RateLimit(costs={(method, path): 3}, default_cost=11)
    assert limit.cost(WRITE) == 3
    assert limit.cost(WRITE._replace(method="DELETE")) == 11


@pytest.mark.parametrize("path", ["/portfolio/events/orders/{id}", "/trade-api/v2/portfolio/events/orders/:order_id"])
def test_routes_are_compared_without_the_names_of_parameters(path: str) -> None:
    """A parameter may be called anything, in braces or behind a colon."""
    operation, arguments = call_of("cancel")
    assert RateLimit(costs={("DELETE", path): 2}).cost(operation.OPERATION.request(**arguments)) == 2


def loading(limits: Any, costs: Any, limited: bool = False) -> Callable[[httpx.Request], httpx.Response]:
    """Build the exchange's side of loading."""
    refusals = [httpx.Response(429, json={"error": "too many requests"})] if limited else []

    def handler(request: httpx.Request) -> httpx.Response:
        if refusals:
            return refusals.pop()
        signed = "KALSHI-ACCESS-SIGNATURE" in request.headers
        if request.url.path == "/trade-api/v2/account/limits" and signed:
            return httpx.Response(200, json=limits)
        assert request.url.path == "/trade-api/v2/account/endpoint_costs"
        assert not signed
        return httpx.Response(200, json=costs)

    return handler


LIMITS = {
    "usage_tier": "advanced",
    "read": {"refill_rate": 300, "bucket_capacity": 300},
    "write": {"refill_rate": 5, "bucket_capacity": 50},
    "grants": [],
}


COSTS = {
    "default_cost": 25,
    "endpoint_costs": [{"method": "POST", "path": "/trade-api/v2/portfolio/events/orders", "cost": 50}],
}


def load(limit: RateLimit, client: Any, mode: str) -> None:
    async def in_loop() -> None:
        async with client:
            await limit.aload(client)

    if mode == "async":
        asyncio.run(in_loop())
        return
    with client:
        limit.load(client)


@pytest.mark.parametrize("limited", [False, True])
@pytest.mark.parametrize("mode", ["sync", "async"])
def test_limits_and_costs_are_loaded_by_one_call(mode: str, limited: bool) -> None:
    """Tier and costs come from the exchange, by requests that are signed where the document says, and repeated."""
    time_ = Time()
    limit = time_.limit()
    load(limit, client_of(loading(LIMITS, COSTS, limited), rate_limit=limit), mode)
    assert limit.cost(READ) == 25
    assert limit.cost(WRITE) == 50
    limit.acquire(WRITE)
    limit.acquire(WRITE)
    assert time_.sleeps[-1] == 10.0


def test_tokens_that_were_spent_stay_spent_when_limits_are_loaded() -> None:
    """However often the limits change, no request passes for nothing."""
    time_ = Time()
    limit = time_.limit(write=(1, 10))
    limit.acquire(WRITE)
    limit.configure({**LIMITS, "write": {"refill_rate": 100, "bucket_capacity": 10}}, {**COSTS, "endpoint_costs": []})
    limit.configure({**LIMITS, "write": {"refill_rate": 10, "bucket_capacity": 25}}, {**COSTS, "endpoint_costs": []})
    limit.acquire(WRITE)
    assert time_.sleeps == [pytest.approx(1.0)]


@pytest.mark.parametrize(
    ("limits", "costs"),
    [
        ({}, COSTS),
        ([], COSTS),
        (None, COSTS),
        ({**LIMITS, "write": {"refill_rate": 0, "bucket_capacity": 1}}, COSTS),
        ({**LIMITS, "write": {"refill_rate": "5", "bucket_capacity": 1}}, COSTS),
        (LIMITS, {}),
        (LIMITS, {**COSTS, "default_cost": -1}),
        (LIMITS, {**COSTS, "default_cost": "10"}),
        (LIMITS, {**COSTS, "endpoint_costs": [{"method": "GET"}]}),
        (LIMITS, {**COSTS, "endpoint_costs": [{"method": "GET", "path": "/x", "cost": None}]}),
        (LIMITS, {**COSTS, "endpoint_costs": [{"method": 1, "path": "/x", "cost": 1}]}),
    ],
)
@pytest.mark.parametrize("mode", ["sync", "async"])
def test_unusable_limits_change_nothing(mode: str, limits: Any, costs: Any) -> None:
    """A body that is not as documented is an error, and changes nothing."""
    limit = RateLimit(default_cost=7)
    with pytest.raises(ValueError, match=r"documented|tokens|above zero|Expecting value"):
        load(limit, client_of(loading(limits, costs)), mode)
    assert limit.cost(READ) == limit.cost(WRITE) == 7


def test_limits_that_cannot_be_loaded_change_nothing() -> None:
    """An error status is httpx's error."""
    limit = RateLimit(default_cost=7)
    with pytest.raises(httpx.HTTPStatusError):
        load(limit, client_of(lambda _: httpx.Response(500)), "sync")
    assert limit.cost(READ) == 7


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_limits_are_loaded_by_a_client_that_signs(mode: str) -> None:
    """A public client is rejected before anything is sent."""
    with pytest.raises(TypeError, match="a client that signs, not Client"):
        load(RateLimit(), public_client(httpx_args={"transport": httpx.MockTransport(loading({}, {}))}), mode)


def test_a_null_list_of_costs_is_an_empty_one() -> None:
    """Servers send null for a list."""
    limit = RateLimit()
    load(limit, client_of(loading(LIMITS, {**COSTS, "endpoint_costs": None})), "sync")
    assert limit.cost(WRITE) == 25
