"""One client, many callers: threads, tasks, cancellation, closing."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from kalshi_trade_api.api.orders import create_order_v2
from kalshi_trade_api.api.portfolio import get_balance

from kalshi_auth import RateLimit, RetryPolicy, RsaPssSigner, WriteFateUnknownError, deadline, signed_client
from tests.unit.signing_processes import CountingKey
from tests.weather import connection_faults as faults
from tests.weather.calls import TLS, client_of, order
from tests.weather.faultserver import Fault, FaultServer

POOL = {"verify": TLS, "limits": httpx.Limits(max_connections=20)}


pytestmark = pytest.mark.usefixtures("no_leaks")


def test_one_client_serves_many_threads(private_key: RSAPrivateKey) -> None:
    """Sixteen threads share a client from its first call on: one pool, good signatures, every order once."""
    with FaultServer(private_key.public_key()) as server, client_of(server, private_key) as client:
        ready = threading.Barrier(16)

        def work(number: int) -> None:
            ready.wait()
            for turn in range(5):
                assert get_balance.sync(client=client).balance == 7
                create_order_v2.sync(client=client, body=order(f"{number}-{turn}"))

        with ThreadPoolExecutor(16) as pool:
            list(pool.map(work, range(16)))
        assert len(server.seen) == 160
        assert len({each.signature for each in server.seen}) == 160
        assert all(each.valid for each in server.seen)
        assert len(server.placed) == len(server.taken) == 80
        assert server.open_most <= 16


def test_many_threads_with_a_wrong_clock_all_recover(private_key: RSAPrivateKey) -> None:
    """All first calls are refused together; one of them corrects the clock, every one is repeated."""
    with FaultServer(private_key.public_key(), skew_s=300) as server, client_of(server, private_key) as client:
        ready = threading.Barrier(16)

        def work(number: int) -> None:
            ready.wait()
            create_order_v2.sync(client=client, body=order(None))

        with ThreadPoolExecutor(16) as pool:
            list(pool.map(work, range(16)))
        assert len(server.placed) == 16


@pytest.mark.parametrize("skew_s", [0, -86_400])
def test_two_hundred_calls_against_a_slow_server_stay_correct(skew_s: float, private_key: RSAPrivateKey) -> None:
    """Two hundred tasks at once: never more connections than the pool allows, and every order once."""

    async def main(server: FaultServer) -> None:
        retry = RetryPolicy(total_s=120)
        async with client_of(server, private_key, httpx_args=POOL, timeout=60.0, retry=retry) as client:
            calls = [create_order_v2.asyncio(client=client, body=order(f"{number}")) for number in range(200)]
            found = await asyncio.gather(*calls)
            assert [each.client_order_id for each in found] == [f"{number}" for number in range(200)]
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with FaultServer(private_key.public_key(), delay_s=0.05, skew_s=skew_s) as server:
        asyncio.run(main(server))
    assert len(server.placed) == len(server.taken) == 200
    assert server.open_most <= 20
    assert all(each.valid for each in server.seen)


def test_two_hundred_calls_end_cleanly_when_cancelled(private_key: RSAPrivateKey) -> None:
    """Cancelled in the middle, all calls end and send nothing more; the client works on, and nothing is left open."""

    async def main(server: FaultServer) -> float:
        async with client_of(server, private_key, httpx_args=POOL, timeout=20.0) as client:
            tasks = [asyncio.create_task(get_balance.asyncio(client=client)) for _ in range(200)]
            await asyncio.sleep(0.2)
            began, seen = time.monotonic(), len(server.seen)
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            took_s = time.monotonic() - began
            assert len(server.seen) - seen <= 20
            assert any(isinstance(each, asyncio.CancelledError) for each in ended)
            assert all(each is None or not isinstance(each, Exception) for each in ended)
            server.delay_s = 0.0
            assert (await get_balance.asyncio(client=client)).balance == 7
            assert asyncio.all_tasks() == {asyncio.current_task()}
            return took_s

    with FaultServer(private_key.public_key(), delay_s=0.1) as server:
        # Most of it is spent in httpcore, whose pool takes longer for each request with the number of requests.
        assert asyncio.run(main(server)) < 5
        wait_until(lambda: server.open_now == 0)


def wait_until(condition: Any) -> None:
    """Wait for the server to notice."""
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.parametrize("where", ["retry", "pacing", "answer"])
def test_a_cancelled_call_ends_at_once(where: str, private_key: RSAPrivateKey) -> None:
    """Cancellation ends a wait for a retry, for tokens or for an answer, and sends nothing more."""
    policy = RetryPolicy(first_wait_s=60, longest_wait_s=60, total_s=1000)
    fault = (
        Fault(faults.half_open) if where == "answer" else Fault(faults.status(429, Retry_After="60"), executes=False)
    )
    limit = RateLimit(read=(0.01, 10)) if where == "pacing" else None

    async def main(server: FaultServer) -> None:
        client = client_of(server, private_key, retry=policy, rate_limit=limit)
        async with client:
            task = asyncio.create_task(get_balance.asyncio(client=client))
            while not server.seen:
                await asyncio.sleep(0.005)
            await asyncio.sleep(0.05)
            began = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert time.monotonic() - began < 0.5

    with FaultServer(private_key.public_key(), [fault]) as server:
        asyncio.run(main(server))
    assert len(server.seen) == 1


@pytest.mark.parametrize("where", ["retry", "pacing", "answer"])
def test_ctrl_c_ends_a_wait_at_once(where: str, private_key: RSAPrivateKey) -> None:
    """KeyboardInterrupt passes through any wait in the main thread, and sends nothing more."""
    policy = RetryPolicy(first_wait_s=60, longest_wait_s=60, total_s=1000)
    limit = RateLimit(read=(0.01, 10)) if where == "pacing" else None
    fault = (
        Fault(faults.half_open) if where == "answer" else Fault(faults.status(429, Retry_After="60"), executes=False)
    )
    with FaultServer(private_key.public_key(), [fault]) as server:
        timer = threading.Timer(0.3, signal.pthread_kill, (threading.main_thread().ident, signal.SIGINT))
        with client_of(server, private_key, retry=policy, rate_limit=limit) as client:
            timer.start()
            began = time.monotonic()
            with pytest.raises(KeyboardInterrupt):
                get_balance.sync(client=client)
            timer.join()
            assert time.monotonic() - began < 2
    assert len(server.seen) == 1


@pytest.mark.parametrize("fault", [faults.half_open, faults.slow_loris, faults.slow_head, faults.drop_before])
@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_callers_deadline_bounds_a_real_call(mode: str, fault: Any, private_key: RSAPrivateKey) -> None:
    """Whatever the server does, a call ends within its deadline."""

    async def in_loop() -> None:
        async with client:
            await create_order_v2.asyncio(client=client, body=order(None))

    def in_thread() -> None:
        with client:
            create_order_v2.sync(client=client, body=order(None))

    with FaultServer(private_key.public_key(), [Fault(fault)], endless=True) as server:
        client = client_of(server, private_key)
        began = time.monotonic()
        with deadline(0.3), pytest.raises(WriteFateUnknownError):
            asyncio.run(in_loop()) if mode == "async" else in_thread()
        assert time.monotonic() - began < 0.8


@pytest.mark.parametrize("used", [True, False])
@pytest.mark.parametrize("mode", ["sync", "async"])
def test_closing_twice_is_fine_and_a_closed_client_says_so(mode: str, used: bool, private_key: RSAPrivateKey) -> None:
    """A second close does nothing; a call afterwards is an error that names the cause, used before or not."""

    async def in_loop(server: FaultServer) -> None:
        client = client_of(server, private_key)
        if used:
            await get_balance.asyncio(client=client)
        await client.aclose()
        await client.aclose()
        with pytest.raises(RuntimeError, match="closed"):
            await get_balance.asyncio(client=client)

    with FaultServer(private_key.public_key()) as server:
        if mode == "async":
            asyncio.run(in_loop(server))
        else:
            client = client_of(server, private_key)
            if used:
                get_balance.sync(client=client)
            client.close()
            client.close()
            with pytest.raises(RuntimeError, match="closed"):
                get_balance.sync(client=client)
        assert len(server.seen) == used


def test_signing_holds_the_loop_for_one_signature_at_a_time() -> None:
    """Between the signatures of a hundred calls that begin at once, other tasks get their turn."""
    turns: list[int] = []
    signed: list[int] = []

    class Key(CountingKey):
        def sign(self, *arguments: Any) -> bytes:
            signed.append(len(turns))
            return b"x"

    async def main() -> None:
        async def answer(request: httpx.Request) -> httpx.Response:
            await asyncio.sleep(0)
            body = {"balance": 7, "balance_dollars": "0.07", "portfolio_value": 0, "updated_ts": 1}
            return httpx.Response(200, json=body)

        args = {"transport": httpx.MockTransport(answer)}
        async with signed_client(RsaPssSigner("kid", Key()), base_url="https://localhost/x", httpx_args=args) as client:

            async def one() -> None:
                turns.append(1)
                await get_balance.asyncio(client=client)

            await asyncio.gather(*(one() for _ in range(100)))

    asyncio.run(main())
    assert len(signed) == 100
    assert all(after - before <= 1 for before, after in pairwise(signed))
