"""
A deadline for a whole synchronous request, enforced at every socket read and write.

httpx restarts its read timeout with every byte received, so a server that sends slowly can block a thread forever.
httpcore passes a request's timeouts to each read and write, and its `trace` extension provides the stream of each new
connection: there, a timeout that knows its deadline is reduced to the time that is left.

This holds for httpx's own transports, proxies included, unless an event hook sets a `trace` of its own. It does not
limit DNS lookups, and a host with several addresses is tried one address after the other, each for the connect timeout.
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
    A timeout in seconds that ends at a moment of the monotonic clock; elsewhere a plain float.

    Attributes:
        end: The moment, on `time.monotonic`.
    """

    end: float

    def __new__(cls, timeout_s: float, end: float) -> Self:
        until = super().__new__(cls, timeout_s)
        until.end = end
        return until

    def left_s(self, late: type[httpx.TimeoutException]) -> float:
        """Return the seconds that are left; raise `late` when there are none."""
        left = self.end - monotonic()
        if left <= 0:
            raise late("deadline exceeded")
        return min(left, float(self))


def capped(timeout: httpx.Timeout, cap_s: float | None) -> Mapping[str, float | None]:
    """Return the timeouts by step, none longer than the cap."""
    timeouts = timeout.as_dict()
    if cap_s is None:
        return timeouts
    return {step: cap_s if set_s is None or set_s > cap_s else set_s for step, set_s in timeouts.items()}


def deadline_extensions(timeout: httpx.Timeout, cap_s: float | None) -> dict[str, Any]:
    """Return the extensions of a synchronous request: timeouts that together end after `cap_s` seconds, and a trace."""
    timeouts = capped(timeout, cap_s)
    if cap_s is not None:
        end = monotonic() + cap_s
        timeouts = {step: Until(timeout_s or 0.0, end) for step, timeout_s in timeouts.items()}
    return {"timeout": timeouts, "trace": ConnectionWatch()}


class ConnectionWatch:
    """The `trace` extension of one synchronous request: makes connections that it opens respect deadlines."""

    __slots__ = ("_connecting",)

    def __init__(self) -> None:
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
        elif not self._connecting and "request" in info:
            # A reused connection: its stream was wrapped when it was opened, so the remaining events are not needed.
            info["request"].extensions.pop("trace", None)


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
