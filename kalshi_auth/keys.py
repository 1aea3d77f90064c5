"""Private keys from PEM text, a file or the environment: the only module that reads disk and environment."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVarTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from kalshi_auth.errors import CredentialsError
from kalshi_auth.signing import Ed25519Signer, RsaPssSigner

_EXPECTED: Final = "an RSA or Ed25519 private key in PEM"
_LABEL: Final = rb"-----BEGIN ([A-Z0-9 ]+)-----"
_LEAST_BITS: Final = 2048
_Ts = TypeVarTuple("_Ts")
KeySigner = RsaPssSigner | Ed25519Signer


def signer_from_pem(key_id: str, pem: str | bytes, *, passphrase: str | bytes | None = None) -> KeySigner:
    r"""
    Build a signer from a private key's PEM text.

    Args:
        key_id: The API key's id, a UUID.
        pem: PKCS#8 or PKCS#1 PEM; line ends may be real or the two characters `\n`.
        passphrase: Decrypts the key; None for a key that is not encrypted.

    Raises:
        CredentialsError: The key id or the key is not usable; the message never contains the key.
    """
    built = _without_key_frames(_signer_of, key_id, pem, passphrase)
    del pem, passphrase
    return _raise_or_return(built)


def signer_from_file(key_id: str, path: str | os.PathLike[str], *, passphrase: str | bytes | None = None) -> KeySigner:
    """
    Build a signer from a PEM file.

    Args:
        key_id: The API key's id, a UUID.
        path: The file; `~` is the home directory.
        passphrase: Decrypts the key; None for a key that is not encrypted.

    Raises:
        CredentialsError: The file cannot be read, or its key is not usable.
    """
    built = _without_key_frames(_from_file, key_id, path, passphrase)
    del path, passphrase
    return _raise_or_return(built)


def signer_from_env() -> KeySigner:
    """
    Build a signer from the environment.

    `KALSHI_KEY_ID` and one of `KALSHI_PRIVATE_KEY` (PEM text) and `KALSHI_PRIVATE_KEY_FILE` (a path) are
    required; `KALSHI_PRIVATE_KEY_PASSPHRASE` decrypts the key. An empty variable counts as missing.

    Raises:
        CredentialsError: A variable is missing, both keys are given, or the key is not usable.
    """
    return _raise_or_return(_without_key_frames(_from_env))


def _from_file(key_id: str, path: str | os.PathLike[str], passphrase: str | bytes | None) -> KeySigner:
    name = os.fspath(path)
    if "-----BEGIN" in name or "\n" in name:
        # Not opened: the error of the operating system would contain it.
        raise CredentialsError(f"found PEM text as the path of a key file; expected a file with {_EXPECTED}")
    try:
        pem = Path(name).expanduser().read_bytes()
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CredentialsError(f"found no readable file at {name!r}: {reason}; expected {_EXPECTED}") from None
    return _signer_of(key_id, pem, passphrase)


def _from_env() -> KeySigner:
    key_id = os.environ.get("KALSHI_KEY_ID")
    pem = os.environ.get("KALSHI_PRIVATE_KEY")
    path = os.environ.get("KALSHI_PRIVATE_KEY_FILE")
    passphrase = os.environ.get("KALSHI_PRIVATE_KEY_PASSPHRASE") or None
    if not key_id:
        raise CredentialsError("found no KALSHI_KEY_ID; expected the API key's id")
    if pem and path:
        raise CredentialsError("found both KALSHI_PRIVATE_KEY and KALSHI_PRIVATE_KEY_FILE; expected one")
    if pem:
        return _signer_of(key_id, pem, passphrase)
    if path:
        return _from_file(key_id, path, passphrase)
    raise CredentialsError("found neither KALSHI_PRIVATE_KEY nor KALSHI_PRIVATE_KEY_FILE; expected one of them")


def _without_key_frames(build: Callable[[*_Ts], KeySigner], *arguments: *_Ts) -> KeySigner | CredentialsError:
    """Build a signer, or return the error without its frames, whose locals hold the key."""
    try:
        return build(*arguments)
    except CredentialsError as error:
        error.__context__ = None
        return error.with_traceback(None)


def _raise_or_return(built: KeySigner | CredentialsError) -> KeySigner:
    """Return the signer, or raise outside the frames that hold the key, so that a traceback cannot show it."""
    if isinstance(built, CredentialsError):
        raise built
    return built


def _signer_of(key_id: str, pem: str | bytes, passphrase: str | bytes | None) -> KeySigner:
    """Build a signer from PEM text."""
    data = _pem_bytes(pem)
    secret = _passphrase_bytes(passphrase)
    try:
        key = load_pem_private_key(data, secret)
    except TypeError:
        # Raised by cryptography for a missing passphrase, and for one that is not needed.
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
    raise CredentialsError(f"found a private key of kind {kind}; expected {_EXPECTED}")


def _pem_bytes(pem: str | bytes) -> bytes:
    if isinstance(pem, str):
        # A key is ASCII. "replace" cannot fail; an encoding error would contain the key.
        pem = pem.encode("ascii", "replace")
    elif not isinstance(pem, bytes):
        raise CredentialsError(f"found a key of type {type(pem).__name__}; expected {_EXPECTED}, as str or bytes")
    # Environment files and container settings often write line ends as a backslash and an n.
    return pem.replace(b"\\r", b"").replace(b"\\n", b"\n").strip(b"\xef\xbb\xbf \t\r\n'\"") + b"\n"


def _passphrase_bytes(passphrase: str | bytes | None) -> bytes | None:
    if passphrase is None or isinstance(passphrase, bytes):
        return passphrase or None
    if not isinstance(passphrase, str):
        raise CredentialsError(f"found a passphrase of type {type(passphrase).__name__}; expected str or bytes")
    try:
        # Bytes of the environment that are not UTF-8 arrive as surrogates.
        return passphrase.encode("utf-8", "surrogateescape") or None
    except UnicodeEncodeError:
        pass
    # Raised outside the handler: the encoding error, as context, would contain the passphrase.
    raise CredentialsError("found a passphrase that is not text; expected str or bytes")


def _refusal(data: bytes, *, has_passphrase: bool) -> str:
    """Return a message that names what the PEM contains, by its label alone."""
    label = re.search(_LABEL, data)
    if label is None:
        return f"found {len(data) - 1} bytes without a PEM header; expected {_EXPECTED}"
    name = label[1].decode("ascii")
    if "PRIVATE KEY" not in name:
        return f"found PEM of kind {name}; expected {_EXPECTED}"
    problem = "the passphrase does not decrypt" if has_passphrase else "cannot be read"
    return f"found PEM of kind {name} that {problem}; expected {_EXPECTED}"
