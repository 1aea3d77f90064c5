"""The clients of both factories: retries, deadlines, timeouts, and copies that keep signing."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from kalshi_trade_api.api.exchange import get_exchange_status
from kalshi_trade_api.api.portfolio import get_balance

from kalshi_auth import (
    OriginError,
    RetryPolicy,
    deadline,
)
from kalshi_core.client import AuthenticatedClient
from tests.unit.factories import (
    FACTORIES,
    MODES,
    Exchange,
    Metronome,
    Mode,
    ask,
    signed,
)
from tests.vectors.material import headers_verify


def sent_timeout(request: httpx.Request) -> httpx.Timeout:
    """Return the timeout that a request was sent with."""
    return httpx.Timeout(**request.extensions["timeout"])


@MODES
@FACTORIES
@pytest.mark.parametrize("trouble", [httpx.ReadTimeout, httpx.ConnectError, 429, 502, 503, 504])
def test_both_ask_again(factory: Any, mode: Mode, trouble: Any) -> None:
    """A read that got no answer, or a gateway's, or was one too many, is repeated by either client."""
    exchange = Exchange(httpx.Response(trouble) if isinstance(trouble, int) else trouble("no"))
    client = factory(httpx_args=exchange.args, retry=RetryPolicy(first_wait_s=0.001))
    assert ask(mode, get_exchange_status, client).status_code == 200
    assert len(exchange.requests) == 2


@MODES
@FACTORIES
def test_without_retries_neither_asks_again(factory: Any, mode: Mode) -> None:
    """With retry=None the first answer, or error, is what becomes of a call."""
    exchange = Exchange(httpx.Response(503), httpx.ReadTimeout("late"))
    client = factory(httpx_args=exchange.args, retry=None)
    assert ask(mode, get_exchange_status, client).status_code == 503
    with pytest.raises(httpx.ReadTimeout):
        ask(mode, get_exchange_status, client)
    assert len(exchange.requests) == 2


@MODES
@FACTORIES
def test_both_retry_unless_told_otherwise(factory: Any, mode: Mode) -> None:
    """By default a read is tried four times."""
    exchange = Exchange(*[httpx.Response(503) for _ in range(9)])
    client = factory(httpx_args=exchange.args)
    client.sender.random = lambda: 0.0
    assert ask(mode, get_exchange_status, client).status_code == 503
    assert len(exchange.requests) == 4


@MODES
@FACTORIES
def test_both_keep_to_a_deadline(factory: Any, mode: Mode) -> None:
    """An attempt is capped by what is left of the caller's time, a wait past it is not begun, nor a late call."""
    exchange = Exchange(httpx.Response(429, headers={"Retry-After": "20"}))
    client = factory(httpx_args=exchange.args)
    with deadline(2.0):
        assert ask(mode, get_exchange_status, client).status_code == 429
    assert all(0 < seconds <= 2.0 for seconds in exchange.requests[0].extensions["timeout"].values())
    with deadline(-1), pytest.raises(httpx.ConnectTimeout, match="GetExchangeStatus was not sent: the deadline"):
        ask(mode, get_exchange_status, client)
    assert len(exchange.requests) == 1


@MODES
@FACTORIES
def test_a_copy_keeps_what_stands_before_httpx(factory: Any, mode: Mode) -> None:
    """A client made from another one retries and paces as that one does, by the same budget."""
    limit = Metronome()
    exchange = Exchange(httpx.Response(503))
    client = factory(httpx_args=exchange.args, rate_limit=limit, retry=RetryPolicy(first_wait_s=0.001))
    assert ask(mode, get_exchange_status, client.with_timeout(3.0)).status_code == 200
    assert limit.asked == ["GetExchangeStatus"] * 2


@MODES
@FACTORIES
def test_requests_have_timeouts_unless_told_otherwise(factory: Any, mode: Mode) -> None:
    """By default a request waits 10 seconds, and 5 to connect; a number or a Timeout changes that."""
    default = httpx.Timeout(10.0, connect=5.0)
    for options, expected in (
        ({}, default),
        ({"timeout": 3.0}, httpx.Timeout(3.0)),
        ({"timeout": httpx.Timeout(7.0, read=1.0)}, httpx.Timeout(7.0, read=1.0)),
    ):
        exchange = Exchange()
        client = factory(httpx_args=exchange.args, **options)
        ask(mode, get_exchange_status, client)
        raw = client.get_httpx_client() if mode == "sync" else client.get_async_httpx_client()
        assert sent_timeout(exchange.requests[0]) == raw.timeout == expected


@MODES
@pytest.mark.parametrize(
    ("method", "value"),
    [("with_headers", {"X-More": "1"}), ("with_cookies", {"more": "1"}), ("with_timeout", 2.0)],
)
def test_changed_copy_keeps_signing_and_leaves_the_original_alone(mode: Mode, method: str, value: Any) -> None:
    """A client made from another one signs, carries the change, and shares no connection with it."""
    exchange = Exchange()
    original = signed(httpx_args=exchange.args, headers={"X-First": "1"})
    ask(mode, get_balance, original)
    changed = getattr(original, method)(value)
    ask(mode, get_balance, changed)
    ask(mode, get_balance, original)
    first, second, third = exchange.requests
    for request in exchange.requests:
        assert headers_verify(request.headers, "GET", "/trade-api/v2/portfolio/balance")
        assert request.headers["X-First"] == "1"
    assert type(changed) is AuthenticatedClient
    assert changed.get_httpx_client() is not original.get_httpx_client()
    for request in (first, third):
        assert "X-More" not in request.headers
        assert "Cookie" not in request.headers
        assert request.extensions["timeout"]["read"] > 2.0
    carried = {
        "with_headers": second.headers.get("X-More") == "1",
        "with_cookies": second.headers.get("Cookie") == "more=1",
        "with_timeout": second.extensions["timeout"] == httpx.Timeout(2.0).as_dict(),
    }
    assert [name for name, seen in carried.items() if seen] == [method]


@MODES
def test_copies_of_copies_add_up_and_sign(mode: Mode) -> None:
    """Changes made one after the other all hold."""
    exchange = Exchange()
    client = signed(httpx_args=exchange.args)
    ask(
        mode,
        get_balance,
        client.with_headers({"A": "1"}).with_cookies({"b": "2"}).with_timeout(1.5).with_headers({"C": "3"}),
    )
    [request] = exchange.requests
    assert (request.headers["A"], request.headers["Cookie"], request.headers["C"]) == ("1", "b=2", "3")
    assert request.extensions["timeout"]["connect"] == 1.5
    assert headers_verify(request.headers, "GET", "/trade-api/v2/portfolio/balance")


@MODES
def test_copy_keeps_the_origin_guard(mode: Mode) -> None:
    """A client made from another one refuses strangers as it did."""
    exchange = Exchange()
    client = signed(httpx_args=exchange.args).with_headers({"A": "1"})

    def go(url: str) -> None:
        if mode == "sync":
            client.get_httpx_client().get(url)
        else:
            asyncio.run(client.get_async_httpx_client().get(url))

    with pytest.raises(OriginError):
        go("https://stranger.test/")
    assert exchange.requests == []
