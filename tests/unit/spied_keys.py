"""Keys that note the threads in which they sign."""

from __future__ import annotations

import threading
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tests.unit.signing_processes import CountingKey


class RsaKey(CountingKey):
    """An RSA key that notes the threads in which it signs."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: list[int] = []

    def sign(self, *arguments: Any) -> bytes:
        self.threads.append(threading.get_ident())
        return super().sign(*arguments)


class EdKey(Ed25519PrivateKey):
    """An Ed25519 key that notes the threads in which it signs."""

    def __init__(self) -> None:
        self.key = Ed25519PrivateKey.generate()
        self.threads: list[int] = []

    def sign(self, data: Any) -> bytes:
        self.threads.append(threading.get_ident())
        return self.key.sign(data)

    def public_key(self) -> Ed25519PublicKey:
        raise NotImplementedError

    def private_bytes_raw(self) -> bytes:
        raise NotImplementedError

    def private_bytes(self, *arguments: Any) -> bytes:
        raise NotImplementedError

    def __copy__(self) -> Ed25519PrivateKey:
        raise NotImplementedError

    def __deepcopy__(self, memo: Any) -> Ed25519PrivateKey:
        raise NotImplementedError
