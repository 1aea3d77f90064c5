"""Signing processes in an event loop, and the exchange that their clients send to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

import httpx
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPrivateNumbers, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from kalshi_trade_api.api.portfolio import get_balance

from kalshi_auth import RsaPssSigner, Signer, signed_client
from kalshi_auth.process import _ProcessSigner, signing_process
from tests.vectors.material import KEY_ID, headers_verify, pem, rsa_verifies

PREFIX: Final = "/trade-api/v2"


BALANCE: Final = b'{"balance":7,"balance_dollars":"0.0700","portfolio_value":0,"updated_ts":1795478400}'


MESSAGES: Final = [f"1703123456{number:03}GET/trade-api/v2/portfolio/balance".encode() for number in range(40)]


_T = TypeVar("_T")


class CountingKey(RSAPrivateKey):
    """A key that counts its signatures in this process."""

    def __init__(self) -> None:
        key = load_pem_private_key(pem("rsa_pkcs8").encode(), None)
        assert isinstance(key, RSAPrivateKey)
        self.key = key
        self.count = 0

    def sign(self, *arguments: Any) -> bytes:
        self.count += 1
        return self.key.sign(*arguments)

    def private_bytes(self, *arguments: Any) -> bytes:
        return self.key.private_bytes(*arguments)

    def decrypt(self, *arguments: Any) -> bytes:
        raise NotImplementedError

    def private_numbers(self) -> RSAPrivateNumbers:
        raise NotImplementedError

    def public_key(self) -> RSAPublicKey:
        raise NotImplementedError

    @property
    def key_size(self) -> int:
        raise NotImplementedError

    def __copy__(self) -> RSAPrivateKey:
        raise NotImplementedError

    def __deepcopy__(self, memo: Any) -> RSAPrivateKey:
        raise NotImplementedError


class Exchange:
    """An exchange that keeps every request, and responds with a balance."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(200, content=BALANCE)

    async def receive(self, signer: Signer, times: int = 20, **options: Any) -> None:
        """Have a client send requests, all at once."""
        args = {"transport": httpx.MockTransport(self.answer)}
        async with signed_client(
            signer, base_url=f"https://exchange.test{PREFIX}", httpx_args=args, **options
        ) as client:
            await asyncio.gather(*(get_balance.asyncio(client=client) for _ in range(times)))

    def verified(self, times: int = 20) -> bool:
        """Return whether so many requests arrived, each with its own valid signature."""
        signatures = {request.headers["KALSHI-ACCESS-SIGNATURE"] for request in self.requests}
        good = all(headers_verify(each.headers, "GET", f"{PREFIX}/portfolio/balance") for each in self.requests)
        return good and len(self.requests) == len(signatures) == times


def with_process(use: Callable[[Any], Coroutine[Any, Any, _T]], key: CountingKey | None = None, **options: Any) -> _T:
    """Use a signing process in an event loop of its own."""

    async def run() -> _T:
        signer = RsaPssSigner(KEY_ID, key or CountingKey())
        async with asyncio.timeout(30), signing_process(signer, **options) as started:
            return await use(started)

    return asyncio.run(run())


def pid_of(signer: Any) -> int:
    """Return a signing process's id."""
    number: int = signer._process.pid
    return number


class Pipes:
    """A process that is nothing but its pipes."""

    def __init__(self) -> None:
        self.received: asyncio.Queue[bytes] = asyncio.Queue()
        self.stdin = self.stdout = self

    def write(self, data: bytes) -> None:
        """Discard a request."""

    async def read(self, most: int) -> bytes:
        return await self.received.get()

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        """Close nothing."""

    async def wait(self) -> int:
        return 0


def piped(pipes: Any, key: CountingKey | None = None) -> _ProcessSigner:
    """Return a signer whose process is nothing but its pipes."""
    return _ProcessSigner(RsaPssSigner(KEY_ID, key or CountingKey()), pipes, 1.0)


async def all_verify(signer: Any) -> bool:
    """Return whether signatures that are requested together are each over their own message."""
    signatures = await asyncio.gather(*map(signer.asign, MESSAGES))
    return all(map(rsa_verifies, signatures, MESSAGES))


async def let_tasks_begin() -> None:
    """Let created tasks begin."""
    for _ in range(3):
        await asyncio.sleep(0)


async def gets_none(signer: Any) -> bool:
    """Return whether each request to the process gets None, at once."""
    async with asyncio.timeout(5):
        return set(await asyncio.gather(*map(signer.asign, MESSAGES))) == {None}
