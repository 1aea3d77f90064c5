"""A signing process: nothing but speed changes, whatever becomes of the process."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from kalshi_trade_api.api.portfolio import get_balance

from kalshi_auth import AsyncSigner, CredentialsError, RsaPssSigner, Signer, signed_client, signer_from_file
from kalshi_auth.child import framed, unframed
from kalshi_auth.process import signing_process
from tests.vectors.material import KEY_ID, headers_verify, key_file, pem, rsa_verifies

ROOT: Final = Path(__file__).parents[2]
MESSAGES: Final = [f"1703123456{number:03}GET/trade-api/v2/portfolio/balance".encode() for number in range(40)]
_T = TypeVar("_T")
unix = pytest.mark.skipif(sys.platform == "win32", reason="signals are Unix's")


class Counting(RsaPssSigner):
    """A signer that knows how often it signed in this process."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        key: Any = load_pem_private_key(pem("rsa_pkcs8").encode(), None)
        super().__init__(KEY_ID, key)
        self.count = 0

    def sign(self, message: bytes) -> bytes:
        self.count += 1
        return super().sign(message)


def with_process(use: Callable[[AsyncSigner], Coroutine[Any, Any, _T]], signer: RsaPssSigner, **options: Any) -> _T:
    """Use a signing process in an event loop of its own."""

    async def run() -> _T:
        async with asyncio.timeout(30), signing_process(signer, **options) as started:
            assert isinstance(started, AsyncSigner)
            return await use(started)

    return asyncio.run(run())


def process_of(signer: Any) -> int:
    """Return a signing process's id."""
    number: int = signer._worker._transport.get_pid()
    return number


async def all_verify(signer: AsyncSigner) -> bool:
    """Tell whether signatures that are asked for together are each over its own message."""
    signatures = await asyncio.gather(*map(signer.asign, MESSAGES))
    return all(map(rsa_verifies, signatures, MESSAGES))


def test_a_process_signs_for_the_loop() -> None:
    """Each signature is over its message, and none was made in this process."""
    signer = Counting()
    assert with_process(all_verify, signer)
    assert signer.count == 0


def test_a_client_sends_what_the_process_signed() -> None:
    """Requests under way together are signed each for itself, with this key's id, and none in this process."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"balance": 7})

    async def ask(signer: AsyncSigner) -> None:
        args = {"transport": httpx.MockTransport(answer)}
        async with signed_client(signer, base_url="https://exchange.test/trade-api/v2", httpx_args=args) as client:
            await asyncio.gather(*(get_balance.asyncio(client=client) for _ in range(20)))

    signer = Counting()
    with_process(ask, signer)
    assert len(seen) == len({request.headers["KALSHI-ACCESS-SIGNATURE"] for request in seen}) == 20
    assert all(headers_verify(request.headers, "GET", "/trade-api/v2/portfolio/balance") for request in seen)
    assert signer.count == 0


def test_who_is_cancelled_takes_no_other_s_signature_along() -> None:
    """An answer for which nobody waits any more is passed over."""

    async def ask(signer: AsyncSigner) -> bool:
        asked = [asyncio.ensure_future(signer.asign(message)) for message in MESSAGES]
        await asyncio.sleep(0)
        for each in asked[::2]:
            each.cancel()
        return all(
            [rsa_verifies(await each, message) for each, message in list(zip(asked, MESSAGES, strict=True))[1::2]]
        )

    signer = Counting()
    assert with_process(ask, signer)
    assert signer.count == 0


@unix
def test_when_the_process_dies_signatures_are_made_here(caplog: pytest.LogCaptureFixture) -> None:
    """Those that were asked for and those that come later; a warning says so, once."""

    async def ask(signer: AsyncSigner) -> bool:
        asked = asyncio.ensure_future(all_verify(signer))
        await asyncio.sleep(0)
        os.kill(process_of(signer), signal.SIGKILL)
        time.sleep(0.2)  # the loop does not know yet
        return await all_verify(signer) and await asked and await all_verify(signer)

    signer = Counting()
    assert with_process(ask, signer)
    assert 2 * len(MESSAGES) <= signer.count <= 3 * len(MESSAGES)
    [record] = caplog.records
    assert record.getMessage() == "the signing process ended (status -9): this process signs from now on"
    assert (record.name, record.levelno) == ("kalshi_auth.worker", logging.WARNING)


@unix
def test_a_process_that_hangs_is_ended(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody waits for longer than patience lasts."""

    async def ask(signer: AsyncSigner) -> bool:
        os.kill(process_of(signer), signal.SIGSTOP)
        return await all_verify(signer)

    signer = Counting()
    assert with_process(ask, signer, patience_s=0.2)
    assert signer.count == len(MESSAGES)
    said = [record.getMessage() for record in caplog.records]
    assert said[0] == "the signing process has not answered for 0.2 s and is ended"
    assert len(said) == 2


@unix
def test_a_process_that_hangs_later_is_ended_too() -> None:
    """It is looked after for as long as somebody waits."""

    async def ask(signer: AsyncSigner) -> int:
        asked = asyncio.gather(*(signer.asign(MESSAGES[0]) for _ in range(1000)))
        await asyncio.sleep(0.1)
        os.kill(process_of(signer), signal.SIGSTOP)
        return len(await asked)

    signer = Counting()
    assert with_process(ask, signer, patience_s=0.15) == 1000
    assert 0 < signer.count < 1000


def test_a_process_that_is_busy_does_not_hang(caplog: pytest.LogCaptureFixture) -> None:
    """Patience is for one answer, not for all that wait."""

    async def ask(signer: AsyncSigner) -> bool:
        signatures = await asyncio.gather(*(signer.asign(MESSAGES[0]) for _ in range(3000)))
        return all(rsa_verifies(each, MESSAGES[0]) for each in signatures[::100])

    signer = Counting()
    assert with_process(ask, signer, patience_s=0.5)
    assert signer.count == 0
    assert not caplog.records


def test_after_the_block_signatures_are_made_here() -> None:
    """A client that is still open goes on, and what was asked for in the block is answered; no warning is due."""

    async def run() -> bool:
        async with signing_process(Counting()) as signer:
            assert isinstance(signer, AsyncSigner)
            asked = asyncio.ensure_future(all_verify(signer))
            await asyncio.sleep(0)
        return await asked and await all_verify(signer)

    assert asyncio.run(run())


def test_the_process_ends_with_the_block(caplog: pytest.LogCaptureFixture) -> None:
    """Also by an exception, which comes out as it is; without a warning."""
    found: list[int] = []

    async def fail(signer: AsyncSigner) -> None:
        found.append(process_of(signer))
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        with_process(fail, Counting())
    with pytest.raises(ProcessLookupError):
        os.kill(found[0], 0)
    assert not caplog.records


def test_another_loop_and_no_loop_sign_here() -> None:
    """The process is the loop's that started it."""

    async def ask(signer: AsyncSigner) -> bool:
        assert rsa_verifies(signer.sign(b"by hand"), b"by hand")
        return await asyncio.to_thread(lambda: asyncio.run(all_verify(signer)))

    signer = Counting()
    assert with_process(ask, signer)
    assert signer.count == 1 + len(MESSAGES)


def test_an_ed25519_signer_stays_as_it_is() -> None:
    """It signs in less time than a process can be asked to."""
    signer = signer_from_file(KEY_ID, key_file("ed25519"))

    async def run() -> Signer:
        async with signing_process(signer) as same:
            return same

    assert asyncio.run(run()) is signer


def test_a_signer_without_a_key_is_refused() -> None:
    """What signs elsewhere has no key to hand over."""

    class Remote:
        key_id = KEY_ID

        def sign(self, message: bytes) -> bytes:
            return message

    remote: Any = Remote()
    with pytest.raises(CredentialsError, match="found a signer of type Remote; expected one of this package's"):
        with_process(all_verify, remote)


def test_the_signer_shows_no_key_and_hands_none_to_where_others_look() -> None:
    """Not in its text; not in the process's command line or environment."""

    async def ask(signer: AsyncSigner) -> tuple[str, str, list[bytes]]:
        folder = Path(f"/proc/{process_of(signer)}")
        looked = [(folder / name).read_bytes() for name in ("cmdline", "environ")] if folder.exists() else []
        return repr(signer), signer.key_id, looked

    shown, key_id, looked = with_process(ask, Counting())
    assert shown == "signing_process(Counting(key_id='0a1b…'))"
    assert key_id == KEY_ID
    secret = "".join(pem("rsa_pkcs8").splitlines()[1:-1])[64:128].encode()
    assert not any(secret in text or KEY_ID.encode() in text for text in looked)


RUN: Final = """
import asyncio, os, signal, sys, time
from kalshi_auth import signer_from_file
from kalshi_auth.process import signing_process

async def main():
    {before}
    async with signing_process(signer_from_file(*sys.argv[1:])) as signer:
        {inside}
        print(len(await signer.asign(b"a message")), flush=True)

asyncio.run(main())
"""


def script(before: str = "pass", inside: str = "pass") -> subprocess.Popen[str]:
    """Start a script that signs once, with a process group of its own."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "generated")])
    code = RUN.format(before=before, inside=inside)
    return subprocess.Popen(
        [sys.executable, "-c", code, KEY_ID, key_file("rsa_pkcs8")],
        env={**os.environ, "PYTHONPATH": paths}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip


def ended(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Wait until a script, and whatever has its output, is gone."""
    try:
        return process.communicate(timeout=60)
    finally:
        process.kill()


def test_a_process_that_cannot_be_started_is_told() -> None:
    """The system's error says what is missing."""
    _, told = ended(script(before="sys.executable = '/not/there'"))
    assert told.splitlines()[-1].startswith("FileNotFoundError")


def test_a_process_that_does_not_come_up_is_told() -> None:
    """Its own words are on standard error, and an error follows; nothing of the key is in them."""
    _, told = ended(
        script(
            before="sys.path[:] = [each for each in sys.path if not os.path.exists(os.path.join(each, 'kalshi_auth'))]"
        )
    )
    assert "No module named 'kalshi_auth'" in told
    assert told.splitlines()[-1].startswith("ChildProcessError: the signing process did not come up")


def test_the_process_runs_nothing_of_the_program_that_starts_it(tmp_path: Path) -> None:
    """A program without a guard is not run twice."""
    program = tmp_path / "bot.py"
    program.write_text("print('a bot trades', flush=True)\n" + RUN.format(before="pass", inside="pass"), "utf-8")
    paths = os.pathsep.join([str(ROOT), str(ROOT / "generated")])
    done = subprocess.run(
        [sys.executable, str(program), KEY_ID, key_file("rsa_pkcs8")], env={**os.environ, "PYTHONPATH": paths},
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("a bot trades\n256\n", "")


@unix
def test_ctrl_c_is_the_parent_s() -> None:
    """A terminal sends it to both; what the parent does then, such as cancelling orders, is signed by the process."""
    handled = "signal.signal(signal.SIGINT, lambda *_: None); os.killpg(0, signal.SIGINT); await asyncio.sleep(0.1)"
    inside = f"{handled}; assert signer._worker._transport.get_returncode() is None"
    assert ended(script(inside=inside)) == ("256\n", "")


@unix
def test_the_process_does_not_outlive_its_parent() -> None:
    """Killed without a word, the parent leaves nothing behind that holds its standard error, and nothing on it."""
    asked = "asked = [asyncio.ensure_future(signer.asign(b'a message')) for _ in range(2000)]; await asyncio.sleep(0)"
    process = script(inside=f"{asked}; print('up', flush=True); time.sleep(60)")
    assert process.stdout
    assert process.stdout.readline() == "up\n"
    process.kill()
    assert ended(process) == ("", "")


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 1000])
def test_what_goes_through_a_pipe_is_put_together_from_any_pieces(size: int) -> None:
    """Payloads come out whole, in order, however they were cut."""
    payloads = [b"a", b"bc" * 200, bytes(range(256))]
    sent, received, found = b"".join(map(framed, payloads)), bytearray(), []
    for start in range(0, len(sent), size):
        received += sent[start : start + size]
        while (payload := unframed(received)) is not None:
            found.append(payload)
    assert found == payloads
    assert not received
