"""A signing process, as the event loop that started it sees it."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from kalshi_auth.child import READY, framed, unframed

_LOGGER: Final = logging.getLogger("kalshi_auth.worker")
_STARTS_S: Final = 60.0
_ENDS_S: Final = 1.0
_AT_ONCE: Final = 16
"""Questions in the pipe; what waits here can still be cancelled."""
_LOOKS: Final = 4
"""In a row, before the process is taken to hang: one comes late where the loop was held, or the program stopped."""


class Worker(asyncio.SubprocessProtocol):
    """
    Hands out signatures, in the order in which they are asked for.

    Args:
        loop: The loop that runs.
        patience_s: Seconds without a signature after which the process is taken to hang, and ended.

    Attributes:
        loop: The same loop.
    """

    _transport: asyncio.SubprocessTransport
    _inbox: asyncio.WriteTransport

    def __init__(self, loop: asyncio.AbstractEventLoop, patience_s: float) -> None:
        self.loop: asyncio.AbstractEventLoop = loop
        self._patience_s = patience_s
        self._waiting: deque[tuple[asyncio.Future[bytes | None], bytes]] = deque()
        self._asked: deque[asyncio.Future[bytes | None]] = deque()
        self._answers = 0
        self._received = bytearray()
        self._watch: asyncio.TimerHandle | None = None
        self._serves = self._lost = False
        self._ended = asyncio.Event()

    async def come_up(self, key: Callable[[], bytes]) -> None:
        """Hand over the key that `key` returns (DER, PKCS #8), or raise a ChildProcessError."""
        try:
            up = self._answer(key())
        except BaseException as error:
            raise error.with_traceback(None) from None  # its frames hold the key
        await asyncio.wait([up], timeout=_STARTS_S)
        self._serves = up.done() and up.result() == READY
        if not self._serves:
            raise ChildProcessError("the signing process did not come up; its standard error may say why")

    async def dismiss(self) -> None:
        """End the process, and wait for that; whoever waits for a signature gets none."""
        self._serves = False
        self._end()
        late = self.loop.call_later(_ENDS_S, self._kill)
        cancelled: asyncio.CancelledError | None = None
        while not self._ended.is_set():
            try:
                await self._ended.wait()
            except asyncio.CancelledError as error:
                cancelled = error
        late.cancel()
        self._transport.close()
        if cancelled is not None:
            raise cancelled

    def signature(self, message: bytes) -> asyncio.Future[bytes | None]:
        """Return what will be the signature, or None when there is to be none."""
        answer = self._answer(message)
        if self._watch is None:
            self._look(self._answers, 0)
        return answer

    def _answer(self, question: bytes) -> asyncio.Future[bytes | None]:
        answer: asyncio.Future[bytes | None] = self.loop.create_future()
        if self._lost:
            answer.set_result(None)
        else:
            self._waiting.append((answer, question))
            self._ask()
        return answer

    def _ask(self) -> None:
        while self._waiting and len(self._asked) < _AT_ONCE and not self._inbox.is_closing():
            answer, question = self._waiting.popleft()
            if not answer.done():
                self._asked.append(answer)
                self._inbox.write(framed(question))

    def _look(self, answers: int, looks: int) -> None:
        self._watch = None
        if not self._asked:
            return
        if answers != self._answers:
            answers, looks = self._answers, 0
        if looks == _LOOKS:
            _LOGGER.warning("the signing process has not answered for %s s and is ended", self._patience_s)
            self._end()
            self._kill()
        else:
            self._watch = self.loop.call_later(self._patience_s / _LOOKS, self._look, answers, looks + 1)

    def _end(self) -> None:
        self._lost = True
        for answer in [*self._asked, *(answer for answer, _ in self._waiting)]:
            _settle(answer, None)
        self._asked.clear()
        self._waiting.clear()
        if not self._inbox.is_closing():
            self._inbox.abort()  # which the process takes as its end

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            self._transport.kill()

    def connection_made(self, transport: Any) -> None:
        self._transport, self._inbox = transport, transport.get_pipe_transport(0)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self._received += data
        while self._asked and (answer := unframed(self._received)) is not None:
            self._answers += 1
            _settle(self._asked.popleft(), answer)
        self._ask()

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        self._end()

    def process_exited(self) -> None:
        if self._serves:
            status = self._transport.get_returncode()
            _LOGGER.warning("the signing process ended (status %s): this process signs from now on", status)

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended.set()


def _settle(answer: asyncio.Future[bytes | None], result: bytes | None) -> None:
    if not answer.done():
        answer.set_result(result)
