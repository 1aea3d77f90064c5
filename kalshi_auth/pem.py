"""From PEM text to a signer, and nothing left behind of a key that is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeVarTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from kalshi_auth.errors import CredentialsError
from kalshi_auth.signing import Ed25519Signer, RsaPssSigner

EXPECTED: Final = "an RSA or Ed25519 private key in PEM"
_LABEL: Final = rb"-----BEGIN ([A-Z0-9 ]+)-----"
_LEAST_BITS: Final = 2048
_Ts = TypeVarTuple("_Ts")
KeySigner = RsaPssSigner | Ed25519Signer


def tried(build: Callable[[*_Ts], KeySigner], *arguments: *_Ts) -> KeySigner | CredentialsError:
    """Build, or return the error without the frames that it was raised in: their locals hold the key."""
    try:
        return build(*arguments)
    except CredentialsError as error:
        error.__context__ = None
        return error.with_traceback(None)


def settled(built: KeySigner | CredentialsError) -> KeySigner:
    """Return what was built, or raise the error that stands for it, where no key is in sight any more."""
    if isinstance(built, CredentialsError):
        raise built
    return built


def signer_of(key_id: str, pem: str | bytes, passphrase: str | bytes | None) -> RsaPssSigner | Ed25519Signer:
    """Build a signer from PEM text."""
    data = _pem_bytes(pem)
    secret = _passphrase_bytes(passphrase)
    try:
        key = load_pem_private_key(data, secret)
    except TypeError:
        # cryptography's answer to a passphrase that is missing, and to one that is not needed.
        found = "an encrypted key and no passphrase" if secret is None else "a passphrase for a key without one"
        raise CredentialsError(f"found {found}; expected both or neither") from None
    except (ValueError, UnsupportedAlgorithm):
        raise CredentialsError(_refusal(data, has_passphrase=secret is not None)) from None
    if isinstance(key, RSAPrivateKey):
        if key.key_size < _LEAST_BITS:
            raise CredentialsError(f"found an RSA key of {key.key_size} bits; expected {_LEAST_BITS} or more")
        return RsaPssSigner(key_id, key)
    if isinstance(key, Ed25519PrivateKey):
        return Ed25519Signer(key_id, key)
    kind = type(key).__name__.removesuffix("PrivateKey")
    raise CredentialsError(f"found a private key of kind {kind}; expected {EXPECTED}")


def _pem_bytes(pem: str | bytes) -> bytes:
    if isinstance(pem, str):
        # What is not ASCII is no part of a key; "replace" can't fail, and an encoding error would hold the key.
        pem = pem.encode("ascii", "replace")
    elif not isinstance(pem, bytes):
        raise CredentialsError(f"found a key of type {type(pem).__name__}; expected {EXPECTED}, as str or bytes")
    # Environment files and container settings often write line ends as a backslash and an n.
    return pem.replace(b"\\r", b"").replace(b"\\n", b"\n").strip(b"\xef\xbb\xbf \t\r\n'\"") + b"\n"


def _passphrase_bytes(passphrase: str | bytes | None) -> bytes | None:
    if passphrase is None or isinstance(passphrase, bytes):
        return passphrase or None
    if not isinstance(passphrase, str):
        raise CredentialsError(f"found a passphrase of type {type(passphrase).__name__}; expected str or bytes")
    try:
        # The environment's bytes that are not UTF-8 arrive as surrogates.
        return passphrase.encode("utf-8", "surrogateescape") or None
    except UnicodeEncodeError:
        pass
    # Raised out here, for the encoding error would carry the passphrase along as its context.
    raise CredentialsError("found a passphrase that is not text; expected str or bytes")


def _refusal(data: bytes, *, has_passphrase: bool) -> str:
    """Say what stands in the PEM instead of a key, by its label alone."""
    label = re.search(_LABEL, data)
    if label is None:
        return f"found {len(data) - 1} bytes without a PEM header; expected {EXPECTED}"
    name = label[1].decode("ascii")
    if "PRIVATE KEY" not in name:
        return f"found PEM of kind {name}; expected {EXPECTED}"
    if has_passphrase:
        return f"found PEM of kind {name} that the passphrase does not open; expected {EXPECTED}, and its passphrase"
    return f"found PEM of kind {name} that can't be read; expected {EXPECTED}"
