"""Test keys, recorded signatures, and verifiers that use cryptography alone."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_public_key

HERE: Final = Path(__file__).parent
KEY_ID: Final = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
PASSPHRASE: Final = "a test passphrase"
SIGNED_HEADERS: Final = ("KALSHI-ACCESS-KEY", "KALSHI-ACCESS-TIMESTAMP", "KALSHI-ACCESS-SIGNATURE")

SIGNATURES: Final[dict[str, Any]] = json.loads((HERE / "signatures.json").read_text("utf-8"))


def key_file(name: str) -> Path:
    """Return the file of a test key."""
    return HERE / "keys" / f"test_{name}.pem"


def pem(name: str) -> str:
    """Return a test key's PEM, without the line that marks it."""
    return key_file(name).read_text("ascii").partition("\n")[2]


def rsa_verifies(signature: bytes, message: bytes, *, salt_length: int = 32, mgf1: HashAlgorithm | None = None) -> bool:
    """Tell whether a signature is the test RSA key's, by PSS with SHA-256."""
    key = load_pem_public_key(pem("rsa_public").encode())
    assert isinstance(key, RSAPublicKey)
    try:
        key.verify(signature, message, PSS(mgf=MGF1(mgf1 or SHA256()), salt_length=salt_length), SHA256())
    except InvalidSignature:
        return False
    return True


def ed25519_verifies(signature: bytes, message: bytes) -> bool:
    """Tell whether a signature is the test Ed25519 key's."""
    key = load_pem_public_key(pem("ed25519_public").encode())
    assert isinstance(key, Ed25519PublicKey)
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def headers_verify(headers: Any, method: str, raw_path: str) -> bool:
    """Tell whether a request's three headers sign its verb and its path, by the test RSA key."""
    key_id, timestamp, signature = (headers[name] for name in SIGNED_HEADERS)
    message = timestamp + method + raw_path.partition("?")[0]
    return bool(key_id == KEY_ID) and rsa_verifies(base64.b64decode(signature, validate=True), message.encode("ascii"))
