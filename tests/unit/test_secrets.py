"""Key, passphrase and signatures appear nowhere: repr, errors, logs, traceback locals, pickle, copy."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import pickle
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from kalshi_trade_api.api.orders import create_order_v2
from kalshi_trade_api.api.portfolio import get_balance
from rich.console import Console
from rich.traceback import Traceback

from kalshi_auth import (
    RetryPolicy,
    SignedFlow,
    signed_client,
    signer_from_pem,
)
from tests.unit.secrets_shown import KEY_ID, OURS, Recorder, locals_of, secrets_of
from tests.weather import connection_faults as faults
from tests.weather.calls import KINDS, MODES, TLS, call_of, order, outcome
from tests.weather.faultserver import Fault, FaultServer


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def pem(key: RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


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


@pytest.mark.parametrize(
    "act",
    [
        faults.drop_before,
        faults.reset,
        faults.reset_during,
        faults.garbage,
        faults.half_open,
        faults.bad_gzip,
        faults.status(502),
        faults.status(429),
        faults.status(400, b"{}"),
        faults.status(307),
    ],
)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", KINDS)
def test_no_failure_shows_a_signature(
    kind: str, mode: str, act: Any, pem: str, key: RSAPrivateKey, caplog: pytest.LogCaptureFixture
) -> None:
    """After a failure, error, pickle, locals of every frame and logs at DEBUG hold neither signature nor key."""
    signer = Recorder(signer_from_pem(KEY_ID, pem))
    policy = RetryPolicy(attempts=2, first_wait_s=0.001)
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "hpack", "kalshi_auth", "kalshi_core", "kalshi_trade_api"):
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
    """A connection that breaks while the head is written, where lower frames hold it, shows nothing either."""
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
def test_a_rich_traceback_of_a_failure_while_sending_shows_no_signature(
    mode: str, stop: type[BaseException], pem: str
) -> None:
    """What rich draws of every frame, with locals, after a failure while the head is written, has no signature."""
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
    assert "prepared" in stream.getvalue()
    assert not any(secret in stream.getvalue() for secret in signer.texts())


def test_a_success_logs_no_signature(pem: str, key: RSAPrivateKey) -> None:
    """The log of a successful call, at DEBUG, has neither signature nor key id."""
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


@pytest.mark.parametrize("way", ["sync", "thread", "awaited"])
@pytest.mark.parametrize("wrong", ["raises", "str", "None"])
def test_a_signer_that_fails_shows_nothing(wrong: str, way: str) -> None:
    """When a signer of the user's own fails, wherever it signs, no frame of ours has a signature."""

    class Failing:
        key_id = KEY_ID

        def sign(self, message: bytes) -> Any:
            if wrong == "raises":
                raise RuntimeError("no hardware")
            return "c2lnbmF0dXJl" if wrong == "str" else None

    class AsyncFailing(Failing):
        async def asign(self, message: bytes) -> Any:
            return self.sign(message)

    signer = AsyncFailing() if way == "awaited" else Failing()
    client = signed_client(signer, base_url="https://localhost/x", httpx_args={"verify": TLS})
    with client, pytest.raises((TypeError, RuntimeError)) as caught:
        get_balance.sync(client=client) if way == "sync" else asyncio.run(get_balance.asyncio(client=client))
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

    with FaultServer(key.public_key(), [Fault(faults.half_open)]) as server:
        error = asyncio.run(main(server.base_url))
    shown = "\n".join(locals_of(error))
    assert not any(secret in shown for secret in signer.texts())
