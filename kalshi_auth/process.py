"""
RSA signatures that are made beside an event loop, in a process.

A thread that signs needs the loop's interpreter before and after each signature, which takes a third more of the loop
for each of 20 requests in flight. A process needs none of it.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

from kalshi_auth.child import PROGRAM
from kalshi_auth.errors import CredentialsError
from kalshi_auth.signing import Ed25519Signer, RsaPssSigner, Signer, private_der
from kalshi_auth.worker import Worker

_START: Final = (
    "import json, runpy, sys; sys.path[:] = json.loads(sys.argv[1]); runpy.run_path(sys.argv[2], run_name='__main__')"
)
_PATIENCE_S: Final = 1.0


@asynccontextmanager
async def signing_process(
    signer: RsaPssSigner | Ed25519Signer, *, patience_s: float = _PATIENCE_S
) -> AsyncIterator[Signer]:
    """
    Have a process make a signer's signatures, for the event loop in which this is entered.

    That changes nothing but speed. The process gets the key through a pipe, and lives as long as the block, and no
    longer than this process. If it ends before, or hangs, a warning is logged, and the client signs as it does with the
    signer itself; so it always does in other loops and for calls that are not asynchronous. An Ed25519 signer is handed
    back as it is: it signs in less time than a process can be asked to.

    Args:
        signer: Whose key signs.
        patience_s: Seconds without a signature after which the process is taken to hang; above 0.

    Raises:
        CredentialsError: The signer is of another kind, or signs in a way of its own.
        OSError: The process can't be started, or does not come up (ChildProcessError).
        NotImplementedError: The event loop can't start processes, such as Windows' selector loop.

    Example:
        async with signing_process(signer_from_env()) as signer, signed_client(signer, base_url=DEMO) as client:
            ...
    """
    if not patience_s > 0:
        raise ValueError(f"patience_s is a number of seconds above 0, not {patience_s!r}")
    if isinstance(signer, Ed25519Signer):
        yield signer
        return
    if getattr(type(signer), "sign", None) is not RsaPssSigner.sign:
        found = f"found a signer of type {type(signer).__name__}"
        raise CredentialsError(f"{found}; expected an RsaPssSigner itself, for a process would sign past another")
    worker = await _started(patience_s)
    try:
        await worker.come_up(partial(private_der, signer))
        yield _ProcessSigner(signer, worker)
    finally:
        await worker.dismiss()


async def _started(patience_s: float) -> Worker:
    """Start a process that finds the libraries of this one, and runs nothing that this one runs."""
    if getattr(sys, "frozen", False) or not sys.executable:
        raise OSError("a signing process needs a Python to start, and this program is its own")
    path = json.dumps([str(Path(entry).absolute()) for entry in sys.path if entry and isinstance(entry, str)])
    loop = asyncio.get_running_loop()
    _, worker = await loop.subprocess_exec(
        # The environment and `site` have no say. Ctrl-C does not reach a session of its own.
        partial(Worker, loop, patience_s), sys.executable, "-I", "-S", "-c", _START, path, PROGRAM,
        env={name: value for name, value in os.environ.items() if not name.startswith("KALSHI_")},
        stderr=None, start_new_session=True,
    )  # fmt: skip
    return worker


class _ProcessSigner:
    """An RSA signer with a process."""

    def __init__(self, signer: RsaPssSigner, worker: Worker) -> None:
        self._signer = signer
        self._worker = worker

    @property
    def key_id(self) -> str:
        return self._signer.key_id

    def __repr__(self) -> str:
        return f"signing_process({self._signer!r})"

    def sign(self, message: bytes) -> bytes:
        return self._signer.sign(message)

    async def asign(self, message: bytes) -> bytes | None:
        if asyncio.get_running_loop() is not self._worker.loop:
            return None
        return await self._worker.signature(message)
