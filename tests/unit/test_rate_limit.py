"""Keeping to the rate limit: two buckets, fair, cancellable, without busy waiting."""

from __future__ import annotations

import asyncio
import copy
import threading
import time
from typing import Any

import httpx
import pytest
from kalshi_trade_api.api.exchange import get_exchange_status

from kalshi_auth import BudgetError, RateLimit, RetryPolicy, deadline, public_client
from kalshi_core.client import Client
from kalshi_core.types import PreparedRequest
from tests.unit.operations import operations
from tests.unit.rate_limits import READ, WRITE, Time, client_of
from tests.weather.calls import call_of


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
    """An empty write bucket does not delay reads."""
    time_ = Time()
    limit = time_.limit(write=(10, 10))
    limit.acquire(WRITE)
    for _ in range(20):
        limit.acquire(READ)
    assert time_.sleeps == []


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.id)
def test_reads_are_the_gets_of_the_document(operation: Any) -> None:
    """Every GET of the document uses the read bucket, everything else the write bucket."""
    request = PreparedRequest(operation_id=operation.id, method=operation.method, template=operation.path, path="/x")
    time_ = Time()
    limit = time_.limit(read=(1, 1000), write=(1000, 1000))
    for _ in range(101):
        limit.acquire(request)
    assert sum(time_.sleeps) == pytest.approx(10 if operation.method == "GET" else 0.01)


@pytest.mark.parametrize("stop", [KeyboardInterrupt, RuntimeError, asyncio.CancelledError])
@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_wait_that_is_interrupted_gives_its_tokens_back(stop: type[BaseException], mode: str) -> None:
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
    """Cancelling a task that waits in a real loop ends it at once, and the next one does not wait for its tokens."""

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
    """A batch above the capacity is an error before any wait, and uses no tokens."""
    time_ = Time()
    limit = time_.limit(write=(100, 15))
    request = call_of("batch")[0].OPERATION.request(**call_of("batch")[1])
    with pytest.raises(BudgetError, match=r"20 tokens never fits a bucket of 15; nothing was sent"):
        limit.acquire(request)
    limit.acquire(WRITE)
    assert time_.sleeps == []


def test_a_request_that_does_not_fit_its_time_is_refused_at_once() -> None:
    """A wait that would outlast the deadline does not begin, and uses no tokens."""
    time_ = Time()
    limit = time_.limit(write=(10, 10))
    limit.acquire(WRITE, 5)
    with pytest.raises(BudgetError, match="nothing was sent"):
        limit.acquire(WRITE, 0.5)
    limit.acquire(WRITE, 1.5)
    assert time_.sleeps == [1.0]


def test_a_429_empties_the_bucket() -> None:
    """The exchange's own bucket decides."""
    time_ = Time()
    limit = time_.limit(write=(10, 100))
    limit.exhausted(WRITE)
    limit.acquire(WRITE)
    assert time_.sleeps == [1.0]


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("signed", [True, False])
def test_a_client_keeps_to_its_rate_limit(signed: bool, mode: str) -> None:
    """It waits before a call that exceeds the limit, and refuses one that would miss its deadline."""
    time_ = Time()
    client = limited_client(signed, lambda _: httpx.Response(404), time_.limit(read=(10, 20)))
    with client:
        for _ in range(4):
            status(client, mode)
        with deadline(0.5), pytest.raises(BudgetError):
            status(client, mode)
    assert time_.sleeps == [pytest.approx(1.0), pytest.approx(1.0)]


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("signed", [True, False])
def test_a_client_waits_for_a_refill_after_a_429(signed: bool, mode: str) -> None:
    """It empties the read bucket, so that the repetition waits for its tokens, with a key or without."""
    time_ = Time()
    answers = [httpx.Response(200), httpx.Response(429)]
    with limited_client(signed, lambda _: answers.pop(), time_.limit(read=(10, 1000))) as client:
        status(client, mode)
    assert answers == []
    assert time_.sleeps == [pytest.approx(1.0)]


def limited_client(signed: bool, handler: Any, limit: RateLimit) -> Any:
    if signed:
        return client_of(handler, rate_limit=limit)
    args = {"transport": httpx.MockTransport(handler)}
    return public_client(httpx_args=args, retry=RetryPolicy(first_wait_s=0.001), rate_limit=limit)


def status(client: Client, mode: str) -> None:
    if mode == "sync":
        get_exchange_status.sync_detailed(client=client)
    else:
        asyncio.run(get_exchange_status.asyncio_detailed(client=client))


def test_buckets_without_size_are_rejected() -> None:
    """Rate and capacity are finite numbers above zero; costs are not negative."""
    for wrong in ((0, 1), (1, 0), (float("nan"), 1), (1, float("inf"))):
        with pytest.raises(ValueError, match="above zero"):
            RateLimit(read=wrong)
    with pytest.raises(ValueError, match="tokens"):
        RateLimit(default_cost=-1)
