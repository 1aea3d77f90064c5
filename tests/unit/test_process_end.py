"""The end of a signing process: with its block, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import Any

import pytest

from kalshi_auth import RsaPssSigner
from kalshi_auth.process import signing_process
from tests.unit.signing_processes import (
    MESSAGES,
    CountingKey,
    Exchange,
    gets_none,
    let_tasks_begin,
    pid_of,
    with_process,
)
from tests.vectors.material import KEY_ID

unix = pytest.mark.skipif(sys.platform == "win32", reason="signals are Unix's")


def test_after_the_block_clients_sign_here(caplog: pytest.LogCaptureFixture) -> None:
    """Pending requests get None at once; no warning is logged."""

    async def run() -> bool:
        async with signing_process(RsaPssSigner(KEY_ID, CountingKey())) as started:
            signer: Any = started
            asked = [asyncio.ensure_future(signer.asign(message)) for message in MESSAGES]
            await let_tasks_begin()
        await exchange.receive(signer)
        return None in await asyncio.gather(*asked) and await gets_none(signer)

    exchange = Exchange()
    assert asyncio.run(run())
    assert exchange.verified()
    assert not caplog.records


def test_the_process_ends_with_the_block(caplog: pytest.LogCaptureFixture) -> None:
    """It ends without a warning, also by an exception, which is raised unchanged."""
    found: list[int] = []

    async def fail(signer: Any) -> None:
        found.append(pid_of(signer))
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        with_process(fail)
    with pytest.raises(ProcessLookupError):
        os.kill(found[0], 0)
    assert not caplog.records


@unix
def test_a_process_that_hangs_ends_with_the_block_too(caplog: pytest.LogCaptureFixture) -> None:
    """Stopped, it does not see the end of its input."""
    found: list[int] = []

    async def stop(signer: Any) -> None:
        found.append(pid_of(signer))
        os.kill(found[0], signal.SIGSTOP)

    with_process(stop)
    with pytest.raises(ProcessLookupError):
        os.kill(found[0], 0)
    assert not caplog.records


def test_repeated_cancellations_while_the_block_ends_leave_no_process() -> None:
    """Each time the end of the process is awaited; then the cancellation is raised."""
    found: list[int] = []

    async def run() -> None:
        async with signing_process(RsaPssSigner(KEY_ID, CountingKey())) as signer:
            found.append(pid_of(signer))
            await asyncio.sleep(30)

    async def cancel() -> None:
        task = asyncio.ensure_future(run())
        while not found:
            await asyncio.sleep(0.01)
        for _ in range(3):
            task.cancel()
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(ProcessLookupError):
            os.kill(found[0], 0)

    asyncio.run(cancel())


def test_a_cancellation_while_the_block_ends_is_raised() -> None:
    """A task whose block was complete is cancelled once the process has ended."""
    found: list[Any] = []

    async def run() -> None:
        async with signing_process(RsaPssSigner(KEY_ID, CountingKey())) as signer:
            found.append(signer)

    async def cancel() -> None:
        task = asyncio.ensure_future(run())
        while not (found and found[0]._process.stdin.is_closing()):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())


@unix
@pytest.mark.parametrize("stopped", [True, False])
def test_the_process_ends_with_a_task_that_is_left_to_the_loop(stopped: bool) -> None:
    """`asyncio.run` cancels the block's task when the program's own ends."""
    found: list[int] = []

    async def left() -> None:
        async with signing_process(RsaPssSigner(KEY_ID, CountingKey())) as signer:
            found.append(pid_of(signer))
            await asyncio.sleep(30)

    async def run() -> asyncio.Task[None]:
        task = asyncio.ensure_future(left())
        while not found:
            await asyncio.sleep(0.01)
        if stopped:
            os.kill(found[0], signal.SIGSTOP)
        return task

    assert asyncio.run(run()).cancelled()
    with pytest.raises(ProcessLookupError):
        os.kill(found[0], 0)
