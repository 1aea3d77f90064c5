"""The message a signature covers, the signers of both key types, and the three headers. No I/O, no clock."""

from __future__ import annotations

from binascii import b2a_base64
from functools import lru_cache
from typing import Any, ClassVar, Final, Generic, NoReturn, Protocol, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from kalshi_auth.errors import CredentialsError

_SHA256: Final = SHA256()
_PSS: Final = PSS(mgf=MGF1(_SHA256), salt_length=_SHA256.digest_size)
_FIRST_MS, _LAST_MS = 10**12, 10**13 - 1  # from 2001 to 2286; seconds have ten digits, microseconds sixteen
_KEY_ID: Final = "the UUID that the exchange shows beside the key"
_Key = TypeVar("_Key", RSAPrivateKey, Ed25519PrivateKey)


class Signer(Protocol):
    """Anything that signs for one API key (`key_id`, a UUID): a key on disk, a hardware module, a remote service."""

    @property
    def key_id(self) -> str: ...

    def sign(self, message: bytes) -> bytes:
        """Return the raw signature (not base64) over `message`; several threads may call it at once."""
        ...


class AsyncSigner(Signer, Protocol):
    """A signer that event loops await, such as a process or a remote service."""

    async def asign(self, message: bytes) -> bytes | None:
        """Return the raw signature over `message`, or None to have `sign` called; several calls may be under way."""
        ...


class _KeySigner(Generic[_Key]):
    """Base class of both signers: checks its arguments, and keeps the key out of `repr`, `pickle` and `copy`."""

    __slots__ = ("_key_id", "_private_key")
    _kind: ClassVar[Any]

    def __init__(self, key_id: str, private_key: _Key) -> None:
        if not isinstance(private_key, self._kind):
            raise CredentialsError(f"found a key of type {type(private_key).__name__}; expected {self._kind.__name__}")
        self._key_id = _checked_key_id(key_id)
        self._private_key: _Key = private_key

    @property
    def key_id(self) -> str:
        return self._key_id

    def __repr__(self) -> str:
        return f"{type(self).__name__}(key_id='{self._key_id[:4]}…')"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds a private key and is neither copied nor pickled")


class RsaPssSigner(_KeySigner[RSAPrivateKey]):
    """
    Sign with an RSA key: PSS padding, SHA-256, MGF1 with SHA-256, a salt of 32 bytes.

    Source:
        Kalshi docs, "API keys".
    """

    __slots__ = ()
    _kind = RSAPrivateKey

    def sign(self, message: bytes) -> bytes:
        """Return the signature over `message`; PSS is salted, so each one differs."""
        return self._private_key.sign(message, _PSS, _SHA256)


class Ed25519Signer(_KeySigner[Ed25519PrivateKey]):
    """
    Sign with an Ed25519 key: eight times faster than RSA-2048, and deterministic.

    Source:
        Kalshi docs, "API keys".
    """

    __slots__ = ()
    _kind = Ed25519PrivateKey

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
        ValueError: `path` is relative or not percent-encoded, or `timestamp_ms` is not in milliseconds.

    Source:
        Kalshi docs, "API keys".

    Example:
        >>> signing_message(1703123456789, "get", "/trade-api/v2/portfolio/balance")
        b'1703123456789GET/trade-api/v2/portfolio/balance'
    """
    if not isinstance(timestamp_ms, int) or not _FIRST_MS <= timestamp_ms <= _LAST_MS:
        raise ValueError(f"timestamp_ms must be a whole number of milliseconds since 1970, not {timestamp_ms!r}")
    return f"{timestamp_ms}{_route(method, path)}".encode("ascii")


def signing_headers(signer: Signer, method: str, path: str, *, timestamp_ms: int) -> dict[str, str]:
    """
    Return the three signature headers of one request, for WebSocket handshakes and other HTTP libraries.

    Args:
        signer: Signs.
        method: HTTP verb, as for `signing_message`.
        path: Path as sent, as for `signing_message`.
        timestamp_ms: Send time, Unix epoch, milliseconds; the exchange rejects an error of more than a few seconds.

    Returns:
        `KALSHI-ACCESS-KEY`, `KALSHI-ACCESS-TIMESTAMP` and `KALSHI-ACCESS-SIGNATURE` (base64).

    Raises:
        ValueError: The path or the timestamp is not usable, as for `signing_message`.

    Source:
        Kalshi docs, "API keys".
    """
    message = signing_message(timestamp_ms, method, path)
    return _headers(signer.key_id, timestamp_ms, b2a_base64(signer.sign(message), newline=False))


async def async_signing_headers(
    signer: AsyncSigner, method: str, path: str, *, timestamp_ms: int
) -> dict[str, str] | None:
    """Return what `signing_headers` does, in an event loop; None where the signer's `asign` returns None."""
    signature = await signer.asign(signing_message(timestamp_ms, method, path))
    try:
        if signature is not None:
            return _headers(signer.key_id, timestamp_ms, b2a_base64(signature, newline=False))
        return None
    finally:
        del signature  # a traceback may show a frame's locals


def _headers(key_id: str, timestamp_ms: int, signature: bytes) -> dict[str, str]:
    # Takes base64 because nothing may fail in this frame, whose locals a traceback would show.
    return {
        "KALSHI-ACCESS-KEY": key_id,
        "KALSHI-ACCESS-TIMESTAMP": str(timestamp_ms),
        "KALSHI-ACCESS-SIGNATURE": signature.decode("ascii"),
    }


@lru_cache(maxsize=256)
def _route(method: str, path: str) -> str:
    """Return verb and path as they are signed; cached, because bots repeat their requests."""
    if not path.startswith("/"):
        raise ValueError("path must start at the host's root, with a slash: '/trade-api/v2/...'")
    if not path.isascii() or not path.isprintable() or " " in path or "#" in path:
        raise ValueError("path is signed as it is sent: percent-encode it first")
    return f"{method.upper()}{path.partition('?')[0]}"


def _checked_key_id(key_id: str) -> str:
    if not isinstance(key_id, str):
        raise CredentialsError(f"found a key id of type {type(key_id).__name__}; expected {_KEY_ID}")
    if not key_id or not key_id.isascii() or not key_id.isprintable() or " " in key_id:
        found = "with spaces or unprintable characters" if key_id else "that is empty"
        raise CredentialsError(f"found a key id {found}; expected {_KEY_ID}")
    return key_id
