"""Signing as a request leaves: what is on the wire is what was signed, and nothing leaves the origin."""

from __future__ import annotations

import asyncio
import copy
import itertools
import pickle
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from kalshi_auth import (
    NotSentError,
    OriginError,
    RetryPolicy,
    SignedFlow,
    WriteNotSentError,
    signed_client,
)
from kalshi_core.client import AuthenticatedClient
from tests.unit.signed_requests import (
    BASE,
    CANCEL_ORDER,
    CREATE_GROUP,
    GET_BALANCE,
    GET_ORDER,
    GET_ORDERS,
    GET_STATUS,
    MODES,
    NOW_MS,
    ROOT,
    SIGNER,
    Exchange,
    Limit,
    Mode,
    ask,
    carried,
    client_for,
    is_signed,
    raw,
)
from tests.vectors.material import KEY_ID


@MODES
def test_query_string_is_sent_and_not_signed(mode: Mode) -> None:
    """The query is on the wire, and the signature covers the path before it."""
    exchange = Exchange()
    ask(mode, GET_ORDERS, client_for(exchange), ticker="KX-A/B?é", limit=5)
    [request] = exchange.requests
    assert request.url.raw_path == b"/trade-api/v2/portfolio/orders?ticker=KX-A%2FB%3F%C3%A9&limit=5"
    assert is_signed(request)


@MODES
@pytest.mark.parametrize("prefix", ["/trade-api/v2", "/proxy/trade-api/v2", "/x/v9", "", "/a%2Fb/v2", "/a b"])
@pytest.mark.parametrize("end", ["", "/", "//"])
def test_any_prefix_of_the_base_url_is_signed_as_it_is_sent(mode: Mode, prefix: str, end: str) -> None:
    """The path is signed from the host's root, whatever the API lives under."""
    exchange = Exchange()
    ask(mode, GET_BALANCE, client_for(exchange, ROOT + prefix + end))
    [request] = exchange.requests
    assert request.url.raw_path.decode() == prefix.replace(" ", "%20") + "/portfolio/balance"
    assert is_signed(request)


@MODES
@pytest.mark.parametrize(
    ("order_id", "sent"),
    [
        ("a/b", "a%2Fb"),
        ("a b", "a%20b"),
        ("é", "%C3%A9"),
        ("日本", "%E6%97%A5%E6%9C%AC"),
        ("a?b=1", "a%3Fb%3D1"),
        ("a#b", "a%23b"),
        ("a%2Fb", "a%252Fb"),
        ("a;b", "a%3Bb"),
        ("../balance", "..%2Fbalance"),
        ("a+b", "a%2Bb"),
    ],
)
def test_percent_encoding_is_signed_byte_for_byte(mode: Mode, order_id: str, sent: str) -> None:
    """What stands percent-encoded on the wire is signed percent-encoded."""
    exchange = Exchange()
    ask(mode, GET_ORDER, client_for(exchange), order_id=order_id)
    [request] = exchange.requests
    assert request.url.raw_path == b"/trade-api/v2/portfolio/orders/" + sent.encode()
    assert is_signed(request)


@MODES
@pytest.mark.parametrize("url", ["portfolio/orders/a%2Fb", "portfolio/orders/a%2fb?x=1", "/portfolio/a%20b", "a;b=c,d"])
def test_raw_requests_are_signed_too(mode: Mode, url: str) -> None:
    """A request through the httpx client below is signed, its path as written."""
    exchange = Exchange()
    raw(mode, client_for(exchange), "get", url)
    [request] = exchange.requests
    assert request.url.raw_path == b"/trade-api/v2/" + url.lstrip("/").encode()
    assert is_signed(request)


@MODES
def test_body_is_sent_and_not_signed(mode: Mode) -> None:
    """A write carries its body, and the signature covers verb and path alone."""
    exchange = Exchange()
    body = Limit(contracts_limit=5)
    ask(mode, CREATE_GROUP, client_for(exchange), body=body)
    ask(mode, CANCEL_ORDER, client_for(exchange), order_id="an-id")
    assert [request.method for request in exchange.requests] == ["POST", "DELETE"]
    assert exchange.requests[0].content == b'{"contracts_limit":5}'
    assert all(is_signed(request) for request in exchange.requests)


@MODES
def test_public_operations_go_out_without_any_of_the_three_headers(mode: Mode) -> None:
    """A signing client signs what has to be signed, before and after, and nothing else."""
    exchange = Exchange()
    client = client_for(exchange)
    for operation in (GET_STATUS, GET_BALANCE, GET_STATUS):
        ask(mode, operation, client)
    assert [len(carried(request)) for request in exchange.requests] == [0, 3, 0]
    assert is_signed(exchange.requests[1])


@MODES
def test_each_request_has_a_timestamp_of_its_own(mode: Mode) -> None:
    """The clock is read once for every request, and cut to milliseconds."""
    exchange, ticks = Exchange(), itertools.count(NOW_MS * 10**6 + 999_999, 10**9)
    flow = SignedFlow(SIGNER, BASE, clock=lambda: next(ticks))
    client = AuthenticatedClient(BASE, auth=flow, httpx_args={"transport": exchange.transport})
    for _ in range(3):
        ask(mode, GET_BALANCE, client)
    stamps = [request.headers["KALSHI-ACCESS-TIMESTAMP"] for request in exchange.requests]
    assert stamps == ["1703123456789", "1703123457789", "1703123458789"]
    assert len({request.headers["KALSHI-ACCESS-SIGNATURE"] for request in exchange.requests}) == 3
    assert all(is_signed(request) for request in exchange.requests)


@MODES
def test_signature_is_made_when_the_request_is_sent(mode: Mode) -> None:
    """A request that was built early, or is sent again, gets the time of its sending."""
    exchange, clock = Exchange(), [NOW_MS]
    flow = SignedFlow(SIGNER, BASE, clock=lambda: clock[0] * 10**6)
    client = AuthenticatedClient(BASE, auth=flow, httpx_args={"transport": exchange.transport})
    request = httpx.Request("GET", f"{BASE}/portfolio/balance")
    stamps = []
    for _ in range(2):
        clock[0] += 60_000
        if mode == "sync":
            client.get_httpx_client().send(request)
        else:
            asyncio.run(client.get_async_httpx_client().send(request))
        assert is_signed(exchange.requests[-1])
        stamps.append(int(exchange.requests[-1].headers["KALSHI-ACCESS-TIMESTAMP"]) - NOW_MS)
    assert stamps == [60_000, 120_000]


@MODES
def test_clock_is_the_system_s_unless_told(mode: Mode) -> None:
    """Without a clock of its own, a flow signs with the time of day."""
    exchange = Exchange()
    client = AuthenticatedClient(BASE, auth=SignedFlow(SIGNER, BASE), httpx_args={"transport": exchange.transport})
    before_ms = time.time_ns() // 10**6
    ask(mode, GET_BALANCE, client)
    assert before_ms <= int(exchange.requests[0].headers["KALSHI-ACCESS-TIMESTAMP"]) <= time.time_ns() // 10**6


@pytest.mark.parametrize("mode", ["sync", "async", "awaited"])
@pytest.mark.parametrize("attempts", [2, 3])
def test_what_fails_in_a_remote_signer_was_not_sent(mode: str, attempts: int) -> None:
    """A signer whose own request by httpx breaks off leaves no doubt about a write: it is tried again, or not sent."""

    class Remote:
        key_id = KEY_ID
        ends: Iterator[httpx.RequestError | None] = iter([httpx.ReadTimeout("late"), httpx.ReadError("broken"), None])

        def sign(self, message: bytes) -> bytes:
            if error := next(self.ends):
                raise error
            return b"signed"

    class AsyncRemote(Remote):
        async def asign(self, message: bytes) -> bytes:
            return self.sign(message)

    exchange = Exchange()
    client = signed_client(
        AsyncRemote() if mode == "awaited" else Remote(),
        base_url=BASE,
        retry=RetryPolicy(attempts=attempts, first_wait_s=0.001),
        httpx_args={"transport": exchange.transport},
    )
    way: Mode = "sync" if mode == "sync" else "async"
    if attempts == 3:
        assert ask(way, CANCEL_ORDER, client, order_id="1").status_code == 200
    else:
        with pytest.raises(WriteNotSentError, match="signing ended with ReadError"):
            ask(way, CANCEL_ORDER, client, order_id="1")
    assert len(exchange.requests) == attempts - 2


@MODES
def test_headers_of_the_user_do_not_double_the_three(mode: Mode) -> None:
    """Headers that a user sets under the same names are replaced."""
    exchange = Exchange()
    client = client_for(exchange, headers={"kalshi-access-key": "mine", "Kalshi-Access-Signature": "mine"})
    ask(mode, GET_BALANCE, client)
    assert is_signed(exchange.requests[0])


@MODES
@pytest.mark.parametrize(
    "url",
    [
        "https://stranger.test/trade-api/v2/portfolio/balance",
        "http://exchange.test/trade-api/v2/portfolio/balance",
        "https://exchange.test:8443/trade-api/v2/portfolio/balance",
        "https://exchange.test:0/trade-api/v2/portfolio/balance",
        "https://sub.exchange.test/trade-api/v2/portfolio/balance",
        "https://exchange.test.stranger.test/",
        "https://exchange.test@stranger.test/",
        "https://exchange.test./",
        "https://[::1]/",
    ],
)
def test_absolute_url_to_another_origin_is_refused_and_nothing_is_sent(mode: Mode, url: str) -> None:
    """Another scheme, host or port is an OriginError that names both origins, and no request."""
    exchange = Exchange()
    with pytest.raises(OriginError, match=r"https://exchange\.test:443; nothing was sent") as caught:
        raw(mode, client_for(exchange), "GET", url)
    assert isinstance(caught.value, NotSentError)
    assert exchange.requests == []


@MODES
@pytest.mark.parametrize("url", [f"{ROOT}/elsewhere", f"{ROOT}:443/elsewhere", "HTTPS://EXCHANGE.TEST/elsewhere"])
def test_absolute_url_to_the_same_origin_is_signed(mode: Mode, url: str) -> None:
    """The origin in another spelling is the same origin; its paths are not bound to the base URL."""
    exchange = Exchange()
    raw(mode, client_for(exchange), "GET", url)
    assert exchange.requests[0].url.raw_path == b"/elsewhere"
    assert is_signed(exchange.requests[0])


@pytest.mark.parametrize(
    ("base_url", "shown"),
    [
        (BASE, "https://exchange.test:443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:80/x", "http://[::1]:80"),
    ],
)
def test_flow_shows_its_origin_and_no_secret(base_url: str, shown: str) -> None:
    """A flow's text is its signer's and its origin."""
    assert repr(SignedFlow(SIGNER, base_url)) == f"SignedFlow(RsaPssSigner(key_id='0a1b…'), {shown!r})"


@pytest.mark.parametrize("duplicate", [copy.deepcopy, pickle.dumps])
def test_flow_gives_no_key_away_by_being_copied(duplicate: Callable[[Any], Any]) -> None:
    """Copying a flow with its signer, or pickling it, is a TypeError."""
    with pytest.raises(TypeError, match=r"neither copied nor pickled"):
        duplicate(SignedFlow(SIGNER, BASE))


@MODES
@pytest.mark.parametrize(
    "target", [f"{BASE}/exchange/status", "https://stranger.test/", "/relative", "http://exchange.test/"]
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_never_followed(mode: Mode, status: int, target: str) -> None:
    """A redirect is an answer like any other, even when the httpx client below is told to follow it."""
    exchange = Exchange(status, {"Location": target})
    client = client_for(exchange)
    assert ask(mode, GET_BALANCE, client).status_code == status
    assert ask(mode, GET_STATUS, client).status_code == status
    assert raw(mode, client, "GET", "portfolio/balance", follow_redirects=True).status_code == status
    client.get_httpx_client().follow_redirects = True
    client.get_async_httpx_client().follow_redirects = True
    assert ask(mode, GET_BALANCE, client).status_code == status
    assert raw(mode, client, "GET", "portfolio/balance").status_code == status
    assert {request.url.host for request in exchange.requests} == {"exchange.test"}
    assert len(exchange.requests) == 5


@MODES
def test_stream_is_signed_and_follows_no_redirect(mode: Mode) -> None:
    """A streamed request goes the same way as the others."""
    exchange = Exchange(307, {"Location": "https://stranger.test/"})
    client = client_for(exchange)

    async def stream() -> None:
        async with client.get_async_httpx_client().stream("GET", "portfolio/balance", follow_redirects=True):
            pass

    if mode == "sync":
        with client.get_httpx_client().stream("GET", "portfolio/balance", follow_redirects=True):
            pass
    else:
        asyncio.run(stream())
    [request] = exchange.requests
    assert is_signed(request)


@MODES
def test_httpx_client_made_elsewhere_follows_no_redirect_of_an_operation(mode: Mode) -> None:
    """A client of the user's own that follows redirects doesn't follow those of an operation, which is signed."""
    exchange = Exchange(307, {"Location": "https://stranger.test/"})
    client = client_for(exchange)
    client.set_httpx_client(httpx.Client(transport=exchange.transport, follow_redirects=True))
    client.set_async_httpx_client(httpx.AsyncClient(transport=exchange.transport, follow_redirects=True))
    assert ask(mode, GET_BALANCE, client).status_code == 307
    [request] = exchange.requests
    assert is_signed(request)
