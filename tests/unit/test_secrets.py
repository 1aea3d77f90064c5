"""Key, passphrase and signatures appear nowhere: repr, errors, logs, traceback locals, pickle, copy."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import copy
import io
import logging
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import kalshi_trade_api
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from kalshi_trade_api.api.api_keys import generate_api_key
from kalshi_trade_api.api.orders import create_order_v2
from kalshi_trade_api.api.portfolio import get_balance
from kalshi_trade_api.models import GenerateApiKeyRequest
from rich.console import Console
from rich.traceback import Traceback

import kalshi_auth
from kalshi_auth import (
    CredentialsError,
    RetryPolicy,
    SignedFlow,
    signed_client,
    signer_from_env,
    signer_from_file,
    signer_from_pem,
)
from kalshi_core.client import AuthenticatedClient
from tests.weather import faultserver as fs
from tests.weather.calls import KINDS, MODES, TLS, call_of, order, outcome
from tests.weather.faultserver import Fault, FaultServer

KEY_ID: Final = "7a1b2c3d-4444-5555-6666-777788889999"
PASSPHRASE: Final = "correct horse battery staple"
OURS: Final = (str(Path(kalshi_auth.__file__).parent), str(Path(kalshi_trade_api.__file__).parent))


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def pem(key: RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture(scope="module")
def locked(key: RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(PASSPHRASE.encode())).decode()


class Recorder:
    """A signer that remembers the signatures it made."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.made: list[bytes] = []

    @property
    def key_id(self) -> str:
        return str(self._inner.key_id)

    def sign(self, message: bytes) -> bytes:
        self.made.append(self._inner.sign(message))
        return self.made[-1]

    def texts(self) -> list[str]:
        return [form for raw in self.made for form in (base64.b64encode(raw).decode(), repr(raw)[2:-1])]


def locals_of(error: BaseException, of: tuple[str, ...] = OURS) -> Iterator[str]:
    """Yield what a rich traceback would show of an error and all that led to it: the locals' reprs."""
    seen: set[int] = set()
    todo: list[BaseException | None] = [error]
    while todo:
        each = todo.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        todo += [each.__cause__, each.__context__]
        trace = each.__traceback__
        while trace is not None:
            if any(part in trace.tb_frame.f_code.co_filename for part in of):
                yield from (repr(value) for value in trace.tb_frame.f_locals.values())
            trace = trace.tb_next


def secrets_of(pem: str) -> list[str]:
    """Cut a key into its lines: none of them may appear."""
    return [line for line in pem.splitlines() if line and not line.startswith("---")]


def test_a_signer_shows_its_kind_and_the_beginning_of_its_key_id(pem: str) -> None:
    """The repr of a signer is short, and the key id in it is cut."""
    signer = signer_from_pem(KEY_ID, pem)
    for shown in (repr(signer), str(signer), f"{signer}"):
        assert shown == "RsaPssSigner(key_id='7a1b…')"
    assert "7a1b2c3d" not in repr(SignedFlow(signer, "https://localhost"))


def test_a_client_shows_neither_key_nor_headers(pem: str) -> None:
    """A client's repr, and those of all its parts, hold no key, no whole key id and no headers."""
    client = signed_client(
        signer_from_pem(KEY_ID, pem), base_url="https://localhost/x", headers={"Authorization": "Bearer hidden"}
    )
    with client:
        shown = " ".join(map(repr, (client, client.auth, client.sender, client.get_httpx_client())))
    assert KEY_ID not in shown
    assert "hidden" not in shown
    assert "PrivateKey" not in shown


@pytest.mark.parametrize("wrap", [
    lambda key: {"api_key_id": "i", "private_key": key},
    lambda key: {"api_key_id": "i", "private_key": {"pem": key}},
    lambda key: {"api_key_id": "i", "private_key": "k", "newer": [{"private_key": key}]},
    lambda key: key,
], ids=["documented", "misshapen", "unknown", "bare"])  # fmt: skip
def test_a_key_that_the_exchange_makes_is_shown_by_nobody(wrap: Callable[[str], Any]) -> None:
    """Reprs and messages of the answer and of its errors hold no part of it, whatever form it comes in."""
    key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    transport = httpx.MockTransport(lambda request: httpx.Response(201, json=wrap(key)))
    with AuthenticatedClient("https://test.invalid", auth=httpx.Auth(), httpx_args={"transport": transport}) as client:
        answer = generate_api_key.sync_detailed(client=client, body=GenerateApiKeyRequest(name="bot"))
    shown = "".join(f"{each!r}{each}" for each in (answer, answer.parsed, answer.error))
    (secret,) = secrets_of(key)
    assert not [part for at in range(len(secret) - 7) if (part := secret[at : at + 8]) in shown]
    assert answer.parsed is None or answer.parsed.to_dict() == wrap(key)


@pytest.mark.parametrize("ed25519", [False, True])
def test_what_holds_a_key_is_neither_copied_nor_pickled(ed25519: bool, pem: str) -> None:
    """A signer refuses every way of being duplicated; so does whatever would take one along."""
    signer: Any = signer_from_pem(KEY_ID, pem)
    if ed25519:
        raw = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        signer = signer_from_pem(KEY_ID, raw)
    client = signed_client(signer, base_url="https://localhost/x")
    for act in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            act(signer)
    for each in (SignedFlow(signer, "https://localhost"), client):
        with pytest.raises(TypeError):
            pickle.dumps(each)
        with pytest.raises(TypeError):
            copy.deepcopy(each)
    assert copy.copy(client).auth is client.auth


@pytest.mark.parametrize("passphrase", [None, "wrong", b"wrong", "", 7])
def test_a_key_that_can_not_be_read_is_not_shown(passphrase: Any, locked: str, tmp_path: Path) -> None:
    """Neither message, pickle nor cause of the error holds the key or the passphrase."""
    path = tmp_path / "key.pem"
    path.write_text(locked)
    readers: list[tuple[Any, Any]] = [(signer_from_pem, locked), (signer_from_file, path)]
    for read, source in readers:
        with pytest.raises(CredentialsError) as caught:
            read(KEY_ID, source, passphrase=passphrase)
        shown = (
            str(caught.value) + repr(caught.value) + repr(pickle.dumps(caught.value)) + repr(caught.value.__context__)
        )
        assert not any(line in shown for line in secrets_of(locked))
        assert "wrong" not in shown


@pytest.mark.parametrize("fault", ["no passphrase", "wrong passphrase", "not needed", "broken", "public"])
@pytest.mark.parametrize("source", ["text", "file", "environment", "text for a path"])
def test_traceback_locals_of_a_failed_key_hold_neither_key_nor_passphrase(
    source: str, fault: str, pem: str, locked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In no frame of ours does a local show the PEM or the passphrase, when reading a key fails."""
    broken = pem.replace(secrets_of(pem)[3], secrets_of(pem)[3][::-1][:40])
    text, secret = {
        "no passphrase": (locked, None),
        "wrong passphrase": (locked, "a wrong passphrase"),
        "not needed": (pem, "a wrong passphrase"),
        "broken": (broken, None),
        "public": (pem.replace("PRIVATE", "PUBLIC"), None),
    }[fault]
    path = tmp_path / "key.pem"
    path.write_text(text)
    monkeypatch.setenv("KALSHI_KEY_ID", KEY_ID)
    monkeypatch.setenv("KALSHI_PRIVATE_KEY", text)
    monkeypatch.setenv("KALSHI_PRIVATE_KEY_PASSPHRASE", secret or "")
    readers: dict[str, Callable[[], object]] = {
        "text": lambda: signer_from_pem(KEY_ID, text, passphrase=secret),
        "file": lambda: signer_from_file(KEY_ID, path, passphrase=secret),
        "environment": signer_from_env,
        "text for a path": lambda: signer_from_file(KEY_ID, text, passphrase=secret),
    }
    with pytest.raises(CredentialsError) as caught:
        readers[source]()
    shown = "\n".join(locals_of(caught.value, OURS))
    assert not any(line in shown for line in [*secrets_of(text), "a wrong passphrase"])


@pytest.mark.parametrize("act", [fs.drop_before, fs.reset, fs.reset_during, fs.garbage, fs.half_open, fs.bad_gzip,
                                 fs.status(502), fs.status(429), fs.status(400, b"{}"), fs.status(307)])  # fmt: skip
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", KINDS)
def test_no_failure_shows_a_signature(
    kind: str, mode: str, act: Any, pem: str, key: RSAPrivateKey, caplog: pytest.LogCaptureFixture
) -> None:
    """After a failure, error, pickle, locals of every frame and logs at DEBUG hold neither signature nor key."""
    signer = Recorder(signer_from_pem(KEY_ID, pem))
    policy = RetryPolicy(attempts=2, first_wait_s=0.001)
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "hpack", "kalshi_auth", "kalshi_trade_api"):
        caplog.set_level(logging.DEBUG, name)
    with FaultServer(key.public_key(), [Fault(act)], endless=True) as server:
        client = signed_client(
            signer,
            base_url=server.base_url,
            retry=policy,
            timeout=httpx.Timeout(5, read=0.05),
            httpx_args={"verify": TLS},
        )
        [error] = outcome(kind, mode, client)
    assert isinstance(error, Exception)
    assert signer.made
    logged = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert "httpcore" in logged
    shown = "\n".join([str(error), repr(error), repr(vars(error)), repr(pickle.dumps(error)), logged])
    shown += "\n".join(locals_of(error, (*OURS, "httpx", "httpcore", "h11")))
    assert not any(secret in shown for secret in [*signer.texts(), *secrets_of(pem), KEY_ID])


@pytest.mark.parametrize("mode", MODES)
def test_no_failure_while_sending_shows_a_signature(mode: str, pem: str) -> None:
    """A connection that breaks under the writing of the head, where lower frames hold it, shows nothing either."""
    signer = Recorder(signer_from_pem(KEY_ID, pem))

    def handler(request: httpx.Request) -> httpx.Response:
        head = dict(request.headers)
        assert head["kalshi-access-signature"]
        raise httpx.WriteError("broken pipe", request=request)

    client = signed_client(
        signer,
        base_url="https://localhost/x",
        retry=RetryPolicy(attempts=1),
        httpx_args={"transport": httpx.MockTransport(handler)},
    )
    [error] = outcome("create", mode, client)
    shown = "\n".join(locals_of(error, ("",))) + repr(pickle.dumps(error))
    assert not any(secret in shown for secret in signer.texts())


@pytest.mark.parametrize(
    ("mode", "stop"),
    [("sync", KeyboardInterrupt), ("sync", httpx.WriteError), ("async", asyncio.CancelledError),
     ("async", KeyboardInterrupt), ("async", httpx.WriteError)],
)  # fmt: skip
def test_a_rich_traceback_of_an_end_while_sending_shows_no_signature(
    mode: str, stop: type[BaseException], pem: str
) -> None:
    """What rich draws of every frame, with locals, after an end under the writing of the head holds no signature."""
    signer = Recorder(signer_from_pem(KEY_ID, pem))

    def handler(request: httpx.Request) -> httpx.Response:
        head = dict(request.headers)
        assert head["kalshi-access-signature"]
        raise stop("now")

    client = signed_client(
        signer,
        base_url="https://localhost/x",
        retry=RetryPolicy(attempts=1),
        httpx_args={"transport": httpx.MockTransport(handler)},
    )
    operation, arguments = call_of("create")

    def call() -> None:
        if mode == "async":
            asyncio.run(operation.asyncio(client=client, **arguments))
        else:
            operation.sync(client=client, **arguments)

    with pytest.raises((stop, httpx.TransportError)) as caught:
        call()
    stream = io.StringIO()
    drawn = Traceback.from_exception(
        type(caught.value), caught.value, caught.value.__traceback__, show_locals=True, locals_max_string=10**6,
        locals_max_length=10**6, max_frames=0, width=10**4,
    )  # fmt: skip
    Console(file=stream, width=10**4).print(drawn)
    assert "outgoing" in stream.getvalue()
    assert not any(secret in stream.getvalue() for secret in signer.texts())


def test_a_success_logs_no_signature(pem: str, key: RSAPrivateKey) -> None:
    """What logging to a stream at DEBUG writes of a good call holds neither signature nor key id."""
    signer = Recorder(signer_from_pem(KEY_ID, pem))
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with (
            FaultServer(key.public_key()) as server,
            signed_client(signer, base_url=server.base_url, httpx_args={"verify": TLS}) as client,
        ):
            get_balance.sync(client=client)
            create_order_v2.sync(client=client, body=order("own"))
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    assert "send_request_headers" in stream.getvalue()
    assert not any(secret in stream.getvalue() for secret in [*signer.texts(), KEY_ID])


@pytest.mark.parametrize("wrong", ["raises", "str", "None"])
def test_a_signer_that_fails_shows_nothing(wrong: str) -> None:
    """When a signer of the user's own fails, our frames hold no signature."""

    class Failing:
        key_id = KEY_ID

        def sign(self, message: bytes) -> Any:
            if wrong == "raises":
                raise RuntimeError("no hardware")
            return "c2lnbmF0dXJl" if wrong == "str" else None

    class AsyncFailing(Failing):
        async def asign(self, message: bytes) -> Any:
            return self.sign(message)

    client = signed_client(Failing(), base_url="https://localhost/x", httpx_args={"verify": TLS})
    with client, pytest.raises((TypeError, RuntimeError)) as caught:
        get_balance.sync(client=client)
    assert "c2lnbmF0dXJl" not in "\n".join(locals_of(caught.value))

    client = signed_client(AsyncFailing(), base_url="https://localhost/x", httpx_args={"verify": TLS})
    with pytest.raises((TypeError, RuntimeError)) as caught:
        asyncio.run(get_balance.asyncio(client=client))
    assert "c2lnbmF0dXJl" not in "\n".join(locals_of(caught.value))


def test_an_error_inside_a_task_shows_no_signature(pem: str, key: RSAPrivateKey) -> None:
    """A cancelled call leaves nothing in the locals of our frames."""
    signer = Recorder(signer_from_pem(KEY_ID, pem))
    operation, arguments = call_of("create")

    async def main(url: str) -> BaseException:
        async with signed_client(signer, base_url=url, httpx_args={"verify": TLS}) as client:
            task = asyncio.create_task(operation.asyncio(client=client, **arguments))
            while not signer.made:
                await asyncio.sleep(0.001)
            task.cancel()
            with contextlib.suppress(BaseException):
                await task
            try:
                task.result()
            except asyncio.CancelledError as error:
                return error
            raise AssertionError

    with FaultServer(key.public_key(), [Fault(fs.half_open)]) as server:
        error = asyncio.run(main(server.base_url))
    shown = "\n".join(locals_of(error))
    assert not any(secret in shown for secret in signer.texts())
