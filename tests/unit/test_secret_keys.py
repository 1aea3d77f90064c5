"""Keys and passphrases appear nowhere: repr, errors, traceback locals, pickle, copy."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
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
from kalshi_trade_api.models import GenerateApiKeyRequest

from kalshi_auth import (
    CredentialsError,
    SignedFlow,
    signed_client,
    signer_from_env,
    signer_from_file,
    signer_from_pem,
)
from kalshi_core.client import AuthenticatedClient
from tests.unit.secrets_shown import KEY_ID, OURS, PASSPHRASE, locals_of, secrets_of


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def pem(key: RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture(scope="module")
def locked(key: RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(PASSPHRASE.encode())).decode()


@pytest.mark.parametrize("wrap", [
    lambda key: {"api_key_id": "i", "private_key": key},
    lambda key: {"api_key_id": "i", "private_key": {"pem": key}},
    lambda key: {"api_key_id": "i", "private_key": "k", "newer": [{"private_key": key}]},
    lambda key: key,
], ids=["documented", "misshapen", "unknown", "bare"])  # fmt: skip
def test_a_key_that_the_exchange_generates_is_not_shown(wrap: Callable[[str], Any]) -> None:
    """Reprs and messages of the response and of its errors contain no part of it, in whatever form it arrives."""
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
    """A signer refuses every kind of duplicate; so does an object that contains one."""
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
    """When reading a key fails, no local of our frames shows the PEM or the passphrase."""
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
