"""
An httpx transport over aiohttp that is safe for orders; needs the extra `aiohttp`.

With many requests in flight it is faster than httpx's own. `httpx_aiohttp`'s transport is not safe for orders: aiohttp
re-sends a DELETE when the connection breaks; a connection that breaks before the response is reported as one that was
never opened, so that an order without a `client_order_id` would be sent twice; and aiohttp re-encodes the path after it
was signed.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from functools import lru_cache
from typing import ClassVar

import httpx

try:
    import aiohttp
    import httpx_aiohttp
    from httpx_aiohttp.transport import map_aiohttp_exceptions
    from yarl import URL
except ModuleNotFoundError as _error:
    if _error.name in ("aiohttp", "httpx_aiohttp"):
        _error.msg += ": pip install 'kalshi-trade-api[aiohttp]'"
    raise


class AiohttpTransport(httpx_aiohttp.AiohttpTransport):
    """
    Send each request once, and report a broken connection as a request that may have been executed.

    Takes those arguments of `httpx.AsyncHTTPTransport` that apply: `verify`, `cert`, `limits`, `proxy`. For
    asynchronous calls, in one event loop at a time; HTTP/1.1. Proxies from the environment are not used. Responses are
    read completely before they are returned.

    Attributes:
        renews_connections: In a later event loop, and in a forked process, it opens its own connections.

    Raises:
        RuntimeError: (while sending) It is in use in another event loop. Nothing was sent.

    Example:
        signed_client(signer, base_url=DEMO, httpx_args={"transport": AiohttpTransport()})
    """

    renews_connections: ClassVar[bool] = True
    client: aiohttp.ClientSession | Callable[[], aiohttp.ClientSession] | None
    _owner: tuple[asyncio.AbstractEventLoop, int] | None = None
    _inherited: object = None

    def _session(self) -> aiohttp.ClientSession:
        owner = asyncio.get_running_loop(), os.getpid()
        if self._owner is not None and self._owner != owner:
            loop, process = self._owner
            if process == owner[1] and not loop.is_closed():
                raise RuntimeError("Nothing was sent: the transport is in use in another event loop.")
            self._inherited, self.client = self.client, None  # kept referenced: closing it would close the parent's
        self._owner = owner
        if not isinstance(self.client, aiohttp.ClientSession):
            self.client = self.get_client()
        return self.client

    def get_client(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            ssl=self.ssl_context,
            keepalive_timeout=self.limits.keepalive_expiry,
            limit=self.limits.max_connections or 0,
        )
        # httpx keeps the cookies.
        return aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), middlewares=(_send_once,)
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        session = self._session()
        timeout, proxy = request.extensions.get("timeout", {}), self.proxy
        encoding = request.headers.encoding
        with map_aiohttp_exceptions():
            received = await session.request(
                request.method,
                _unchanged(str(request.url)),
                headers=[
                    (name.decode(encoding), value.decode(encoding))
                    for name, value in request.headers.raw
                    if name.lower() != b"transfer-encoding"  # the body is sent in one piece
                ],
                data=await request.aread() or None,
                allow_redirects=False,
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(
                    connect=timeout.get("pool"), sock_connect=timeout.get("connect"), sock_read=timeout.get("read")
                ),
                server_hostname=request.extensions.get("sni_hostname"),
                proxy=str(proxy.url) if proxy else None,
                proxy_auth=aiohttp.BasicAuth(*proxy.auth) if proxy and proxy.auth else None,
                proxy_headers=proxy.headers if proxy else None,
            )
            content = await _read_all(received, timeout.get("read"))
        response = httpx.Response(
            received.status,
            headers=received.raw_headers,
            stream=httpx.ByteStream(content),
            request=request,
            extensions={
                "http_version": b"HTTP/1.1",
                "reason_phrase": (received.reason or "").encode("ascii", "ignore"),
            },
        )
        response.read()
        return response


@lru_cache(maxsize=256)
def _unchanged(url: str) -> URL:
    """Return a URL that aiohttp sends as it was signed; cached, because bots repeat their requests."""
    return URL(url, encoded=True)


async def _read_all(received: aiohttp.ClientResponse, timeout_s: float | None) -> bytes:
    """Read a body; aiohttp drops its own timeout when the data is no longer HTTP, and would wait forever."""
    if received.content.is_eof():
        return await received.read()
    parts = []
    try:
        while not received.content.at_eof():
            async with asyncio.timeout(timeout_s):
                parts.append(await received.content.readany())
    except TimeoutError:
        received.close()
        raise httpx.ReadTimeout("the rest of the response did not arrive") from None
    except BaseException:
        received.close()
        raise
    return b"".join(parts)


async def _send_once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """
    Report as an incomplete response what aiohttp would re-send, and a response that is not HTTP.

    aiohttp does not re-send after an incomplete response; its error for a response that is not HTTP would contain all
    headers, and httpx's callers do not expect it.
    """
    try:
        return await handler(request)
    except (aiohttp.ClientConnectorError, aiohttp.ClientHttpProxyError):
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError, aiohttp.ClientResponseError) as error:
        raise aiohttp.ClientPayloadError(f"no response: {error}") from error
