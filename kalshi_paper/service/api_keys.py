"""API keys of the exchange's users, and the verification of request signatures."""

from __future__ import annotations

from binascii import Error as BadBase64Error
from binascii import a2b_base64
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from attrs import Factory, field, frozen
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from kalshi_paper.engine.errors import invalid_parameter, not_found, unauthorized
from kalshi_paper.service.signer import PADDING

PublicKey = Ed25519PublicKey | RSAPublicKey

WINDOW_S: Final = 10
"""Largest accepted difference between a timestamp and the server's clock, whole seconds."""

_KEY: Final = b"kalshi-access-key"
_TIMESTAMP: Final = b"kalshi-access-timestamp"
_SIGNATURE: Final = b"kalshi-access-signature"
_SHA256: Final = SHA256()


def _verifier(key: PublicKey) -> Callable[[bytes, bytes], None]:
    return partial(key.verify, padding=PADDING, algorithm=_SHA256) if isinstance(key, RSAPublicKey) else key.verify


@frozen
class ApiKey:
    """
    An API key as the exchange stores it.

    Attributes:
        key_id: Key id.
        user: Name of its user.
        public_key: Public key.
        scopes: Scopes of the key.
        name: Name given by its user.
        verify: Takes a signature and a message; raises InvalidSignature unless this key signed the message.
    """

    key_id: str
    user: str
    public_key: PublicKey = field(repr=False)
    scopes: frozenset[str]
    name: str
    # Created once: the isinstance check of a key takes a tenth of the time of an RSA verification.
    verify: Callable[[bytes, bytes], None] = field(
        init=False, repr=False, eq=False, default=Factory(lambda self: _verifier(self.public_key), takes_self=True)
    )


class ApiKeyStore:
    """API keys of all users."""

    def __init__(self) -> None:
        self._keys: dict[bytes, ApiKey] = {}

    def add(self, key: ApiKey) -> None:
        """Add a key."""
        self._keys[key.key_id.encode("utf-8")] = key

    def remove(self, user: str, key_id: str) -> None:
        """Remove a user's key; RequestRejected 404 `not_found` if the user has no such key."""
        found = self._keys.get(key_id.encode("utf-8"))
        if found is None or found.user != user:
            raise not_found()
        del self._keys[key_id.encode("utf-8")]

    def keys_of(self, user: str) -> list[ApiKey]:
        """Return the keys of a user, oldest first."""
        return [key for key in self._keys.values() if key.user == user]

    def claimed_user(self, headers: Mapping[bytes, bytes]) -> str | None:
        """Return the user of the key id in a request's headers, without verifying the signature."""
        found = self._keys.get(headers.get(_KEY, b""))
        return found.user if found else None

    def verify(self, headers: Mapping[bytes, bytes], method: str, path: bytes, now_ms: int) -> ApiKey:
        """
        Verify the signature of a request, and return its key.

        Args:
            headers: Headers, with lower-case names.
            method: HTTP verb, upper case.
            path: Path as received, from the host's root, percent-encoding kept, without query.
            now_ms: The server's clock, Unix milliseconds.

        Raises:
            RequestRejected: 401, with the reason.

        Source:
            Kalshi docs, "API keys".
        """
        key_id, sent, encoded = headers.get(_KEY), headers.get(_TIMESTAMP), headers.get(_SIGNATURE)
        if not (key_id and sent and encoded):
            missing = "signature" if not encoded else "key" if not key_id else "timestamp"
            raise unauthorized(f"{missing}_is_missing_from_headers", f"{missing} is missing from headers")
        # int() would accept blanks, signs and underscores, and fail on very long numbers.
        milliseconds = int(sent) if sent.isdigit() and len(sent) < 20 else 0
        if abs(now_ms - milliseconds) // 1000 > WINDOW_S:
            raise unauthorized("header_timestamp_expired", "header timestamp expired")
        key = self._keys.get(key_id)
        if key is None:
            raise unauthorized("authentication_error", "authentication_error", "NOT_FOUND")
        try:
            key.verify(a2b_base64(encoded, strict_mode=True), sent + method.encode("ascii") + path)
        except (BadBase64Error, InvalidSignature):
            raise unauthorized("authentication_error", "authentication_error", "INCORRECT_API_KEY_SIGNATURE") from None
        return key


def public_key_from_pem(pem: str) -> PublicKey:
    """
    Load a public key that a user uploads.

    Raises:
        ErrorResponse: 400: not an RSA or Ed25519 public key in PEM.
    """
    try:
        key = load_pem_public_key(pem.encode("utf-8"))
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPublicKey | Ed25519PublicKey):
        raise invalid_parameter("public_key must be an RSA or Ed25519 public key in PEM")
    return key
