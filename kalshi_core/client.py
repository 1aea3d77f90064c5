"""
The client objects, and the one way by which every operation sends.

An endpoint function never touches httpx: it passes a `PreparedRequest` to `Client.send` or `Client.asend`.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, ClassVar, Final, Protocol, Self

import httpx

from kalshi_core.transport import httpx_client
from kalshi_core.transport.event_loop import running_loop
from kalshi_core.transport.fork import after_fork
from kalshi_core.transport.httpx_client import NoRedirectAsyncClient, NoRedirectClient
from kalshi_core.types import PreparedRequest

DEFAULT_TIMEOUT: Final = httpx.Timeout(10.0, connect=5.0)
_LONGEST_S: Final = 7 * 24 * 3600
_SET_BY_CLIENT: Final = frozenset({"auth", "base_url", "cookies", "follow_redirects", "headers", "timeout"})
_INHERITED: Final[list[object]] = []
"""Connections that a forked process inherited: kept referenced, because closing them would end the parent's."""
_CONNECTIONLESS: Final = (httpx.MockTransport, httpx.ASGITransport, httpx.WSGITransport)
_CLOSED: Final = "Cannot send a request, as the client has been closed."
_OTHER_LOOP: Final = "Nothing was sent: the client is in use in another event loop, which owns its connections."
_NOT_RENEWABLE: Final = (
    "Nothing was sent: the connections of the transport, or httpx client, that was passed in belong to "
    "an event loop that has ended, or to a parent process. Make a client with a new one."
)


class Sender(Protocol):
    """
    A layer between operations and httpx, such as retries.

    Each call of `attempt` builds, signs and sends the request once; its argument, when not None, caps the
    attempt's timeouts, in seconds. In synchronous code it limits the attempt as a whole too; in an event loop the
    caller does that.
    """

    def send(self, prepared: PreparedRequest, attempt: Callable[[float | None], httpx.Response]) -> httpx.Response: ...

    def asend(
        self, prepared: PreparedRequest, attempt: Callable[[float | None], Awaitable[httpx.Response]]
    ) -> Awaitable[httpx.Response]: ...


class Client:
    """
    A client for public operations.

    The httpx clients are created when first needed. Redirects are never followed.

    Args:
        base_url: Base URL of the API, such as `https://host/trade-api/v2`.
        headers: Headers for every request.
        cookies: Cookies for every request.
        timeout: Seconds, or an `httpx.Timeout`; by default 10, and 5 to connect. Above zero, at most a week.
        httpx_args: More arguments for `httpx.Client` and `httpx.AsyncClient`: `transport`, `verify`, `proxy`,
            `limits`, `http2`, `event_hooks`. A transport is shared with clients that are made from this one, and
            does not outlive its event loop or a fork.
        sender: A layer between operations and httpx, such as retries; None for none.

    Raises:
        TypeError: `httpx_args` has an argument that the client sets itself.
        ValueError: A timeout is not a number of seconds in that range.
    """

    __slots__ = (
        "__weakref__", "_async_client", "_async_closed", "_client", "_closed", "_lock", "_loop", "base_url", "cookies",
        "headers", "httpx_args", "sender", "timeout",
    )  # fmt: skip
    _arguments: ClassVar[tuple[str, ...]] = ("base_url", "headers", "cookies", "timeout", "httpx_args", "sender")
    _in_repr: ClassVar[tuple[str, ...]] = ("base_url", "timeout", "sender")

    def __init__(
        self,
        base_url: str,
        *,
        headers: dict[str, str] | None = None,
        cookies: dict[str, str] | None = None,
        timeout: httpx.Timeout | float = DEFAULT_TIMEOUT,
        httpx_args: Mapping[str, Any] | None = None,
        sender: Sender | None = None,
    ) -> None:
        self.base_url: str = base_url
        self.headers: dict[str, str] = {} if headers is None else headers
        self.cookies: dict[str, str] = {} if cookies is None else cookies
        self.timeout: httpx.Timeout | float = _checked_timeout(timeout)
        self.httpx_args: Mapping[str, Any] = _checked_args(httpx_args or {})
        self.sender: Sender | None = sender
        self._client: httpx.Client | None = None
        self._async_client: httpx.AsyncClient | None = None
        self._closed = ""
        self._async_closed = ""
        self._loop: Any = None
        self._lock = threading.Lock()
        after_fork(self, _after_fork)

    def __replace__(self, **changes: Any) -> Self:
        """
        Return a copy with other arguments and its own connections.

        `copy.replace` calls this from Python 3.13 on.
        """
        return type(self)(**{**{name: getattr(self, name) for name in self._arguments}, **changes})

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self._in_repr)})"

    def with_headers(self, headers: Mapping[str, str]) -> Self:
        """Return a copy with more headers and its own connections."""
        return self.__replace__(headers={**self.headers, **headers})

    def with_cookies(self, cookies: Mapping[str, str]) -> Self:
        """Return a copy with more cookies and its own connections."""
        return self.__replace__(cookies={**self.cookies, **cookies})

    def with_timeout(self, timeout: httpx.Timeout | float) -> Self:
        """Return a copy with another timeout and its own connections."""
        return self.__replace__(timeout=timeout)

    def get_httpx_client(self) -> httpx.Client:
        """Return the underlying httpx client, created on first use."""
        with self._lock:
            if self._client is None:
                _raise_if(self._closed)
                self._client = NoRedirectClient(**self._settings())
            return self._client

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """
        Return the underlying async httpx client, created on first use and again when its event loop has been closed.

        Raises:
            RuntimeError: The client is in use in another event loop, or closed; or the connections of a transport that
                was passed in belong to an earlier event loop or to a parent process.
        """
        loop = running_loop()
        with self._lock:
            if loop is not self._loop and loop is not None:
                _enter_loop(self, loop)
            if self._async_client is None:
                _raise_if(self._async_closed)
                self._async_client = NoRedirectAsyncClient(**self._settings())
            return self._async_client

    def set_httpx_client(self, client: httpx.Client) -> Self:
        """Use the given httpx client with its own settings; redirects stay off."""
        self._client = client
        return self

    def set_async_httpx_client(self, client: httpx.AsyncClient) -> Self:
        """Use the given async httpx client with its own settings; redirects stay off."""
        self._async_client = client
        self._loop = None
        return self

    def send(self, prepared: PreparedRequest) -> httpx.Response:
        """Send a request, through the sender if there is one; every synchronous operation calls this."""
        attempt = partial(httpx_client.send, self.get_httpx_client(), self.base_url, prepared, self._auth(prepared))
        return attempt(None) if self.sender is None else self.sender.send(prepared, attempt)

    async def asend(self, prepared: PreparedRequest) -> httpx.Response:
        """Send a request, through the sender if there is one; every asynchronous operation calls this."""
        attempt = partial(
            httpx_client.asend, self.get_async_httpx_client(), self.base_url, prepared, self._auth(prepared)
        )
        return await (attempt(None) if self.sender is None else self.sender.asend(prepared, attempt))

    def close(self) -> None:
        """Close the synchronous connections; may be called twice."""
        self._closed = _CLOSED
        if self._client is not None:
            self._client.close()

    async def aclose(self) -> None:
        """Close the asynchronous connections; may be called twice."""
        self._async_closed = _CLOSED
        if self._loop is not None and self._loop.is_closed():
            self._async_client = None  # its connections ended with the loop
        elif self._async_client is not None:
            await self._async_client.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.aclose()

    def _auth(self, prepared: PreparedRequest) -> httpx.Auth | None:
        return None

    def _settings(self) -> dict[str, Any]:
        _raise_if(
            _NOT_RENEWABLE if any(each is left for each in _passed_in_transports(self) for left in _INHERITED) else ""
        )
        return {
            **self.httpx_args,
            "base_url": self.base_url,
            "headers": self.headers,
            "cookies": self.cookies,
            "timeout": self.timeout,
        }


class AuthenticatedClient(Client):
    """
    A client for all operations; those that the document requires to be signed go through `auth`.

    Args:
        auth: Signs a request as it is sent.
    """

    __slots__ = ("auth",)
    _arguments = (*Client._arguments, "auth")
    _in_repr = (*Client._in_repr, "auth")

    def __init__(
        self,
        base_url: str,
        *,
        auth: httpx.Auth,
        headers: dict[str, str] | None = None,
        cookies: dict[str, str] | None = None,
        timeout: httpx.Timeout | float = DEFAULT_TIMEOUT,
        httpx_args: Mapping[str, Any] | None = None,
        sender: Sender | None = None,
    ) -> None:
        super().__init__(
            base_url, headers=headers, cookies=cookies, timeout=timeout, httpx_args=httpx_args, sender=sender
        )
        self.auth: httpx.Auth = auth

    def _auth(self, prepared: PreparedRequest) -> httpx.Auth | None:
        return self.auth if prepared.signed else None

    def _settings(self) -> dict[str, Any]:
        return {**super()._settings(), "auth": self.auth}


def _checked_args(httpx_args: Mapping[str, Any]) -> Mapping[str, Any]:
    if taken := sorted(_SET_BY_CLIENT & httpx_args.keys()):
        raise TypeError(f"httpx_args must not contain {', '.join(taken)}: the client sets them itself")
    return httpx_args


def _checked_timeout(timeout: httpx.Timeout | float) -> httpx.Timeout | float:
    """Return the timeout if the operating system accepts each step; it would refuse only after the request was sent."""
    for step, seconds in httpx.Timeout(timeout).as_dict().items():
        given: object = seconds
        if given is not None and not (isinstance(given, int | float) and 0 < given <= _LONGEST_S):
            raise ValueError(f"{step} timeout must be a number of seconds above zero and at most a week, not {given!r}")
    return timeout


def _enter_loop(client: Client, loop: Any) -> None:
    """Bind a client to an event loop; its old connections ended with the old loop."""
    if client._loop is not None:
        _raise_if("" if client._loop.is_closed() else _OTHER_LOOP)
        own = client._async_client is None or isinstance(client._async_client, NoRedirectAsyncClient)
        _raise_if("" if own and not _passed_in_transports(client) else _NOT_RENEWABLE)
        if client.httpx_args.get("transport") is None:
            client._async_client = None
    client._loop = loop


def _after_fork(client: Client) -> None:
    # Not closed here: one of the parent's threads may have held a lock of the connection pool.
    left = [http for http in (client._client, client._async_client) if http is not None]
    _INHERITED.extend((*left, *_passed_in_transports(client)) if left else ())
    client._lock = threading.Lock()
    if client._client is not None and not isinstance(client._client, NoRedirectClient):
        client._closed = client._closed or _NOT_RENEWABLE
    if client._async_client is not None and not isinstance(client._async_client, NoRedirectAsyncClient):
        client._async_closed = client._async_closed or _NOT_RENEWABLE
    client._client = client._async_client = client._loop = None


def _passed_in_transports(client: Client) -> list[object]:
    """Return the transports that were passed in and hold connections that this client cannot renew."""
    passed = (client.httpx_args.get("transport"), *(client.httpx_args.get("mounts") or {}).values())
    return [
        each
        for each in passed
        if not (each is None or isinstance(each, _CONNECTIONLESS) or getattr(each, "renews_connections", False))
    ]


def _raise_if(reason: str) -> None:
    if reason:
        raise RuntimeError(reason)
