"""Run uvicorn in a thread of its own, on a loopback port."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.auto import AutoHTTPProtocol

HOST: Final = "127.0.0.1"
_KEEP_ALIVE_S: Final = 3600
_START_TIMEOUT_S: Final = 30.0
_BACKLOG: Final = 2048


class _TransportProtocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """uvicorn's HTTP protocol, with the transport in each request's state, so that a fault can close it."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.app_state: dict[str, Any] = {**self.app_state, "transport": transport}


class _StoppableServer(uvicorn.Server):
    """uvicorn's server, with an event that tells when it has started, and a `stop` without waiting."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()
        self._end = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.up.set()
        await self._end.wait()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        # Requests that wait for a latency fault would delay the end. Connections notice the abort first.
        await asyncio.sleep(0)
        for task in list(self.server_state.tasks):
            task.cancel()

    def stop(self) -> None:
        """Stop, from any thread."""
        self.should_exit = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._end.set)


class UvicornServer:
    """
    A server that runs from its construction until `stop`.

    Args:
        app: ASGI application.
        port: Port on the loopback interface; 0 for any free port.

    Attributes:
        port: The port that it listens on.

    Raises:
        OSError: The port is in use.
        RuntimeError: The server has not started within 30 seconds.
    """

    def __init__(self, app: ASGIApp, port: int) -> None:
        # asyncio disables Nagle's algorithm only for sockets created as TCP; with it a response waits 40 ms for an ACK.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((HOST, port))
            self._socket.listen(_BACKLOG)
        except OSError as error:
            self._socket.close()
            raise OSError(error.errno, f"port {port}: {error.strerror}") from None
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            app,
            http=_TransportProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            date_header=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=1,
        )
        self._server = _StoppableServer(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="kalshi_paper", daemon=True
        )
        self._thread.start()
        if not self._server.up.wait(_START_TIMEOUT_S):
            raise RuntimeError("the paper exchange did not start")

    def stop(self) -> None:
        """Close all connections and end the thread; calling it again does nothing."""
        self._server.stop()
        self._thread.join()
        self._socket.close()
