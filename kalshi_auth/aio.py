"""
httpx's transport over aiohttp, made safe for orders; needs the extra `aiohttp`.

It serves many requests at a time faster than httpx's own. As `httpx_aiohttp` has it, it is not fit for money: aiohttp
sends a DELETE again by itself when the connection breaks, and a connection that breaks before the answer is reported
as one that was never made, so an order without a `client_order_id` would be sent twice.
"""

from __future__ import annotations

import aiohttp
import httpx_aiohttp


class AiohttpTransport(httpx_aiohttp.AiohttpTransport):
    """
    Send each request once, and say of a broken connection that the request may have been executed.

    Takes the arguments of `httpx.AsyncHTTPTransport` that have a meaning here: `verify`, `cert`, `limits`, `proxy`. For
    asynchronous calls, in one event loop; HTTP/1.1. Proxies that the environment names are not used.

    Example:
        signed_client(signer, base_url=DEMO, httpx_args={"transport": AiohttpTransport()})
    """

    def get_client(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            ssl=self.ssl_context,
            keepalive_timeout=self.limits.keepalive_expiry,
            limit=self.limits.max_connections or 0,
        )
        # Cookies are httpx's to keep.
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), middlewares=(_once,))


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Turn what aiohttp would answer by sending again into what it takes for an answer that broke off."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise aiohttp.ClientPayloadError(f"no answer: {error}") from error
