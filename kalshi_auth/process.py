"""
RSA signatures made by a separate process while the event loop is free.

Threads are no substitute: they need the loop's interpreter before and after each signature.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from asyncio.subprocess import PIPE, Process
from binascii import a2b_base64, b2a_base64
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kalshi_auth.errors import CredentialsError
from kalshi_auth.process_main import PROGRAM, READY
from kalshi_auth.signing import Ed25519Signer, RsaPssSigner, Signer

_LOGGER: Final = logging.getLogger("kalshi_auth.process")
_START: Final = (
    "import json, runpy, sys; sys.path[:] = json.loads(sys.argv[1]); runpy.run_path(sys.argv[2], run_name='__main__')"
)
_START_TIMEOUT_S: Final = 60.0
_EXIT_TIMEOUT_S: Final = 1.0
_CHUNK: Final = 65_536
_CHECKS: Final = 4  # in a row without a signature; a loop that was blocked makes one come late


@asynccontextmanager
async def signing_process(signer: RsaPssSigner | Ed25519Signer, *, patience_s: float = 1.0) -> AsyncIterator[Signer]:
    """
    Start a process that makes a signer's signatures for the running event loop.

    Only speed changes. The process receives the key through a pipe, and ends with the block or with this process. If it
    dies or hangs, a warning is logged and this process signs, as it does in other event loops and in synchronous code.
    An Ed25519 signer is returned unchanged: it signs faster than a process can be asked to.

    Args:
        signer: The signer whose key signs.
        patience_s: Seconds without a signature after which the process counts as hung; above 0.

    Raises:
        CredentialsError: The signer is of another kind, or overrides `sign`.
        ValueError: `patience_s` is not above 0.
        OSError: The process cannot be started, or does not get ready (ChildProcessError).
        NotImplementedError: The event loop cannot start processes, such as Windows' selector loop.

    Example:
        async with signing_process(signer_from_env()) as signer, signed_client(signer, base_url=DEMO) as client:
            ...
    """
    if not patience_s > 0:
        raise ValueError(f"patience_s must be a number of seconds above 0, not {patience_s!r}")
    if isinstance(signer, Ed25519Signer):
        yield signer
        return
    if getattr(type(signer), "sign", None) is not RsaPssSigner.sign:
        found = f"found a signer of type {type(signer).__name__}"
        raise CredentialsError(f"{found}; expected an RsaPssSigner itself: a process would bypass another `sign`")
    worker = _ProcessSigner(signer, await _start(), patience_s)
    try:
        await worker.start()
        yield worker
    finally:
        await worker.stop()


async def _start() -> Process:
    """Start a process that finds this one's libraries and runs none of this one's code."""
    if getattr(sys, "frozen", False) or not sys.executable:
        raise OSError("a signing process needs a Python interpreter to start, and this program has none")
    path = json.dumps([str(Path(entry).absolute()) for entry in sys.path if entry and isinstance(entry, str)])
    return await asyncio.create_subprocess_exec(
        # Isolated from the environment and `site`; in its own session, which Ctrl-C does not reach.
        sys.executable, "-I", "-S", "-c", _START, path, PROGRAM, stdin=PIPE, stdout=PIPE, start_new_session=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("KALSHI_")},
    )  # fmt: skip


class _ProcessSigner:
    """An `AsyncSigner` whose process returns signatures in the order in which they are requested."""

    def __init__(self, signer: RsaPssSigner, process: Process, patience_s: float) -> None:
        self._signer = signer
        self._process: Any = process  # its pipes are typed as optional
        self._patience_s = patience_s
        self._loop = asyncio.get_running_loop()
        self._pending: deque[asyncio.Future[bytes | None]] = deque()
        self._received = 0
        self._timer: asyncio.TimerHandle | None = None
        self._is_serving = False
        self._reader = self._loop.create_task(self._read())

    @property
    def key_id(self) -> str:
        return self._signer.key_id

    def __repr__(self) -> str:
        return f"signing_process({self._signer!r})"

    def sign(self, message: bytes) -> bytes:
        return self._signer.sign(message)

    async def asign(self, message: bytes) -> bytes | None:
        if asyncio.get_running_loop() is not self._loop:
            return None
        if self._timer is None:
            self._timer = self._loop.call_later(self._patience_s / _CHECKS, self._check, self._received, 1)
        return await self._request(message)

    async def start(self) -> None:
        """Send the key; ChildProcessError where the process does not get ready."""
        try:
            private_key = self._signer._private_key
            ready = self._request(private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
        except BaseException as error:
            raise error.with_traceback(None) from None  # its frames hold the key
        await asyncio.wait([ready], timeout=_START_TIMEOUT_S)
        if not (ready.done() and ready.result() == READY):
            raise ChildProcessError("the signing process did not get ready; its standard error may say why")
        self._is_serving = True

    async def stop(self) -> None:
        """End the process and wait for its end; pending requests get None."""
        self._is_serving = False
        self._end()
        kill = self._loop.call_later(_EXIT_TIMEOUT_S, self._kill)
        cancelled: asyncio.CancelledError | None = None
        while not (self._reader.done() and self._process.returncode is not None):
            try:
                await asyncio.wait([self._reader])
                await self._process.wait()  # a loop that ends cancels the reader too
            except asyncio.CancelledError as error:
                cancelled = error
        kill.cancel()
        if cancelled is not None:
            raise cancelled

    def _request(self, payload: bytes) -> asyncio.Future[bytes | None]:
        answer: asyncio.Future[bytes | None] = self._loop.create_future()
        if self._process.stdin.is_closing():
            answer.set_result(None)
        else:
            self._pending.append(answer)
            self._process.stdin.write(b2a_base64(payload))
        return answer

    async def _read(self) -> None:
        """Resolve requests as their answers arrive, until the process has ended."""
        incomplete = b""
        while data := await self._process.stdout.read(_CHUNK):
            *lines, incomplete = (incomplete + data).split(b"\n")
            self._received += len(lines)
            for line in lines[: len(self._pending)]:
                if not (answer := self._pending.popleft()).done():
                    answer.set_result(a2b_base64(line))
        self._end()
        status = await self._process.wait()
        if self._is_serving:
            _LOGGER.warning("the signing process ended (status %s): this process signs from now on", status)

    def _check(self, received: int, checks: int) -> None:
        self._timer = None
        checks = checks + 1 if received == self._received else 1
        if self._pending and checks > _CHECKS:
            _LOGGER.warning("the signing process has not answered for %s s and is ended", self._patience_s)
            self._end()
            self._kill()
        elif self._pending:
            self._timer = self._loop.call_later(self._patience_s / _CHECKS, self._check, self._received, checks)

    def _end(self) -> None:
        while self._pending:
            if not (answer := self._pending.popleft()).done():
                answer.set_result(None)
        self._process.stdin.close()  # the process exits at the end of its input

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()
