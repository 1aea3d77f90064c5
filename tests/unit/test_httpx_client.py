"""The short way to the transport and httpx's own do the same, and whatever the user set is honoured by one of them."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from typing import Any, Final

import httpx
import pytest
from kalshi_trade_api import AuthenticatedClient, Client
from kalshi_trade_api.api.exchange import get_exchange_status
from kalshi_trade_api.api.portfolio.get_balance import OPERATION as SIGNED

from kalshi_core.transport.httpx_client import NoRedirectAsyncClient, NoRedirectClient, built

STATUS: Final = {"exchange_active": True, "trading_active": True}
URL: Final = "https://host/trade-api/v2"


class _Nothing:
    """A hook for both kinds of client: called, or awaited."""

    def __call__(self, message: Any) -> _Nothing:
        return self

    def __await__(self) -> Generator[None, None, None]:
        yield from ()


_nothing: Final = _Nothing()


WAYS: Final[dict[str, Callable[[], dict[str, Any]]]] = {
    "short": dict,
    "hooks": lambda: {"event_hooks": {"request": [_nothing], "response": [_nothing]}},
    "mounts": lambda: {"mounts": {"https://elsewhere": httpx.MockTransport(_never)}},
}
MODES: Final = ["sync", "asyncio"]
SETTINGS: Final[list[dict[str, Any]]] = [
    {}, {"params": {"shard": "1"}}, {"headers": {"X-One": "1"}, "cookies": {"a": "b"}},
]  # fmt: skip


REQUESTS: Final[list[dict[str, Any]]] = [
    {"method": "GET"},
    {"method": "GET", "headers": {"host": "elsewhere"}},
    {"method": "GET", "headers": {"x-one": "2"}},
    {"method": "DELETE", "content": b"{}"},
    {"method": "POST", "content": b"{}", "headers": {"Content-Type": "application/json"}},
    {"method": "POST", "content": b"{}", "headers": {"content-length": "2"}},
    {"method": "PUT", "headers": {"Content-Type": "application/json"}},
]
KINDS: Final = [NoRedirectClient, NoRedirectAsyncClient]


def _never(request: httpx.Request) -> httpx.Response:
    raise AssertionError(request.url)


class Steps(httpx.Auth):
    """Asks twice, and signs the second time with what the first answer said."""

    requires_response_body = True

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        response = yield request
        request.headers["X-Answer"] = str(response.json()["number"])
        yield request


class Server:
    """Answers everything alike, and sets a cookie."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response] | None = None) -> None:
        self.seen: list[httpx.Request] = []
        self.transport = httpx.MockTransport(answer or self.answer)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        number = len(self.seen)
        return httpx.Response(200, json={**STATUS, "number": number}, headers={"Set-Cookie": f"crumb={number}"})


def asked(client: Client, mode: str, times: int = 1) -> None:
    """Ask so many times, then close."""

    async def ask() -> None:
        async with client:
            for _ in range(times):
                await get_exchange_status.asyncio(client=client)

    if mode == "sync":
        with client:
            for _ in range(times):
                get_exchange_status.sync(client=client)
    else:
        asyncio.run(ask())


def seen(request: httpx.Request) -> tuple[Any, ...]:
    return request.method, str(request.url), request.headers.raw, request.content, request.extensions["timeout"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("settings", SETTINGS)
def test_all_ways_send_the_same(mode: str, settings: dict[str, Any]) -> None:
    """Method, URL, headers in their order, body, timeouts and cookies do not depend on the way."""
    found = []
    for way in WAYS.values():
        server = Server()
        args = {"transport": server.transport, **way(), **{k: v for k, v in settings.items() if k == "params"}}
        more = {k: v for k, v in settings.items() if k != "params"}
        asked(Client(URL, httpx_args=args, **more), mode, times=2)
        found.append([seen(request) for request in server.seen])
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("settings", [{}, {"params": {"shard": "1"}}, {"cookies": {"a": "b"}}])
@pytest.mark.parametrize("asked", REQUESTS)
def test_a_request_is_what_httpx_makes_of_it(kind: Any, settings: dict[str, Any], asked: dict[str, Any]) -> None:
    """A request that is built the short way differs in nothing, so its body is known before it is sent too."""
    http = kind(headers={"X-One": "1"}, **settings)
    parts = {"url": httpx.URL(f"{URL}/orders?a=b"), "headers": {}, "content": None, **asked}
    own = built(http, timeouts={"read": 1.0}, **parts)
    assert seen(own) == seen(http.build_request(extensions={"timeout": {"read": 1.0}}, **parts))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("given", "more"),
    [({}, set()), ({"accept": "a/b"}, {"accept"}), ({"Connection": "close", "X-One": "1"}, {"connection", "x-one"})],
)
def test_what_goes_without_saying_is_not_sent(mode: str, way: str, given: dict[str, str], more: set[str]) -> None:
    """httpx's own `Accept` and `Connection` say what holds anyway; those of the user are sent."""
    server = Server()
    asked(Client(URL, headers=given, httpx_args={"transport": server.transport, **WAYS[way]()}), mode)
    [request] = server.seen
    assert request.headers.keys() == {"host", "accept-encoding", "user-agent"} | more
    assert {name: request.headers[name] for name in given} == given


@pytest.mark.parametrize("kind", KINDS)
def test_no_body_is_sent_in_no_pieces(kind: Any) -> None:
    """A transport that sends a body piece by piece has nothing to send."""
    request = built(kind(), method="GET", url=httpx.URL(URL), headers={}, content=None, timeouts={})
    assert isinstance(request.stream, httpx.ByteStream)

    async def pieces(stream: httpx.AsyncByteStream) -> list[bytes]:
        return [piece async for piece in stream]

    assert list(request.stream) == asyncio.run(pieces(request.stream)) == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", WAYS)
def test_a_cookie_that_is_set_is_sent_back(mode: str, way: str) -> None:
    """What a load balancer sets to find its way back is kept."""
    server = Server()
    asked(Client(URL, httpx_args={"transport": server.transport, **WAYS[way]()}), mode, times=2)
    assert [request.headers.get("Cookie") for request in server.seen] == [None, "crumb=1"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", WAYS)
def test_an_auth_of_several_steps_is_followed_to_its_end(mode: str, way: str) -> None:
    """An auth class of the user's may look at an answer and ask again."""
    server = Server()
    client = AuthenticatedClient(URL, auth=Steps(), httpx_args={"transport": server.transport, **WAYS[way]()})
    outgoing = SIGNED.request()

    async def ask() -> httpx.Response:
        async with client:
            return await client.asend(outgoing)

    response = client.send(outgoing) if mode == "sync" else asyncio.run(ask())
    assert (response.json()["number"], response.request.headers["X-Answer"]) == (2, "1")
    client.close()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", WAYS)
def test_an_error_names_its_request(mode: str, way: str) -> None:
    """Whatever fails below carries the request that it happened to."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody there")

    client = Client(URL, httpx_args={"transport": Server(fail).transport, **WAYS[way]()})
    with pytest.raises(httpx.ConnectError) as found:
        asked(client, mode)
    assert found.value.request.url.path == "/trade-api/v2/exchange/status"


class Breaking(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that breaks off, and notes how often it was closed."""

    closed = 0

    def __iter__(self) -> Iterator[bytes]:
        yield b"{"
        raise httpx.ReadError("gone")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"{"
        raise httpx.ReadError("gone")

    def close(self) -> None:
        self.closed += 1

    async def aclose(self) -> None:
        self.closed += 1


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", WAYS)
def test_a_body_that_breaks_off_gives_its_connection_back(mode: str, way: str) -> None:
    """The stream is closed when reading it fails."""
    stream = Breaking()
    server = Server(lambda request: httpx.Response(200, stream=stream))
    with pytest.raises(httpx.ReadError):
        asked(Client(URL, httpx_args={"transport": server.transport, **WAYS[way]()}), mode)
    assert stream.closed >= 1


def test_httpx_s_log_has_every_request(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever listens to httpx's own log of requests gets a line for each."""
    with caplog.at_level(logging.INFO, "httpx"):
        asked(Client(URL, httpx_args={"transport": Server().transport}), "sync", times=2)
    assert [record.getMessage().split()[:3] for record in caplog.records if record.name == "httpx"] == [
        ["HTTP", "Request:", "GET"]
    ] * 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("settings", "short"),
    [
        ({}, True),
        ({"verify": False, "http2": False, "limits": httpx.Limits(max_connections=3), "trust_env": False}, True),
        ({"mounts": {"all://": None}}, False),
        ({"mounts": {"all://": None}, "transport": httpx.MockTransport(_never)}, False),
        ({"proxy": "http://127.0.0.1:9"}, False),
        ({"default_encoding": "latin-1"}, False),
    ],
)
def test_what_httpx_alone_can_do_is_left_to_it(kind: Any, settings: dict[str, Any], short: bool) -> None:
    """Only where all requests go through one transport is the short way taken."""
    assert (kind(**settings).only_transport is not None) is short


@pytest.mark.parametrize("kind", KINDS)
def test_a_proxy_of_the_environment_is_used(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that the environment names stands between, unless the environment is not to be trusted."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert kind().only_transport is not None
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert kind().only_transport is None
    assert kind(trust_env=False).only_transport is not None


# Who reads the certificates when a process opens its first client, and what its transport verifies with.
FIRST: Final = """
import os, ssl, sys, tempfile, threading, time
import httpx
from kalshi_core.transport.httpx_client import NoRedirectAsyncClient, NoRedirectClient

def read(*, read=httpx.create_ssl_context, **how):
    if how != {"verify": False}:
        print("here" if threading.current_thread() is threading.main_thread() else "beside", flush=True)
    return read(**how)

def make(self, *, verify=True, make=httpx.HTTPTransport.__init__, **options):
    if verify is not False:
        print(*(verify.verify_mode.name, len(verify.get_ca_certs()) > 1) if isinstance(verify, ssl.SSLContext) else "?")
    make(self, verify=verify, **options)

httpx.create_ssl_context = read
httpx.HTTPTransport.__init__ = make
os.cpu_count = lambda: 2
"""
OWN_CONTEXT: Final = """
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_OPTIONAL
NoRedirectClient(verify=context)
"""
NO_THREAD: Final = """
def refuse(thread):
    raise RuntimeError("can't start new thread")
threading.Thread.start = refuse
NoRedirectClient()
"""
# An import hook that holds a lock while a client is opened, as those of tracing libraries do.
HELD: Final = """
lock = threading.RLock()
class Hook:
    def find_spec(self, name, path=None, target=None):
        with lock:
            return None
sys.meta_path.insert(0, Hook())

def slow(self, make=httpx.HTTPTransport.__init__, **options):
    time.sleep(0.1)  # the thread goes first
    make(self, **options)

httpx.HTTPTransport.__init__ = slow
with lock:
    NoRedirectClient()
"""
NAMED: Final = """
import certifi
end = "-----END CERTIFICATE-----"
named = tempfile.NamedTemporaryFile("w", suffix=".pem")
named.write(open(certifi.where()).read().partition(end)[0] + end)
named.flush()
os.environ["SSL_CERT_FILE"] = named.name
"""
NOT_THERE: Final = """
os.environ["SSL_CERT_FILE"] = "/nowhere.pem"
try:
    NoRedirectClient()
except FileNotFoundError as error:
    print(type(error).__name__)
"""
# In the end, nothing can be loaded, and what is defined here is not there any more.
LATE: Final = """
httpx.create_ssl_context = read.__kwdefaults__["read"]
httpx.HTTPTransport.__init__ = make.__kwdefaults__["make"]
class Late:
    def __del__(self, open=NoRedirectClient, write=os.write):
        try:
            open()
        finally:
            write(1, b"late")
late = Late()
"""


ALL: Final = ["CERT_REQUIRED", "True"]


def first(code: str) -> list[str]:
    """Return what a fresh interpreter says of its first client, and the threads that are left."""
    paths = [path for path in sys.path if path]
    script = f"import sys\nsys.path[:0] = {paths!r}\n{FIRST}{code}\nprint(threading.active_count())"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)
    assert not done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("NoRedirectClient()", ["beside", *ALL, "1"]),
        (f"{NAMED}NoRedirectClient()", ["beside", "CERT_REQUIRED", "False", "1"]),
        (f"{NAMED}NoRedirectClient(verify=True, trust_env=False)", ["beside", *ALL, "1"]),
        ("NoRedirectAsyncClient()", ["beside", "1"]),
        ("os.cpu_count = lambda: 1\nStayingClient()", ["?", "1"]),
        ("import httpcore\nStayingClient()", ["?", "1"]),
        ("NoRedirectClient(verify=False)", ["1"]),
        (OWN_CONTEXT, ["CERT_OPTIONAL", "True", "1"]),
        (NO_THREAD, ["here", *ALL, "1"]),
        (HELD, ["beside", *ALL, "1"]),
        (NOT_THERE, ["beside", "here", "FileNotFoundError", "1"]),
        (LATE, ["1", "late"]),
    ],
)
def test_a_process_s_first_client_is_opened_by_two_threads(code: str, said: list[str]) -> None:
    """Certificates are read beside the import of httpcore, where that helps; what the user set is honoured."""
    assert first(code) == said


def test_a_hook_that_comes_later_is_called() -> None:
    """Hooks can be set on the httpx client at any time."""
    called: list[str] = []
    client = Client(URL, httpx_args={"transport": Server().transport})
    with client:
        get_exchange_status.sync(client=client)
        client.get_httpx_client().event_hooks = {"request": [lambda request: called.append(request.method)]}
        get_exchange_status.sync(client=client)
    assert called == ["GET"]
