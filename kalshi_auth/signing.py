"""What a request's signature covers, and the two kinds of key that make one. No I/O, no clock."""

from __future__ import annotations

import base64
from typing import Final, NoReturn, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from kalshi_auth.errors import CredentialsError

_SHA256: Final = SHA256()
_PSS: Final = PSS(mgf=MGF1(_SHA256), salt_length=_SHA256.digest_size)
_YEAR_2001_MS: Final = 10**12
"""A millisecond count since 1970 has thirteen digits from 2001 on; seconds have ten."""


class Signer(Protocol):
    """
    Anything that can sign for one API key: a key on disk, a hardware module, a remote service.

    Attributes:
        key_id: The API key's id, as the exchange shows it (a UUID).
    """

    @property
    def key_id(self) -> str: ...

    def sign(self, message: bytes) -> bytes:
        """Return the raw signature (not base64) over `message`."""
        ...


class _KeySigner:
    """What both kinds of key share: a checked key id, and silence about the rest."""

    __slots__ = ("_key_id",)

    def __init__(self, key_id: str) -> None:
        self._key_id = _checked_key_id(key_id)

    @property
    def key_id(self) -> str:
        return self._key_id

    def __repr__(self) -> str:
        return f"{type(self).__name__}(key_id='{self._key_id[:4]}…')"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds a private key and is neither copied nor pickled")


class RsaPssSigner(_KeySigner):
    """
    Sign with an RSA key: PSS padding, SHA-256, MGF1 with SHA-256, a salt of 32 bytes.

    Args:
        key_id: The API key's id.
        private_key: The RSA private key.

    Raises:
        CredentialsError: The key id is empty or unprintable, or the key is of another kind.

    Source:
        Kalshi docs, "API keys".
    """

    __slots__ = ("_private_key",)

    def __init__(self, key_id: str, private_key: RSAPrivateKey) -> None:
        super().__init__(key_id)
        if not isinstance(private_key, RSAPrivateKey):
            raise CredentialsError(f"expected an RSA private key, found {type(private_key).__name__}")
        self._private_key = private_key

    def sign(self, message: bytes) -> bytes:
        """Return a fresh signature; PSS is salted, so no two are alike."""
        return self._private_key.sign(message, _PSS, _SHA256)


class Ed25519Signer(_KeySigner):
    """
    Sign with an Ed25519 key: eight times faster than RSA-2048, and the same every time.

    Args:
        key_id: The API key's id.
        private_key: The Ed25519 private key.

    Raises:
        CredentialsError: The key id is empty or unprintable, or the key is of another kind.

    Source:
        Kalshi docs, "API keys".
    """

    __slots__ = ("_private_key",)

    def __init__(self, key_id: str, private_key: Ed25519PrivateKey) -> None:
        super().__init__(key_id)
        if not isinstance(private_key, Ed25519PrivateKey):
            raise CredentialsError(f"expected an Ed25519 private key, found {type(private_key).__name__}")
        self._private_key = private_key

    def sign(self, message: bytes) -> bytes:
        """Return the signature over `message`."""
        return self._private_key.sign(message)


def signing_message(timestamp_ms: int, method: str, path: str) -> bytes:
    """
    Lay out the bytes a request's signature covers.

    Neither body nor query string is covered.

    Args:
        timestamp_ms: Send time, Unix epoch, milliseconds.
        method: HTTP verb in any case; written in capitals.
        path: Path as sent, from the host's root, percent-encoding kept; a query string is cut off.

    Returns:
        ASCII bytes: timestamp, verb, path, nothing in between.

    Raises:
        ValueError: The path is relative or holds characters that were not percent-encoded, or the
            timestamp is not in milliseconds.

    Source:
        Kalshi docs, "API keys".

    Example:
        >>> signing_message(1703123456789, "get", "/trade-api/v2/portfolio/balance")
        b'1703123456789GET/trade-api/v2/portfolio/balance'
    """
    if timestamp_ms < _YEAR_2001_MS or isinstance(timestamp_ms, float):
        raise ValueError(f"timestamp_ms is a whole number of milliseconds since 1970, not {timestamp_ms!r}")
    if not path.startswith("/"):
        raise ValueError("path starts at the host's root, with a slash: '/trade-api/v2/...'")
    if not path.isascii():
        raise ValueError("path is signed as it is sent: percent-encode it first")
    return f"{timestamp_ms}{method.upper()}{path.partition('?')[0]}".encode("ascii")


def signing_headers(signer: Signer, method: str, path: str, *, timestamp_ms: int) -> dict[str, str]:
    """
    Sign one request, for WebSocket handshakes and other HTTP libraries.

    Args:
        signer: Who signs.
        method: HTTP verb in any case.
        path: Path as sent, from the host's root, percent-encoding kept.
        timestamp_ms: Send time, Unix epoch, milliseconds; the exchange refuses more than a few seconds' error.

    Returns:
        The three headers, good for this request alone.

    Raises:
        ValueError: As for `signing_message`.

    Source:
        Kalshi docs, "API keys".
    """
    signature = signer.sign(signing_message(timestamp_ms, method, path))
    return {
        "KALSHI-ACCESS-KEY": signer.key_id,
        "KALSHI-ACCESS-TIMESTAMP": str(timestamp_ms),
        "KALSHI-ACCESS-SIGNATURE": base64.b64encode(signature).decode("ascii"),
    }


def _checked_key_id(key_id: str) -> str:
    if not isinstance(key_id, str):
        raise CredentialsError(f"the key id is a string, not {type(key_id).__name__}")
    if not key_id:
        raise CredentialsError("the key id is empty; it is the UUID the exchange shows beside the key")
    if not key_id.isascii() or not key_id.isprintable() or " " in key_id:
        raise CredentialsError("the key id holds blanks or unprintable characters; it is a plain UUID")
    return key_id
