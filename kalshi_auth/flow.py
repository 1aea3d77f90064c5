"""Signing at the moment of sending, inside httpx."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Generator
from functools import partial
from typing import cast

import httpx

from kalshi_auth.errors import CredentialsError, OriginError
from kalshi_auth.loop import Aside
from kalshi_auth.signing import AsyncSigner, Signer, awaited_headers, signing_headers

_NS_PER_MS = 1_000_000


class SignedFlow(httpx.Auth):
    """
    Give every request of one client its three headers as it leaves.

    The path that is signed is the path on the wire, byte for byte. A request to another origin than
    the client's is refused, so a signature can't follow an absolute URL to a stranger. In an event loop, requests that
    are under way together are signed in threads, unless the signer can be awaited.

    Args:
        signer: Who signs.
        base_url: The client's base URL; its scheme, host and port are the origin.
        clock: Nanoseconds since 1970.

    Raises:
        CredentialsError: The signer does not sign.
        OriginError: (while sending) The request would leave the origin. Nothing was sent.
        httpx.ConnectError: (while sending) The signer speaks HTTP itself, by httpx, and failed. Nothing was sent.
    """

    def __init__(self, signer: Signer, base_url: str, *, clock: Callable[[], int] = time.time_ns) -> None:
        if not callable(getattr(signer, "sign", None)):
            raise CredentialsError(
                f"found a signer of type {type(signer).__name__}; expected one that signs, such as signer_from_env()"
            )
        self._signer = signer
        self._origin = _origin(httpx.URL(base_url))
        self._clock = clock
        # Of the type, for a stand-in may have any attribute.
        self._awaited = cast("AsyncSigner", signer) if hasattr(type(signer), "asign") else None
        self._aside = Aside()

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        self._add(request, self._headers(request))
        yield request

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        if self._awaited and (headers := await self._headers_of(self._awaited, request)):
            self._add(request, headers)
            yield request
            return
        with self._aside.under_way() as threads:
            self._add(request, await self._aside.done(partial(self._headers, request), threads))
            yield request

    def _headers(self, request: httpx.Request) -> dict[str, str]:
        method, path, timestamp_ms = self._signable(request)
        try:
            return signing_headers(self._signer, method, path, timestamp_ms=timestamp_ms)
        except httpx.RequestError as error:
            raise _not_sent(error) from error

    async def _headers_of(self, signer: AsyncSigner, request: httpx.Request) -> dict[str, str] | None:
        method, path, timestamp_ms = self._signable(request)
        try:
            return await awaited_headers(signer, method, path, timestamp_ms=timestamp_ms)
        except httpx.RequestError as error:
            raise _not_sent(error) from error

    def _signable(self, request: httpx.Request) -> tuple[str, str, int]:
        """Return verb, path and time, for this client's origin only."""
        if (origin := _origin(request.url)) != self._origin:
            raise OriginError(f"{_text(origin)} is not this client's origin {_text(self._origin)}; nothing was sent")
        return request.method, request.url.raw_path.decode("ascii"), self._clock() // _NS_PER_MS

    @staticmethod
    def _add(request: httpx.Request, headers: dict[str, str]) -> None:
        for name, value in headers.items():
            request.headers[name] = value

    def __repr__(self) -> str:
        return f"SignedFlow({self._signer!r}, {_text(self._origin)!r})"


def _not_sent(error: httpx.RequestError) -> httpx.ConnectError:
    # A remote signer's own request: as this one's error it would say that this one may have arrived.
    return httpx.ConnectError(f"nothing was sent: signing ended with {type(error).__name__}")


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    port = {"https": 443, "http": 80}.get(url.scheme) if url.port is None else url.port
    return url.scheme, url.host, port


def _text(origin: tuple[str, str, int | None]) -> str:
    scheme, host, port = origin
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
