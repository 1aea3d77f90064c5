"""Faults on demand: each happens as asked, where asked, and again with the same seed."""

from __future__ import annotations

import itertools
import math
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
import pytest
from kalshi_trade_api import AuthenticatedClient
from kalshi_trade_api.api.account import get_account_api_limits, get_account_endpoint_costs
from kalshi_trade_api.api.orders import (
    batch_create_orders_v2,
    cancel_all_orders,
    cancel_order_v2,
    get_order,
    get_orders,
)
from kalshi_trade_api.api.portfolio import get_balance
from kalshi_trade_api.models import BatchCreateOrdersV2Request

from kalshi_auth import OrderExistsError, RateLimit, RetryPolicy, WriteFateUnknownError
from kalshi_core.errors import RateLimitError, ServerError
from kalshi_paper import FaultInjector, PaperExchange
from kalshi_paper.faults.rate_limit import RateLimiter, Rates
from tests.paper.clients import client_of, order_of, place, send


def test_latency_delays_what_it_is_narrowed_to(exchange: PaperExchange, client: AuthenticatedClient) -> None:
    """A request waits as long as was asked; another operation does not."""
    exchange.faults.latency(0.2, jitter_s=0.01, operation="GetBalance")
    began = time.perf_counter()
    get_balance.sync(client=client)
    assert time.perf_counter() - began >= 0.2
    fault = exchange.faults.latency(30, operation="GetOrder")
    get_orders.sync(client=client)
    assert fault.hits == 0


def test_who_gives_up_waiting_has_placed_the_order(exchange: PaperExchange, client: AuthenticatedClient) -> None:
    """An order whose sender hangs up during a latency is placed, as on the real exchange."""
    exchange.faults.latency(0.4, operation="CreateOrderV2")
    with client_of(exchange, timeout=0.1) as hasty, pytest.raises(WriteFateUnknownError):
        place(hasty)
    end = time.monotonic() + 30
    while not (orders := get_orders.sync(client=client).orders) and time.monotonic() < end:
        time.sleep(0.02)
    assert len(orders) == 1


@pytest.mark.parametrize(("status", "kind"), [(500, "application/json"), (503, "text/html"), (502, "text/html")])
def test_failure_has_the_body_of_its_kind(exchange: PaperExchange, status: int, kind: str) -> None:
    """500 speaks JSON, gateways send a page."""
    exchange.faults.fail(status)
    failed = send(exchange, "GET", "/markets")
    assert failed.status_code == status
    assert failed.headers["content-type"].startswith(kind)


def test_failure_of_an_account_leaves_others_alone(exchange: PaperExchange, client: AuthenticatedClient) -> None:
    """A fault of one account does not hit another's requests, nor public ones without a key."""
    exchange.faults.fail(account="bob", times=1)
    get_balance.sync(client=client)
    with client_of(exchange, exchange.account("bob").signer) as bob:
        with pytest.raises(ServerError):
            get_balance.sync(client=bob)
        get_balance.sync(client=bob)


@pytest.mark.parametrize("executed", [False, True])
def test_dropped_order_is_placed_or_not_as_asked(
    exchange: PaperExchange, client: AuthenticatedClient, executed: bool
) -> None:
    """A dropped connection gives no answer at all; the order rests only when it was to be executed."""
    exchange.faults.drop(operation="CreateOrderV2", executed=executed, times=1)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response") as dropped:
        client.get_httpx_client().post(
            f"{exchange.base_url}/portfolio/events/orders",
            json=order_of(client_order_id="dropped").to_dict(),
            auth=client.auth,
        )
    assert dropped.value.request
    assert len(get_orders.sync(client=client).orders) == int(executed)


def test_retry_after_a_lost_answer_finds_the_order(exchange: PaperExchange) -> None:
    """A retrying client whose first answer was lost learns that the order exists, and it exists once."""
    exchange.faults.fail(503, operation="CreateOrderV2", executed=True, times=1)
    with client_of(exchange, retry=RetryPolicy(first_wait_s=0.001)) as client:
        with pytest.raises(OrderExistsError):
            place(client, client_order_id="mine")
        assert len(get_orders.sync(client=client).orders) == 1


def test_failure_that_is_not_executed_changes_nothing(exchange: PaperExchange, client: AuthenticatedClient) -> None:
    """A 5xx without `executed` leaves no order behind."""
    exchange.faults.fail(500, operation="CreateOrderV2", times=1)
    with pytest.raises(ServerError):
        place(client)
    assert get_orders.sync(client=client).orders == []


def test_faults_that_end_a_request_strike_one_after_the_other(
    exchange: PaperExchange, client: AuthenticatedClient
) -> None:
    """A request ends once: what else would end it strikes the next one, and does what it says then."""
    refused = exchange.faults.refuse(operation="CreateOrderV2", times=1)
    failed = exchange.faults.fail(500, operation="CreateOrderV2", times=1)
    lost = exchange.faults.drop(operation="CreateOrderV2", executed=True, times=1)
    late = exchange.faults.latency(0.01, operation="CreateOrderV2", times=1)
    with pytest.raises(RateLimitError):
        place(client)
    assert [each.hits for each in (refused, failed, lost, late)] == [1, 0, 0, 1]
    with pytest.raises(ServerError):
        place(client)
    assert get_orders.sync(client=client).orders == []
    with pytest.raises(httpx.TransportError):
        place(client)
    assert len(get_orders.sync(client=client).orders) == 1
    assert [each.hits for each in (refused, failed, lost, late)] == [1, 1, 1, 1]


def test_chance_is_the_same_for_the_same_seed() -> None:
    """The same requests meet the same faults with one seed, other ones with another; other faults don't matter."""

    def struck(seed: int, *, more: bool) -> list[bool]:
        injector = FaultInjector(seed)
        injector.fail(rate=0.5, operation="GetBalance")
        if more:
            injector.drop(rate=0.5, operation="GetOrders")
        for _ in range(5):
            injector.draw(None, "GetOrders")
        return [injector.draw(None, "GetBalance").status is not None for _ in range(64)]

    assert struck(1, more=False) == struck(1, more=True) != struck(2, more=False)
    assert 16 < sum(struck(1, more=False)) < 48


def test_cleared_and_ended_faults_strike_no_more(exchange: PaperExchange, client: AuthenticatedClient) -> None:
    """`end` ends one fault, `clear` all of them, limits too."""
    exchange.faults.fail().end()
    get_balance.sync(client=client)
    exchange.faults.fail()
    exchange.faults.limit((1, 1), (1, 1))
    exchange.faults.clear()
    get_balance.sync(client=client)


def test_skewed_server_refuses_honest_timestamps(exchange: PaperExchange, client: AuthenticatedClient) -> None:
    """A server whose clock is ahead says so in `Date` and refuses; a client that heals its clock gets through."""
    exchange.faults.skew(120)
    refused = send(exchange, "GET", "/portfolio/balance")
    assert refused.json()["error"]["code"] == "header_timestamp_expired"
    ahead = parsedate_to_datetime(refused.headers["Date"]) - datetime.now(UTC)
    assert 110 < ahead.total_seconds() < 130
    assert get_balance.sync(client=client).balance


def test_reads_lag_behind_a_cancel(exchange: PaperExchange, client: AuthenticatedClient) -> None:
    """For a while after a cancel reads still say resting; a second cancel is 404 all the same."""
    lag = exchange.faults.lag(30, operation="CancelOrderV2")
    mine = place(client)
    cancel_order_v2.sync(client=client, order_id=mine.order_id)
    assert get_order.sync(client=client, order_id=mine.order_id).order.status == "resting"
    assert len(get_orders.sync(client=client, status="resting").orders) == 1
    assert cancel_order_v2.sync_detailed(client=client, order_id=mine.order_id).status_code == 404
    assert lag.hits == 2
    exchange.faults.clear()
    assert get_order.sync(client=client, order_id=mine.order_id).order.status == "canceled"


def test_reads_lag_behind_a_cancel_of_all(exchange: PaperExchange, client: AuthenticatedClient) -> None:
    """Cancelling all orders lags, too."""
    exchange.faults.lag(30)
    place(client), place(client, price="0.10")
    cancel_all_orders.sync(client=client)
    assert len(get_orders.sync(client=client, status="resting").orders) == 2


def test_reads_catch_up() -> None:
    """Once the lag is over, reads show an order as it is."""
    now = 0.0
    injector = FaultInjector(monotonic=lambda: now)
    before, after = {"order_id": "1", "status": "resting"}, {"order_id": "1", "status": "canceled"}
    injector.delay_reads([before], 0.5)
    assert injector.as_read(after) == before
    now = 0.5
    assert injector.as_read(after) == after


def test_empty_bucket_is_429_and_costs_nothing(exchange: PaperExchange, client: AuthenticatedClient) -> None:
    """The twenty-first read of a basic bucket is refused with its own body; writes have a bucket of their own."""
    exchange.faults.limit(read=(1, 200))
    for _ in range(20):
        get_balance.sync(client=client)
    with pytest.raises(RateLimitError) as refused:
        get_balance.sync(client=client)
    assert refused.value.content == b'{"error":"too many requests"}'
    assert "Retry-After" not in refused.value.headers
    place(client)


def test_limits_say_what_is_enforced(exchange: PaperExchange, client: AuthenticatedClient) -> None:
    """The limits that the exchange tells are those that it holds to, and the client can take them over."""
    exchange.faults.limit()
    limits = get_account_api_limits.sync(client=client)
    assert (limits.usage_tier, limits.read.refill_rate, limits.write.bucket_capacity) == ("basic", 200, 100)
    assert get_account_endpoint_costs.sync(client=client).default_cost == 10
    RateLimit().load(client)


def test_refusal_can_be_forced(exchange: PaperExchange, client: AuthenticatedClient) -> None:
    """A 429 can be asked for, whatever the buckets hold."""
    exchange.faults.refuse(times=1)
    with pytest.raises(RateLimitError):
        get_balance.sync(client=client)
    get_balance.sync(client=client)


def test_batch_costs_the_sum_of_its_items(exchange: PaperExchange, client: AuthenticatedClient) -> None:
    """A batch that does not fit the bucket is refused whole, and leaves the tokens to the next."""
    exchange.faults.limit(write=(1, 30))
    body = BatchCreateOrdersV2Request(orders=[order_of(price="0.10", count="1")] * 4)
    assert batch_create_orders_v2.sync_detailed(client=client, body=body).status_code == 429
    body = BatchCreateOrdersV2Request(orders=[order_of(price="0.10", count="1")] * 3)
    assert batch_create_orders_v2.sync_detailed(client=client, body=body).status_code == 201


def test_bucket_refills_continuously_up_to_its_capacity() -> None:
    """Tokens come back with time, never more than the bucket holds, an account's own limit first."""
    now = 0.0
    limiter = RateLimiter(lambda: now)
    limiter.set_rates(Rates((100, 50), (1, 1)), "bob")
    limiter.set_rates(Rates((10, 10), (1, 1)))

    def taken(account: str) -> int:
        return sum(
            1
            for _ in itertools.takewhile(
                bool, (limiter.take(account, "GET", "/portfolio/balance", None) for _ in range(100))
            )
        )

    assert (taken("bob"), taken("ann")) == (5, 1)
    now = 0.1
    assert (taken("bob"), taken("ann")) == (1, 0)
    now = 100.0
    assert (taken("bob"), taken("ann")) == (5, 1)


def test_latency_of_the_whole_exchange_is_set_at_the_start() -> None:
    """`latency_ms` delays every request."""
    with PaperExchange(latency_ms=150) as exchange, client_of(exchange) as client:
        began = time.perf_counter()
        get_balance.sync(client=client)
        assert time.perf_counter() - began >= 0.15


def test_failure_is_a_5xx() -> None:
    """A status that is no 5xx is refused."""
    with pytest.raises(ValueError, match="from 500 to 599"):
        FaultInjector().fail(404)


def test_operation_that_is_not_there_is_refused(exchange: PaperExchange) -> None:
    """A fault narrowed to no operation of the document would never strike: it is refused, and a name nearby told."""
    with pytest.raises(ValueError, match="did you mean 'CreateOrderV2'"):
        exchange.faults.fail(operation="create_order")
    with pytest.raises(ValueError, match=r"unknown operation 'zzz'$"):
        exchange.faults.latency(1, operation="zzz")


def test_fault_out_of_range_is_refused() -> None:
    """A rate above one, a wait below zero or without end, and times that never come, are refused."""
    for rate in (-0.1, 1.1):
        with pytest.raises(ValueError, match="from 0 to 1"):
            FaultInjector().drop(rate=rate)
    for make in (FaultInjector().latency, FaultInjector().lag):
        with pytest.raises(ValueError, match="must not be negative"):
            make(-1)
    for make in (FaultInjector().latency, FaultInjector().lag, FaultInjector().skew):
        for seconds in (math.nan, math.inf):
            with pytest.raises(ValueError, match="finite"):
                make(seconds)
    for times in (-1, 0):
        with pytest.raises(ValueError, match="positive integer"):
            FaultInjector().drop(times=times)
    assert FaultInjector().skew(-30).amount == -30


def test_exchange_ends_at_once_whatever_waits(caplog: pytest.LogCaptureFixture) -> None:
    """A request that waits out a latency does not hold up the end: its connection breaks, and nothing is logged."""
    exchange = PaperExchange().start()
    fault = exchange.faults.latency(60)
    with client_of(exchange) as client, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(get_balance.sync, client=client)
        while not fault.hits:
            time.sleep(0.001)
        exchange.stop()
        with pytest.raises(httpx.TransportError):
            waiting.result(30)
    assert not caplog.records
