"""Signed orders as bytes, and a load generator that sends them as fast as responses arrive."""

from __future__ import annotations

import base64
import json
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from random import Random
from uuid import UUID

from kalshi_auth import Signer

PATH = "/trade-api/v2/portfolio/events/orders"
_TICKER = "KXGAME-FINAL-HOME"
_HEAD = (
    "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate\r\n"
    "Connection: keep-alive\r\nUser-Agent: benchmark/1.0\r\nKALSHI-ACCESS-KEY: {key_id}\r\n"
    "KALSHI-ACCESS-TIMESTAMP: {timestamp}\r\nKALSHI-ACCESS-SIGNATURE: {signature}\r\n"
    "Content-Length: {length}\r\nContent-Type: application/json\r\n\r\n"
)


def orders(signer: Signer, count: int, seed: str) -> list[bytes]:
    """Return requests that create orders which rest, signed now."""
    chance, found = Random(seed), []  # noqa: S311
    for number in range(count):
        cents = chance.randrange(1, 41) if number % 2 else chance.randrange(60, 100)
        order = {
            "ticker": _TICKER,
            "side": "bid" if number % 2 else "ask",
            "price": f"0.{cents:02}00",
            "count": f"{chance.randrange(1, 100)}.00",
            "time_in_force": "good_till_canceled",
            "self_trade_prevention_type": "taker_at_cross",
            "client_order_id": str(UUID(int=chance.getrandbits(128), version=4)),
        }
        body = json.dumps(order, separators=(",", ":"))
        timestamp = str(time.time_ns() // 1_000_000)
        head = _HEAD.format(
            path=PATH,
            key_id=signer.key_id,
            timestamp=timestamp,
            signature=base64.b64encode(signer.sign(f"{timestamp}POST{PATH}".encode("ascii"))).decode("ascii"),
            length=len(body),
        )
        found.append((head + body).encode("ascii"))
    return found


class Load:
    """
    Connections that are kept open.

    Args:
        port: Where the server listens, on this machine.
        connections: How many.
    """

    def __init__(self, port: int, connections: int) -> None:
        self._poll = selectors.DefaultSelector()
        self._sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(connections)]
        for each in self._sockets:
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._poll.register(each, selectors.EVENT_READ, each)

    def run(self, requests: Sequence[bytes]) -> None:
        """Send requests, the next one on each connection as soon as it has its answer; all must be answered 201."""
        waiting: Iterator[bytes] = iter(requests)
        on_their_way, received = 0, dict[socket.socket, bytes]()
        for each, request in zip(self._sockets, waiting, strict=False):
            each.sendall(request)
            on_their_way += 1
        while on_their_way:
            for key, _ in self._poll.select():
                connection: socket.socket = key.data
                part = connection.recv(65536)
                if not part:
                    raise RuntimeError("the server closed a connection")
                content = received.pop(connection, b"") + part
                if not _whole(content):
                    received[connection] = content
                    continue
                if not content.startswith(b"HTTP/1.1 201"):
                    raise RuntimeError(content.decode("latin-1"))
                on_their_way -= 1
                if request := next(waiting, b""):
                    connection.sendall(request)
                    on_their_way += 1


def _whole(content: bytes) -> bool:
    head, blank, body = content.partition(b"\r\n\r\n")
    return bool(blank) and len(body) == int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
