"""A signing process: nothing but speed changes, whatever becomes of the process."""

from __future__ import annotations

import asyncio
import base64
import logging
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPrivateNumbers, RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from kalshi_auth.offload.process_client import Worker
from kalshi_trade_api.api.portfolio import get_balance

from kalshi_auth import CredentialsError, RsaPssSigner, Signer, signed_client, signer_from_file
from kalshi_auth.process import signing_process
from kalshi_auth.process_main import PROGRAM, READY, framed, unframed
from tests.vectors.material import KEY_ID, headers_verify, key_file, pem, rsa_verifies

PATHS: Final = [entry for entry in sys.path if entry]
PREFIX: Final = "/trade-api/v2"
BALANCE: Final = b'{"balance":7,"balance_dollars":"0.0700","portfolio_value":0,"updated_ts":1795478400}'
SECRET: Final = b"as it were a key"
MESSAGES: Final = [f"1703123456{number:03}GET/trade-api/v2/portfolio/balance".encode() for number in range(40)]
_T = TypeVar("_T")
unix = pytest.mark.skipif(sys.platform == "win32", reason="signals are Unix's")


class Key(RSAPrivateKey):
    """A key that knows how often it signed in this process."""

    def __init__(self) -> None:
        key = load_pem_private_key(pem("rsa_pkcs8").encode(), None)
        assert isinstance(key, RSAPrivateKey)
        self.key = key
        self.count = 0

    def sign(self, *arguments: Any) -> bytes:
        self.count += 1
        return self.key.sign(*arguments)

    def private_bytes(self, *arguments: Any) -> bytes:
        return self.key.private_bytes(*arguments)

    def decrypt(self, *arguments: Any) -> bytes:
        raise NotImplementedError

    def private_numbers(self) -> RSAPrivateNumbers:
        raise NotImplementedError

    def public_key(self) -> RSAPublicKey:
        raise NotImplementedError

    @property
    def key_size(self) -> int:
        raise NotImplementedError

    def __copy__(self) -> RSAPrivateKey:
        raise NotImplementedError

    def __deepcopy__(self, memo: Any) -> RSAPrivateKey:
        raise NotImplementedError


class Exchange:
    """A stand-in that keeps every request, and answers that there is a balance."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(200, content=BALANCE)

    async def asked(self, signer: Signer, times: int = 20, **options: Any) -> None:
        """Have a client send requests, all at a time."""
        args = {"transport": httpx.MockTransport(self.answer)}
        async with signed_client(
            signer, base_url=f"https://exchange.test{PREFIX}", httpx_args=args, **options
        ) as client:
            await asyncio.gather(*(get_balance.asyncio(client=client) for _ in range(times)))

    def verified(self, times: int = 20) -> bool:
        """Tell whether so many requests came, each with a signature of its own that is good."""
        signatures = {request.headers["KALSHI-ACCESS-SIGNATURE"] for request in self.requests}
        good = all(headers_verify(each.headers, "GET", f"{PREFIX}/portfolio/balance") for each in self.requests)
        return good and len(self.requests) == len(signatures) == times


def with_process(use: Callable[[Any], Coroutine[Any, Any, _T]], key: Key | None = None, **options: Any) -> _T:
    """Use a signing process in an event loop of its own."""

    async def run() -> _T:
        signer = RsaPssSigner(KEY_ID, key or Key())
        async with asyncio.timeout(30), signing_process(signer, **options) as started:
            return await use(started)

    return asyncio.run(run())


def process_of(signer: Any) -> int:
    """Return a signing process's id."""
    number: int = signer._worker._transport.get_pid()
    return number


async def all_verify(signer: Any) -> bool:
    """Tell whether signatures that are asked for together are each over its own message."""
    signatures = await asyncio.gather(*map(signer.asign, MESSAGES))
    return all(map(rsa_verifies, signatures, MESSAGES))


async def turns() -> None:
    """Let tasks that were made begin."""
    for _ in range(3):
        await asyncio.sleep(0)


async def none_comes(signer: Any) -> bool:
    """Tell whether the process is asked in vain, and at once."""
    async with asyncio.timeout(5):
        return set(await asyncio.gather(*map(signer.asign, MESSAGES))) == {None}


def test_a_process_signs_for_the_loop() -> None:
    """Each signature is over its message, and none was made in this process; an empty message is one, too."""

    async def ask(signer: Any) -> bool:
        return rsa_verifies(await signer.asign(b""), b"") and await all_verify(signer)

    assert with_process(ask, key := Key())
    assert key.count == 0


def test_a_client_sends_what_the_process_signed() -> None:
    """Requests under way together are signed each for itself, with this key's id, and none in this process."""
    exchange = Exchange()
    with_process(exchange.asked, key := Key())
    assert exchange.verified()
    assert key.count == 0


def test_who_is_cancelled_takes_no_other_s_signature_along() -> None:
    """An answer for which nobody waits any more is passed over, and what is not in the pipe yet is not asked."""

    async def ask(signer: Any) -> bool:
        asked = [asyncio.ensure_future(signer.asign(message)) for message in MESSAGES * 100]
        await turns()
        for number, each in enumerate(asked):
            if number % 2 or number > len(MESSAGES):
                each.cancel()
        good = [rsa_verifies(await asked[number], MESSAGES[number]) for number in range(0, len(MESSAGES), 2)]
        good.append(rsa_verifies(await signer.asign(b"the last"), b"the last"))
        return all(good) and signer._worker._answers < 2 * len(MESSAGES)

    assert with_process(ask, key := Key())
    assert key.count == 0


@unix
@pytest.mark.parametrize("waiting", [True, False])
def test_when_the_process_dies_clients_sign_here(waiting: bool, caplog: pytest.LogCaptureFixture) -> None:
    """Requests that waited for it and those that come later; a warning says so, once."""
    exchange = Exchange()

    async def ask(signer: Any) -> None:
        asked = asyncio.ensure_future(exchange.asked(signer, 20 * waiting))
        while waiting and not exchange.requests:
            await asyncio.sleep(0)
        os.kill(process_of(signer), signal.SIGKILL)
        time.sleep(0.2)  # the loop does not know yet
        assert await none_comes(signer)
        await asyncio.gather(asked, exchange.asked(signer))
        assert await none_comes(signer)

    with_process(ask, key := Key())
    assert exchange.verified(20 + 20 * waiting)
    assert 20 <= key.count < 40
    [record] = caplog.records
    assert record.getMessage() == "the signing process ended (status -9): this process signs from now on"
    assert (record.name, record.levelno) == ("kalshi_auth.offload.process_client", logging.WARNING)


@unix
def test_a_process_that_hangs_is_ended(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody waits for longer than patience lasts, and what is sent then has the time at which it is sent."""
    exchange, sent_ms = Exchange(), time.time_ns() // 10**6

    async def ask(signer: Any) -> None:
        os.kill(process_of(signer), signal.SIGSTOP)
        await exchange.asked(signer)
        while len(caplog.records) < 2:
            await asyncio.sleep(0.01)

    with_process(ask, key := Key(), patience_s=0.2)
    assert exchange.verified()
    assert key.count == 20
    assert all(int(each.headers["KALSHI-ACCESS-TIMESTAMP"]) >= sent_ms + 200 for each in exchange.requests)
    said = [record.getMessage() for record in caplog.records]
    assert said[0] == "the signing process has not answered for 0.2 s and is ended"
    assert len(said) == 2


@unix
def test_a_process_that_hangs_later_is_ended_too() -> None:
    """It is looked after for as long as somebody waits."""

    async def ask(signer: Any) -> list[bytes | None]:
        asked = asyncio.gather(*(signer.asign(MESSAGES[0]) for _ in range(1000)))
        await asyncio.sleep(0.1)
        os.kill(process_of(signer), signal.SIGSTOP)
        return await asked

    signatures = with_process(ask, patience_s=0.3)
    assert 0 < signatures.count(None) < 1000
    assert None not in signatures[: signatures.index(None)]


def test_a_process_that_is_busy_does_not_hang(caplog: pytest.LogCaptureFixture) -> None:
    """Patience is for one answer, not for all that wait."""

    async def ask(signer: Any) -> bool:
        signatures = await asyncio.gather(*(signer.asign(MESSAGES[0]) for _ in range(3000)))
        return all(rsa_verifies(each, MESSAGES[0]) for each in signatures[::100])

    assert with_process(ask, patience_s=0.5)
    assert not caplog.records


def test_a_loop_that_is_held_does_not_take_the_process_for_hung(caplog: pytest.LogCaptureFixture) -> None:
    """The answer was there, and nobody listened."""

    async def ask(signer: Any) -> bool:
        asked = asyncio.ensure_future(all_verify(signer))
        await turns()
        time.sleep(1)
        return await asked and await all_verify(signer)

    assert with_process(ask, patience_s=0.4)
    assert not caplog.records


def test_after_the_block_clients_sign_here(caplog: pytest.LogCaptureFixture) -> None:
    """What was asked for in the block is answered at once, that there is no signature; no warning is due."""

    async def run() -> bool:
        async with signing_process(RsaPssSigner(KEY_ID, Key())) as started:
            signer: Any = started
            asked = [asyncio.ensure_future(signer.asign(message)) for message in MESSAGES]
            await turns()
        await exchange.asked(signer)
        return None in await asyncio.gather(*asked) and await none_comes(signer)

    exchange = Exchange()
    assert asyncio.run(run())
    assert exchange.verified()
    assert not caplog.records


def test_the_process_ends_with_the_block(caplog: pytest.LogCaptureFixture) -> None:
    """Also by an exception, which comes out as it is; without a warning."""
    found: list[int] = []

    async def fail(signer: Any) -> None:
        found.append(process_of(signer))
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
        found.append(process_of(signer))
        os.kill(found[0], signal.SIGSTOP)

    with_process(stop)
    with pytest.raises(ProcessLookupError):
        os.kill(found[0], 0)
    assert not caplog.records


def test_who_is_cancelled_while_leaving_leaves_nothing_open() -> None:
    """Again and again, the process's end is waited for, and then the cancellation goes on."""
    found: list[int] = []

    async def run() -> None:
        async with signing_process(RsaPssSigner(KEY_ID, Key())) as signer:
            found.append(process_of(signer))
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


def test_a_cancellation_that_comes_while_leaving_goes_on() -> None:
    """A block that was through is cancelled all the same, once the process has ended."""
    found: list[Any] = []

    async def run() -> None:
        async with signing_process(RsaPssSigner(KEY_ID, Key())) as signer:
            found.append(signer)

    async def cancel() -> None:
        task = asyncio.ensure_future(run())
        while not (found and found[0]._worker._lost):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())


def test_another_loop_and_no_loop_sign_here() -> None:
    """The process is the loop's that started it."""
    exchange = Exchange()

    async def ask(signer: Any) -> bool:
        await asyncio.to_thread(lambda: asyncio.run(exchange.asked(signer)))
        return rsa_verifies(signer.sign(b"by hand"), b"by hand")

    assert with_process(ask, key := Key())
    assert exchange.verified()
    assert key.count == 21


def test_an_ed25519_signer_stays_as_it_is() -> None:
    """It signs in less time than a process can be asked to."""
    signer = signer_from_file(KEY_ID, key_file("ed25519"))

    async def run() -> Signer:
        async with signing_process(signer) as same:
            return same

    assert asyncio.run(run()) is signer


class Remote:
    """A signer that has no key."""

    key_id = KEY_ID

    def sign(self, message: bytes) -> bytes:
        return message


class Guarded(RsaPssSigner):
    """A signer that does not sign everything."""

    __slots__ = ()

    def sign(self, message: bytes) -> bytes:
        raise PermissionError(message)


@pytest.mark.parametrize("signer", [Remote(), Guarded(KEY_ID, Key()), KEY_ID])
def test_a_signer_that_signs_in_a_way_of_its_own_is_refused(signer: Any) -> None:
    """A process would sign past it."""

    async def run() -> None:
        async with signing_process(signer):
            raise AssertionError

    with pytest.raises(
        CredentialsError, match=f"found a signer of type {type(signer).__name__}; expected an RsaPssSigner"
    ):
        asyncio.run(run())


@pytest.mark.parametrize("patience_s", [0, -1, float("nan")])
def test_patience_is_above_zero(patience_s: float) -> None:
    """Anything else would end the process at once, or never."""
    with pytest.raises(ValueError, match="patience_s is a number of seconds above 0"):
        with_process(all_verify, patience_s=patience_s)


def test_the_signer_shows_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in its text; not in the process's command line or environment, wherever the parent's key came from."""
    monkeypatch.setenv("KALSHI_PRIVATE_KEY", pem("rsa_pkcs8"))

    async def ask(signer: Any) -> tuple[str, str, list[bytes]]:
        folder = Path(f"/proc/{process_of(signer)}")
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
    """Whatever comes in between while it is handed over, such as a signal's handler that ends the program."""

    class Inbox:
        def get_pipe_transport(self, fd: int) -> Inbox:
            return self

        def is_closing(self) -> bool:
            return False

        def write(self, data: bytes) -> None:
            assert SECRET in data
            raise SystemExit(1)

    async def come_up() -> None:
        worker = Worker(asyncio.get_running_loop(), 1.0)
        worker.connection_made(Inbox())
        await worker.come_up(lambda: SECRET)

    with pytest.raises(SystemExit) as caught:
        asyncio.run(come_up())
    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    assert "come_up" in [frame.f_code.co_name for frame in frames]
    shown = [repr(value) for frame in frames[1:] for value in frame.f_locals.values()]
    assert not any(SECRET.decode() in each for each in shown)


RUN: Final = """
import asyncio, json, multiprocessing, os, signal, sys, time
from kalshi_auth import signer_from_file
from kalshi_auth.process import signing_process

async def main():
    {before}
    async with signing_process(signer_from_file(*sys.argv[1:])) as signer:
        {inside}
        print(len(await signer.asign(b"a message")), flush=True)

asyncio.run(main())
"""


def script(before: str = "pass", inside: str = "pass", *path: str) -> Any:
    """Start a script that signs once, with a process group of its own."""
    code, paths = RUN.format(before=before, inside=inside), [*PATHS, *path]
    return subprocess.Popen(
        [sys.executable, "-c", code, KEY_ID, key_file("rsa_pkcs8")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True,
    )  # fmt: skip


def ended(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Wait until a script, and whatever has its output, is gone."""
    try:
        return process.communicate(timeout=30)
    finally:
        process.kill()


@pytest.mark.parametrize(
    ("before", "error"),
    [
        ("sys.executable = '/not/there'", "FileNotFoundError"),
        ("sys.executable = None", "OSError: a signing process needs a Python to start"),
        ("sys.executable = ''", "OSError: a signing process needs a Python to start"),
        ("sys.frozen = True", "OSError: a signing process needs a Python to start"),
        ("sys.path[:] = ['/not/there']", "ChildProcessError: the signing process did not come up"),
    ],
)
def test_a_process_that_cannot_be_started_is_told(before: str, error: str) -> None:
    """An error says so; what the process itself has to say is on standard error; and no warning that it ended."""
    printed, told = ended(script(before))
    assert printed == ""
    assert told.splitlines()[-1].startswith(error)
    assert "signs from now on" not in told


def test_the_process_runs_nothing_of_the_program_that_starts_it(tmp_path: Path) -> None:
    """A program without a guard is not run twice."""
    program = tmp_path / "bot.py"
    program.write_text("print('a bot trades', flush=True)\n" + RUN.format(before="pass", inside="pass"), "utf-8")
    done = subprocess.run(
        [sys.executable, str(program), KEY_ID, key_file("rsa_pkcs8")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(PATHS)}, capture_output=True, text=True, timeout=60,
        check=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("a bot trades\n256\n", "")


def test_the_process_runs_nothing_that_lies_about(tmp_path: Path) -> None:
    """Neither a module in the folder that happens to be the current one, nor what the environment would have it run."""
    (tmp_path / "sitecustomize.py").write_text("print('once', flush=True)", "utf-8")
    (tmp_path / "here").mkdir()
    for name in ("json", "runpy", "kalshi_auth", "cryptography"):
        (tmp_path / "here" / f"{name}.py").write_text(f"print({name!r}, flush=True)", "utf-8")
    printed, told = ended(script(f"os.chdir({str(tmp_path / 'here')!r})", "pass", str(tmp_path)))
    assert (printed, told) == ("once\n256\n", "")


@unix
def test_ctrl_c_is_the_parent_s() -> None:
    """A terminal sends it to both, also while one starts; what the parent does then is signed by the process."""
    before = "signal.signal(signal.SIGINT, lambda *_: None); interrupt = lambda: os.killpg(0, signal.SIGINT)"
    early = "asyncio.get_running_loop().call_later(0.03, interrupt)"
    inside = "interrupt(); await asyncio.sleep(0.1); assert signer._worker._transport.get_returncode() is None"
    assert ended(script(before=f"{before}; {early}", inside=inside)) == ("256\n", "")


@unix
def test_the_process_does_not_outlive_its_parent() -> None:
    """Killed without a word, the parent leaves nothing behind that holds its standard error, and nothing on it."""
    process = script(inside="print('up', flush=True); time.sleep(60)")
    assert process.stdout.readline() == "up\n"
    process.kill()
    assert ended(process) == ("", "")


def test_a_process_to_which_nobody_listens_says_nothing() -> None:
    """A parent that is gone with questions in the pipe is no error."""
    key = Key().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    with subprocess.Popen(
        [sys.executable, PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(framed(key))
        process.stdin.flush()
        assert process.stdout.read(len(framed(READY))) == framed(READY)
        process.stdout.close()
        process.stdin.write(framed(b"a message"))
        process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 0


@unix
def test_the_process_does_not_outlive_its_parent_for_a_fork() -> None:
    """A process that the parent forked has what the pipe is made of, and no part in it."""
    inside = (
        "number = signer._worker._transport.get_pid(); child = os.fork();"
        " child or (os.close(1), os.close(2), time.sleep(300), os._exit(0));"
        " print(number, child, flush=True); time.sleep(60)"
    )
    process = script(inside=inside)
    number, forked = map(int, process.stdout.readline().split())
    try:
        process.kill()
        assert ended(process)[0] == ""
        assert gone(number)
    finally:
        os.kill(forked, signal.SIGKILL)


def gone(number: int) -> bool:
    """Tell whether a process ends soon, though perhaps nobody has asked how."""
    for _ in range(200):
        try:
            os.kill(number, 0)
            if Path(f"/proc/{number}/stat").read_text("ascii").rpartition(")")[2].split()[0] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.05)
    return False


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
