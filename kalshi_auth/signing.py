"""The two kinds of key that sign, and the headers that come of it. No I/O, no clock."""

from __future__ import annotations

from binascii import b2a_base64
from typing import Any, ClassVar, Final, Generic, NoReturn, Protocol, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kalshi_auth.errors import CredentialsError
from kalshi_auth.message import signing_message

_SHA256: Final = SHA256()
_PSS: Final = PSS(mgf=MGF1(_SHA256), salt_length=_SHA256.digest_size)
_KEY_ID: Final = "the UUID that the exchange shows beside the key"
_Key = TypeVar("_Key", RSAPrivateKey, Ed25519PrivateKey)


class Signer(Protocol):
    """Anything that signs for one API key (`key_id`, a UUID): a key on disk, a hardware module, a remote service."""

    @property
    def key_id(self) -> str: ...

    def sign(self, message: bytes) -> bytes:
        """Return the raw signature (not base64) over `message`; called from several threads, maybe at once."""
        ...


class AsyncSigner(Signer, Protocol):
    """A signer that an event loop waits for instead of having a thread sign: a process, a remote service."""

    async def asign(self, message: bytes) -> bytes | None:
        """Return the raw signature over `message`, or None to have `sign` asked; maybe several times at once."""
        ...


class _KeySigner(Generic[_Key]):
    """What both kinds of key share: checks, and silence about everything but the key id's beginning."""

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
        """Return a fresh signature; PSS is salted, so no two are alike."""
        return self._private_key.sign(message, _PSS, _SHA256)


class Ed25519Signer(_KeySigner[Ed25519PrivateKey]):
    """
    Sign with an Ed25519 key: eight times faster than RSA-2048, and the same every time.

    Source:
        Kalshi docs, "API keys".
    """

    __slots__ = ()
    _kind = Ed25519PrivateKey

    def sign(self, message: bytes) -> bytes:
        """Return the signature over `message`."""
        return self._private_key.sign(message)


def signing_headers(signer: Signer, method: str, path: str, *, timestamp_ms: int) -> dict[str, str]:
    """
    Return the three headers of one request, for WebSocket handshakes and other HTTP libraries.

    Args:
        signer: Who signs.
        method: HTTP verb, as for `signing_message`.
        path: Path as sent, as for `signing_message`.
        timestamp_ms: Send time, Unix epoch, milliseconds; the exchange refuses more than a few seconds' error.

    Source:
        Kalshi docs, "API keys".
    """
    message = signing_message(timestamp_ms, method, path)
    return _headers(signer.key_id, timestamp_ms, b2a_base64(signer.sign(message), newline=False))


async def awaited_headers(signer: AsyncSigner, method: str, path: str, *, timestamp_ms: int) -> dict[str, str] | None:
    """Return what `signing_headers` does, in an event loop; None where the signer wants to be asked as any other."""
    signature = await signer.asign(signing_message(timestamp_ms, method, path))
    try:
        return (
            None if signature is None else _headers(signer.key_id, timestamp_ms, b2a_base64(signature, newline=False))
        )
    finally:
        del signature  # a traceback may show a frame's locals


def private_der(signer: RsaPssSigner) -> bytes:
    """Return the key, unencrypted (DER, PKCS #8), for a process of our own."""
    return signer._private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def _headers(key_id: str, timestamp_ms: int, signature: bytes) -> dict[str, str]:
    # Given in base64: nothing fails here any more, in a frame whose locals a traceback may show.
    return {
        "KALSHI-ACCESS-KEY": key_id,
        "KALSHI-ACCESS-TIMESTAMP": str(timestamp_ms),
        "KALSHI-ACCESS-SIGNATURE": signature.decode("ascii"),
    }


def _checked_key_id(key_id: str) -> str:
    if not isinstance(key_id, str):
        raise CredentialsError(f"found a key id of type {type(key_id).__name__}; expected {_KEY_ID}")
    if not key_id or not key_id.isascii() or not key_id.isprintable() or " " in key_id:
        found = "with blanks or unprintable characters" if key_id else "that is empty"
        raise CredentialsError(f"found a key id {found}; expected {_KEY_ID}")
    return key_id
