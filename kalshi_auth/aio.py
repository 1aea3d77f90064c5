"""
httpx's transport over aiohttp, made safe for orders; needs the extra `aiohttp`.

It serves many requests at a time faster than httpx's own. As `httpx_aiohttp` has it, it is not fit for money: aiohttp
sends a DELETE again by itself when the connection breaks, a connection that breaks before the answer is reported as one
that was never made, so an order without a `client_order_id` would be sent twice, and aiohttp spells a path its own way
after it has been signed.
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
    Send each request once, and say of a broken connection that the request may have been executed.

    Takes the arguments of `httpx.AsyncHTTPTransport` that have a meaning here: `verify`, `cert`, `limits`, `proxy`. For
    asynchronous calls, in one event loop at a time; HTTP/1.1. Proxies that the environment names are not used. Answers
    are read whole before they are handed out.

    Attributes:
        renews_connections: In a later event loop, and in a forked process, it has connections of its own.

    Raises:
        RuntimeError: (while sending) It is in use in another event loop. Nothing was sent.

    Example:
        signed_client(signer, base_url=DEMO, httpx_args={"transport": AiohttpTransport()})
    """

    renews_connections: ClassVar[bool] = True
    client: aiohttp.ClientSession | Callable[[], aiohttp.ClientSession] | None
    _home: tuple[asyncio.AbstractEventLoop, int] | None = None
    _left: object = None

    def _session(self) -> aiohttp.ClientSession:
        home = asyncio.get_running_loop(), os.getpid()
        if self._home is not None and self._home != home:
            loop, process = self._home
            if process == home[1] and not loop.is_closed():
                raise RuntimeError("Nothing was sent: the transport is in use in another event loop.")
            self._left, self.client = self.client, None  # kept: what closes it would close the parent's
        self._home = home
        if not isinstance(self.client, aiohttp.ClientSession):
            self.client = self.get_client()
        return self.client

    def get_client(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            ssl=self.ssl_context,
            keepalive_timeout=self.limits.keepalive_expiry,
            limit=self.limits.max_connections or 0,
        )
        # Cookies are httpx's to keep.
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), middlewares=(_once,))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        session = self._session()
        timeout, proxy = request.extensions.get("timeout", {}), self.proxy
        encoding = request.headers.encoding
        with map_aiohttp_exceptions():
            answer = await session.request(
                request.method,
                _as_it_is(str(request.url)),
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
            content = await _whole(answer, timeout.get("read"))
        response = httpx.Response(
            answer.status,
            headers=answer.raw_headers,
            stream=httpx.ByteStream(content),
            request=request,
            extensions={"http_version": b"HTTP/1.1", "reason_phrase": (answer.reason or "").encode("ascii", "ignore")},
        )
        response.read()
        return response


@lru_cache(maxsize=256)
def _as_it_is(url: str) -> URL:
    """Return a URL that is sent as it was signed; a bot asks the same question again and again."""
    return URL(url, encoded=True)


async def _whole(answer: aiohttp.ClientResponse, timeout_s: float | None) -> bytes:
    """Read a body; aiohttp gives up its own timeout when what comes is no HTTP any more, and waits without end."""
    if answer.content.is_eof():
        return await answer.read()
    parts = []
    try:
        while not answer.content.at_eof():
            async with asyncio.timeout(timeout_s):
                parts.append(await answer.content.readany())
    except TimeoutError:
        answer.close()
        raise httpx.ReadTimeout("the rest of the answer does not come") from None
    except BaseException:
        answer.close()
        raise
    return b"".join(parts)


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """
    Turn into what aiohttp takes for an answer that broke off what it would answer by sending again, and an answer that
    is not HTTP: it would leave as an error of aiohttp's, which httpx's callers don't expect, with all headers in it.
    """
    try:
        return await handler(request)
    except (aiohttp.ClientConnectorError, aiohttp.ClientHttpProxyError):
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError, aiohttp.ClientResponseError) as error:
        raise aiohttp.ClientPayloadError(f"no answer: {error}") from error
