"""The client objects: one way to send, copies that leave the original alone, nothing loaded before it is needed."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from kalshi_trade_api import AuthenticatedClient, Client
from kalshi_trade_api.api.exchange import get_exchange_status

from kalshi_core.types import PreparedRequest

LIMITS = r"(connect|read) timeout must be a number of seconds above zero and at most a week, not "
STATUS = {"exchange_active": True, "trading_active": True}


def client(**changes: Any) -> Client:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json={**STATUS, "seen": dict(request.headers)}))
    return Client("https://host/trade-api/v2", httpx_args={"transport": transport}, **changes)


@pytest.mark.parametrize(
    ("method", "argument", "field"),
    [
        ("with_headers", {"X-One": "1"}, "headers"),
        ("with_cookies", {"one": "1"}, "cookies"),
        ("with_timeout", 3.0, "timeout"),
    ],
)
@pytest.mark.parametrize("kind", [Client, AuthenticatedClient])
def test_a_copy_is_of_the_same_kind_and_leaves_the_original_alone(
    kind: type[Client], method: str, argument: Any, field: str
) -> None:
    """with_headers and its siblings change a copy, with connections of its own."""
    more: dict[str, Any] = {"auth": httpx.Auth()} if kind is AuthenticatedClient else {}
    original = kind("https://host", **more)
    before, connections = getattr(original, field), original.get_httpx_client()
    copied = getattr(original, method)(argument)
    assert type(copied) is kind
    assert getattr(original, field) == before
    assert original.get_httpx_client() is connections
    assert copied.get_httpx_client() is not connections
    assert getattr(copied, field) == argument
    for each in (original, copied):
        each.close()


@pytest.mark.parametrize("kind", [Client, AuthenticatedClient])
@pytest.mark.parametrize("name", ["auth", "base_url", "cookies", "follow_redirects", "headers", "timeout"])
def test_httpx_args_that_the_client_sets_itself_are_rejected(kind: type[Client], name: str) -> None:
    """A second signature, or redirects that are followed, would bypass what the client guarantees."""
    more: dict[str, Any] = {"auth": httpx.Auth()} if kind is AuthenticatedClient else {}
    with pytest.raises(TypeError, match=f"httpx_args must not contain {name}: the client sets them itself"):
        kind("https://host", httpx_args={name: None, "verify": True}, **more)
    with kind("https://host", **more) as fine, pytest.raises(TypeError, match=name):
        fine.__replace__(httpx_args={name: None})


def test_headers_add_up() -> None:
    """A second copy keeps the first one's headers, and they are sent."""
    with client().with_headers({"X-One": "1"}).with_headers({"X-Two": "2"}) as both:
        seen = get_exchange_status.sync(client=both).additional_properties["seen"]
    assert (seen["x-one"], seen["x-two"]) == ("1", "2")


@pytest.mark.parametrize("end", ["", "/", "//"])
def test_slashes_at_the_end_of_the_base_url_do_not_double(end: str) -> None:
    """However an address ends, a path follows it with one slash."""
    sent: list[bytes] = []
    transport = httpx.MockTransport(
        lambda request: sent.append(request.url.raw_path) or httpx.Response(200, json=STATUS)  # type: ignore[func-returns-value]
    )
    with Client(f"https://host/trade-api/v2{end}", httpx_args={"transport": transport}) as found:
        get_exchange_status.sync(client=found)
    assert sent == [b"/trade-api/v2/exchange/status"]


def test_httpx_clients_are_made_once_by_many_threads() -> None:
    """Sixteen threads that ask at the same time get the same httpx client."""
    shared, start, made = client(), threading.Barrier(16), set()

    def ask() -> None:
        start.wait()
        made.add(id(shared.get_httpx_client()))
        made.add(-id(shared.get_async_httpx_client()))

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(made) == 2
    shared.close()
    asyncio.run(shared.aclose())


def test_closing_twice_is_fine_and_using_a_closed_client_says_so() -> None:
    """A closed client refuses to send, with a message that names the reason."""
    closed = client()
    with closed:
        get_exchange_status.sync(client=closed)
    closed.close()
    with pytest.raises(RuntimeError, match="closed"):
        get_exchange_status.sync(client=closed)


def test_an_httpx_client_from_elsewhere_is_used() -> None:
    """set_httpx_client takes an httpx client with its own settings."""
    own = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200, json=STATUS)))
    with Client("https://host").set_httpx_client(own) as using:
        assert get_exchange_status.sync(client=using).exchange_active is True
    assert own.is_closed


def test_redirects_are_not_followed_even_when_asked() -> None:
    """The raw httpx client below refuses redirects too."""
    transport = httpx.MockTransport(lambda request: httpx.Response(302, headers={"Location": "https://elsewhere"}))
    with Client("https://host", httpx_args={"transport": transport}) as staying:
        assert staying.get_httpx_client().get("https://host/x", follow_redirects=True).status_code == 302


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("kind", [Client, AuthenticatedClient])
def test_every_operation_goes_through_the_sender(kind: type[Client], mode: str) -> None:
    """What stands before httpx sees the request, attempts it as often as it likes, and is shown and copied."""
    caps: list[float | None] = []

    class Twice:
        def send(self, outgoing: PreparedRequest, attempt: Callable[[float | None], httpx.Response]) -> httpx.Response:
            assert outgoing.operation_id == "GetExchangeStatus"
            return [attempt(cap_s) for cap_s in (None, 3.0)][-1]

        async def asend(
            self, outgoing: PreparedRequest, attempt: Callable[[float | None], Awaitable[httpx.Response]]
        ) -> httpx.Response:
            assert outgoing.operation_id == "GetExchangeStatus"
            return [await attempt(cap_s) for cap_s in (None, 3.0)][-1]

        def __repr__(self) -> str:
            return "Twice()"

    def handler(request: httpx.Request) -> httpx.Response:
        caps.append(request.extensions["timeout"]["read"])
        return httpx.Response(200, json=STATUS)

    more: dict[str, Any] = {"auth": httpx.Auth()} if kind is AuthenticatedClient else {}
    args = {"transport": httpx.MockTransport(handler)}
    sending = kind("https://host", sender=Twice(), httpx_args=args, **more).with_headers({"a": "b"})
    assert "sender=Twice()" in repr(sending)
    if mode == "sync":
        assert get_exchange_status.sync(client=sending).exchange_active is True
    else:
        assert asyncio.run(get_exchange_status.asyncio(client=sending)).exchange_active is True
    first, second = caps
    assert first == 10.0
    assert second == pytest.approx(3.0, abs=1.0)


def test_repr_shows_no_header() -> None:
    """Headers may hold secrets."""
    assert "hidden" not in repr(Client("https://host", headers={"Authorization": "hidden"}, cookies={"a": "hidden"}))


def test_a_client_can_be_replaced() -> None:
    """What `copy.replace` calls makes a client with other arguments, and all the others as they were."""
    sender: Any = object()
    before = AuthenticatedClient(
        "https://host",
        auth=httpx.Auth(),
        sender=sender,
        headers={"a": "b"},
        cookies={"c": "d"},
        httpx_args={"http2": False},
    )
    after = before.__replace__(base_url="https://other", timeout=1.0)
    assert (type(after), after.base_url, after.timeout) == (AuthenticatedClient, "https://other", 1.0)
    assert (after.headers, after.cookies, after.httpx_args) == (before.headers, before.cookies, before.httpx_args)
    assert (after.auth, after.sender) == (before.auth, sender)


def test_one_endpoint_loads_only_what_it_needs() -> None:
    """Importing the package and an endpoint loads that endpoint's models, not the other two hundred."""
    code = (
        "import sys, kalshi_trade_api\n"
        "from kalshi_trade_api.api.portfolio import get_balance\n"
        "print(*(name for name in sys.modules if name.startswith('kalshi_trade_api.models.')))\n"
        "print(*(name for name in sys.modules if name.startswith('kalshi_trade_api.api.')))"
    )
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=paths)
    models, endpoints = finished.stdout.splitlines()
    assert models.split() == ["kalshi_trade_api.models.get_balance_response"]
    assert endpoints.split() == ["kalshi_trade_api.api.portfolio", "kalshi_trade_api.api.portfolio.get_balance"]


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), 1e12, "10"])
def test_a_timeout_that_can_not_be_kept_is_refused_before_anything_is_sent(seconds: Any) -> None:
    """The operating system would refuse it too, but for reading only after an order was sent."""
    for timeout in (seconds, httpx.Timeout(5.0, read=seconds)):
        with pytest.raises(ValueError, match=LIMITS):
            Client("https://host", timeout=timeout)
        with pytest.raises(ValueError, match=LIMITS):
            Client("https://host").with_timeout(timeout)


def test_a_timeout_may_be_without_end() -> None:
    """None, for a step or as a whole, is httpx's word for waiting as long as it takes."""
    assert Client("https://host", timeout=httpx.Timeout(5.0, read=None)).timeout == httpx.Timeout(5.0, read=None)
