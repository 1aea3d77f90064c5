"""A small stand-in for the exchange, on this machine: it checks every signature and answers a few operations."""

from __future__ import annotations

import json
import socketserver
import sys
import threading
import time
from collections.abc import Callable, Mapping
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Self
from urllib.parse import parse_qsl

from attrs import frozen

from scripts.demo.account import Account, Json
from scripts.demo.refusal import RefusalError, nested
from scripts.demo.signature import PublicKey, check

_PREFIX: Final = "/trade-api/v2"
_CREATE: Final = ("POST", "/portfolio/events/orders")
_NS_PER_MS: Final = 1_000_000


@frozen
class Seen:
    """
    One request, and what became of it.

    Attributes:
        method: Its verb.
        target: Its path and query, as they came.
        status: The status it was answered with.
        verified: Whether it was signed, and the signature good.
        code: The code of its refusal, or None.
    """

    method: str
    target: str
    status: int
    verified: bool
    code: str | None


class StandIn:
    """
    Serve the Trade API's most telling operations on the loopback interface.

    Args:
        keys: Public keys by key id; the private ones are none of its business.
        clock: Nanoseconds since 1970.

    Attributes:
        seen: All requests, in the order they were answered.

    Example:
        >>> with StandIn({}) as exchange:
        ...     exchange.base_url.endswith("/trade-api/v2"), exchange.seen
        (True, [])
    """

    def __init__(self, keys: Mapping[str, PublicKey], *, clock: Callable[[], int] = time.time_ns) -> None:
        self.seen: list[Seen] = []
        self._keys = dict(keys)
        self._clock = clock
        self._account = Account()
        self._lock = threading.Lock()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}{_PREFIX}"

    @property
    def verified(self) -> int:
        """How many requests came with a good signature."""
        return sum(seen.verified for seen in self.seen)

    @property
    def refused(self) -> list[Seen]:
        """The requests that were answered with an error."""
        return [seen for seen in self.seen if seen.status >= 400]

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.answer = self._answer
        # The polling time is how long leaving takes.
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, method: str, target: str, headers: Message, content: bytes) -> tuple[int, Json]:
        now_ms = self._clock() // _NS_PER_MS
        path, _, query = target.partition("?")
        route = (method, path.removeprefix(_PREFIX) if path.startswith(f"{_PREFIX}/") else "")
        public, signed = self._account.public.get(route), self._account.signed.get(route)
        verified, code = False, None
        with self._lock:
            try:
                if public is None and signed is None and route != _CREATE:
                    raise nested(404, "not_found")
                if public is None:
                    check(self._keys, method, path, headers, now_ms=now_ms)
                    verified = True
                if reader := public or signed:
                    status, body = 200, reader(dict(parse_qsl(query)))
                else:
                    status, body = 201, self._account.create_order(content, now_ms=now_ms)
            except RefusalError as refusal:
                status, body, code = refusal.status, refusal.body, refusal.code
            self.seen.append(Seen(method, target, status, verified, code))
        return status, body


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    answer: Callable[[str, str, Message, bytes], tuple[int, Json]]

    def server_bind(self) -> None:
        # HTTPServer's own also looks the host's name up, which takes seconds where there is no name server.
        socketserver.TCPServer.server_bind(self)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that hangs up is no news; anything else is a mistake here, and is told on stderr.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    """Head and body leave together: apart, the second waits for the other side's delayed acknowledgement."""

    def _reply(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, body = self.server.answer(self.command, self.path, self.headers, content)
        written = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(written)))
        self.end_headers()
        self.wfile.write(written)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _reply  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""
