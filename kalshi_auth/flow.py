"""Sign each request as httpx sends it."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Generator
from typing import cast

import httpx

from kalshi_auth.errors import CredentialsError, OriginError
from kalshi_auth.signing import AsyncSigner, Ed25519Signer, RsaPssSigner, Signer, async_signing_headers, signing_headers

_NS_PER_MS = 1_000_000


class SignedFlow(httpx.Auth):
    """
    An `httpx.Auth` that adds the three signature headers to each request as it is sent.

    The signed path is the path on the wire, byte for byte. A request to another origin than the client's is refused, so
    an absolute URL cannot send a signature to another host. In an event loop, an `AsyncSigner` is awaited, keys in
    memory sign at once, and any other signer, which may wait for a device or a network, signs in a thread.

    Args:
        signer: Signs.
        base_url: The client's base URL; its scheme, host and port are the origin.
        clock: Current time, nanoseconds since 1970.

    Raises:
        CredentialsError: `signer` has no `sign` method.
        OriginError: (while sending) The request would leave the origin. Nothing was sent.
        httpx.ConnectError: (while sending) The signer itself uses httpx, and its request failed. Nothing was sent.
    """

    def __init__(self, signer: Signer, base_url: str, *, clock: Callable[[], int] = time.time_ns) -> None:
        if not callable(getattr(signer, "sign", None)):
            raise CredentialsError(
                f"found a signer of type {type(signer).__name__}; expected one that signs, such as signer_from_env()"
            )
        self._signer = signer
        self._origin = _origin(httpx.URL(base_url))
        self._clock = clock
        # Looked up on the type: a test double may have any attribute.
        self._async_signer = cast("AsyncSigner", signer) if hasattr(type(signer), "asign") else None
        self._is_quick = getattr(type(signer), "sign", None) in (RsaPssSigner.sign, Ed25519Signer.sign)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        self._sign(request)
        yield request

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        if self._async_signer is None or not await self._sign_async(request, self._async_signer):
            if self._is_quick:
                self._sign(request)
            else:
                from asyncio import to_thread  # late: importing asyncio takes as long as importing httpx

                await to_thread(self._sign, request)
        yield request

    def _sign(self, request: httpx.Request) -> None:
        method, path, timestamp_ms = self._signed_parts(request)
        try:
            request.headers.update(signing_headers(self._signer, method, path, timestamp_ms=timestamp_ms))
        except (httpx.RequestError, StopIteration) as error:
            raise _not_sent(error) from error

    async def _sign_async(self, request: httpx.Request, signer: AsyncSigner) -> bool:
        """Return False where the signer's `asign` returns None."""
        method, path, timestamp_ms = self._signed_parts(request)
        try:
            headers = await async_signing_headers(signer, method, path, timestamp_ms=timestamp_ms)
        except httpx.RequestError as error:
            raise _not_sent(error) from error
        request.headers.update(headers or {})
        return headers is not None

    def _signed_parts(self, request: httpx.Request) -> tuple[str, str, int]:
        """Return verb, path and time in milliseconds; OriginError for another origin."""
        if (origin := _origin(request.url)) != self._origin:
            raise OriginError(f"{_text(origin)} is not this client's origin {_text(self._origin)}; nothing was sent")
        return request.method, request.url.raw_path.decode("ascii"), self._clock() // _NS_PER_MS

    def __repr__(self) -> str:
        return f"SignedFlow({self._signer!r}, {_text(self._origin)!r})"


def _not_sent(error: httpx.RequestError | StopIteration) -> httpx.ConnectError | RuntimeError:
    # The first would say that this request may have arrived; the second never leaves a thread, and the call would hang.
    kind = RuntimeError if isinstance(error, StopIteration) else httpx.ConnectError
    return kind(f"nothing was sent: signing ended with {type(error).__name__}")


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    port = {"https": 443, "http": 80}.get(url.scheme) if url.port is None else url.port
    return url.scheme, url.host, port


def _text(origin: tuple[str, str, int | None]) -> str:
    scheme, host, port = origin
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
