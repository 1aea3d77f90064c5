"""A loopback server that sends scripted responses to any request, broken connections included."""

from __future__ import annotations

import os
import socket
import struct
import threading
from enum import Enum
from http import HTTPStatus
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any, Final, Self

from attrs import evolve, frozen

_PATIENCE_S: Final = 10.0
_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)


class Ending(Enum):
    """How a response ends: whole, or broken off somewhere."""

    WHOLE = "it arrives"
    CUT = "the connection closes after half of the body"
    CUT_CHUNK = "the connection closes within a chunk"
    CUT_HEAD = "the connection closes within the headers"
    DROPPED = "the connection closes before the first byte"
    RESET = "the connection is reset before the first byte"
    STALLED = "half of the body comes, and then nothing more"
    SILENT = "nothing comes"
    NOISE = "what comes is no HTTP"


@frozen
class Answer:
    """
    What the server sends.

    Attributes:
        status: Any three digits.
        body: The bytes behind the headers; their length is announced.
        headers: Headers beyond the length.
        ending: How far it gets.
    """

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    ending: Ending = Ending.WHOLE

    def but(self, **changes: Any) -> Answer:
        """Return a copy with other attributes."""
        return evolve(self, **changes)

    def wire(self) -> bytes:
        """Return all its bytes."""
        try:
            reason = HTTPStatus(self.status).phrase
        except ValueError:
            reason = "Unassigned"
        lines = [f"HTTP/1.1 {self.status} {reason}", *(f"{name}: {value}" for name, value in self.headers)]
        if self.ending is Ending.CUT_CHUNK:
            lines.append("Transfer-Encoding: chunked")
        elif self.status not in (204, 304):
            lines.append(f"Content-Length: {len(self.body)}")
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        half = self.body[: len(self.body) // 2]
        return {
            Ending.WHOLE: head + self.body,
            Ending.CUT: head + half,
            Ending.CUT_CHUNK: head + f"{len(self.body):x}\r\n".encode() + half,
            Ending.CUT_HEAD: head[:-6],
            Ending.STALLED: head + half,
            Ending.NOISE: b"\x00\x01 no HTTP at all\r\n\r\n",
        }.get(self.ending, b"")


@frozen
class ReceivedRequest:
    """A request as received."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


class FaultServer:
    """
    Send the responses of a script, and record the requests.

    Attributes:
        seen: The requests since the script was set.

    Example:
        >>> with FaultServer() as server:
        ...     server.play(Answer(200, b"{}"))
        ...     server.base_url.endswith("/trade-api/v2"), server.seen
        (True, [])
    """

    def __init__(self) -> None:
        self.seen: list[ReceivedRequest] = []
        self._script: list[Answer] = []
        self._lock = threading.Lock()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/trade-api/v2"

    def play(self, *answers: Answer) -> None:
        """Set the responses: they are sent in order, and the last one is repeated."""
        with self._lock:
            self._script = list(answers)
            self.seen = []

    def answer(self, seen: ReceivedRequest) -> Answer:
        """Record a request and return its response."""
        with self._lock:
            self.seen.append(seen)
            return self._script.pop(0) if len(self._script) > 1 else self._script[0]

    def __enter__(self) -> Self:
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, owner: FaultServer) -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(StreamRequestHandler):
    timeout = _PATIENCE_S
    disable_nagle_algorithm = True
    server: _Server

    def handle(self) -> None:
        try:
            while (seen := self._read()) and self._send(self.server.owner.answer(seen)):
                pass
        except OSError:
            # The client went away first, which is its right.
            pass

    def _read(self) -> ReceivedRequest | None:
        line = self.rfile.readline().decode("latin-1").split()
        if not line:
            return None
        headers: dict[str, str] = {}
        while (text := self.rfile.readline().decode("latin-1").strip()) != "":
            name, _, value = text.partition(":")
            headers[name.lower()] = value.strip()
        return ReceivedRequest(line[0], line[1], headers, self.rfile.read(int(headers.get("content-length", 0))))

    def _send(self, answer: Answer) -> bool:
        """Send a response; return True where the connection stays open."""
        if answer.ending is Ending.RESET:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            # Closed beneath socketserver, which would end the stream in an orderly way first.
            os.close(self.connection.detach())
            return False
        self.connection.sendall(answer.wire())
        if answer.ending in (Ending.STALLED, Ending.SILENT):
            self.connection.recv(1)
        return answer.ending is Ending.WHOLE
