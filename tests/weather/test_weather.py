"""
What a caller sees in bad weather: every fault, for every kind of call, in threads and event loops.

Every test asserts what the caller sees, how many requests arrived, that each was signed for itself, and that no
order was placed twice.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections import defaultdict
from typing import Any, Final

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from kalshi_auth import OrderExistsError, RetryPolicy, WriteFateUnknownError, WriteNotSentError
from kalshi_core.errors import ConflictError, RateLimitError, ResponseDecodeError, ServerError
from tests.weather import connection_faults as faults
from tests.weather import faultserver as fs
from tests.weather.calls import (
    KINDS,
    MODES,
    POLICY,
    TLS,
    call_of,
    check_orders,
    check_requests,
    client_of,
    outcome,
    size,
)
from tests.weather.faultserver import Fault, FaultServer

REPEATABLE: Final = ("get", "create", "batch")
# Short where nothing is ever answered; where something is, a busy machine must not turn it into a time-out.
TIMEOUTS: Final = defaultdict(lambda: httpx.Timeout(10.0), {"half-open": httpx.Timeout(10.0, read=0.5)})

# Faults after which nobody knows, and what httpx calls them.
DROPS: Final[dict[str, tuple[Any, type[Exception]]]] = {
    "drop before": (faults.drop_before, httpx.RemoteProtocolError),
    "drop in the head": (faults.drop_during_head, httpx.RemoteProtocolError),
    "drop in the body": (faults.drop_during, httpx.RemoteProtocolError),
    "half-open": (faults.half_open, httpx.ReadTimeout),
    "reset": (faults.reset, httpx.ReadError),
    "reset in the body": (faults.reset_during, httpx.ReadError),
    "length too long": (faults.length_long, httpx.RemoteProtocolError),
    "garbage": (faults.garbage, httpx.RemoteProtocolError),
    "bad gzip": (faults.bad_gzip, httpx.DecodingError),
}
HTML: Final = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
GATEWAYS: Final = (502, 503, 504)

pytestmark = [pytest.mark.parametrize("mode", MODES), pytest.mark.parametrize("kind", KINDS)]


@pytest.mark.parametrize("executes", [True, False], ids=["executed", "lost"])
@pytest.mark.parametrize("name", DROPS)
def test_a_lost_answer_is_repeated_only_where_that_is_safe(
    name: str, executes: bool, kind: str, mode: str, private_key: RSAPrivateKey
) -> None:
    """One broken answer: reads and creations with ids come out right, other writes say their fate is unknown."""
    act, cause = DROPS[name]
    with FaultServer(private_key.public_key(), [Fault(act, executes)]) as server:
        [seen] = outcome(kind, mode, client_of(server, private_key, timeout=TIMEOUTS[name]))
    if kind not in REPEATABLE:
        assert isinstance(seen, WriteFateUnknownError)
        assert "may have been executed" in str(seen)
        assert isinstance(seen.__cause__, cause)
        check_requests(server, 1)
        check_orders(server, size(kind) if executes else 0)
        return
    if kind == "get" or not executes:
        assert not isinstance(seen, Exception), seen
    else:
        assert isinstance(seen, OrderExistsError)
        assert seen.client_order_ids == (["own"] if kind == "create" else ["own-1", "own-2"])
        assert "get_orders" in str(seen)
    check_requests(server, 2)
    check_orders(server, size(kind))


@pytest.mark.parametrize("name", DROPS)
def test_answers_lost_for_ever_end_after_the_attempts_there_are(
    name: str, kind: str, mode: str, private_key: RSAPrivateKey
) -> None:
    """Nothing but broken answers: reads raise httpx's error, writes say that they may have been executed."""
    act, cause = DROPS[name]
    with FaultServer(private_key.public_key(), [Fault(act)], endless=True) as server:
        [seen] = outcome(kind, mode, client_of(server, private_key, timeout=TIMEOUTS[name]))
    assert isinstance(seen, cause if kind == "get" else WriteFateUnknownError)
    check_requests(server, 3 if kind in REPEATABLE else 1)
    check_orders(server, size(kind))


@pytest.mark.parametrize("executes", [True, False], ids=["executed", "lost"])
@pytest.mark.parametrize("code", GATEWAYS)
def test_a_gateways_page_is_repeated_only_where_that_is_safe(
    code: int, executes: bool, kind: str, mode: str, private_key: RSAPrivateKey
) -> None:
    """One 502, 503 or 504 in HTML: reads and creations with ids are repeated, other writes get the answer itself."""
    act = faults.status(code, HTML, Content_Type="text/html")
    with FaultServer(private_key.public_key(), [Fault(act, executes)]) as server:
        [seen] = outcome(kind, mode, client_of(server, private_key))
    if kind not in REPEATABLE:
        assert isinstance(seen, ServerError)
        assert seen.status_code == code
        assert "may have been executed" in str(seen)
        check_requests(server, 1)
        check_orders(server, size(kind) if executes else 0)
        return
    assert isinstance(seen, OrderExistsError) if executes and size(kind) else not isinstance(seen, Exception)
    check_requests(server, 2)
    check_orders(server, size(kind))


def test_gateway_pages_for_ever_end_after_the_attempts_there_are(
    kind: str, mode: str, private_key: RSAPrivateKey
) -> None:
    """Nothing but 502: the caller sees it, or for a repeated creation that its fate is unknown."""
    fault = Fault(faults.status(502, HTML, Content_Type="text/html"))
    with FaultServer(private_key.public_key(), [fault], endless=True) as server:
        [seen] = outcome(kind, mode, client_of(server, private_key))
    if kind in ("create", "batch"):
        assert isinstance(seen, WriteFateUnknownError)
        assert seen.response is not None
        assert seen.response.status_code == 502
    else:
        assert isinstance(seen, ServerError)
    check_requests(server, 3 if kind in REPEATABLE else 1)
    check_orders(server, size(kind))


@pytest.mark.parametrize("code", [500, 501, 507])
def test_other_server_errors_are_not_repeated(code: int, kind: str, mode: str, private_key: RSAPrivateKey) -> None:
    """A 500 is an answer of the exchange itself: it is handed over as it is."""
    act = faults.status(code, b'{"error":{"code":"internal_server_error","message":"oops"}}')
    with FaultServer(private_key.public_key(), [Fault(act)]) as server:
        [seen] = outcome(kind, mode, client_of(server, private_key))
    assert isinstance(seen, ServerError)
    check_requests(server, 1)
    check_orders(server, size(kind))


@pytest.mark.parametrize("act", [faults.slow_loris, faults.slow_head], ids=["body", "head"])
def test_a_trickling_answer_ends_with_the_time_there_is(
    act: Any, kind: str, mode: str, private_key: RSAPrivateKey
) -> None:
    """A slow-loris head or body ends a call when its time is up, although every byte comes in time."""
    policy = RetryPolicy(attempts=3, total_s=0.25, first_wait_s=0.002)
    with FaultServer(private_key.public_key(), [Fault(act)], endless=True) as server:
        began = time.monotonic()
        [seen] = outcome(kind, mode, client_of(server, private_key, retry=policy))
        assert time.monotonic() - began < 1.5
        server.idle()
    assert isinstance(seen, httpx.ReadTimeout if kind == "get" else WriteFateUnknownError)
    if kind != "get":
        assert isinstance(seen.__cause__, httpx.ReadTimeout)
    check_requests(server, 1)
    check_orders(server, size(kind))


def test_a_connection_closed_after_an_answer_costs_nothing(kind: str, mode: str, private_key: RSAPrivateKey) -> None:
    """A server that closes after a whole answer is met with a new connection, and no repetition."""
    with FaultServer(private_key.public_key(), [Fault(faults.drop_after)] * 2) as server:
        client = client_of(server, private_key)
        first, second = outcome(kind, mode, client, times=2, between=server.idle)
    assert not isinstance(first, Exception)
    if kind == "create":
        # The same id again, and nothing in doubt before: a plain refusal.
        assert isinstance(second, ConflictError)
    else:
        assert not isinstance(second, Exception)
    assert server.connections == 2
    check_requests(server, 2)


def test_a_body_cut_by_its_own_length_is_not_taken_for_a_success(
    kind: str, mode: str, private_key: RSAPrivateKey
) -> None:
    """A length that is too short leaves JSON without its end: an error that holds what came, after one request."""
    with FaultServer(private_key.public_key(), [Fault(faults.length_short)]) as server:
        [seen] = outcome(kind, mode, client_of(server, private_key))
    assert isinstance(seen, ResponseDecodeError)
    check_requests(server, 1)
    check_orders(server, size(kind))


@pytest.mark.parametrize(
    "asked", [None, "0", "0.03", "-3", "nan", "inf", "1e99", "99999999", "soon", "", "Mon, 99 Foo"], ids=repr
)
def test_a_429_is_repeated_for_every_kind_of_call(
    asked: str | None, kind: str, mode: str, private_key: RSAPrivateKey
) -> None:
    """The exchange executed nothing: every method is repeated, whatever nonsense Retry-After holds."""
    more = {} if asked is None else {"Retry_After": asked}
    fault = Fault(faults.status(429, b'{"error":"too many requests"}', **more), executes=False)
    with FaultServer(private_key.public_key(), [fault]) as server:
        began = time.monotonic()
        [seen] = outcome(kind, mode, client_of(server, private_key))
        took_s = time.monotonic() - began
    assert not isinstance(seen, Exception), seen
    assert took_s < 3
    if asked == "0.03":
        assert server.seen[1].arrived_s - server.seen[0].arrived_s >= 0.03
    check_requests(server, 2)
    check_orders(server, size(kind))


def test_a_429_storm_ends_after_the_attempts_there_are(kind: str, mode: str, private_key: RSAPrivateKey) -> None:
    """Nothing but 429: the caller sees it after the last attempt, and no order was placed."""
    fault = Fault(faults.status(429, b'{"error":"too many requests"}'), executes=False)
    with FaultServer(private_key.public_key(), [fault], endless=True) as server:
        [seen] = outcome(kind, mode, client_of(server, private_key))
    assert isinstance(seen, RateLimitError)
    check_requests(server, 3)
    check_orders(server, 0)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(code: int, kind: str, mode: str, private_key: RSAPrivateKey) -> None:
    """A redirect to another port is an error, and the stranger there hears nothing."""
    public_key = private_key.public_key()
    with FaultServer(public_key) as stranger, FaultServer(public_key) as server:
        server.script = [
            Fault(faults.status(code, b"", Location=f"{stranger.base_url}/portfolio/balance"), executes=False)
        ]
        [seen] = outcome(kind, mode, client_of(server, private_key))
    assert isinstance(seen, ResponseDecodeError)
    assert seen.status_code == code
    assert stranger.connections == 0
    check_requests(server, 1)
    check_orders(server, 0)


def test_a_refused_connection_is_not_sent(kind: str, mode: str, private_key: RSAPrivateKey) -> None:
    """Nobody listens: every kind of call is tried to the last attempt, and says that nothing was sent."""
    with socket.create_server(("127.0.0.1", 0)) as once:
        port = once.getsockname()[1]
    [seen] = outcome(kind, mode, client_of(f"http://127.0.0.1:{port}{fs.ROOT}", private_key))
    if kind == "get":
        assert isinstance(seen, httpx.ConnectError)
    else:
        assert isinstance(seen, WriteNotSentError)
        assert isinstance(seen.__cause__, httpx.ConnectError)
        assert "was not sent" in str(seen)


def test_a_failed_handshake_is_not_sent(kind: str, mode: str, private_key: RSAPrivateKey, contexts: Any) -> None:
    """A certificate of nobody's: every kind of call is tried to the last attempt, and says that nothing was sent."""
    with FaultServer(private_key.public_key(), tls=contexts[0]) as server:
        [seen] = outcome(kind, mode, client_of(server, private_key))
        assert server.connections == POLICY.attempts
        check_requests(server, 0)
    assert isinstance(seen, httpx.ConnectError if kind == "get" else WriteNotSentError)


def test_a_call_that_gets_no_connection_is_not_sent(kind: str, mode: str, private_key: RSAPrivateKey) -> None:
    """A pool that stays used up: each kind of call waits for it to the last attempt, and says that nothing was sent."""
    timeout = httpx.Timeout(10.0, pool=0.05)
    args = {"verify": TLS, "limits": httpx.Limits(max_connections=1)}
    operation, arguments = call_of(kind)

    def busy(server: FaultServer) -> Any:
        with client_of(server, private_key, timeout=timeout, httpx_args=args) as client:
            request = client.get_httpx_client().build_request("GET", "/portfolio/balance")
            response = client.get_httpx_client().send(request, stream=True)
            try:
                return operation.sync(client=client, **arguments)
            except httpx.TransportError as error:
                return error
            finally:
                response.close()

    async def abusy(server: FaultServer) -> Any:
        async with client_of(server, private_key, timeout=timeout, httpx_args=args) as client:
            request = client.get_async_httpx_client().build_request("GET", "/portfolio/balance")
            response = await client.get_async_httpx_client().send(request, stream=True)
            try:
                return await operation.asyncio(client=client, **arguments)
            except httpx.TransportError as error:
                return error
            finally:
                await response.aclose()

    with FaultServer(private_key.public_key()) as server:
        seen = busy(server) if mode == "sync" else asyncio.run(abusy(server))
        check_requests(server, 1)
        check_orders(server, 0)
    assert isinstance(seen, httpx.PoolTimeout if kind == "get" else WriteNotSentError)


def test_without_retries_nothing_is_sent_twice(kind: str, mode: str, private_key: RSAPrivateKey) -> None:
    """With retry=None a drop is one request, and a write still says what is known of its fate."""
    with FaultServer(private_key.public_key(), [Fault(faults.drop_before)]) as server:
        [seen] = outcome(kind, mode, client_of(server, private_key, retry=None))
    assert isinstance(seen, httpx.RemoteProtocolError if kind == "get" else WriteFateUnknownError)
    check_requests(server, 1)
    check_orders(server, size(kind))


def test_a_refusal_after_a_lost_answer_settles_nothing(kind: str, mode: str, private_key: RSAPrivateKey) -> None:
    """The order may have used up what its repetition lacked: a 400 after a drop leaves the fate unknown."""
    poor = faults.status(400, b'{"error":{"code":"insufficient_balance","message":"no"}}')
    script = [Fault(faults.drop_before, executes=False), Fault(poor, executes=False)]
    with FaultServer(private_key.public_key(), script) as server:
        [seen] = outcome(kind, mode, client_of(server, private_key))
    if kind == "get":
        assert not isinstance(seen, WriteFateUnknownError)
    else:
        assert isinstance(seen, WriteFateUnknownError)
    check_requests(server, 2 if kind in REPEATABLE else 1)
    check_orders(server, 0)


def test_a_calm_day_is_one_request_a_call(kind: str, mode: str, private_key: RSAPrivateKey) -> None:
    """Without faults, a call is one request on one kept connection."""
    with FaultServer(private_key.public_key()) as server:
        found = outcome(kind, mode, client_of(server, private_key), times=2)
    assert not isinstance(found[0], Exception)
    assert server.connections == 1
    check_requests(server, 2)
