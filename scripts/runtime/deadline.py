"""
A moment when a request has to be over, kept to byte by byte.

httpx counts its read timeout anew with every byte that comes, so a server that trickles could hold a thread for
ever. httpcore passes the timeouts of a request down to each read and write as they are, and its `trace` extension
hands out the stream of each new connection: there, a timeout that knows its end can be cut to what is left.

This holds for httpx's own transports, proxies included, unless an event hook sets a `trace` of its own. It does not
reach the resolver, and a host with several addresses is tried one after the other, each for the connect timeout.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from time import monotonic
from typing import Any, Final, Self

import httpx

_CONNECTING: Final = (".connect_tcp.started", ".connect_unix_socket.started")
_CONNECTED: Final = (".connect_tcp.complete", ".connect_unix_socket.complete", ".start_tls.complete")


class Until(float):
    """
    A timeout, in seconds, that ends at a moment of the monotonic clock; elsewhere a plain float.

    Attributes:
        end: The moment.
    """

    end: float

    def __new__(cls, timeout_s: float, end: float) -> Self:
        until = super().__new__(cls, timeout_s)
        until.end = end
        return until

    def left_s(self, late: type[httpx.TimeoutException]) -> float:
        """Return the seconds there are from now on; raise `late` when there are none."""
        left = self.end - monotonic()
        if left <= 0:
            raise late("the time is up")
        return min(left, float(self))


def watch(request: httpx.Request) -> None:
    """Prepare whatever connection is made for a request, in a thread, for timeouts with an end."""
    request.extensions.setdefault("trace", _Watch(request.extensions))


class _Watch:
    """
    A request's `trace`.

    A stream is one connection's alone, and passes here once: when it is made.
    """

    __slots__ = ("_connecting", "_extensions")

    def __init__(self, extensions: dict[str, Any]) -> None:
        self._extensions = extensions
        self._connecting = False

    def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        if event.endswith(_CONNECTED):
            stream = info["return_value"]
            stream.read = partial(_read, stream.read)
            stream.write = partial(_write, stream.write)
            stream.start_tls = partial(_start_tls, stream.start_tls)
        elif event.endswith(_CONNECTING):
            self._connecting = True
            _left_s(info["timeout"], httpx.ConnectTimeout)
        elif not self._connecting:
            # An old connection: its stream was prepared when it was new, and a dozen more events are not worth a call.
            self._extensions.pop("trace", None)


def _read(inner: Callable[..., bytes], max_bytes: int, timeout: float | None = None) -> bytes:
    return inner(max_bytes, _left_s(timeout, httpx.ReadTimeout))


def _write(inner: Callable[..., None], buffer: bytes, timeout: float | None = None) -> None:
    inner(buffer, _left_s(timeout, httpx.WriteTimeout))


def _start_tls(
    inner: Callable[..., Any], ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
) -> Any:
    return inner(ssl_context, server_hostname, _left_s(timeout, httpx.ConnectTimeout))


def _left_s(timeout: float | None, late: type[httpx.TimeoutException]) -> float | None:
    return timeout.left_s(late) if isinstance(timeout, Until) else timeout
