"""
httpx, as the clients use it: no redirects, nothing merged that need not be, and the shortest way to the transport.

What `httpx.Client` does between a request and its transport takes as long as a small request's whole journey through
the operating system. Where the user asked for none of it, the transport is called directly. By public means only:
whatever the user set (proxies, mounts, event hooks, parameters, cookies, httpx's log, an httpx client made elsewhere)
goes httpx's own way.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from time import monotonic
from typing import TYPE_CHECKING, Any, Final
from urllib.request import getproxies

import httpx

from .deadline import Until, watch

if TYPE_CHECKING:
    import ssl

_TRANSPORT: Final = frozenset({"cert", "http1", "http2", "limits", "trust_env", "verify"})
"""What httpx makes a transport from."""
_NOT_SENDING: Final = frozenset({"auth", "base_url", "cookies", "event_hooks", "headers", "params", "timeout"})
_PROXIED: Final = frozenset({"all", "http", "https"})
"""What the environment names a proxy for; it may also name hosts (`no`) that need none."""
_IDLE: Final = frozenset({"accept", "connection"})
"""Any type will do, and connections stay open: in HTTP/1.1 that is so without a word."""
_BODILESS: Final = frozenset({"DELETE", "GET"})
"""Without a body, these need no length of it."""
_log: Final = logging.getLogger("httpx")


class _Nothing(httpx.ByteStream):
    """An empty body in no pieces: httpx's has one, which is as much work as any."""

    def __iter__(self) -> Iterator[bytes]:
        return iter(())

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


_NOTHING: Final = _Nothing(b"")


class _Cookies(httpx.Cookies):
    """Cookies that are looked for only where one is set; the standard library takes a while to find none."""

    def extract_cookies(self, response: httpx.Response) -> None:
        if "Set-Cookie" in response.headers:
            super().extract_cookies(response)


class _QuickCookies:
    """What keeps them in an httpx client."""

    _quick_cookies: _Cookies

    @property
    def cookies(self) -> httpx.Cookies:
        return self._quick_cookies

    @cookies.setter
    def cookies(self, cookies: Any) -> None:
        self._quick_cookies = _Cookies(cookies)


class StayingClient(_QuickCookies, httpx.Client):
    """An httpx client that can't be told to follow a redirect: it would carry the signature along."""

    def __init__(self, **settings: Any) -> None:
        self.only_transport: httpx.BaseTransport | None = _only_transport(settings, httpx.HTTPTransport)
        super().__init__(**_with_transport(settings, self.only_transport))
        self.cookies = settings.get("cookies")
        _leave_out(self.headers, settings.get("headers"))

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        watch(request)
        options["follow_redirects"] = False
        return super().send(request, **options)

    def exchange(self, request: httpx.Request, auth: httpx.Auth | None) -> httpx.Response:
        """Send a request and read the answer, by the shortest way that does what the user set."""
        if self.only_transport is None or _is_watched(self):
            return self.send(request, auth=auth)
        watch(request)
        if auth is None:
            return self._answer(self.only_transport, request)
        flow = auth.sync_auth_flow(request)
        try:
            request = next(flow)
            while True:
                response = self._answer(self.only_transport, request)
                try:
                    request = flow.send(response)
                except StopIteration:
                    return response
        finally:
            flow.close()

    def _answer(self, transport: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
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


class StayingAsyncClient(_QuickCookies, httpx.AsyncClient):
    """The same, asynchronous."""

    def __init__(self, **settings: Any) -> None:
        self.only_transport: httpx.AsyncBaseTransport | None = _only_transport(settings, httpx.AsyncHTTPTransport)
        super().__init__(**_with_transport(settings, self.only_transport))
        self.cookies = settings.get("cookies")
        _leave_out(self.headers, settings.get("headers"))

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        options["follow_redirects"] = False
        return await super().send(request, **options)

    async def exchange(self, request: httpx.Request, auth: httpx.Auth | None) -> httpx.Response:
        """Send a request and read the answer, by the shortest way that does what the user set."""
        if self.only_transport is None or _is_watched(self):
            return await self.send(request, auth=auth)
        if auth is None:
            return await self._answer(self.only_transport, request)
        flow = auth.async_auth_flow(request)
        try:
            request = await anext(flow)
            while True:
                response = await self._answer(self.only_transport, request)
                try:
                    request = await flow.asend(response)
                except StopAsyncIteration:
                    return response
        finally:
            await flow.aclose()

    async def _answer(self, transport: httpx.AsyncBaseTransport, request: httpx.Request) -> httpx.Response:
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


def _only_transport(settings: Mapping[str, Any], kind: type[Any]) -> Any:
    """Return the one transport that all requests go through; None where httpx chooses among several."""
    if settings.get("transport") is not None:
        return None if settings.get("mounts") else settings["transport"]
    proxied = settings.get("trust_env", True) and _PROXIED & getproxies().keys()
    if proxied or settings.keys() - _TRANSPORT - _NOT_SENDING:
        return None
    own = {name: value for name, value in settings.items() if name in _TRANSPORT}
    is_first = "httpcore" not in sys.modules and (os.cpu_count() or 1) > 1
    if is_first and own.get("verify", True) is True and not own.get("cert"):
        own["verify"] = _certificates(trust_env=own.get("trust_env", True))
    return kind(**own)


def _certificates(*, trust_env: bool) -> ssl.SSLContext:
    """
    Load httpcore, and return the context that httpx would make, whose certificates a thread has read meanwhile.

    A process's first transport waits for both, as long as for all of httpx. To read certificates takes no interpreter.
    """
    found: list[ssl.SSLContext] = []

    def read() -> None:
        with suppress(Exception):  # read again below, where somebody hears of it
            found.append(httpx.create_ssl_context(trust_env=trust_env))

    # Loads all that the thread would: if it had to import anything, it might wait for a lock that is held here.
    httpx.create_ssl_context(verify=False)
    reading = threading.Thread(target=read)
    with suppress(RuntimeError):  # no thread is to be had
        reading.start()
        httpx.HTTPTransport(verify=False)
        reading.join()
    return found[0] if found else httpx.create_ssl_context(trust_env=trust_env)


def _with_transport(settings: Mapping[str, Any], transport: Any) -> Mapping[str, Any]:
    return settings if transport is None else {**settings, "transport": transport}


def _leave_out(headers: httpx.Headers, given: Any) -> None:
    """Take out what httpx says by itself and goes without saying; what the user says stays."""
    for name in _IDLE - httpx.Headers(given).keys():
        del headers[name]


def _is_watched(http: httpx.Client | httpx.AsyncClient) -> bool:
    """Tell whether somebody wants to see requests as httpx sends them; a closed client says so its own way."""
    return any(http.event_hooks.values()) or http.is_closed or _log.isEnabledFor(logging.INFO)


def built(
    http: httpx.Client | httpx.AsyncClient,
    *,
    method: str,
    url: httpx.URL,
    headers: Mapping[str, str],
    content: bytes | None,
    timeouts: Mapping[str, float | None],
) -> httpx.Request:
    """
    Build a request.

    Args:
        http: Who will send it; its own headers come first.
        method: HTTP verb, in capitals.
        url: Absolute.
        headers: This request's headers.
        content: The body's bytes, or None.
        timeouts: Seconds by step, as `httpx.Timeout.as_dict` names them.
    """
    extensions = {"timeout": timeouts}
    pairs = [(b"Host", url.netloc), *http.headers.raw]
    pairs += [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]
    if content:
        pairs.append((b"Content-Length", b"%d" % len(content)))
    ours = isinstance(http, StayingClient | StayingAsyncClient) and not (http.params or http.cookies)
    twice = len({name.lower() for name, _ in pairs}) < len(pairs)
    if not ours or twice or not (content or method in _BODILESS):
        return http.build_request(method, url, headers=headers, content=content, extensions=extensions)
    # httpx would make the same of them, in twice the time.
    stream = httpx.ByteStream(content) if content else _NOTHING
    request = httpx.Request(method, url, headers=pairs, stream=stream, extensions=extensions)
    request.read()
    return request


@lru_cache(maxsize=256)
def absolute(base_url: str, path: str, query: tuple[tuple[str, str], ...]) -> httpx.URL:
    """Return a whole URL; a bot asks the same question again and again, and parsing is what costs."""
    return httpx.URL(base_url.rstrip("/") + path, **({"params": query} if query else {}))


def capped(timeout: httpx.Timeout, cap_s: float | None) -> Mapping[str, float | None]:
    """Return timeouts by step, none of them longer than the cap."""
    timeouts = timeout.as_dict()
    if cap_s is None:
        return timeouts
    return {step: cap_s if set_s is None or set_s > cap_s else set_s for step, set_s in timeouts.items()}


def ending(timeout: httpx.Timeout, cap_s: float | None) -> Mapping[str, float | None]:
    """Return the same for a request in a thread, where timeouts have to know when all is to be over."""
    timeouts = capped(timeout, cap_s)
    if cap_s is None:
        return timeouts
    end = monotonic() + cap_s
    return {step: Until(timeout_s or 0.0, end) for step, timeout_s in timeouts.items()}
