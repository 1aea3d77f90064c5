"""A process that is asked through a pipe, as the event loop that started it sees it."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections import deque
from functools import partial
from typing import Any, Final, Self

from kalshi_auth.child import framed, unframed

_LOGGER: Final = logging.getLogger("kalshi_auth.worker")
_START: Final = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from kalshi_auth.child import main; main()"
_OUT: Final = 1


class Worker(asyncio.SubprocessProtocol):
    """
    Asks, and hands out answers, which come in the order of the questions.

    Args:
        loop: The loop that runs.

    Attributes:
        loop: The same.
    """

    _transport: asyncio.SubprocessTransport
    _inbox: asyncio.WriteTransport

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop: asyncio.AbstractEventLoop = loop
        self._asked: deque[asyncio.Future[bytes | None]] = deque()
        self._answers = 0
        self._received = bytearray()
        self._watch: asyncio.TimerHandle | None = None
        self._lost = self._dismissed = False
        self._ended = asyncio.Event()

    @classmethod
    async def started(cls) -> Self:
        """Start a process that imports what this one does, but not what this one runs."""
        loop = asyncio.get_running_loop()
        path = json.dumps([entry for entry in sys.path if isinstance(entry, str)])
        _, worker = await loop.subprocess_exec(partial(cls, loop), sys.executable, "-c", _START, path, stderr=None)
        return worker

    async def dismiss(self) -> None:
        """End the process; whoever waits for an answer gets none."""
        self._dismissed = True
        self._transport.close()
        await self._ended.wait()

    def answer(self, question: bytes, *, patience_s: float | None = None) -> asyncio.Future[bytes | None]:
        """
        Return what will be the answer, or None when there is to be none.

        Args:
            question: Anything but nothing.
            patience_s: Seconds without any answer after which the process is taken to hang, and ended; None: never.
        """
        answer: asyncio.Future[bytes | None] = self.loop.create_future()
        if self._lost or self._inbox.is_closing():
            answer.set_result(None)
        else:
            self._asked.append(answer)
            self._inbox.write(framed(question))
            if patience_s is not None and self._watch is None:
                self._look_after(patience_s)
        return answer

    def _look_after(self, patience_s: float) -> None:
        self._watch = self.loop.call_later(patience_s, self._look, self._answers, patience_s)

    def _look(self, answers: int, patience_s: float) -> None:
        self._watch = None
        if self._asked and self._answers == answers:
            _LOGGER.warning("the signing process has not answered for %s s and is ended", patience_s)
            self._transport.kill()
        elif self._asked:
            self._look_after(patience_s)

    def _settle(self, answer: bytes | None) -> None:
        asked = self._asked.popleft()
        if not asked.done():
            asked.set_result(answer)

    def connection_made(self, transport: Any) -> None:
        self._transport, self._inbox = transport, transport.get_pipe_transport(0)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self._received += data
        while (answer := unframed(self._received)) is not None:
            self._answers += 1
            self._settle(answer)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        self._lost = True
        while fd == _OUT and self._asked:
            self._settle(None)

    def process_exited(self) -> None:
        if not self._dismissed:
            status = self._transport.get_returncode()
            _LOGGER.warning("the signing process ended (status %s): this process signs from now on", status)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._watch is not None:
            self._watch.cancel()
        self._ended.set()
