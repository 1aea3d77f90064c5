"""Signing as a request leaves: what is on the wire is what was signed, and nothing leaves the origin."""

from __future__ import annotations

import asyncio
import copy
import itertools
import logging
import pickle
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Literal, cast

import httpx
import pytest
from attrs import define

from kalshi_auth import (
    NotSentError,
    OriginError,
    RetryPolicy,
    SignedFlow,
    Signer,
    WriteNotSentError,
    signed_client,
    signer_from_file,
)
from kalshi_core.client import AuthenticatedClient
from kalshi_core.models.base import Model
from kalshi_core.operation import Operation, Parameter
from tests.vectors.material import KEY_ID, SIGNED_HEADERS, headers_verify, key_file

BASE = "https://exchange.test/trade-api/v2"
ROOT = BASE.removesuffix("/trade-api/v2")
NOW_MS = 1703123456789
SIGNER = signer_from_file(KEY_ID, key_file("rsa_pkcs8"))
Mode = Literal["sync", "async"]
MODES = pytest.mark.parametrize("mode", ["sync", "async"])


# Operations and a body as the generator writes them, whatever document the package was made from.
ORDER_ID: Final = Parameter("order_id", "path", str, "order_id", required=True)


@define(eq=False, getstate_setstate=False, kw_only=True, repr=False)
class Limit(Model):
    """A body."""

    contracts_limit: int


def operation(method: str, path: str, *parameters: Parameter, signed: bool = True) -> Operation[Any]:
    return Operation(
        id=f"{method} {path}", method=method, path=path, success={200: None}, parameters=parameters, signed=signed
    )


GET_STATUS: Final = operation("GET", "/exchange/status", signed=False)
GET_BALANCE: Final = operation("GET", "/portfolio/balance")
GET_ORDER: Final = operation("GET", "/portfolio/orders/{order_id}", ORDER_ID)
CANCEL_ORDER: Final = operation("DELETE", "/portfolio/events/orders/{order_id}", ORDER_ID)
GET_ORDERS: Final = operation(
    "GET", "/portfolio/orders", Parameter("ticker", "query", str, "ticker"), Parameter("limit", "query", int, "limit")
)
CREATE_GROUP: Final = operation(
    "POST", "/portfolio/order_groups/create", Parameter("body", "body", Limit, "body", required=True)
)


class Exchange:
    """A stand-in that keeps every request and answers them all alike."""

    def __init__(self, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.requests: list[httpx.Request] = []
        self.transport = httpx.MockTransport(self._answer)
        self._status, self._headers = status, headers

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self._status, headers=self._headers, json={})


def client_for(exchange: Exchange, base_url: str = BASE, **options: Any) -> AuthenticatedClient:
    """Build a client that talks to the stand-in."""
    return signed_client(SIGNER, base_url=base_url, httpx_args={"transport": exchange.transport}, **options)


def ask(mode: Mode, operation: Operation[Any], client: Any, **arguments: Any) -> Any:
    """Call an operation, in either mode."""
    if mode == "sync":
        return operation.sync_detailed(client, **arguments)
    return asyncio.run(operation.asyncio_detailed(client, **arguments))


def raw(mode: Mode, client: Any, method: str, url: str, **options: Any) -> httpx.Response:
    """Send through the httpx client below, in either mode."""
    if mode == "sync":
        response: httpx.Response = client.get_httpx_client().request(method, url, **options)
    else:
        response = asyncio.run(client.get_async_httpx_client().request(method, url, **options))
    return response


def carried(request: httpx.Request) -> list[str]:
    """Return the names of a request's signature headers, each as often as it is there."""
    return [name.decode().upper() for name, _ in request.headers.raw if name.upper().startswith(b"KALSHI-")]


def is_signed(request: httpx.Request) -> bool:
    """Tell whether a request carries exactly three headers, and they sign the path on the wire."""
    assert sorted(carried(request)) == sorted(SIGNED_HEADERS)
    return headers_verify(request.headers, request.method, request.url.raw_path.decode("ascii"))


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


class Awaited:
    """A signer for event loops alone."""

    key_id = KEY_ID

    def __init__(self) -> None:
        self.asked = 0

    def sign(self, message: bytes) -> bytes:
        raise AssertionError(message)

    async def asign(self, message: bytes) -> bytes:
        self.asked += 1
        await asyncio.sleep(0)
        return SIGNER.sign(message)


def test_a_signer_that_can_be_awaited_is_awaited() -> None:
    """In an event loop nothing else is asked of it, at the time of sending, for as many requests as there are."""
    exchange, signer = Exchange(), Awaited()
    stamps = iter(range(NOW_MS * 10**6, NOW_MS * 10**6 + 20 * 10**9, 10**9))
    flow = SignedFlow(signer, BASE, clock=lambda: next(stamps))
    client = AuthenticatedClient(BASE, auth=flow, httpx_args={"transport": exchange.transport})

    async def ask_together() -> None:
        await asyncio.gather(*(GET_ORDER.asyncio_detailed(client, order_id=f"a%/{number}") for number in range(20)))

    asyncio.run(ask_together())
    assert signer.asked == len({request.headers["KALSHI-ACCESS-TIMESTAMP"] for request in exchange.requests}) == 20
    assert all(is_signed(request) for request in exchange.requests)


def test_a_signer_that_can_not_be_awaited_now_signs_like_any_other() -> None:
    """Where no signature comes, `sign` is asked, and the time is that of then."""

    class Away(Awaited):
        def sign(self, message: bytes) -> bytes:
            return SIGNER.sign(message)

        async def asign(self, message: bytes) -> None:  # type: ignore[override]
            self.asked += 1

    exchange, signer, stamps = Exchange(), Away(), iter([NOW_MS * 10**6, NOW_MS * 10**6 + 10**9])
    flow = SignedFlow(signer, BASE, clock=lambda: next(stamps))
    client = AuthenticatedClient(BASE, auth=flow, httpx_args={"transport": exchange.transport})
    ask("async", GET_BALANCE, client)
    assert signer.asked == 1
    assert is_signed(exchange.requests[0])
    assert exchange.requests[0].headers["KALSHI-ACCESS-TIMESTAMP"] == str(NOW_MS + 1000)


def test_a_stand_in_that_has_any_attribute_is_not_awaited() -> None:
    """What its class does not say it does not promise."""

    class StandIn:
        key_id = KEY_ID

        def __getattr__(self, name: str) -> Any:
            return SIGNER.sign

    exchange = Exchange()
    flow = SignedFlow(cast("Signer", StandIn()), BASE)
    ask("async", GET_BALANCE, AuthenticatedClient(BASE, auth=flow, httpx_args={"transport": exchange.transport}))
    assert is_signed(exchange.requests[0])


def test_a_signer_is_not_awaited_for_a_request_that_may_not_leave() -> None:
    """Where a request to a stranger is refused, nothing is signed."""
    exchange, signer = Exchange(), Awaited()
    client = AuthenticatedClient(BASE, auth=SignedFlow(signer, BASE), httpx_args={"transport": exchange.transport})
    with pytest.raises(OriginError, match="nothing was sent"):
        raw("async", client, "GET", "https://stranger.test/")
    assert signer.asked == len(exchange.requests) == 0


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


class Verifier(BaseHTTPRequestHandler):
    """Answer as the exchange does: 200 when the headers sign the request line's verb and path, else 401."""

    protocol_version = "HTTP/1.1"
    # Unbuffered, the body of an answer waits until its head is acknowledged.
    wbufsize = -1

    def answer(self) -> None:
        """Verify with cryptography alone, and answer."""
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        names = [name.upper() for name in self.headers if name.upper().startswith("KALSHI-")]
        public = self.path.endswith("/exchange/status")
        good = not names if public else len(names) == 3 and headers_verify(self.headers, self.command, self.path)
        fresh = public or abs(int(self.headers["KALSHI-ACCESS-TIMESTAMP"]) - time.time_ns() // 10**6) < 30_000
        body = b"{}"
        self.send_response(200 if good and fresh else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve on a loopback port, and yield its URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@MODES
@pytest.mark.parametrize("prefix", ["/trade-api/v2", "/proxy/trade-api/v2", "/x/v9", ""])
def test_verifying_server_accepts_what_goes_over_a_socket(
    mode: Mode, prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A server that reads the request line itself finds every signature good, and no log holds one."""
    calls: list[tuple[Operation[Any], dict[str, Any]]] = [
        (GET_STATUS, {}),
        (GET_BALANCE, {}),
        (GET_ORDERS, {"ticker": "KX A/B", "limit": 5}),
        (GET_ORDER, {"order_id": "a/b c é"}),
        (CANCEL_ORDER, {"order_id": "an-id"}),
        (CREATE_GROUP, {"body": Limit(contracts_limit=5)}),
    ]
    caplog.set_level(logging.DEBUG)
    signatures: list[str] = []

    def keep(request: httpx.Request) -> None:
        signatures.extend(request.headers.get_list("KALSHI-ACCESS-SIGNATURE"))

    async def akeep(request: httpx.Request) -> None:
        keep(request)

    with listening(Verifier) as root:
        hooks = {"request": [keep if mode == "sync" else akeep]}
        client = signed_client(SIGNER, base_url=root + prefix, httpx_args={"trust_env": False, "event_hooks": hooks})

        async def all_of_them() -> list[int]:
            async with client:
                return [
                    (await operation.asyncio_detailed(client, **arguments)).status_code
                    for operation, arguments in calls
                ]

        if mode == "sync":
            with client:
                codes = [operation.sync_detailed(client, **arguments).status_code for operation, arguments in calls]
        else:
            codes = asyncio.run(all_of_them())
    assert codes == [200] * len(calls)
    assert len(signatures) == len(calls) - 1
    assert "portfolio/balance" in caplog.text
    assert not [secret for secret in (*signatures, KEY_ID, "PRIVATE KEY") if secret in caplog.text]


def test_verifying_server_refuses_an_unsigned_and_a_forged_request() -> None:
    """The server above does tell good from bad: no headers, another path and another verb are 401."""
    with listening(Verifier) as root, httpx.Client(base_url=root, trust_env=False) as http:
        request = httpx.Request("GET", f"{root}/trade-api/v2/portfolio/balance")
        [signed] = list(SignedFlow(SIGNER, root).auth_flow(request))
        headers = {name: signed.headers[name] for name in SIGNED_HEADERS}
        codes = [
            http.get("/trade-api/v2/portfolio/balance", headers=headers).status_code,
            http.get("/trade-api/v2/portfolio/orders", headers=headers).status_code,
            http.post("/trade-api/v2/portfolio/balance", headers=headers).status_code,
            http.get("/trade-api/v2/exchange/status", headers=headers).status_code,
        ]
    assert codes == [200, 401, 401, 401]


@MODES
def test_redirect_over_a_socket_reaches_nobody_else(mode: Mode) -> None:
    """A redirect to another port of this machine is not followed, even when the httpx client is told to."""
    reached: list[str] = []

    class Stranger(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reached.append(self.path)
            self.send_error(500)

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    with listening(Stranger) as elsewhere:

        class Redirector(Stranger):
            def do_GET(self) -> None:
                self.send_response(307)
                self.send_header("Location", f"{elsewhere}/stolen")
                self.send_header("Content-Length", "0")
                self.end_headers()

        with listening(Redirector) as root:
            client = signed_client(SIGNER, base_url=root, httpx_args={"trust_env": False})

            async def told_to_follow() -> httpx.Response:
                async with client:
                    return await client.get_async_httpx_client().get("portfolio/balance", follow_redirects=True)

            if mode == "sync":
                with client:
                    response = client.get_httpx_client().get("portfolio/balance", follow_redirects=True)
            else:
                response = asyncio.run(told_to_follow())
    assert response.status_code == 307
    assert reached == []
