"""
A loopback server with ready-made responses, in a process of its own: `python -m benchmarks.server FOLDER`.

Its first line of output is the port, and it ends when its input does. GET only, keep-alive, standard library.
"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from typing import Final

_END: Final = b"\r\n\r\n"
_CURSOR: Final = re.compile(rb"[?&]cursor=(\d+)")
_BALANCE: Final = b'{"balance":%d,"balance_dollars":"%d.%02d00","portfolio_value":98765,"updated_ts":1795478400}'
_BALANCES: Final = 997


def answer(body: bytes) -> bytes:
    """Return a whole response."""
    return (
        b"HTTP/1.1 200 OK\r\nDate: Mon, 23 Nov 2026 12:00:00 GMT\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    )


class Answering(asyncio.Protocol):
    """One connection."""

    balances = tuple(
        answer(_BALANCE % (cents, cents // 100, cents % 100)) for cents in range(123456, 123456 + 101 * _BALANCES, 101)
    )
    asked = 0
    pages: tuple[bytes, ...] = ()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        while _END in self._received:
            head, _, self._received = self._received.partition(_END)
            self._transport.write(self._answer(head))  # type: ignore[attr-defined]

    def _answer(self, head: bytes) -> bytes:
        if b"/markets" not in head:
            self.asked += 1
            return self.balances[self.asked % _BALANCES]
        found = _CURSOR.search(head)
        number = int(found[1]) if found else 0
        # Pages without an end: the caller limits the number of items. No two pages are alike, so a cache of one page
        # is of no use for the next.
        page = self.pages[number % len(self.pages)].replace(b'"2026-', b'"%d-' % (2026 + number))
        return answer(page + b'"%d"}' % (number + 1))


async def serve(folder: Path) -> None:
    """Serve until standard input ends."""
    Answering.pages = tuple(path.read_bytes().rpartition(b'""}')[0] for path in sorted(folder.glob("markets_*.json")))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Answering, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
