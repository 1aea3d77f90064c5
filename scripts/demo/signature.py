"""
Checking a request's signature with the public key alone, as the exchange does.

Written against `cryptography` and nothing else of this repository, so that signer and checker can't
share a mistake.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from scripts.demo.refusal import nested

PublicKey = RSAPublicKey | Ed25519PublicKey

_SALT_BYTES: Final = 32
_WINDOW_MS: Final = 10_000
_MILLISECONDS: Final = re.compile("[0-9]{13}")


class Headers(Protocol):
    """Whatever gives a header by its name, in any case."""

    def get(self, name: str, /) -> str | None: ...


def check(keys: Mapping[str, PublicKey], method: str, path: str, headers: Headers, *, now_ms: int) -> None:
    """
    Check the three headers of a request.

    Args:
        keys: Public keys by key id.
        method: The request's verb, in capitals.
        path: The path as it came, without the query.
        headers: The request's headers.
        now_ms: The time, Unix epoch, milliseconds.

    Raises:
        RefusalError: A header is missing, the key is unknown, or time or signature are wrong.

    Source:
        Kalshi docs, "API keys"; the codes are those recorded on the servers.
    """
    key_id, timestamp, signature = (headers.get(f"KALSHI-ACCESS-{name}") for name in ("KEY", "TIMESTAMP", "SIGNATURE"))
    if not key_id or not timestamp or not signature:
        raise nested(401, "signature_is_missing_from_headers")
    if key_id not in keys:
        raise nested(401, "authentication_error", details="NOT_FOUND")
    if not _MILLISECONDS.fullmatch(timestamp) or abs(now_ms - int(timestamp)) > _WINDOW_MS:
        raise nested(401, "header_timestamp_expired")
    try:
        _verify(keys[key_id], base64.b64decode(signature, validate=True), f"{timestamp}{method}{path}".encode())
    except (InvalidSignature, ValueError):
        raise nested(401, "authentication_error", details="INCORRECT_API_KEY_SIGNATURE") from None


def _verify(key: PublicKey, signature: bytes, message: bytes) -> None:
    if isinstance(key, RSAPublicKey):
        key.verify(signature, message, PSS(MGF1(SHA256()), _SALT_BYTES), SHA256())
    else:
        key.verify(signature, message)
