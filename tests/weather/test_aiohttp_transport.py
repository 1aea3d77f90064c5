"""The transport of the extra `aiohttp` changes only speed: the same results, errors and requests."""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import socket
from collections.abc import AsyncIterator
from typing import Any, Final

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from kalshi_trade_api.api.orders import cancel_order_v2, create_order_v2
from kalshi_trade_api.api.portfolio import get_balance

from kalshi_auth import WriteFateUnknownError
from tests.weather import connection_faults as faults
from tests.weather import faultserver as fs
from tests.weather.calls import KINDS, TLS, client_of, order, outcome
from tests.weather.faultserver import Fault, FaultServer

httpx_aiohttp = pytest.importorskip("httpx_aiohttp")
aiohttp_transport = pytest.importorskip("kalshi_core.transport.aiohttp_transport")

FAULTS: Final = {
    "none": [],
    "dropped before": [Fault(faults.drop_before, executes=False)],
    "dropped after": [Fault(faults.drop_before)],
    "body cut off": [Fault(faults.drop_during)],
    "garbage": [Fault(faults.garbage)],
    "too many": [Fault(faults.status(429, b'{"error":"too many requests"}'), executes=False)],
    "bad gateway": [Fault(faults.status(502, b"<html>502</html>"))],
}


def test_the_old_module_is_an_alias_that_warns() -> None:
    """`kalshi_auth.aio` names the class that has moved."""
    with pytest.warns(DeprecationWarning, match="kalshi_core.transport.aiohttp_transport"):
        old = importlib.import_module("kalshi_auth.aio")
    assert old.AiohttpTransport is aiohttp_transport.AiohttpTransport


def told(found: Any) -> str:
    return type(found).__name__ if isinstance(found, Exception) else "an answer"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", FAULTS)
def test_weather_is_met_alike(kind: str, fault: str, private_key: RSAPrivateKey) -> None:
    """What the caller sees, and how many requests arrive, does not depend on the transport."""
    found = []
    for transport in (None, aiohttp_transport.AiohttpTransport(verify=TLS)):
        with FaultServer(private_key.public_key(), script=list(FAULTS[fault])) as server:
            args = {} if transport is None else {"httpx_args": {"transport": transport}}
            [seen] = outcome(kind, "async", client_of(server, private_key, **args))
        assert all(each.valid for each in server.seen)
        found.append((told(seen), len(server.seen), len(server.placed)))
    assert found[0] == found[1]


@pytest.mark.parametrize("kind", ["bare create", "bare batch"])
@pytest.mark.parametrize("fault", ["dropped before", "dropped after", "body cut off"])
def test_an_order_is_not_doubled_by_the_plain_transport_either(
    kind: str, fault: str, private_key: RSAPrivateKey
) -> None:
    """httpx-aiohttp reports a connection that broke as one that was never made: it is not believed."""
    with FaultServer(private_key.public_key(), script=list(FAULTS[fault])) as server:
        args = {"transport": httpx_aiohttp.AiohttpTransport(verify=TLS)}
        [seen] = outcome(kind, "async", client_of(server, private_key, httpx_args=args))
    assert isinstance(seen, WriteFateUnknownError)
    assert len(server.seen) == 1


@pytest.mark.parametrize("kind", ["get", "bare create"])
def test_a_body_that_is_no_http_is_not_waited_for_without_end(kind: str, private_key: RSAPrivateKey) -> None:
    """A body whose middle is no chunk ends the call in time, also where nothing bounds it as a whole."""
    with FaultServer(private_key.public_key(), script=[Fault(faults.bad_chunk)]) as server:
        args = {"transport": aiohttp_transport.AiohttpTransport(verify=TLS)}
        [seen] = outcome(kind, "async", client_of(server, private_key, httpx_args=args, retry=None, timeout=0.3))
    assert isinstance(seen, httpx.TransportError if kind == "get" else WriteFateUnknownError)
    assert len(server.seen) == 1


def test_nobody_there_was_not_sent(private_key: RSAPrivateKey) -> None:
    """A refused connection is an error that means: not sent."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}{fs.ROOT}"
        args = {"transport": aiohttp_transport.AiohttpTransport(verify=TLS)}
        [seen] = outcome("get", "async", client_of(url, private_key, httpx_args=args))
    assert isinstance(seen, httpx.ConnectError | httpx.ConnectTimeout)


@pytest.mark.filterwarnings("ignore:[Uu]nclosed:ResourceWarning")
def test_a_later_event_loop_has_connections_of_its_own(private_key: RSAPrivateKey) -> None:
    """One loop after the other: every order is placed once and told of."""
    with FaultServer(private_key.public_key()) as server:
        client = client_of(
            server, private_key, httpx_args={"transport": aiohttp_transport.AiohttpTransport(verify=TLS)}
        )
        for number in range(3):
            placed = asyncio.run(create_order_v2.asyncio(client=client, body=order(None)))
            assert placed.order_id == f"order-{number + 1}"
        assert (server.connections, len(server.placed)) == (3, 3)
        del client
        gc.collect()


def test_a_transport_of_two_clients_serves_one_event_loop_at_a_time(private_key: RSAPrivateKey) -> None:
    """In a loop beside its own, which would hear the answer, the transport refuses before anything is sent."""

    async def both() -> None:
        async with first:
            await create_order_v2.asyncio(client=first, body=order(None))
            with pytest.raises(RuntimeError, match="Nothing was sent: the transport is in use in another event loop"):
                await asyncio.to_thread(lambda: asyncio.run(create_order_v2.asyncio(client=second, body=order(None))))

    with FaultServer(private_key.public_key()) as server:
        args = {"transport": aiohttp_transport.AiohttpTransport(verify=TLS)}
        first, second = (client_of(server, private_key, httpx_args=args) for _ in range(2))
        asyncio.run(both())
        assert len(server.seen) == 1


def test_a_path_is_sent_as_it_was_signed(private_key: RSAPrivateKey) -> None:
    """What has been percent-encoded stays so on its way, and the signature holds."""

    async def run(base_url: str) -> None:
        async with client_of(
            base_url, private_key, httpx_args={"transport": aiohttp_transport.AiohttpTransport(verify=TLS)}
        ) as client:
            await cancel_order_v2.asyncio("a:b,c/d e", client=client)

    with FaultServer(private_key.public_key()) as server:
        asyncio.run(run(server.base_url))
    assert [(each.path.rpartition("/")[2], each.valid) for each in server.seen] == [("a%3Ab%2Cc%2Fd%20e", True)]


def test_a_body_that_comes_in_pieces_arrives_whole(private_key: RSAPrivateKey) -> None:
    """The transport serves an httpx client of the user's own as well, whose bodies may be streams."""
    body = json.dumps({"ticker": "T", "client_order_id": "own"}).encode()

    async def pieces() -> AsyncIterator[bytes]:
        yield body[:9]
        yield body[9:]

    async def run(base_url: str) -> httpx.Response:
        auth = client_of(base_url, private_key).auth
        async with httpx.AsyncClient(transport=aiohttp_transport.AiohttpTransport(verify=TLS), auth=auth) as client:
            return await client.post(f"{base_url}/portfolio/events/orders", content=pieces())

    with FaultServer(private_key.public_key()) as server:
        response = asyncio.run(run(server.base_url))
    assert (response.status_code, response.reason_phrase) == (201, "Created")
    assert server.placed == [json.loads(body)]


def test_many_at_a_time_are_each_signed_and_answered(private_key: RSAPrivateKey) -> None:
    """A hundred calls in one loop: each request is signed by itself and verified."""

    async def run(base_url: str) -> list[Any]:
        client = client_of(
            base_url, private_key, httpx_args={"transport": aiohttp_transport.AiohttpTransport(verify=TLS)}
        )
        async with client:
            return list(await asyncio.gather(*(get_balance.asyncio(client=client) for _ in range(100))))

    with FaultServer(private_key.public_key()) as server:
        found = asyncio.run(run(server.base_url))
    assert len(found) == len(server.seen) == 100
    assert all(each.valid for each in server.seen)
    assert len({each.signature for each in server.seen}) == 100
