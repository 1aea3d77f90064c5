"""This project."""

from __future__ import annotations

import asyncio
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Generator
from types import coroutine
from typing import Any

import httpx
from kalshi_trade_api import AuthenticatedClient, Client
from kalshi_trade_api.api.market import get_markets, get_trades
from kalshi_trade_api.api.portfolio import get_balance

from benchmarks import fixtures
from benchmarks.clients.pages import Pages
from kalshi_auth import RateLimit, public_client, signed_client, signer_from_file, signing_headers

_PATH = "/trade-api/v2/portfolio/balance"
_FLIGHT = 20
_ENTERED: list[Any] = []


def _client(setup: dict[str, Any], **more: Any) -> AuthenticatedClient:
    return signed_client(signer_from_file(setup["key_id"], setup["rsa"]), base_url=setup["base_url"], **more)


async def _process_signer(setup: dict[str, Any]) -> Any:
    from kalshi_auth.process import signing_process

    # The worker ends without leaving it.
    _ENTERED.append(signing_process(signer_from_file(setup["key_id"], setup["rsa"])))
    return await _ENTERED[-1].__aenter__()


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

    signer = await _process_signer(setup)
    client = signed_client(signer, base_url=setup["base_url"], httpx_args={"transport": AiohttpTransport()})
    return lambda: get_balance.asyncio(client=client)


class _TurnTimes:
    """Add up what signing takes of the event loop's thread in each turn of the loop, in CPU time."""

    def __init__(self) -> None:
        self.longest_ns = self._turn_ns = 0

    def end_turn(self) -> None:
        self.longest_ns, self._turn_ns = max(self.longest_ns, self._turn_ns), 0

    def take(self) -> int:
        """Return the longest turn since the last time, and start again."""
        self.end_turn()
        longest_ns, self.longest_ns = self.longest_ns, 0
        return longest_ns

    def timed(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any) -> Any:
            start = time.thread_time_ns()
            try:
                return act(*arguments)
            finally:
                self._turn_ns += time.thread_time_ns() - start

        return timed


class _TimedSigner:
    """Time every step of signing that the event loop makes, from the request to the signature."""

    def __init__(self, signer: Any, times: _TurnTimes) -> None:
        self.key_id = signer.key_id
        self.sign = times.timed(signer.sign)
        self._signer = signer
        self._times = times

    @coroutine
    def asign(self, message: bytes) -> Generator[Any, Any, bytes | None]:
        step = self._times.timed(self._signer.asign(message).__await__().send)
        sent = None
        while True:
            try:
                waits_for = step(sent)
            except StopIteration as end:
                signature: bytes | None = end.value
                return signature
            sent = yield waits_for


async def loop_held(setup: dict[str, Any]) -> Callable[[], Awaitable[int]]:
    """Return the longest time that signing took of the loop's thread in one turn; a process makes the signatures."""
    loop: Any = asyncio.get_running_loop()
    times = _TurnTimes()
    start_process, run_turn = loop.subprocess_exec, loop._run_once

    async def subprocess_exec(factory: Callable[[], Any], *arguments: Any, **more: Any) -> Any:
        def timed() -> Any:
            protocol = factory()
            protocol.pipe_data_received = times.timed(protocol.pipe_data_received)
            return protocol

        return await start_process(timed, *arguments, **more)

    def _run_once() -> None:
        times.end_turn()
        run_turn()

    loop.subprocess_exec, loop._run_once = subprocess_exec, _run_once
    signer = _TimedSigner(await _process_signer(setup), times)
    client = signed_client(signer, base_url=setup["base_url"])

    async def some() -> None:
        for _ in range(5):
            await get_balance.asyncio(client=client)

    async def one() -> int:
        times.take()
        await asyncio.gather(*(some() for _ in range(_FLIGHT)))
        return times.take()

    return one


class _Canned:
    """
    A sender that has its responses already.

    Attributes:
        body: Body of the next response.
    """

    _request = httpx.Request("GET", "http://127.0.0.1/markets")

    def __init__(self) -> None:
        self.body = b""

    def send(self, request: Any, attempt: Callable[[float | None], httpx.Response]) -> httpx.Response:
        return httpx.Response(200, content=self.body, request=self._request)

    def asend(self, request: Any, attempt: Callable[[float | None], Any]) -> Any:
        raise NotImplementedError


def markets(setup: dict[str, Any]) -> Callable[[], Any]:
    sender = _Canned()
    client = Client("http://127.0.0.1", sender=sender)

    def decode(body: bytes) -> Any:
        sender.body = body
        return get_markets.sync(client=client)

    return Pages(setup, decode)


class _Endless(_Canned):
    """Page after page of trades, each with another cursor; there are 100,000 trades, on pages of any size."""

    def __init__(self, page: int) -> None:
        super().__init__()
        self._bodies = [fixtures.trades(page, seed) for seed in range(100_000 // page)]
        self._pages = 0

    def send(self, request: Any, attempt: Callable[[float | None], httpx.Response]) -> httpx.Response:
        self._pages += 1
        self.body = self._bodies[self._pages % len(self._bodies)].removesuffix(b'""}') + b'"%d"}' % self._pages
        return super().send(request, attempt)


def _endless(page: int) -> Client:
    return Client("http://127.0.0.1", sender=_Endless(page))


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
