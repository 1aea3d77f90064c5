"""Private keys, from PEM, file or environment, to signers: the only reader of disk and environment."""

from __future__ import annotations

import os
from pathlib import Path

from kalshi_auth.errors import CredentialsError
from kalshi_auth.pem import EXPECTED, settled, signer_of, tried
from kalshi_auth.signing import Ed25519Signer, RsaPssSigner


def signer_from_pem(
    key_id: str, pem: str | bytes, *, passphrase: str | bytes | None = None
) -> RsaPssSigner | Ed25519Signer:
    r"""
    Build a signer from a private key's PEM text.

    Args:
        key_id: The API key's id, a UUID.
        pem: PKCS#8 or PKCS#1 PEM; line ends may be real or the two characters `\n`.
        passphrase: Opens an encrypted key; None for a key that is not encrypted.

    Raises:
        CredentialsError: The key id or the key is not usable. The message says what was found and
            what was expected, and never quotes the key.
    """
    built = tried(signer_of, key_id, pem, passphrase)
    del pem, passphrase
    return settled(built)


def signer_from_file(
    key_id: str, path: str | os.PathLike[str], *, passphrase: str | bytes | None = None
) -> RsaPssSigner | Ed25519Signer:
    """
    Build a signer from a PEM file.

    Args:
        key_id: The API key's id, a UUID.
        path: The file; `~` is the home directory.
        passphrase: Opens an encrypted key.

    Raises:
        CredentialsError: The file can't be read, or its key is not usable.
    """
    built = tried(_from_file, key_id, path, passphrase)
    del path, passphrase
    return settled(built)


def signer_from_env() -> RsaPssSigner | Ed25519Signer:
    """
    Build a signer from the environment.

    `KALSHI_KEY_ID` and one of `KALSHI_PRIVATE_KEY` (PEM text) and `KALSHI_PRIVATE_KEY_FILE` (a path) are
    required; `KALSHI_PRIVATE_KEY_PASSPHRASE` opens an encrypted key. An empty variable counts as absent.

    Raises:
        CredentialsError: A variable is missing, both keys are given, or the key is not usable.
    """
    return settled(tried(_from_env))


def _from_file(
    key_id: str, path: str | os.PathLike[str], passphrase: str | bytes | None
) -> RsaPssSigner | Ed25519Signer:
    name = os.fspath(path)
    if "-----BEGIN" in name or "\n" in name:
        # Not even tried: the system's error would quote it.
        raise CredentialsError(f"found PEM text for the path of a key file; expected a file with {EXPECTED}")
    try:
        pem = Path(name).expanduser().read_bytes()
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CredentialsError(f"found no readable file at {name!r}: {reason}; expected {EXPECTED}") from None
    return signer_of(key_id, pem, passphrase)


def _from_env() -> RsaPssSigner | Ed25519Signer:
    key_id = os.environ.get("KALSHI_KEY_ID")
    pem = os.environ.get("KALSHI_PRIVATE_KEY")
    path = os.environ.get("KALSHI_PRIVATE_KEY_FILE")
    passphrase = os.environ.get("KALSHI_PRIVATE_KEY_PASSPHRASE") or None
    if not key_id:
        raise CredentialsError("found no KALSHI_KEY_ID; expected the API key's id")
    if pem and path:
        raise CredentialsError("found both KALSHI_PRIVATE_KEY and KALSHI_PRIVATE_KEY_FILE; expected one")
    if pem:
        return signer_of(key_id, pem, passphrase)
    if path:
        return _from_file(key_id, path, passphrase)
    raise CredentialsError(
        "found neither KALSHI_PRIVATE_KEY nor KALSHI_PRIVATE_KEY_FILE; expected one beside KALSHI_KEY_ID"
    )
