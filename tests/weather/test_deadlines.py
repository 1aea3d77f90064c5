"""Deadlines are kept to in threads too, where httpx alone would start its timeouts anew with every byte."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from kalshi_trade_api.api.orders import create_order_v2
from kalshi_trade_api.api.portfolio import get_balance

from kalshi_auth import RetryPolicy, WriteFateUnknownError, WriteNotSentError, deadline
from kalshi_core.transport.socket_deadline import Until
from tests.weather import connection_faults as faults
from tests.weather import faultserver as fs
from tests.weather.calls import TLS, client_of, order, outcome
from tests.weather.faultserver import Fault, FaultServer

LATE_S = 1.5
"""A busy machine's allowance over a deadline of some 0.3 s; without a bound, a trickling server takes 6 s."""
POOLS: dict[str, Callable[[FaultServer], dict[str, Any]]] = {
    "own transport": lambda _: {"transport": httpx.HTTPTransport(verify=TLS)},
    "proxy": lambda server: {"proxy": f"http://127.0.0.1:{server.port}", "verify": TLS},
    "mounts": lambda _: {"mounts": {"http://": httpx.HTTPTransport(verify=TLS)}, "verify": TLS},
    "hooks": lambda _: {"event_hooks": {"request": [lambda _: None], "response": [lambda r: r.read()]}, "verify": TLS},
}


def check_late(kind: str, mode: str, seen: Any) -> None:
    """A read raises httpx's own error, a write that it may have been executed."""
    assert isinstance(seen, httpx.ReadTimeout if kind == "get" else WriteFateUnknownError)
    assert kind == "get" or isinstance(seen.__cause__, httpx.ReadTimeout)


@pytest.mark.parametrize("act", [faults.slow_loris, faults.slow_head], ids=["body", "head"])
@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("kind", ["get", "create"])
def test_a_trickling_answer_over_tls_ends_in_time(
    kind: str, mode: str, act: Any, private_key: RSAPrivateKey, contexts: Any
) -> None:
    """What holds for HTTP holds for HTTPS, on whose connections other objects read."""
    serving, trusting = contexts
    policy = RetryPolicy(attempts=3, total_s=0.4)
    with FaultServer(private_key.public_key(), [Fault(act)], endless=True, tls=serving) as server:
        client = client_of(server, private_key, retry=policy, httpx_args={"verify": trusting})
        began = time.monotonic()
        [seen] = outcome(kind, mode, client)
        assert time.monotonic() - began < LATE_S
        server.idle()
        assert len(server.seen) == 1
    check_late(kind, mode, seen)


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("kind", ["get", "create"])
def test_a_trickling_head_ends_in_time_whatever_httpx_is_given(
    kind: str, pool: str, private_key: RSAPrivateKey
) -> None:
    """A transport of httpx's that the user made, a proxy, mounts and hooks are used as they are, and bounded."""
    policy = RetryPolicy(attempts=3, total_s=0.3)
    with FaultServer(private_key.public_key(), [Fault(faults.slow_head)], endless=True) as server:
        client = client_of(server, private_key, retry=policy, httpx_args=POOLS[pool](server))
        began = time.monotonic()
        [seen] = outcome(kind, "sync", client)
        assert time.monotonic() - began < LATE_S
        server.idle()
        assert len(server.seen) == 1
        assert server.seen[0].path.startswith("http" if pool == "proxy" else "/")
    check_late(kind, "sync", seen)


def test_an_answer_that_never_begins_is_asked_for_again_within_the_deadline(private_key: RSAPrivateKey) -> None:
    """Read timeouts shorter than the deadline leave time for attempts; the last one is cut short by it."""
    policy = RetryPolicy(attempts=50, total_s=10, first_wait_s=0.001, longest_wait_s=0.001)
    timeout = httpx.Timeout(5, read=0.2)
    with FaultServer(private_key.public_key(), [Fault(faults.half_open)], endless=True) as server:
        client = client_of(server, private_key, retry=policy, timeout=timeout)
        began = time.monotonic()
        with client, deadline(0.7), pytest.raises(httpx.ReadTimeout):
            get_balance.sync(client=client)
        assert time.monotonic() - began < 0.7 + LATE_S
        assert 2 <= len(server.seen) <= 4


def test_a_connection_opened_without_a_deadline_is_bound_by_the_next_one(private_key: RSAPrivateKey) -> None:
    """Neither a call without any bound nor one past the client, on httpx itself, leaves a connection unguarded."""
    for opening in ("call", "httpx"):
        with FaultServer(private_key.public_key()) as server, client_of(server, private_key, retry=None) as client:
            if opening == "call":
                get_balance.sync(client=client)
            else:
                client.get_httpx_client().get("/portfolio/balance")
            server.script = [Fault(faults.slow_head)]
            began = time.monotonic()
            with deadline(0.3), pytest.raises(httpx.ReadTimeout):
                get_balance.sync(client=client)
            assert time.monotonic() - began < LATE_S
            assert (server.connections, len(server.seen)) == (1, 2)


def test_threads_that_share_a_client_each_keep_to_their_own_deadline(private_key: RSAPrivateKey) -> None:
    """Each of eight threads ends by its own deadline; then the client works on, and leaves nothing open."""
    args = {"verify": TLS, "limits": httpx.Limits(max_connections=8)}
    with FaultServer(private_key.public_key(), [Fault(faults.slow_head)], endless=True) as server:
        with client_of(server, private_key, httpx_args=args) as client, ThreadPoolExecutor(8) as threads:

            def work(number: int) -> tuple[float, Any]:
                seconds = 0.2 + 0.1 * (number % 4)
                began = time.monotonic()
                try:
                    with deadline(seconds):
                        create_order_v2.sync(client=client, body=order(f"{number}"))
                except WriteFateUnknownError as error:
                    return time.monotonic() - began - seconds, error.__cause__
                raise AssertionError

            ended = list(threads.map(work, range(32)))
            assert all(isinstance(cause, httpx.ReadTimeout) for _, cause in ended)
            assert all(-0.01 < late_s < LATE_S for late_s, _ in ended)
            server.idle()
            server.script.clear()
            assert get_balance.sync(client=client).balance == 7
            assert server.open_now == 1
        server.idle()
        assert len(server.seen) == 33
        assert len(server.placed) == len(server.taken) == 32


@pytest.mark.parametrize("kind", ["get", "create"])
def test_a_handshake_that_never_ends_was_not_sent(kind: str, private_key: RSAPrivateKey) -> None:
    """A port that takes connections and says nothing to TLS: the time is up, and nothing was sent."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}{fs.ROOT}"
        client = client_of(url, private_key, retry=RetryPolicy(total_s=0.3))
        began = time.monotonic()
        [seen] = outcome(kind, "sync", client)
        assert time.monotonic() - began < LATE_S
    assert isinstance(seen, httpx.ConnectTimeout if kind == "get" else WriteNotSentError)


def test_a_request_whose_time_is_up_begins_no_step(private_key: RSAPrivateKey) -> None:
    """Past its end, a request opens no connection, and writes nothing on one that is open."""
    with FaultServer(private_key.public_key()) as server, client_of(server, private_key) as client:
        http = client.get_httpx_client()

        def late() -> httpx.Request:
            until = Until(10.0, time.monotonic() - 1)
            timeouts = dict.fromkeys(("connect", "read", "write", "pool"), until)
            return http.build_request("GET", "/portfolio/balance", extensions={"timeout": timeouts})

        with pytest.raises(httpx.ConnectTimeout):
            http.send(late())
        assert server.connections == 0
        get_balance.sync(client=client)
        with pytest.raises(httpx.WriteTimeout):
            http.send(late())
        server.idle()
        assert len(server.seen) == 1
