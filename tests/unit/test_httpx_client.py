"""Calling the transport directly and sending through httpx do the same, and all settings of the user apply."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from typing import Any, Final

import httpx
import pytest
from kalshi_trade_api import AuthenticatedClient, Client
from kalshi_trade_api.api.exchange import get_exchange_status
from kalshi_trade_api.api.portfolio.get_balance import OPERATION as SIGNED

from kalshi_core.transport.httpx_client import NoRedirectAsyncClient, NoRedirectClient, build_request
from kalshi_core.types import PreparedRequest

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
    "direct": dict,
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
    """Sends twice, the second time with a header from the first response."""

    requires_response_body = True

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        response = yield request
        request.headers["X-Answer"] = str(response.json()["number"])
        yield request


class Server:
    """Responds to every request alike, and sets a cookie."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response] | None = None) -> None:
        self.seen: list[httpx.Request] = []
        self.transport = httpx.MockTransport(answer or self.answer)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        number = len(self.seen)
        return httpx.Response(200, json={**STATUS, "number": number}, headers={"Set-Cookie": f"crumb={number}"})


def call_with(client: Client, mode: str, times: int = 1) -> None:
    """Call an operation so many times, then close the client."""

    async def call() -> None:
        async with client:
            for _ in range(times):
                await get_exchange_status.asyncio(client=client)

    if mode == "sync":
        with client:
            for _ in range(times):
                get_exchange_status.sync(client=client)
    else:
        asyncio.run(call())


def prepared(*, method: str, path: str = "", **more: Any) -> PreparedRequest:
    return PreparedRequest(operation_id="Any", method=method, template=path, path=path, **more)


def seen(request: httpx.Request) -> tuple[Any, ...]:
    return request.method, str(request.url), request.headers.raw, request.content, request.extensions["timeout"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("settings", SETTINGS)
def test_all_ways_send_the_same(mode: str, settings: dict[str, Any]) -> None:
    """Method, URL, headers in their order, body, timeouts and cookies do not depend on how a request is sent."""
    found = []
    for way in WAYS.values():
        server = Server()
        args = {"transport": server.transport, **way(), **{k: v for k, v in settings.items() if k == "params"}}
        more = {k: v for k, v in settings.items() if k != "params"}
        call_with(Client(URL, httpx_args=args, **more), mode, times=2)
        found.append([seen(request) for request in server.seen])
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("settings", [{}, {"params": {"shard": "1"}}, {"cookies": {"a": "b"}}])
@pytest.mark.parametrize("asked", REQUESTS)
def test_a_request_equals_the_one_that_httpx_builds(kind: Any, settings: dict[str, Any], asked: dict[str, Any]) -> None:
    """A request that is built without httpx differs in nothing; its body can be read before it is sent."""
    http = kind(headers={"X-One": "1"}, **settings)
    extensions = {"timeout": {"read": 1.0}}
    own = build_request(http, URL, prepared(**asked, path="/orders", query=(("a", "b"),)), extensions)
    url = httpx.URL(f"{URL}/orders?a=b")
    parts = {"headers": {}, "content": None, **asked}
    assert seen(own) == seen(http.build_request(url=url, extensions=extensions, **parts))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("given", "more"),
    [({}, set()), ({"accept": "a/b"}, {"accept"}), ({"Connection": "close", "X-One": "1"}, {"connection", "x-one"})],
)
def test_headers_that_state_a_default_are_not_sent(mode: str, way: str, given: dict[str, str], more: set[str]) -> None:
    """httpx's own `Accept` and `Connection` state defaults of HTTP/1.1; those of the user are sent."""
    server = Server()
    call_with(Client(URL, headers=given, httpx_args={"transport": server.transport, **WAYS[way]()}), mode)
    [request] = server.seen
    assert request.headers.keys() == {"host", "accept-encoding", "user-agent"} | more
    assert {name: request.headers[name] for name in given} == given


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_body_has_no_chunks(kind: Any) -> None:
    """A transport that sends a body chunk by chunk has nothing to send."""
    request = build_request(kind(), URL, prepared(method="GET"), {})
    assert isinstance(request.stream, httpx.ByteStream)

    async def chunks(stream: httpx.AsyncByteStream) -> list[bytes]:
        return [chunk async for chunk in stream]

    assert list(request.stream) == asyncio.run(chunks(request.stream)) == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", WAYS)
def test_a_cookie_that_is_set_is_sent_back(mode: str, way: str) -> None:
    """A load balancer may need the cookie that it set."""
    server = Server()
    call_with(Client(URL, httpx_args={"transport": server.transport, **WAYS[way]()}), mode, times=2)
    assert [request.headers.get("Cookie") for request in server.seen] == [None, "crumb=1"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", WAYS)
def test_an_auth_of_several_steps_is_followed_to_its_end(mode: str, way: str) -> None:
    """An auth class of the user's own may read a response and send another request."""
    server = Server()
    client = AuthenticatedClient(URL, auth=Steps(), httpx_args={"transport": server.transport, **WAYS[way]()})
    request = SIGNED.request()

    async def call() -> httpx.Response:
        async with client:
            return await client.asend(request)

    response = client.send(request) if mode == "sync" else asyncio.run(call())
    assert (response.json()["number"], response.request.headers["X-Answer"]) == (2, "1")
    client.close()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", WAYS)
def test_an_error_names_its_request(mode: str, way: str) -> None:
    """An error of the transport has the request that failed."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    client = Client(URL, httpx_args={"transport": Server(fail).transport, **WAYS[way]()})
    with pytest.raises(httpx.ConnectError) as found:
        call_with(client, mode)
    assert found.value.request.url.path == "/trade-api/v2/exchange/status"


class Breaking(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that breaks off, and counts how often it was closed."""

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
def test_a_body_that_breaks_off_releases_its_connection(mode: str, way: str) -> None:
    """The stream is closed when reading it fails."""
    stream = Breaking()
    server = Server(lambda request: httpx.Response(200, stream=stream))
    with pytest.raises(httpx.ReadError):
        call_with(Client(URL, httpx_args={"transport": server.transport, **WAYS[way]()}), mode)
    assert stream.closed >= 1


def test_httpx_s_log_has_every_request(caplog: pytest.LogCaptureFixture) -> None:
    """With httpx's own log enabled, each request has a line."""
    with caplog.at_level(logging.INFO, "httpx"):
        call_with(Client(URL, httpx_args={"transport": Server().transport}), "sync", times=2)
    assert [record.getMessage().split()[:3] for record in caplog.records if record.name == "httpx"] == [
        ["HTTP", "Request:", "GET"]
    ] * 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("settings", "direct"),
    [
        ({}, True),
        ({"verify": False, "http2": False, "limits": httpx.Limits(max_connections=3), "trust_env": False}, True),
        ({"mounts": {"all://": None}}, False),
        ({"mounts": {"all://": None}, "transport": httpx.MockTransport(_never)}, False),
        ({"proxy": "http://127.0.0.1:9"}, False),
        ({"default_encoding": "latin-1"}, False),
    ],
)
def test_settings_that_need_httpx_go_through_httpx(kind: Any, settings: dict[str, Any], direct: bool) -> None:
    """The transport is called directly only where all requests go through one transport."""
    assert (kind(**settings).only_transport is not None) is direct


@pytest.mark.parametrize("kind", KINDS)
def test_a_proxy_of_the_environment_is_used(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that the environment names is used, unless `trust_env` is off."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert kind().only_transport is not None
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert kind().only_transport is None
    assert kind(trust_env=False).only_transport is not None


def test_a_hook_that_comes_later_is_called() -> None:
    """Hooks may be set on the httpx client at any time."""
    called: list[str] = []
    client = Client(URL, httpx_args={"transport": Server().transport})
    with client:
        get_exchange_status.sync(client=client)
        client.get_httpx_client().event_hooks = {"request": [lambda request: called.append(request.method)]}
        get_exchange_status.sync(client=client)
    assert called == ["GET"]
