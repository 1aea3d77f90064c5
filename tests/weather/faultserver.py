"""
A server that misbehaves on demand, on real loopback sockets.

It speaks HTTP/1.1 by hand, so that it can break every rule of it. It verifies every signature itself, where one is
needed, counts every request, and keeps a table of orders: a creation with a known `client_order_id` is answered 409.
"""

from __future__ import annotations

import base64
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

ROOT = "/trade-api/v2"
PUBLIC = f"{ROOT}/exchange/status"
WINDOW_S = 10.0


@dataclass(frozen=True)
class Seen:
    """A request that arrived, and whether its signature held."""

    method: str
    path: str
    timestamp_ms: int
    signature: str
    valid: bool
    arrived_s: float


@dataclass(frozen=True)
class Answer:
    """What a well-behaved server would send."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)


@dataclass(frozen=True)
class Fault:
    """
    What goes wrong with one request.

    Attributes:
        act: Sends, or does not; returns whether the connection lives on. None for no fault.
        executes: Whether the request is executed before.
    """

    act: Callable[[socket.socket, Answer, FaultServer], bool] | None = None
    executes: bool = True


@dataclass
class FaultServer:
    """
    A fault for each request in turn, then none.

    Attributes:
        public_key: Whose signatures are good.
        script: Faults for the next requests; the last one for ever, when `endless`.
        skew_s: Seconds by which the server's clock is ahead.
        delay_s: Seconds before each answer.
        tls: Speaks HTTPS with it; None for HTTP.
    """

    public_key: RSAPublicKey
    script: list[Fault] = field(default_factory=list)
    endless: bool = False
    skew_s: float = 0.0
    delay_s: float = 0.0
    tls: ssl.SSLContext | None = None
    seen: list[Seen] = field(default_factory=list)
    placed: list[dict[str, Any]] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    connections: int = 0
    open_now: int = 0
    open_most: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._listener.settimeout(0.02)
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stop.set()
        self._accepting.join()
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    @property
    def base_url(self) -> str:
        return f"{'http' if self.tls is None else 'https'}://127.0.0.1:{self.port}{ROOT}"

    def next_fault(self) -> Fault:
        """Return what is to go wrong with the request that has just come."""
        if not self.script:
            return Fault()
        return self.script[0] if self.endless and len(self.script) == 1 else self.script.pop(0)

    def stopped(self, seconds: float) -> bool:
        """Wait, and tell whether the server is to stop."""
        return self._stop.wait(seconds)

    def idle(self) -> None:
        """Wait until every connection that is to be closed is closed."""
        while self.open_now and not self.stopped(0.001):
            pass

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with self._lock:
            self.connections += 1
            self.open_now += 1
            self.open_most = max(self.open_most, self.open_now)
        try:
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection.settimeout(0.05 if self.tls is None else 5)
                speaking = connection if self.tls is None else self.tls.wrap_socket(connection, server_side=True)
                with speaking:
                    speaking.settimeout(0.05)
                    while self._one(speaking):
                        pass
        except OSError:
            pass
        finally:
            with self._lock:
                self.open_now -= 1

    def _one(self, connection: socket.socket) -> bool:
        request = self._receive(connection)
        if request is None:
            return False
        method, path, headers, body = request
        with self._lock:
            seen = self._look(method, path, headers)
            self.seen.append(seen)
            fault = self.next_fault()
            signed_late = abs(seen.timestamp_ms / 1000 - self._now_s()) > WINDOW_S
            if path != PUBLIC and signed_late:
                answer = _said(401, {"error": {"code": "header_timestamp_expired", "message": "expired"}})
            elif path != PUBLIC and not seen.valid:
                answer = _said(401, {"error": {"code": "authentication_error", "message": "bad signature"}})
            else:
                answer = self._execute(method, path, body) if fault.executes else _said(500, {})
        if self.delay_s and self.stopped(self.delay_s):
            return False
        if fault.act is not None:
            return fault.act(connection, answer, self)
        connection.sendall(wire(answer, self.date()))
        return True

    def _receive(self, connection: socket.socket) -> tuple[str, str, dict[str, str], bytes] | None:
        data = b""
        while b"\r\n\r\n" not in data:
            part = self._part(connection)
            if not part:
                return None
            data += part
        head, _, body = data.partition(b"\r\n\r\n")
        first, *rest = head.decode("ascii").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in rest)}
        if {"content-length", "transfer-encoding"} <= headers.keys():
            return None  # nobody knows where such a body ends
        while len(body) < int(headers.get("content-length", "0")):
            part = self._part(connection)
            if not part:
                return None
            body += part
        method, path, _ = first.split(" ")
        return method, path, headers, body

    def _part(self, connection: socket.socket) -> bytes:
        while not self._stop.is_set():
            try:
                return connection.recv(65536)
            except TimeoutError:
                continue
        return b""

    def _now_s(self) -> float:
        return time.time() + self.skew_s

    def date(self) -> str:
        """Return the server's own time, as a header."""
        return formatdate(self._now_s(), usegmt=True)

    def _look(self, method: str, path: str, headers: dict[str, str]) -> Seen:
        timestamp, signature = headers.get("kalshi-access-timestamp", "0"), headers.get("kalshi-access-signature", "")
        message = f"{timestamp}{method}{path.partition('?')[0]}".encode()
        try:
            padding = PSS(mgf=MGF1(SHA256()), salt_length=32)
            self.public_key.verify(base64.b64decode(signature), message, padding, SHA256())
            valid = True
        except (InvalidSignature, ValueError):
            valid = False
        return Seen(method, path, int(timestamp), signature, valid, time.time())

    def _execute(self, method: str, path: str, body: bytes) -> Answer:
        if method == "POST" and path == f"{ROOT}/portfolio/events/orders":
            status, row = self._place(json.loads(body))
            return _said(status, row)
        if method == "POST" and path == f"{ROOT}/portfolio/events/orders/batched":
            rows = [self._place(order)[1] for order in json.loads(body)["orders"]]
            return _said(201, {"orders": rows})
        if method == "DELETE":
            return _said(200, {"order_id": path.rpartition("/")[2], "reduced_by": "1.00", "ts_ms": 1})
        if path == PUBLIC:
            return _said(200, {"exchange_active": True, "trading_active": True})
        return _said(200, {"balance": 7, "balance_dollars": "0.0700", "portfolio_value": 0, "updated_ts": 1})

    def _place(self, order: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        own = order.get("client_order_id")
        if own in self.taken:
            return 409, {"client_order_id": own, "error": {"code": "order_already_exists", "message": "exists"}}
        if own is not None:
            self.taken.add(own)
        self.placed.append(order)
        number = f"order-{len(self.placed)}"
        row = {"order_id": number, "fill_count": "0.00", "remaining_count": "1.00", "ts_ms": 1}
        return 201, {**row, "client_order_id": own} if own else row


def wire(answer: Answer, date: str, length: int | None = None) -> bytes:
    """Write an answer as HTTP/1.1, with a wrong length if one is given."""
    headers = [
        *([] if any(name == "Date" for name, _ in answer.headers) else [("Date", date)]),
        ("Content-Length", str(len(answer.body) if length is None else length)),
        *answer.headers,
    ]
    lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}", *(f"{a}: {b}" for a, b in headers)]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + answer.body


def _said(status: int, body: dict[str, Any]) -> Answer:
    return Answer(status, json.dumps(body).encode())
