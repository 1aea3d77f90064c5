"""
httpx clients that never follow redirects and call the transport directly when no other httpx feature is in use.

What `httpx.Client` does between a request and its transport takes as long as the request's trip through the operating
system. It is skipped only where the user configured nothing that needs it: proxies, mounts, event hooks, parameters,
cookies, httpx's log, and httpx clients made elsewhere all go through httpx. Public interfaces only.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.request import getproxies

import httpx

from kalshi_core.transport.socket_deadline import ConnectionWatch, capped, deadline_extensions
from kalshi_core.types import PreparedRequest

_TRANSPORT_ARGUMENTS: Final = frozenset({"cert", "http1", "http2", "limits", "trust_env", "verify"})
_OTHER_ARGUMENTS: Final = frozenset({"auth", "base_url", "cookies", "event_hooks", "headers", "params", "timeout"})
_PROXY_SCHEMES: Final = frozenset({"all", "http", "https"})
"""Keys of `getproxies()` that name a proxy; `no` lists hosts that need none."""
_DEFAULT_HEADERS: Final = frozenset({"accept", "connection"})
"""Sent by httpx; `*/*` and keep-alive are the defaults of HTTP/1.1 anyway."""
_NO_LENGTH: Final = frozenset({"DELETE", "GET"})
"""Without a body, requests of these methods carry no Content-Length."""
_httpx_log: Final = logging.getLogger("httpx")


class _EmptyStream(httpx.ByteStream):
    """An empty body of zero chunks; httpx's has one empty chunk, which costs as much as any."""

    def __iter__(self) -> Iterator[bytes]:
        return iter(())

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk


_EMPTY: Final = _EmptyStream(b"")


class _LazyCookies(httpx.Cookies):
    """Cookies that are extracted only from responses that set one; the standard library's parser is slow."""

    def extract_cookies(self, response: httpx.Response) -> None:
        if "Set-Cookie" in response.headers:
            super().extract_cookies(response)


class _WithLazyCookies:
    """Mixin of httpx clients that keep `_LazyCookies`."""

    _lazy_cookies: _LazyCookies

    @property
    def cookies(self) -> httpx.Cookies:
        return self._lazy_cookies

    @cookies.setter
    def cookies(self, cookies: Any) -> None:
        self._lazy_cookies = _LazyCookies(cookies)


class NoRedirectClient(_WithLazyCookies, httpx.Client):
    """An httpx client that never follows a redirect, which would carry the signature along."""

    def __init__(self, **settings: Any) -> None:
        self.only_transport: httpx.BaseTransport | None = _only_transport(settings, httpx.HTTPTransport)
        super().__init__(**_with_transport(settings, self.only_transport))
        self.cookies = settings.get("cookies")
        _remove_default_headers(self.headers, settings.get("headers"))

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        request.extensions.setdefault("trace", ConnectionWatch())
        options["follow_redirects"] = False
        return super().send(request, **options)

    def exchange(self, request: httpx.Request, auth: httpx.Auth | None) -> httpx.Response:
        """Send a request and read its response, through the transport alone where the settings allow it."""
        if self.only_transport is None or _is_observed(self):
            return self.send(request, auth=auth)
        if auth is None:
            return self._exchange(self.only_transport, request)
        flow = auth.sync_auth_flow(request)
        try:
            request = next(flow)
            while True:
                response = self._exchange(self.only_transport, request)
                try:
                    request = flow.send(response)
                except StopIteration:
                    return response
        finally:
            flow.close()

    def _exchange(self, transport: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
        try:
            response = transport.handle_request(request)
            response.request = request
            try:
                response.read()
            finally:
                response.close()
        except httpx.RequestError as error:
            error.request = request
            raise
        self.cookies.extract_cookies(response)
        return response


class NoRedirectAsyncClient(_WithLazyCookies, httpx.AsyncClient):
    """The asynchronous counterpart of `NoRedirectClient`."""

    def __init__(self, **settings: Any) -> None:
        self.only_transport: httpx.AsyncBaseTransport | None = _only_transport(settings, httpx.AsyncHTTPTransport)
        super().__init__(**_with_transport(settings, self.only_transport))
        self.cookies = settings.get("cookies")
        _remove_default_headers(self.headers, settings.get("headers"))

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        options["follow_redirects"] = False
        return await super().send(request, **options)

    async def exchange(self, request: httpx.Request, auth: httpx.Auth | None) -> httpx.Response:
        """Send a request and read its response, through the transport alone where the settings allow it."""
        if self.only_transport is None or _is_observed(self):
            return await self.send(request, auth=auth)
        if auth is None:
            return await self._exchange(self.only_transport, request)
        flow = auth.async_auth_flow(request)
        try:
            request = await anext(flow)
            while True:
                response = await self._exchange(self.only_transport, request)
                try:
                    request = await flow.asend(response)
                except StopAsyncIteration:
                    return response
        finally:
            await flow.aclose()

    async def _exchange(self, transport: httpx.AsyncBaseTransport, request: httpx.Request) -> httpx.Response:
        try:
            response = await transport.handle_async_request(request)
            response.request = request
            try:
                await response.aread()
            finally:
                await response.aclose()
        except httpx.RequestError as error:
            error.request = request
            raise
        self.cookies.extract_cookies(response)
        return response


def send(
    http: httpx.Client, base_url: str, prepared: PreparedRequest, auth: httpx.Auth | None, cap_s: float | None
) -> httpx.Response:
    """
    Build a request, send it once and read the response.

    Args:
        http: Sends it; its own headers come first.
        base_url: The base URL that the path is below.
        prepared: What to send.
        auth: Signs the request as it leaves; None where it is not signed.
        cap_s: Seconds after which the attempt is over; None for the client's timeouts alone.
    """
    request = build_request(http, base_url, prepared, deadline_extensions(http.timeout, cap_s))
    if isinstance(http, NoRedirectClient):
        return http.exchange(request, auth)
    return http.send(request, auth=auth, follow_redirects=False)


async def asend(
    http: httpx.AsyncClient, base_url: str, prepared: PreparedRequest, auth: httpx.Auth | None, cap_s: float | None
) -> httpx.Response:
    """Do what `send` does, in an event loop, where the cap applies to each timeout by itself."""
    request = build_request(http, base_url, prepared, {"timeout": capped(http.timeout, cap_s)})
    if isinstance(http, NoRedirectAsyncClient):
        return await http.exchange(request, auth)
    return await http.send(request, auth=auth, follow_redirects=False)


def build_request(
    http: httpx.Client | httpx.AsyncClient,
    base_url: str,
    prepared: PreparedRequest,
    extensions: dict[str, Any],
) -> httpx.Request:
    """Build a request with httpx's `extensions`, among them `timeout`: seconds by step, as `Timeout.as_dict` does."""
    url = absolute_url(base_url, prepared.path, prepared.query)
    method, content = prepared.method, prepared.content
    pairs = [(b"Host", url.netloc), *http.headers.raw]
    pairs += [(name.encode("ascii"), value.encode("ascii")) for name, value in prepared.headers.items()]
    if content:
        pairs.append((b"Content-Length", b"%d" % len(content)))
    ours = isinstance(http, NoRedirectClient | NoRedirectAsyncClient) and not (http.params or http.cookies)
    repeated = len({name.lower() for name, _ in pairs}) < len(pairs)
    if not ours or repeated or not (content or method in _NO_LENGTH):
        return http.build_request(method, url, headers=prepared.headers, content=content, extensions=extensions)
    # httpx would build the same request in twice the time.
    stream = httpx.ByteStream(content) if content else _EMPTY
    request = httpx.Request(method, url, headers=pairs, stream=stream, extensions=extensions)
    request.read()
    return request


@lru_cache(maxsize=256)
def absolute_url(base_url: str, path: str, query: tuple[tuple[str, str], ...]) -> httpx.URL:
    """Return the whole URL; cached, because parsing is slow and bots repeat their requests."""
    return httpx.URL(base_url.rstrip("/") + path, **({"params": query} if query else {}))


def _only_transport(settings: Mapping[str, Any], kind: type[Any]) -> Any:
    """Return the one transport that all requests use; None where httpx chooses among several."""
    if settings.get("transport") is not None:
        return None if settings.get("mounts") else settings["transport"]
    proxied = settings.get("trust_env", True) and _PROXY_SCHEMES & getproxies().keys()
    if proxied or settings.keys() - _TRANSPORT_ARGUMENTS - _OTHER_ARGUMENTS:
        return None
    return kind(**{name: value for name, value in settings.items() if name in _TRANSPORT_ARGUMENTS})


def _with_transport(settings: Mapping[str, Any], transport: Any) -> Mapping[str, Any]:
    return settings if transport is None else {**settings, "transport": transport}


def _remove_default_headers(headers: httpx.Headers, given: Any) -> None:
    """Remove headers that httpx adds and that state a default; the user's own stay."""
    for name in _DEFAULT_HEADERS - httpx.Headers(given).keys():
        del headers[name]


def _is_observed(http: httpx.Client | httpx.AsyncClient) -> bool:
    """Return whether httpx has to send: event hooks, its log, or a closed client, which raises httpx's own error."""
    return any(http.event_hooks.values()) or http.is_closed or _httpx_log.isEnabledFor(logging.INFO)
