"""Small things about requests that only the wire shows."""

from __future__ import annotations

import asyncio
import math
from typing import Any, Final

import httpx
import pytest
from kalshi_trade_api.api.exchange import get_exchange_status
from kalshi_trade_api.api.market import get_markets
from kalshi_trade_api.api.orders import create_order_v2
from kalshi_trade_api.api.portfolio import get_balance
from kalshi_trade_api.models import EmptyResponse

from kalshi_auth import Ed25519Signer, deadline, signed_client, signer_from_pem
from kalshi_core.client import Client
from kalshi_core.errors import ApiError, ArgumentError, PaginationError, ResponseDecodeError
from kalshi_core.operation import Operation, Parameter
from tests.vectors.material import KEY_ID, pem
from tests.weather.calls import order

FREE: Final = Operation[Any](
    id="PostAnything",
    method="POST",
    path="/anything",
    success={200: None},
    parameters=(Parameter("body", "body", Any, "body", required=True),),
)


def test_none_for_an_optional_argument_is_not_sent() -> None:
    """None counts as not given: no `status=None` reaches the exchange."""
    outgoing = get_markets.OPERATION.request(status=None, limit=None, cursor="next")
    assert outgoing.query == (("cursor", "next"),)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, object(), "\ud800", {1, 2}])
def test_what_json_can_not_say_is_refused(value: Any) -> None:
    """A body with NaN, an infinity, half a character or an object of Python's own is refused before it is sent."""
    with pytest.raises(ArgumentError, match="PostAnything, body: not JSON"):
        FREE.request(body={"value": value})


def test_a_body_is_written_without_blanks_and_escapes() -> None:
    """JSON goes out compact, in UTF-8."""
    assert FREE.request(body={"name": "Zürich 𝄞", "of": [1, 2.5, True, None]}).content == (
        '{"name":"Zürich 𝄞","of":[1,2.5,true,null]}'.encode()
    )


def test_cookies_add_up_and_reach_the_wire() -> None:
    """Each copy adds to the cookies it was made from, and all of them are sent."""
    seen: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["Cookie"])
        return httpx.Response(200, json={"markets": [], "cursor": ""})

    client = Client("https://exchange.test", cookies={"a": "1"}, httpx_args={"transport": httpx.MockTransport(handler)})
    with client.with_cookies({"b": "2"}).with_cookies({"a": "3"}) as copy:
        get_markets.sync(client=copy)
    assert [sorted(each.split("; ")) for each in seen] == [["a=3", "b=2"]]


def test_no_request_waits_for_ever() -> None:
    """A client has timeouts unless it is told otherwise, whoever made it."""
    with Client("https://exchange.test") as client:
        assert client.get_httpx_client().timeout == httpx.Timeout(10.0, connect=5.0)


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_public_client_follows_no_redirect_whoever_made_its_connections(mode: str) -> None:
    """An operation's redirect is an answer, also when the httpx client is the user's own and follows redirects."""
    seen: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.host)
        return httpx.Response(307, headers={"Location": "https://stranger.test/"})

    transport = httpx.MockTransport(handler)
    client = Client("https://exchange.test")
    if mode == "sync":
        client.set_httpx_client(httpx.Client(transport=transport, follow_redirects=True))
        found = get_exchange_status.sync_detailed(client=client)
    else:
        client.set_async_httpx_client(httpx.AsyncClient(transport=transport, follow_redirects=True))
        found = asyncio.run(get_exchange_status.asyncio_detailed(client=client))
    assert (found.status_code, seen) == (307, ["exchange.test"])


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_deadline_caps_every_timeout_of_an_attempt(mode: str) -> None:
    """With two seconds left, no part of a request may take longer, and shorter timeouts stay."""
    seen: list[dict[str, float]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.extensions["timeout"])
        return httpx.Response(404)

    signer = signer_from_pem(KEY_ID, pem("ed25519"))
    assert isinstance(signer, Ed25519Signer)
    client = signed_client(
        signer,
        base_url="https://exchange.test",
        timeout=httpx.Timeout(10, connect=0.5, write=None),
        httpx_args={"transport": httpx.MockTransport(handler)},
    )
    with deadline(2):
        if mode == "sync":
            get_balance.sync_detailed(client=client)
        else:
            asyncio.run(get_balance.asyncio_detailed(client=client))
    [timeout] = seen
    assert timeout["connect"] == 0.5
    assert all(0 < timeout[name] <= 2 for name in ("read", "write", "pool"))


def answering(status: int, content: bytes) -> Client:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, content=content))
    return Client("https://exchange.test", httpx_args={"transport": transport})


def test_an_empty_body_is_not_made_up() -> None:
    """Where an object is promised, even one without fields, an empty body is none."""
    operation = Operation[EmptyResponse](id="PostNothing", method="POST", path="/x", success={200: EmptyResponse})
    assert operation.sync(answering(200, b"{}")) == EmptyResponse.from_dict({})
    with pytest.raises(ResponseDecodeError):
        operation.sync(answering(200, b""))


@pytest.mark.parametrize("mode", ["full", "half"])
def test_half_an_answer_beside_an_error_is_an_error(mode: str) -> None:
    """An answer that speaks of an error is a success only if it holds all that a success has to."""
    operation = Operation[Any](
        id="Place",
        method="POST",
        path="/x",
        success=create_order_v2.OPERATION.success,
        parameters=create_order_v2.OPERATION.parameters,
    )
    rest = b',"fill_count":"0.00","remaining_count":"1.00","ts_ms":1' if mode == "full" else b""
    client = answering(201, b'{"order_id":"order-1","error":{"code":"internal_error"}' + rest + b"}")
    if mode == "full":
        assert operation.sync(client, body=order("own")).order_id == "order-1"
    else:
        with pytest.raises(ApiError, match="internal_error"):
            operation.sync(client, body=order("own"))


@pytest.mark.parametrize("most", [0, -1, True, "1", 1.0])
def test_a_bound_is_a_whole_number_from_one(most: Any) -> None:
    """Neither none at all nor less is a number of pages or rows to fetch."""
    client = answering(200, b'{"markets":[],"cursor":""}')
    with pytest.raises(ArgumentError, match="max_pages"):
        list(get_markets.pages(client=client, max_pages=most))
    with pytest.raises(ArgumentError, match="max_items"):
        list(get_markets.iterate(client=client, max_items=most))


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_cursor_that_comes_back_ends_paging(mode: str) -> None:
    """A server that goes in circles is asked three times at most, and the error says so."""
    asked = 0

    def handler(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return httpx.Response(200, json={"markets": [], "cursor": f"page-{asked % 2}"})

    client = Client("https://exchange.test", httpx_args={"transport": httpx.MockTransport(handler)})

    async def in_loop() -> None:
        async for _ in get_markets.apages(client=client):
            assert asked < 9

    with pytest.raises(PaginationError, match=r"GetMarkets: the exchange repeated the cursor 'page-1'"):  # noqa: PT012
        if mode == "async":
            asyncio.run(in_loop())
        else:
            for _ in get_markets.pages(client=client):
                assert asked < 9
    assert asked == 3
