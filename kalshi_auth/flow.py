"""Signing at the moment of sending, inside httpx."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Generator
from functools import partial

import httpx

from kalshi_auth.errors import CredentialsError, OriginError
from kalshi_auth.loop import Aside
from kalshi_auth.signing import Signer, signing_headers

_NS_PER_MS = 1_000_000


class SignedFlow(httpx.Auth):
    """
    Give every request of one client its three headers as it leaves.

    The path that is signed is the path on the wire, byte for byte. A request to another origin than
    the client's is refused, so a signature can't follow an absolute URL to a stranger. Requests that are under way
    together in an event loop are signed in threads.

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
        self._aside = Aside()

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        self._add(request, self._headers(request))
        yield request

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        with self._aside.under_way() as threads:
            self._add(request, await self._aside.done(partial(self._headers, request), threads))
            yield request

    def _headers(self, request: httpx.Request) -> dict[str, str]:
        if (origin := _origin(request.url)) != self._origin:
            raise OriginError(f"{_text(origin)} is not this client's origin {_text(self._origin)}; nothing was sent")
        path = request.url.raw_path.decode("ascii")
        timestamp_ms = self._clock() // _NS_PER_MS
        try:
            return signing_headers(self._signer, request.method, path, timestamp_ms=timestamp_ms)
        except httpx.RequestError as error:
            # A remote signer's own request: as this one's error it would say that this one may have arrived.
            raise httpx.ConnectError(f"nothing was sent: signing ended with {type(error).__name__}") from error

    @staticmethod
    def _add(request: httpx.Request, headers: dict[str, str]) -> None:
        for name, value in headers.items():
            request.headers[name] = value

    def __repr__(self) -> str:
        return f"SignedFlow({self._signer!r}, {_text(self._origin)!r})"


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    port = {"https": 443, "http": 80}.get(url.scheme) if url.port is None else url.port
    return url.scheme, url.host, port


def _text(origin: tuple[str, str, int | None]) -> str:
    scheme, host, port = origin
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
