"""Keeping to the rate limit: two buckets, fair, cancellable, without busy waiting."""

from __future__ import annotations

import asyncio
import copy
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from kalshi_trade_api.api.communications import create_rfq_batch
from kalshi_trade_api.api.exchange import get_exchange_status
from kalshi_trade_api.api.orders import batch_cancel_orders_v2, create_order_v2
from kalshi_trade_api.api.portfolio import get_balance
from kalshi_trade_api.models import BatchCancelOrdersV2Request, CreateRFQBatchRequest
from tests.unit.test_retry import operations

from kalshi_auth import BudgetError, Ed25519Signer, RateLimit, RetryPolicy, deadline, public_client, signed_client
from kalshi_core.client import Client
from kalshi_core.rate_limit.token_bucket import TokenBucket
from kalshi_core.types import PreparedRequest
from tests.weather.calls import call_of, order

READ = get_balance.OPERATION.request()
WRITE = create_order_v2.OPERATION.request(body=order("x"))


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.sleeps: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds

    async def async_sleep(self, seconds: float) -> None:
        self.sleep(seconds)

    def limit(self, **options: Any) -> RateLimit:
        return RateLimit(sleep=self.sleep, async_sleep=self.async_sleep, monotonic=lambda: self.now, **options)


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_full_bucket_costs_no_wait_and_an_empty_one_one_sleep(mode: str) -> None:
    """The Basic tier lets ten writes pass at once; the eleventh sleeps once, for exactly what is missing."""
    time_ = Time()
    limit = time_.limit()
    for _ in range(11):
        if mode == "sync":
            limit.acquire(WRITE)
        else:
            asyncio.run(limit.aacquire(WRITE))
    assert time_.sleeps == [pytest.approx(0.1)]


def test_reads_and_writes_have_a_bucket_each() -> None:
    """An empty write bucket holds up no read."""
    time_ = Time()
    limit = time_.limit(write=(10, 10))
    limit.acquire(WRITE)
    for _ in range(20):
        limit.acquire(READ)
    assert time_.sleeps == []


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.id)
def test_reads_are_the_gets_of_the_document(operation: Any) -> None:
    """Every GET of the document draws on the read bucket, everything else on the write bucket."""
    outgoing = PreparedRequest(operation_id=operation.id, method=operation.method, template=operation.path, path="/x")
    time_ = Time()
    limit = time_.limit(read=(1, 1000), write=(1000, 1000))
    for _ in range(101):
        limit.acquire(outgoing)
    assert sum(time_.sleeps) == pytest.approx(10 if operation.method == "GET" else 0.01)


@given(
    costs=st.lists(st.integers(1, 20), min_size=1, max_size=40),
    pauses=st.lists(st.floats(0, 2), min_size=40, max_size=40),
)
def test_no_window_of_time_holds_more_than_the_exchange_allows(costs: list[int], pauses: list[float]) -> None:
    """Whatever is asked and when, what passed between two moments fits capacity and refill."""
    now = [0.0]
    bucket = TokenBucket(10, 20, lambda: now[0])
    passed: list[tuple[float, int]] = []
    for cost, pause in zip(costs, pauses, strict=False):
        now[0] += pause
        passed.append((bucket.reserve(cost, None).due_s, cost))
    for first, (start, _) in enumerate(passed):
        for end, _ in passed[first:]:
            spent = sum(cost for due, cost in passed[first:] if due <= end)
            assert spent <= 20 + 10 * (end - start) + 1e-6


def test_who_asks_first_is_served_first() -> None:
    """Promises come due in the order of asking, a small one behind a large one too."""
    bucket = TokenBucket(10, 100, lambda: 0.0)
    dues = [bucket.reserve(cost, None).due_s for cost in (100, 100, 1, 50, 1)]
    assert dues == sorted(dues)
    assert dues[1] == 10


def test_nobody_overtakes_after_a_promise_was_given_back() -> None:
    """Tokens that come back help those who ask later, but not past those who wait already."""
    bucket = TokenBucket(10, 100, lambda: 0.0)
    bucket.reserve(100, None)
    large, small = bucket.reserve(100, None), bucket.reserve(10, None)
    bucket.give_back(large)
    assert bucket.reserve(1, None).due_s == small.due_s
    bucket.give_back(small)


def test_tokens_given_back_are_there_again() -> None:
    """When all who waited are gone, the bucket is as if they had never asked; never more than full."""
    bucket = TokenBucket(10, 100, lambda: 0.0)
    first = bucket.reserve(100, None)
    waiting = [bucket.reserve(50, None) for _ in range(3)]
    for each in waiting:
        bucket.give_back(each)
    after = bucket.reserve(10, None)
    assert after.wait_s == 1
    for each in (after, first, first):
        bucket.give_back(each)
    assert bucket.reserve(100, None).wait_s == 0
    assert bucket.reserve(10, None).wait_s >= 1


@pytest.mark.parametrize("stop", [KeyboardInterrupt, RuntimeError, asyncio.CancelledError])
@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_wait_that_is_ended_gives_its_tokens_back(stop: type[BaseException], mode: str) -> None:
    """Ctrl-C in a wait leaves the bucket as it was."""
    time_ = Time()

    def stopped(seconds: float) -> None:
        raise stop

    async def astopped(seconds: float) -> None:
        raise stop

    limit = RateLimit(write=(10, 10), sleep=stopped, async_sleep=astopped, monotonic=lambda: time_.now)
    limit.acquire(WRITE)

    async def wait() -> None:
        with pytest.raises(stop):
            await limit.aacquire(WRITE)

    if mode == "async":
        asyncio.run(wait())
    else:
        with pytest.raises(stop):
            limit.acquire(WRITE)
    time_.now = 1.0
    limit.acquire(WRITE)


def test_a_cancelled_task_gives_its_tokens_back() -> None:
    """Cancelling a task that waits in a real loop ends it at once, and the next one pays nothing for it."""

    async def main() -> float:
        limit = RateLimit(write=(100, 10))
        await limit.aacquire(WRITE)
        large = asyncio.create_task(limit.aacquire(copy.copy(WRITE)))
        await asyncio.sleep(0)
        large.cancel()
        with pytest.raises(asyncio.CancelledError):
            await large
        began = time.monotonic()
        await limit.aacquire(WRITE)
        return time.monotonic() - began

    assert asyncio.run(main()) < 0.18


def test_many_tasks_are_served_in_order_and_sleep_once_each() -> None:
    """Tasks pass in the order in which they asked, each with a single sleep."""
    order_: list[int] = []
    sleeps: list[float] = []

    async def async_sleep(seconds: float) -> None:
        sleeps.append(seconds)
        await asyncio.sleep(seconds)

    async def in_task(number: int) -> None:
        await limit.aacquire(WRITE)
        order_.append(number)

    async def main() -> None:
        await asyncio.gather(*(in_task(number) for number in range(12)))

    limit = RateLimit(write=(500, 10), async_sleep=async_sleep)
    limit.acquire(WRITE)
    asyncio.run(main())
    assert order_ == list(range(12))
    assert len(sleeps) == 12


def test_many_threads_are_served_in_order_and_sleep_once_each() -> None:
    """Threads pass in the order in which they asked, one with each refill, each with a single sleep."""
    order_: list[int] = []
    sleeps: list[float] = []
    now = 0.0
    moved = threading.Condition()

    def sleep(seconds: float) -> None:
        with moved:
            end = now + seconds
            sleeps.append(seconds)
            moved.notify_all()
            assert moved.wait_for(lambda: now >= end, 30)

    def in_thread(number: int) -> None:
        limit.acquire(WRITE)
        with moved:
            order_.append(number)
            moved.notify_all()

    # A 64th of a second for each, which a float holds exactly.
    limit = RateLimit(write=(640, 10), sleep=sleep, monotonic=lambda: now)
    limit.acquire(WRITE)
    threads = [threading.Thread(target=in_thread, args=(number,)) for number in range(12)]
    for number, thread in enumerate(threads):
        thread.start()
        with moved:
            assert moved.wait_for(lambda: len(sleeps) == number + 1, 30)  # noqa: B023
    for number in range(12):
        with moved:
            now += 1 / 64
            moved.notify_all()
            assert moved.wait_for(lambda: len(order_) == number + 1, 30)  # noqa: B023
    for thread in threads:
        thread.join()
    assert order_ == list(range(12))
    assert sleeps == [(number + 1) / 64 for number in range(12)]


def test_a_request_that_never_fits_is_refused_at_once() -> None:
    """A batch above the capacity is an error before any wait, and takes nothing."""
    time_ = Time()
    limit = time_.limit(write=(100, 15))
    outgoing = call_of("batch")[0].OPERATION.request(**call_of("batch")[1])
    with pytest.raises(BudgetError, match=r"20 tokens never fits a bucket of 15; nothing was sent"):
        limit.acquire(outgoing)
    limit.acquire(WRITE)
    assert time_.sleeps == []


def test_a_request_that_does_not_fit_its_time_is_refused_at_once() -> None:
    """A wait that would outlast the deadline does not begin, and takes nothing."""
    time_ = Time()
    limit = time_.limit(write=(10, 10))
    limit.acquire(WRITE, 5)
    with pytest.raises(BudgetError, match="nothing was sent"):
        limit.acquire(WRITE, 0.5)
    limit.acquire(WRITE, 1.5)
    assert time_.sleeps == [1.0]


def test_a_429_empties_the_bucket() -> None:
    """What the exchange says of its own bucket counts."""
    time_ = Time()
    limit = time_.limit(write=(10, 100))
    limit.exhausted(WRITE)
    limit.acquire(WRITE)
    assert time_.sleeps == [1.0]


def test_a_batch_costs_the_sum_of_its_items() -> None:
    """Orders to place, orders to cancel, and RFQs are counted; whatever is no batch counts once."""
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
    assert limit.cost(WRITE.__replace__(method="DELETE")) == 11


@pytest.mark.parametrize("path", ["/portfolio/events/orders/{id}", "/trade-api/v2/portfolio/events/orders/:order_id"])
def test_routes_are_compared_without_the_names_of_parameters(path: str) -> None:
    """A parameter may be called anything, in braces or behind a colon."""
    operation, arguments = call_of("cancel")
    assert RateLimit(costs={("DELETE", path): 2}).cost(operation.OPERATION.request(**arguments)) == 2


def loading(limits: Any, costs: Any, skewed: bool = False) -> Callable[[httpx.Request], httpx.Response]:
    """Build the exchange's side of loading."""
    refusals = [httpx.Response(429, json={"error": "too many requests"})] if skewed else []

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


def client_of(handler: Any, ed25519: Any, **options: Any) -> Any:
    policy = RetryPolicy(first_wait_s=0.001)
    args = {"transport": httpx.MockTransport(handler)}
    return signed_client(
        Ed25519Signer("kid", ed25519),
        base_url="http://localhost/trade-api/v2",
        httpx_args=args,
        retry=policy,
        **options,
    )


@pytest.fixture(scope="module")
def ed25519() -> Any:
    return Ed25519PrivateKey.generate()


def load(limit: RateLimit, client: Any, mode: str) -> None:
    async def in_loop() -> None:
        async with client:
            await limit.aload(client)

    if mode == "async":
        asyncio.run(in_loop())
        return
    with client:
        limit.load(client)


@pytest.mark.parametrize("stormy", [False, True])
@pytest.mark.parametrize("mode", ["sync", "async"])
def test_limits_and_costs_are_loaded_by_one_call(mode: str, stormy: bool, ed25519: Any) -> None:
    """Tier and costs come from the exchange, by requests that are signed where the document says, and repeated."""
    time_ = Time()
    limit = time_.limit()
    load(limit, client_of(loading(LIMITS, COSTS, stormy), ed25519, rate_limit=limit), mode)
    assert limit.cost(READ) == 25
    assert limit.cost(WRITE) == 50
    limit.acquire(WRITE)
    limit.acquire(WRITE)
    assert time_.sleeps[-1] == 10.0


@pytest.mark.parametrize(
    ("spent", "capacity", "wait_s"),
    [(0, 100, 0), (60, 100, 0), (95, 100, 0.5), (60, 30, 1), (100, 300, 0), (100, 50, 1), (150, 300, 6)],
)
def test_another_size_gives_no_spent_token_back(spent: int, capacity: int, wait_s: float) -> None:
    """Of a bucket of 100 so many were spent: in its new size at 10 a second they are missing, and no more than all."""
    old, new = TokenBucket(100, 100, lambda: 0.0), TokenBucket(10, capacity, lambda: 0.0)
    for _ in range(spent // 5):
        old.reserve(5, None)
    old.resize(new)
    assert (old.capacity, old.refill_rate) == (capacity, 10)
    assert old.reserve(10, None).wait_s == pytest.approx(wait_s)


def test_another_size_lets_nobody_overtake() -> None:
    """Whoever asks after the limits were loaded waits behind those who waited before, however large the new bucket."""
    time_ = Time()
    limit = time_.limit(write=(1, 10))
    bucket = TokenBucket(1, 10, lambda: 0.0)
    bucket.reserve(10, None)
    waiting = bucket.reserve(10, None)
    bucket.resize(TokenBucket(1000, 1000, lambda: 0.0))
    assert bucket.reserve(1, None).due_s >= waiting.due_s
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
def test_limits_that_make_no_sense_leave_everything_as_it_was(mode: str, limits: Any, costs: Any, ed25519: Any) -> None:
    """What can't be understood is an error, and changes nothing by halves."""
    limit = RateLimit(default_cost=7)
    with pytest.raises(ValueError, match=r"documented|tokens|above zero|Expecting value"):
        load(limit, client_of(loading(limits, costs), ed25519), mode)
    assert limit.cost(READ) == limit.cost(WRITE) == 7


def test_limits_that_can_not_be_had_leave_everything_as_it_was(ed25519: Any) -> None:
    """An error status is httpx's error."""
    limit = RateLimit(default_cost=7)
    with pytest.raises(httpx.HTTPStatusError):
        load(limit, client_of(lambda _: httpx.Response(500), ed25519), "sync")
    assert limit.cost(READ) == 7


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_limits_are_loaded_by_a_client_that_signs(mode: str) -> None:
    """A public client is told so before anything is sent."""
    with pytest.raises(TypeError, match="a client that signs, not Client"):
        load(RateLimit(), public_client(httpx_args={"transport": httpx.MockTransport(loading({}, {}))}), mode)


def test_a_null_list_of_costs_is_an_empty_one(ed25519: Any) -> None:
    """Servers send null for a list."""
    limit = RateLimit()
    load(limit, client_of(loading(LIMITS, {**COSTS, "endpoint_costs": None}), ed25519), "sync")
    assert limit.cost(WRITE) == 25


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("signed", [True, False])
def test_a_client_paces_its_calls(signed: bool, mode: str, ed25519: Any) -> None:
    """A client with a rate limit waits before the call that is too much, and refuses one past its deadline."""
    time_ = Time()
    client = paced(signed, ed25519, lambda _: httpx.Response(404), time_.limit(read=(10, 20)))
    with client:
        for _ in range(4):
            status(client, mode)
        with deadline(0.5), pytest.raises(BudgetError):
            status(client, mode)
    assert time_.sleeps == [pytest.approx(1.0), pytest.approx(1.0)]


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("signed", [True, False])
def test_a_client_that_is_refused_waits_for_a_refill(signed: bool, mode: str, ed25519: Any) -> None:
    """A 429 empties the read bucket, so that the repetition waits for its tokens, with a key or without."""
    time_ = Time()
    answers = [httpx.Response(200), httpx.Response(429)]
    with paced(signed, ed25519, lambda _: answers.pop(), time_.limit(read=(10, 1000))) as client:
        status(client, mode)
    assert answers == []
    assert time_.sleeps == [pytest.approx(1.0)]


def paced(signed: bool, ed25519: Any, handler: Any, limit: RateLimit) -> Any:
    if signed:
        return client_of(handler, ed25519, rate_limit=limit)
    args = {"transport": httpx.MockTransport(handler)}
    return public_client(httpx_args=args, retry=RetryPolicy(first_wait_s=0.001), rate_limit=limit)


def status(client: Client, mode: str) -> None:
    if mode == "sync":
        get_exchange_status.sync_detailed(client=client)
    else:
        asyncio.run(get_exchange_status.asyncio_detailed(client=client))


def test_buckets_without_size_are_refused() -> None:
    """Rate and capacity are finite numbers above zero; costs are not negative."""
    for wrong in ((0, 1), (1, 0), (float("nan"), 1), (1, float("inf"))):
        with pytest.raises(ValueError, match="above zero"):
            RateLimit(read=wrong)
    with pytest.raises(ValueError, match="tokens"):
        RateLimit(default_cost=-1)


FORKING = """
import os, signal, threading
from kalshi_core.rate_limit.token_bucket import TokenBucket

held, go_on = threading.Event(), threading.Event()

def monotonic():
    if threading.current_thread().name == "slow":
        held.set()
        go_on.wait()
    return 0.0

bucket = TokenBucket(10, 100, monotonic)
slow = threading.Thread(target=bucket.promise, args=(10, None), name="slow")
slow.start()
held.wait()
threading.Timer(0.2, go_on.set).start()
child = os.fork()
if child == 0:
    signal.alarm(10)
    bucket.reserve(10, None)
    os._exit(0)
slow.join()
assert os.waitpid(child, 0)[1] == 0
bucket.reserve(10, None)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_process_forked_while_a_thread_draws_tokens_can_draw_too() -> None:
    """No child waits for ever for a thread that only its parent has."""
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run([sys.executable, "-c", FORKING], env=paths, capture_output=True, timeout=60)
    assert ran.returncode == 0, ran.stderr.decode()
