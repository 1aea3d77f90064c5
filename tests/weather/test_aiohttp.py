"""The transport of the extra `aiohttp` changes nothing but speed: the same answers, errors and requests."""

from __future__ import annotations

import asyncio
import socket
from typing import Any, Final

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from kalshi_trade_api.api.portfolio import get_balance

from kalshi_auth import WriteFateUnknownError
from tests.weather import faultserver as fs
from tests.weather.calls import KINDS, TLS, client_of, outcome
from tests.weather.faultserver import Fault, FaultServer

httpx_aiohttp = pytest.importorskip("httpx_aiohttp")
aio = pytest.importorskip("kalshi_auth.aio")

FAULTS: Final = {
    "none": [],
    "dropped before": [Fault(fs.drop_before, executes=False)],
    "dropped after": [Fault(fs.drop_before)],
    "body cut off": [Fault(fs.drop_during)],
    "too many": [Fault(fs.status(429, b'{"error":"too many requests"}'), executes=False)],
    "bad gateway": [Fault(fs.status(502, b"<html>502</html>"))],
}


def told(found: Any) -> str:
    return type(found).__name__ if isinstance(found, Exception) else "an answer"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", FAULTS)
def test_weather_is_met_alike(kind: str, fault: str, private_key: RSAPrivateKey) -> None:
    """What the caller sees, and how many requests arrive, does not depend on the transport."""
    found = []
    for transport in (None, aio.AiohttpTransport(verify=TLS)):
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


def test_nobody_there_was_not_sent(private_key: RSAPrivateKey) -> None:
    """A refused connection is an error that means: not sent."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}{fs.ROOT}"
        args = {"transport": aio.AiohttpTransport(verify=TLS)}
        [seen] = outcome("get", "async", client_of(url, private_key, httpx_args=args))
    assert isinstance(seen, httpx.ConnectError | httpx.ConnectTimeout)


def test_many_at_a_time_are_each_signed_and_answered(private_key: RSAPrivateKey) -> None:
    """A hundred calls in one loop: each request is signed by itself and verified."""

    async def run(base_url: str) -> list[Any]:
        client = client_of(base_url, private_key, httpx_args={"transport": aio.AiohttpTransport(verify=TLS)})
        async with client:
            return list(await asyncio.gather(*(get_balance.asyncio(client=client) for _ in range(100))))

    with FaultServer(private_key.public_key()) as server:
        found = asyncio.run(run(server.base_url))
    assert len(found) == len(server.seen) == 100
    assert all(each.valid for each in server.seen)
    assert len({each.signature for each in server.seen}) == 100
