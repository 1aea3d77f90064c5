"""
RSA signatures that are made beside an event loop, in a process.

A thread that signs needs the loop's interpreter before and after each signature, and a process does not: of what 20
requests in flight cost the loop, that is half.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from kalshi_auth.child import READY
from kalshi_auth.errors import CredentialsError
from kalshi_auth.signing import Ed25519Signer, RsaPssSigner, Signer, exported
from kalshi_auth.worker import Worker

_PATIENCE_S: Final = 2.0
_STARTS_S: Final = 60.0


@asynccontextmanager
async def signing_process(
    signer: RsaPssSigner | Ed25519Signer, *, patience_s: float = _PATIENCE_S
) -> AsyncIterator[Signer]:
    """
    Have a process make a signer's signatures, for the event loop in which this is entered.

    That changes nothing but speed. The process gets the key through a pipe, and lives as long as the block, and no
    longer than this process. If it ends before, or hangs, a warning is logged and this process signs, as it always does
    for other loops and for calls that are not asynchronous. An Ed25519 signer is handed back as it is: it signs in less
    time than a process can be asked to.

    Args:
        signer: Whose key signs.
        patience_s: Seconds without a signature after which the process is taken to hang.

    Raises:
        CredentialsError: The signer is of another kind, whose key is not to be had.
        OSError: The process can't be started, or does not come up.
        NotImplementedError: The event loop can't start processes, such as Windows' selector loop.

    Example:
        async with signing_process(signer_from_env()) as signer, signed_client(signer, base_url=DEMO) as client:
            ...
    """
    if isinstance(signer, Ed25519Signer):
        yield signer
        return
    if not isinstance(signer, RsaPssSigner):
        raise CredentialsError(
            f"found a signer of type {type(signer).__name__}; expected one of this package's, with a key"
        )
    worker = await Worker.started()
    try:
        up = worker.answer(exported(signer))
        await asyncio.wait([up], timeout=_STARTS_S)
        if not up.done() or up.result() != READY:
            raise ChildProcessError("the signing process did not come up; its standard error may say why")
        yield _ProcessSigner(signer, worker, patience_s)
    finally:
        await worker.dismiss()


class _ProcessSigner:
    """An RSA signer with a process."""

    def __init__(self, signer: RsaPssSigner, worker: Worker, patience_s: float) -> None:
        self._signer = signer
        self._worker = worker
        self._patience_s = patience_s

    @property
    def key_id(self) -> str:
        return self._signer.key_id

    def __repr__(self) -> str:
        return f"signing_process({self._signer!r})"

    def sign(self, message: bytes) -> bytes:
        return self._signer.sign(message)

    async def asign(self, message: bytes) -> bytes:
        if asyncio.get_running_loop() is self._worker.loop:
            signature = await self._worker.answer(message, patience_s=self._patience_s)
            if signature is not None:
                return signature
        return await asyncio.to_thread(self.sign, message)
