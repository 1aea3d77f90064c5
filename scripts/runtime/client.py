"""
The client objects, and the one seam through which every operation sends.

An endpoint function never touches httpx: it hands an `Outgoing` to `send` or `asend`.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar, Final, Protocol, Self

import httpx

from .home import after_fork, running_loop
from .http import StayingAsyncClient, StayingClient, absolute, built, capped, ending
from .types import UNSET, Value

DEFAULT_TIMEOUT: Final = httpx.Timeout(10.0, connect=5.0)
_LONGEST_S: Final = 7 * 24 * 3600
_LEFT: Final[list[object]] = []
"""What a forked process has of its parent's connections: kept, so that nothing ends them."""
_CONNECTIONLESS: Final = (httpx.MockTransport, httpx.ASGITransport, httpx.WSGITransport)
_CLOSED: Final = "Cannot send a request, as the client has been closed."
_ELSEWHERE: Final = "Nothing was sent: the client is in use in another event loop, whose connections it has."
_GONE: Final = (
    "Nothing was sent: the connections of the transport, or httpx client, that was passed in belong to "
    "an event loop that has ended, or to a parent process. Make a client with a new one."
)


class Outgoing(Value):
    """
    A request as an operation describes it, before it is bound to a client.

    Attributes:
        operation_id: The document's operationId.
        method: HTTP verb, in capitals.
        template: The document's path, with `{parameters}`.
        path: Path below the base URL, percent-encoded.
        query: Names and values, in order, not yet encoded.
        headers: Headers of this operation.
        content: The body's bytes, or None.
        signed: Whether the three signature headers are wanted.
        body: The body as the user passed it, or UNSET.
    """

    operation_id: str
    method: str
    template: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    content: bytes | None
    signed: bool
    body: Any

    _unseen = frozenset({"body"})

    def __init__(
        self,
        *,
        operation_id: str,
        method: str,
        template: str,
        path: str,
        query: tuple[tuple[str, str], ...] = (),
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        signed: bool = False,
        body: Any = UNSET,
    ) -> None:
        fields = vars(self)
        fields["operation_id"] = operation_id
        fields["method"] = method
        fields["template"] = template
        fields["path"] = path
        fields["query"] = query
        fields["headers"] = {} if headers is None else headers
        fields["content"] = content
        fields["signed"] = signed
        fields["body"] = body


class Sender(Protocol):
    """
    What may stand between an operation and httpx, such as retries.

    Each call of `attempt` builds, signs and sends the request once; its argument, when not None, caps the
    attempt's timeouts, in seconds. In a thread it bounds the attempt as a whole too, as far as `deadline` can;
    in an event loop, whoever awaits can do that and more.
    """

    def send(self, outgoing: Outgoing, attempt: Callable[[float | None], httpx.Response]) -> httpx.Response: ...

    def asend(
        self, outgoing: Outgoing, attempt: Callable[[float | None], Awaitable[httpx.Response]]
    ) -> Awaitable[httpx.Response]: ...


class Client:
    """
    A client for the operations that are public.

    The httpx clients are made when first needed. Redirects are never followed.

    Args:
        base_url: Where the API lives, such as `https://host/trade-api/v2`.
        headers: Headers for every request.
        cookies: Cookies for every request.
        timeout: Seconds, or an `httpx.Timeout`; by default 10, and 5 to connect. Above zero, and a week at most.
        httpx_args: More arguments for `httpx.Client` and `httpx.AsyncClient`: `transport`, `verify`, `proxy`,
            `limits`, `http2`, `event_hooks`. A transport is shared with the clients that are made from this one, and
            does not outlive its event loop or a fork.
        sender: What stands between operations and httpx, such as retries; None for nothing.

    Raises:
        ValueError: A timeout is no such number.
    """

    __slots__ = (
        "__weakref__", "_async_client", "_async_closed", "_client", "_closed", "_lock", "_loop", "base_url", "cookies",
        "headers", "httpx_args", "sender", "timeout",
    )  # fmt: skip
    _arguments: ClassVar[tuple[str, ...]] = ("base_url", "headers", "cookies", "timeout", "httpx_args", "sender")
    _shown: ClassVar[tuple[str, ...]] = ("base_url", "timeout", "sender")

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
        self.timeout: httpx.Timeout | float = _usable(timeout)
        self.httpx_args: Mapping[str, Any] = {} if httpx_args is None else httpx_args
        self.sender: Sender | None = sender
        self._client: httpx.Client | None = None
        self._async_client: httpx.AsyncClient | None = None
        self._closed = ""
        self._async_closed = ""
        self._loop: Any = None
        self._lock = threading.Lock()
        after_fork(self, _leave_to_parent)

    def __replace__(self, **changes: Any) -> Self:
        """
        Return a client like this one with other arguments, and connections of its own.

        From Python 3.13 on, `copy.replace` does the same.
        """
        return type(self)(**{**{name: getattr(self, name) for name in self._arguments}, **changes})

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self._shown)})"

    def with_headers(self, headers: Mapping[str, str]) -> Self:
        """Return a client like this one with more headers, and connections of its own."""
        return self.__replace__(headers={**self.headers, **headers})

    def with_cookies(self, cookies: Mapping[str, str]) -> Self:
        """Return a client like this one with more cookies, and connections of its own."""
        return self.__replace__(cookies={**self.cookies, **cookies})

    def with_timeout(self, timeout: httpx.Timeout | float) -> Self:
        """Return a client like this one with another timeout, and connections of its own."""
        return self.__replace__(timeout=timeout)

    def get_httpx_client(self) -> httpx.Client:
        """Return the httpx client below, made when first asked for."""
        with self._lock:
            if self._client is None:
                _refuse_when(self._closed)
                self._client = StayingClient(**self._settings())
            return self._client

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """
        Return the async httpx client below, made when first asked for, and anew when its event loop has been closed.

        Raises:
            RuntimeError: The client is in use in another event loop, or closed; or a transport was passed in, whose
                connections belong to an earlier event loop or to a parent process.
        """
        loop = running_loop()
        with self._lock:
            if loop is not self._loop and loop is not None:
                _move(self, loop)
            if self._async_client is None:
                _refuse_when(self._async_closed)
                self._async_client = StayingAsyncClient(**self._settings())
            return self._async_client

    def set_httpx_client(self, client: httpx.Client) -> Self:
        """Use an httpx client made elsewhere; its own settings hold, and redirects stay off."""
        self._client = client
        return self

    def set_async_httpx_client(self, client: httpx.AsyncClient) -> Self:
        """Use an async httpx client made elsewhere; its own settings hold, and redirects stay off."""
        self._async_client = client
        self._loop = None
        return self

    def send(self, outgoing: Outgoing) -> httpx.Response:
        """Send a request, through the sender if there is one; the seam of every synchronous operation."""
        if self.sender is None:
            return self._send(outgoing)
        return self.sender.send(outgoing, lambda cap_s: self._send(outgoing, cap_s))

    async def asend(self, outgoing: Outgoing) -> httpx.Response:
        """Send a request, through the sender if there is one; the seam of every asynchronous operation."""
        if self.sender is None:
            return await self._asend(outgoing)
        return await self.sender.asend(outgoing, lambda cap_s: self._asend(outgoing, cap_s))

    def _send(self, outgoing: Outgoing, cap_s: float | None = None) -> httpx.Response:
        http = self.get_httpx_client()
        request = self._request(http, outgoing, ending(http.timeout, cap_s))
        if isinstance(http, StayingClient):
            return http.exchange(request, self._auth(outgoing))
        return http.send(request, auth=self._auth(outgoing), follow_redirects=False)

    async def _asend(self, outgoing: Outgoing, cap_s: float | None = None) -> httpx.Response:
        http = self.get_async_httpx_client()
        request = self._request(http, outgoing, capped(http.timeout, cap_s))
        if isinstance(http, StayingAsyncClient):
            return await http.exchange(request, self._auth(outgoing))
        return await http.send(request, auth=self._auth(outgoing), follow_redirects=False)

    def close(self) -> None:
        """Close the synchronous connections; twice is fine."""
        self._closed = _CLOSED
        if self._client is not None:
            self._client.close()

    async def aclose(self) -> None:
        """Close the asynchronous connections; twice is fine."""
        self._async_closed = _CLOSED
        if self._loop is not None and self._loop.is_closed():
            self._async_client = None  # with its loop, its connections have ended
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

    def _auth(self, outgoing: Outgoing) -> httpx.Auth | None:
        return None

    def _request(
        self, http: httpx.Client | httpx.AsyncClient, outgoing: Outgoing, timeouts: Mapping[str, float | None]
    ) -> httpx.Request:
        return built(
            http,
            method=outgoing.method,
            url=absolute(self.base_url, outgoing.path, outgoing.query),
            headers=outgoing.headers,
            content=outgoing.content,
            timeouts=timeouts,
        )

    def _settings(self) -> dict[str, Any]:
        _refuse_when(_GONE if any(each is left for each in _connected(self) for left in _LEFT) else "")
        return {
            **self.httpx_args,
            "base_url": self.base_url,
            "headers": self.headers,
            "cookies": self.cookies,
            "timeout": self.timeout,
        }


class AuthenticatedClient(Client):
    """
    A client for all operations; those that the document wants signed go through `auth`.

    Args:
        auth: Signs a request as it leaves.
    """

    __slots__ = ("auth",)
    _arguments = (*Client._arguments, "auth")
    _shown = (*Client._shown, "auth")

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

    def _auth(self, outgoing: Outgoing) -> httpx.Auth | None:
        return self.auth if outgoing.signed else None

    def _settings(self) -> dict[str, Any]:
        return {**super()._settings(), "auth": self.auth}


def _usable(timeout: httpx.Timeout | float) -> httpx.Timeout | float:
    """Return a timeout, unless the operating system would refuse a step of it when the request has been sent."""
    for step, seconds in httpx.Timeout(timeout).as_dict().items():
        given: object = seconds
        if given is not None and not (isinstance(given, int | float) and 0 < given <= _LONGEST_S):
            raise ValueError(f"a {step} timeout is a number of seconds above zero, a week at most, not {given!r}")
    return timeout


def _move(client: Client, loop: Any) -> None:
    """Make an event loop the home of a client; its old connections ended with the old loop."""
    if client._loop is not None:
        _refuse_when("" if client._loop.is_closed() else _ELSEWHERE)
        own = client._async_client is None or isinstance(client._async_client, StayingAsyncClient)
        _refuse_when("" if own and not _connected(client) else _GONE)
        if client.httpx_args.get("transport") is None:
            client._async_client = None
    client._loop = loop


def _leave_to_parent(client: Client) -> None:
    # Not closed here: a thread of the parent's may have held a lock of the pool's.
    left = [http for http in (client._client, client._async_client) if http is not None]
    _LEFT.extend((*left, *_connected(client)) if left else ())
    client._lock = threading.Lock()
    if client._client is not None and not isinstance(client._client, StayingClient):
        client._closed = client._closed or _GONE
    if client._async_client is not None and not isinstance(client._async_client, StayingAsyncClient):
        client._async_closed = client._async_closed or _GONE
    client._client = client._async_client = client._loop = None


def _connected(client: Client) -> list[object]:
    """Return the transports that were passed in and have connections, which nobody can renew but themselves."""
    passed = (client.httpx_args.get("transport"), *(client.httpx_args.get("mounts") or {}).values())
    return [
        each
        for each in passed
        if not (each is None or isinstance(each, _CONNECTIONLESS) or getattr(each, "renews_connections", False))
    ]


def _refuse_when(reason: str) -> None:
    if reason:
        raise RuntimeError(reason)
