"""A signing process: only speed changes, even when the process dies or hangs."""

from __future__ import annotations

import asyncio
import base64
import logging
import os
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any, Final

import pytest

from kalshi_auth import CredentialsError, RsaPssSigner, Signer, signer_from_file
from kalshi_auth.process import signing_process
from tests.unit.signing_processes import (
    MESSAGES,
    CountingKey,
    Exchange,
    Pipes,
    all_verify,
    gets_none,
    let_tasks_begin,
    pid_of,
    piped,
    with_process,
)
from tests.vectors.material import KEY_ID, key_file, pem, rsa_verifies

SECRET: Final = b"as it were a key"
unix = pytest.mark.skipif(sys.platform == "win32", reason="signals are Unix's")


def test_a_process_signs_for_the_loop() -> None:
    """Each signature is over its message, also an empty one; this process makes none."""

    async def ask(signer: Any) -> bool:
        return rsa_verifies(await signer.asign(b""), b"") and await all_verify(signer)

    assert with_process(ask, key := CountingKey())
    assert key.count == 0


def test_a_client_sends_what_the_process_signed() -> None:
    """Of requests that are under way together, each has its own signature, none made by this process."""
    exchange = Exchange()
    with_process(exchange.receive, key := CountingKey())
    assert exchange.verified()
    assert key.count == 0


def test_a_cancelled_request_does_not_take_another_ones_signature() -> None:
    """A signature that nothing waits for any more is discarded."""

    async def ask(signer: Any) -> bool:
        asked = [asyncio.ensure_future(signer.asign(message)) for message in MESSAGES * 100]
        await let_tasks_begin()
        for number, each in enumerate(asked):
            if number % 2 or number > len(MESSAGES):
                each.cancel()
        good = [rsa_verifies(await asked[number], MESSAGES[number]) for number in range(0, len(MESSAGES), 2)]
        good.append(rsa_verifies(await signer.asign(b"the last"), b"the last"))
        return all(good)

    assert with_process(ask, key := CountingKey())
    assert key.count == 0


@unix
@pytest.mark.parametrize("waiting", [True, False])
def test_when_the_process_dies_clients_sign_here(waiting: bool, caplog: pytest.LogCaptureFixture) -> None:
    """Requests that waited for it and later ones are signed here; one warning is logged."""
    exchange = Exchange()

    async def ask(signer: Any) -> None:
        asked = asyncio.ensure_future(exchange.receive(signer, 20 * waiting))
        while waiting and not exchange.requests:
            await asyncio.sleep(0)
        os.kill(pid_of(signer), signal.SIGKILL)
        time.sleep(0.2)  # the loop does not know yet
        assert await gets_none(signer)
        await asyncio.gather(asked, exchange.receive(signer))
        assert await gets_none(signer)

    with_process(ask, key := CountingKey())
    assert exchange.verified(20 + 20 * waiting)
    assert 20 <= key.count < 40
    [record] = caplog.records
    assert record.getMessage() == "the signing process ended (status -9): this process signs from now on"
    assert (record.name, record.levelno) == ("kalshi_auth.process", logging.WARNING)


@unix
def test_a_process_that_hangs_is_ended(caplog: pytest.LogCaptureFixture) -> None:
    """No request waits longer than `patience_s`, and each has the time at which it is sent."""
    exchange, sent_ms = Exchange(), time.time_ns() // 10**6

    async def ask(signer: Any) -> None:
        os.kill(pid_of(signer), signal.SIGSTOP)
        await exchange.receive(signer)
        while len(caplog.records) < 2:
            await asyncio.sleep(0.01)

    with_process(ask, key := CountingKey(), patience_s=0.2)
    assert exchange.verified()
    assert key.count == 20
    assert all(int(each.headers["KALSHI-ACCESS-TIMESTAMP"]) >= sent_ms + 200 for each in exchange.requests)
    said = [record.getMessage() for record in caplog.records]
    assert said[0] == "the signing process has not answered for 0.2 s and is ended"
    assert len(said) == 2


@unix
def test_a_process_that_hangs_later_is_ended_too() -> None:
    """Its progress is checked for as long as a request is pending."""

    async def ask(signer: Any) -> list[bytes | None]:
        asked = asyncio.gather(*(signer.asign(MESSAGES[0]) for _ in range(1000)))
        await asyncio.sleep(0.1)
        os.kill(pid_of(signer), signal.SIGSTOP)
        return await asked

    signatures = with_process(ask, patience_s=0.3)
    assert 0 < signatures.count(None) < 1000
    assert None not in signatures[: signatures.index(None)]


@unix
def test_a_process_that_hangs_after_a_pause_is_ended_too() -> None:
    """Its progress is checked again from the next request on."""

    async def ask(signer: Any) -> bytes | None:
        await signer.asign(MESSAGES[0])
        await asyncio.sleep(0.2)
        os.kill(pid_of(signer), signal.SIGSTOP)
        signature: bytes | None = await asyncio.wait_for(signer.asign(MESSAGES[0]), 10)
        return signature

    assert with_process(ask, patience_s=0.2) is None


def test_a_process_that_is_busy_does_not_hang(caplog: pytest.LogCaptureFixture) -> None:
    """`patience_s` is for one signature, not for all that are pending."""

    async def ask(signer: Any) -> bool:
        signatures = await asyncio.gather(*(signer.asign(MESSAGES[0]) for _ in range(3000)))
        return all(rsa_verifies(each, MESSAGES[0]) for each in signatures[::100])

    assert with_process(ask, patience_s=0.5)
    assert not caplog.records


def test_a_loop_that_was_blocked_does_not_take_the_process_for_hung(caplog: pytest.LogCaptureFixture) -> None:
    """The signatures had arrived, but the loop could not read them."""

    async def ask(signer: Any) -> bool:
        asked = asyncio.ensure_future(all_verify(signer))
        await let_tasks_begin()
        time.sleep(1)
        return await asked and await all_verify(signer)

    assert with_process(ask, patience_s=0.4)
    assert not caplog.records


def test_another_loop_and_no_loop_sign_here() -> None:
    """The process signs only for the loop that started it."""
    exchange = Exchange()

    async def ask(signer: Any) -> bool:
        await asyncio.to_thread(lambda: asyncio.run(exchange.receive(signer)))
        return rsa_verifies(signer.sign(b"by hand"), b"by hand")

    assert with_process(ask, key := CountingKey())
    assert exchange.verified()
    assert key.count == 21


def test_an_ed25519_signer_stays_as_it_is() -> None:
    """It signs faster than a process can be asked to."""
    signer = signer_from_file(KEY_ID, key_file("ed25519"))

    async def run() -> Signer:
        async with signing_process(signer) as same:
            return same

    assert asyncio.run(run()) is signer


class Remote:
    """A signer without a key."""

    key_id = KEY_ID

    def sign(self, message: bytes) -> bytes:
        return message


class Guarded(RsaPssSigner):
    """A signer that overrides `sign`."""

    __slots__ = ()

    def sign(self, message: bytes) -> bytes:
        raise PermissionError(message)


@pytest.mark.parametrize("signer", [Remote(), Guarded(KEY_ID, CountingKey()), KEY_ID])
def test_a_signer_with_its_own_sign_is_rejected(signer: Any) -> None:
    """A process would bypass it."""

    async def run() -> None:
        async with signing_process(signer):
            raise AssertionError

    with pytest.raises(
        CredentialsError, match=f"found a signer of type {type(signer).__name__}; expected an RsaPssSigner"
    ):
        asyncio.run(run())


@pytest.mark.parametrize("patience_s", [0, -1, float("nan")])
def test_patience_is_above_zero(patience_s: float) -> None:
    """Any other value would end the process at once, or never."""
    with pytest.raises(ValueError, match="patience_s must be a number of seconds above 0"):
        with_process(all_verify, patience_s=patience_s)


def test_the_signer_shows_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither its repr nor the process's command line or environment has the key, wherever the key came from."""
    monkeypatch.setenv("KALSHI_PRIVATE_KEY", pem("rsa_pkcs8"))

    async def ask(signer: Any) -> tuple[str, str, list[bytes]]:
        folder = Path(f"/proc/{pid_of(signer)}")
        looked = [(folder / name).read_bytes() for name in ("cmdline", "environ")] if folder.exists() else []
        return repr(signer), signer.key_id, looked

    shown, key_id, looked = with_process(ask)
    assert shown == "signing_process(RsaPssSigner(key_id='0a1b…'))"
    assert key_id == KEY_ID
    text = "".join(pem("rsa_pkcs8").splitlines()[1:-1])
    secret = base64.b64decode(text)[100:160]
    shapes = (text[64:128].encode(), secret, secret.hex().encode(), KEY_ID.encode())
    assert not any(shape in each for shape in shapes for each in looked)


def test_no_traceback_holds_the_key() -> None:
    """An interruption while the key is sent, such as a signal's handler that exits, shows none of it."""

    class Known(CountingKey):
        def private_bytes(self, *arguments: Any) -> bytes:
            return SECRET

    class Ending(Pipes):
        def write(self, data: bytes) -> None:
            assert base64.b64decode(data) == SECRET
            raise SystemExit(1)

    async def start() -> None:
        await piped(Ending(), Known()).start()

    with pytest.raises(SystemExit) as caught:
        asyncio.run(start())
    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    assert "start" in [frame.f_code.co_name for frame in frames]
    shown = [repr(value) for frame in frames[1:] for value in frame.f_locals.values()]
    secrets = (SECRET.decode(), base64.b64encode(SECRET).decode())
    assert not any(secret in each for secret in secrets for each in shown)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 1000])
def test_signatures_are_complete_however_the_pipe_cuts_them(size: int) -> None:
    """They are whole and in order, whatever pieces arrive; a line that is not complete is no signature."""
    signatures = [b"a", b"bc" * 200, bytes(range(256))]
    sent = b"".join(base64.b64encode(each) + b"\n" for each in signatures) + b"abcd"

    async def ask() -> list[bytes | None]:
        pipes = Pipes()
        signer = piped(pipes)
        asked = [asyncio.ensure_future(signer.asign(each)) for each in (*signatures, b"the last")]
        await let_tasks_begin()
        for start in range(0, len(sent), size):
            pipes.received.put_nowait(sent[start : start + size])
        pipes.received.put_nowait(b"")
        return await asyncio.wait_for(asyncio.gather(*asked), 5)

    assert asyncio.run(ask()) == [*signatures, None]
