"""What can go wrong with a connection, once a request has arrived; each returns whether the connection lives on."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable

from tests.weather.faultserver import Answer, FaultServer, wire

_TRICKLE_S = 0.03
_TRICKLE_MOST = 200


def drop_before(connection: socket.socket, answer: Answer, server: FaultServer) -> bool:
    """Close without a word."""
    return False


def drop_during_head(connection: socket.socket, answer: Answer, server: FaultServer) -> bool:
    """Close in the middle of the head."""
    connection.sendall(wire(answer, server.date())[:25])
    return False


def drop_during(connection: socket.socket, answer: Answer, server: FaultServer) -> bool:
    """Close in the middle of the body."""
    connection.sendall(wire(answer, server.date())[: -len(answer.body) // 2])
    return False


def drop_after(connection: socket.socket, answer: Answer, server: FaultServer) -> bool:
    """Answer in full, and close without having announced it."""
    connection.sendall(wire(answer, server.date()))
    return False


def half_open(connection: socket.socket, answer: Answer, server: FaultServer) -> bool:
    """Never answer, and keep the connection."""
    server.stopped(3)
    return False


def slow_loris(connection: socket.socket, answer: Answer, server: FaultServer) -> bool:
    """Send the body byte by byte, for ever."""
    connection.sendall(wire(answer, server.date(), length=10**6))
    return _trickle(connection, server, b" ")


def slow_head(connection: socket.socket, answer: Answer, server: FaultServer) -> bool:
    """Send the head byte by byte, for ever."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    return _trickle(connection, server, b"x")


def _trickle(connection: socket.socket, server: FaultServer, byte: bytes) -> bool:
    for _ in range(_TRICKLE_MOST):
        if server.stopped(_TRICKLE_S):
            break
        connection.sendall(byte)
    return False


def reset(connection: socket.socket, answer: Answer, server: FaultServer) -> bool:
    """Reset the connection without an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def reset_during(connection: socket.socket, answer: Answer, server: FaultServer) -> bool:
    """Reset the connection in the middle of the body."""
    connection.sendall(wire(answer, server.date())[: -len(answer.body) // 2])
    server.stopped(0.02)
    return reset(connection, answer, server)


def length_long(connection: socket.socket, answer: Answer, server: FaultServer) -> bool:
    """Announce more than there is, and close."""
    connection.sendall(wire(answer, server.date(), length=len(answer.body) + 10))
    return False


def length_short(connection: socket.socket, answer: Answer, server: FaultServer) -> bool:
    """Announce less than there is."""
    connection.sendall(wire(answer, server.date(), length=len(answer.body) - 5))
    return False


def garbage(connection: socket.socket, answer: Answer, server: FaultServer) -> bool:
    """Send bytes that are no HTTP."""
    connection.sendall(b"\x16\x03\x01\x00\x00 certainly not HTTP\r\n\r\n\x00\xff")
    return False


def bad_chunk(connection: socket.socket, answer: Answer, server: FaultServer) -> bool:
    """Send a good head, and then what is no chunk, and keep the connection."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n")
    server.stopped(0.02)
    connection.sendall(b"no chunk\r\n")
    server.stopped(3)
    return False


def bad_gzip(connection: socket.socket, answer: Answer, server: FaultServer) -> bool:
    """Announce a compressed body, and send another."""
    headers = (("Content-Type", "application/json"), ("Content-Encoding", "gzip"))
    connection.sendall(wire(Answer(answer.status, b"not gzip at all", headers), server.date()))
    return True


def status(code: int, body: bytes = b"", **headers: str) -> Callable[[socket.socket, Answer, FaultServer], bool]:
    """Answer with a status of a gateway's, or of the rate limit's."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())

    def act(connection: socket.socket, answer: Answer, server: FaultServer) -> bool:
        connection.sendall(wire(Answer(code, body, named), server.date()))
        return True

    return act
