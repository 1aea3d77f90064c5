"""This project."""

from __future__ import annotations

import asyncio
import json
import threading
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
from kalshi_trade_api import Client
from kalshi_trade_api.api.market import get_markets, get_trades
from kalshi_trade_api.api.portfolio import get_balance
from kalshi_trade_api.client import AuthenticatedClient, Outgoing

from benchmarks import fixtures
from kalshi_auth import (
    RateLimit,
    RsaPssSigner,
    SignedFlow,
    public_client,
    signed_client,
    signer_from_file,
    signing_headers,
)

_PATH = "/trade-api/v2/portfolio/balance"
_FLIGHT = 20
_ENTERED: list[Any] = []


def _client(setup: dict[str, Any], **more: Any) -> AuthenticatedClient:
    return signed_client(signer_from_file(setup["key_id"], setup["rsa"]), base_url=setup["base_url"], **more)


def headers(setup: dict[str, Any], key: str = "rsa") -> Callable[[], Any]:
    signer = signer_from_file(setup["key_id"], setup[key])
    return lambda: signing_headers(signer, "GET", _PATH, timestamp_ms=time.time_ns() // 1_000_000)


def headers_ed25519(setup: dict[str, Any]) -> Callable[[], Any]:
    return headers(setup, "ed25519")


def get(setup: dict[str, Any]) -> Callable[[], Any]:
    client = _client(setup)
    return lambda: get_balance.sync(client=client)


async def aget(setup: dict[str, Any]) -> Callable[[], Awaitable[Any]]:
    client = _client(setup)
    return lambda: get_balance.asyncio(client=client)


async def aget_aiohttp(setup: dict[str, Any]) -> Callable[[], Awaitable[Any]]:
    from kalshi_auth.aio import AiohttpTransport

    client = _client(setup, httpx_args={"transport": AiohttpTransport()})
    return lambda: get_balance.asyncio(client=client)


async def aget_process(setup: dict[str, Any]) -> Callable[[], Awaitable[Any]]:
    from kalshi_auth.aio import AiohttpTransport
    from kalshi_auth.process import signing_process

    # The worker ends without leaving it.
    _ENTERED.append(signing_process(signer_from_file(setup["key_id"], setup["rsa"])))
    signer = await _ENTERED[-1].__aenter__()
    client = signed_client(signer, base_url=setup["base_url"], httpx_args={"transport": AiohttpTransport()})
    return lambda: get_balance.asyncio(client=client)


class _Watched(RsaPssSigner):
    """
    Adds up what signing takes of the loop's thread between two turns of the loop.

    Its own signatures count in CPU time, for a busy machine disturbs that least; waiting for a thread in wall time.
    """

    __slots__ = ("_thread", "held_ns", "longest_ns")

    def watch(self) -> None:
        self._thread, self.held_ns, self.longest_ns = threading.get_ident(), 0, 0

    def turned(self) -> None:
        self.longest_ns, self.held_ns = max(self.longest_ns, self.held_ns), 0

    def sign(self, message: bytes) -> bytes:
        if threading.get_ident() != self._thread:
            return super().sign(message)
        start = time.thread_time_ns()
        signature = super().sign(message)
        self.held_ns += time.thread_time_ns() - start
        return signature


async def loop_held(setup: dict[str, Any]) -> Callable[[], Awaitable[int]]:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    from kalshi_auth import threads

    key: Any = load_pem_private_key(Path(setup["rsa"]).read_bytes(), None)
    signer = _Watched(setup["key_id"], key)
    client = signed_client(signer, base_url=setup["base_url"])

    class Threads(threads.Threads):
        def _give_way(self) -> None:
            # Called as a turn begins.
            signer.turned()
            start = time.perf_counter_ns()
            super()._give_way()
            signer.held_ns += time.perf_counter_ns() - start

    threads.Threads = Threads  # type: ignore[misc]

    async def some() -> None:
        for _ in range(5):
            await get_balance.asyncio(client=client)

    async def one() -> int:
        signer.watch()
        await asyncio.gather(*(some() for _ in range(_FLIGHT)))
        await asyncio.sleep(0)
        signer.turned()
        return signer.longest_ns

    return one


class _Canned(Client):
    """A client that has its answer already."""

    body = b""

    def send(self, outgoing: Outgoing) -> httpx.Response:
        return httpx.Response(200, content=self.body, request=httpx.Request("GET", self.base_url + outgoing.path))


def _canned(body: bytes) -> _Canned:
    client = _Canned("http://127.0.0.1")
    client.body = body
    return client


def markets(setup: dict[str, Any]) -> Callable[[], Any]:
    client = _canned(Path(setup["body"]).read_bytes())
    return lambda: get_markets.sync(client=client)


class _Endless(_Canned):
    """
    Page after page, each with another cursor.

    There are 100,000 trades, on pages of any size: what is remembered of one page is of no use for the next.
    """

    bodies: list[bytes] = []  # noqa: RUF012
    pages = 0

    def send(self, outgoing: Outgoing) -> httpx.Response:
        self.pages += 1
        self.body = self.bodies[self.pages % len(self.bodies)].removesuffix(b'""}') + b'"%d"}' % self.pages
        return super().send(outgoing)


def _endless(page: int) -> _Endless:
    client = _Endless("http://127.0.0.1")
    client.bodies = [fixtures.trades(page, seed) for seed in range(100_000 // page)]
    return client


def trades(setup: dict[str, Any]) -> Callable[[], Any]:
    client = _endless(setup["items"])
    return lambda: get_trades.sync(client=client)


def iterated(setup: dict[str, Any]) -> Callable[[], Any]:
    client = _endless(min(setup["items"], fixtures.PAGE))

    def one() -> None:
        for _ in get_trades.iterate(client=client, max_items=setup["items"]):
            pass

    return one


def paced(setup: dict[str, Any]) -> Callable[[], Any]:
    """Requests one after the other, on a clock of their own."""
    outgoing = get_balance.OPERATION.request()

    def one() -> None:
        now = [0.0]
        limit = RateLimit(monotonic=lambda: now[0], sleep=lambda seconds: now.__setitem__(0, now[0] + seconds))
        for _ in range(setup["items"]):
            limit.acquire(outgoing)

    return one


def paced_waiting(setup: dict[str, Any]) -> Callable[[], Any]:
    """Requests that all wait at the same time."""
    outgoing = get_balance.OPERATION.request()

    def one() -> None:
        limit = RateLimit(monotonic=lambda: 0.0, sleep=lambda seconds: None)
        for _ in range(setup["items"]):
            limit.acquire(outgoing)

    return one


def iterating_peak(setup: dict[str, Any]) -> Callable[[], int]:
    """Return the most memory that was in use while markets went by."""

    def one() -> int:
        with public_client(base_url=setup["base_url"]) as client:
            for _ in get_markets.iterate(client=client, limit=fixtures.PAGE, max_items=10):
                pass
            tracemalloc.start()
            for _ in get_markets.iterate(client=client, limit=fixtures.PAGE, max_items=setup["items"]):
                pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    return one


async def aiohttp_alone(setup: dict[str, Any]) -> Callable[[], Awaitable[Any]]:
    """Our signatures, sent by aiohttp, and nothing else: what any client over aiohttp can come to."""
    import aiohttp

    from kalshi_auth.loop import Aside

    sign, aside = headers(setup), Aside()
    session, url = aiohttp.ClientSession(), f"{setup['base_url']}/portfolio/balance"

    async def one() -> Any:
        with aside.under_way() as threads:
            signed = await aside.done(sign, threads)
            async with session.get(url, headers=signed) as answer:
                return json.loads(await answer.read())

    return one


async def httpx_alone(setup: dict[str, Any]) -> Callable[[], Awaitable[Any]]:
    """The same by httpx, with the transport that httpx-aiohttp has."""
    import httpx_aiohttp

    signer = signer_from_file(setup["key_id"], setup["rsa"])
    http = httpx.AsyncClient(
        base_url=setup["base_url"],
        auth=SignedFlow(signer, setup["base_url"]),
        transport=httpx_aiohttp.AiohttpTransport(),
    )

    async def one() -> Any:
        return (await http.get("/portfolio/balance")).json()

    return one
