"""Who sent a request: keys, scopes, and the signature checks of the exchange."""

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

from kalshi_paper.engine.errors import Refusal
from kalshi_paper.service.signer import PADDING
from kalshi_paper.web.error_responses import FailureError, bad_parameter, from_refusal, unauthorised
from kalshi_paper.web.openapi import Operation

PublicKey = Ed25519PublicKey | RSAPublicKey

WINDOW_S: Final = 10
"""Whole seconds that a timestamp may be off, either way."""

_KEY: Final = b"kalshi-access-key"
_TIMESTAMP: Final = b"kalshi-access-timestamp"
_SIGNATURE: Final = b"kalshi-access-signature"
_SHA256: Final = SHA256()
_FINER: Final = {
    "orders": "write::trade",
    "order-groups": "write::trade",
    "fcm": "write::fcm_risk",
}
_FINEST: Final = {
    "GetBalance": "read::portfolio_balance",
    "GetBlockTradeProposals": "read::block_trade_accept",
    "AcceptBlockTradeProposal": "write::block_trade_accept",
    "ApplySubaccountTransfer": "write::transfer",
    "IntraExchangeInstanceTransfer": "write::transfer",
}
SCOPES: Final = frozenset({"read", "write", *_FINER.values(), *_FINEST.values()})
"""Those that some operation asks for."""


def _verifier(key: PublicKey) -> Callable[[bytes, bytes], None]:
    return partial(key.verify, padding=PADDING, algorithm=_SHA256) if isinstance(key, RSAPublicKey) else key.verify


@frozen
class Key:
    """
    The exchange's half of a key.

    Attributes:
        key_id: Its id.
        user: Name of the user it belongs to.
        public_key: What verifies.
        scopes: What it may do.
        name: What its owner calls it.
        verify: Takes a signature and a message; raises InvalidSignature unless this key signed it.
    """

    key_id: str
    user: str
    public_key: PublicKey = field(repr=False)
    scopes: frozenset[str]
    name: str
    # Made once: telling the class of a key takes as long as a tenth of an RSA verification.
    verify: Callable[[bytes, bytes], None] = field(
        init=False, repr=False, eq=False, default=Factory(lambda self: _verifier(self.public_key), takes_self=True)
    )


class Keyring:
    """All keys there are."""

    def __init__(self) -> None:
        self._keys: dict[bytes, Key] = {}

    def add(self, key: Key) -> None:
        """Take a key in."""
        self._keys[key.key_id.encode("utf-8")] = key

    def drop(self, user: str, key_id: str) -> None:
        """Forget a user's key; 404 for any other."""
        found = self._keys.get(key_id.encode("utf-8"))
        if found is None or found.user != user:
            raise Refusal(404, "not_found", "not found")
        del self._keys[key_id.encode("utf-8")]

    def of(self, user: str) -> list[Key]:
        """Return a user's keys, oldest first."""
        return [key for key in self._keys.values() if key.user == user]

    def claimed(self, headers: Mapping[bytes, bytes]) -> str | None:
        """Return the user whose key a request names, whether or not it is theirs."""
        found = self._keys.get(headers.get(_KEY, b""))
        return found.user if found else None

    def check(self, headers: Mapping[bytes, bytes], method: str, path: bytes, now_ms: int) -> Key:
        """
        Return the key that signed a request.

        Args:
            headers: Names in small letters.
            method: HTTP verb, in capitals.
            path: Path as received, from the host's root, percent-encoding kept, no query.
            now_ms: The server's clock.

        Raises:
            FailureError: 401, with the reason.

        Source:
            Kalshi docs, "API keys".
        """
        key_id, sent, encoded = headers.get(_KEY), headers.get(_TIMESTAMP), headers.get(_SIGNATURE)
        if not (key_id and sent and encoded):
            what = "signature" if not encoded else "key" if not key_id else "timestamp"
            raise unauthorised(f"{what}_is_missing_from_headers", f"{what} is missing from headers")
        # int() takes blanks, signs and underscores too, and refuses more digits than anybody needs.
        milliseconds = int(sent) if sent.isdigit() and len(sent) < 20 else 0
        if abs(now_ms - milliseconds) // 1000 > WINDOW_S:
            raise unauthorised("header_timestamp_expired", "header timestamp expired")
        key = self._keys.get(key_id)
        if key is None:
            raise unauthorised("authentication_error", "authentication_error", "NOT_FOUND")
        try:
            key.verify(a2b_base64(encoded, strict_mode=True), sent + method.encode("ascii") + path)
        except (BadBase64Error, InvalidSignature):
            raise unauthorised("authentication_error", "authentication_error", "INCORRECT_API_KEY_SIGNATURE") from None
        return key


def check_scope(key: Key, operation: Operation) -> None:
    """Refuse an operation to a key that has neither its scope, `read` or `write`, nor the finer one that covers it."""
    if operation.scope in key.scopes:
        return
    fine = _FINEST.get(operation.id) or (None if operation.reading else _FINER.get(operation.tag))
    if fine not in key.scopes:
        raise from_refusal(Refusal(403, "insufficient_scope", "insufficient scope", f"needs {fine or operation.scope}"))


def public_key_from_pem(pem: str) -> PublicKey:
    """
    Read the public key that a user hands in.

    Raises:
        FailureError: 400; it is no RSA or Ed25519 public key in PEM.
    """
    try:
        key = load_pem_public_key(pem.encode("utf-8"))
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPublicKey | Ed25519PublicKey):
        raise bad_parameter("public_key must be an RSA or Ed25519 public key in PEM")
    return key


__all__ = ["SCOPES", "WINDOW_S", "FailureError", "Key", "Keyring", "PublicKey", "check_scope", "public_key_from_pem"]
