"""The private side of a paper account's key. The exchange keeps only the public key."""

from __future__ import annotations

from typing import Final, Literal, NoReturn

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

KeyType = Literal["ed25519", "rsa"]
PrivateKey = Ed25519PrivateKey | RSAPrivateKey

_SHA256: Final = SHA256()
PADDING: Final = PSS(mgf=MGF1(_SHA256), salt_length=_SHA256.digest_size)
"""Padding of RSA signatures: PSS with a salt as long as the digest."""


class PaperSigner:
    """
    Signer for a key of a paper account, for any client that takes `key_id` and `sign(message)`.

    Args:
        key_id: Key id.
        private_key: Private key.
    """

    __slots__ = ("_key_id", "_private_key")

    def __init__(self, key_id: str, private_key: PrivateKey) -> None:
        self._key_id = key_id
        self._private_key = private_key

    @property
    def key_id(self) -> str:
        return self._key_id

    def sign(self, message: bytes) -> bytes:
        """Return the raw signature of `message`."""
        if isinstance(self._private_key, RSAPrivateKey):
            return self._private_key.sign(message, PADDING, _SHA256)
        return self._private_key.sign(message)

    def pem(self) -> str:
        """Return the private key as PKCS#8 PEM, for clients that read it as text."""
        return self._private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")

    def public_pem(self) -> str:
        """Return the public key as PEM."""
        key = self._private_key.public_key()
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")

    def __repr__(self) -> str:
        return f"PaperSigner(key_id={self._key_id!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("PaperSigner holds a private key and cannot be copied or pickled")


def new_private_key(key_type: KeyType) -> PrivateKey:
    """Generate a private key; ValueError for an unknown type."""
    if key_type == "rsa":
        return generate_private_key(public_exponent=65537, key_size=2048)
    if key_type == "ed25519":
        return Ed25519PrivateKey.generate()
    raise ValueError(f"key_type must be 'ed25519' or 'rsa', not {key_type!r}")
