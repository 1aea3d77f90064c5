"""
What a signing process runs: a key and messages in, signatures out, each with its length before it.

It imports nothing of this package, so that what gets the key is this file and no other.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import suppress
from typing import BinaryIO, Final

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key

PROGRAM: Final = __file__
READY: Final = b"ready to sign"
_LENGTH: Final = 4
_OFTEN_S: Final = 0.5


def framed(payload: bytes) -> bytes:
    """Put its length before it."""
    return len(payload).to_bytes(_LENGTH, "big") + payload


def unframed(received: bytearray) -> bytes | None:
    """Take the first payload out, once it is there whole."""
    end = _LENGTH + int.from_bytes(received[:_LENGTH], "big")
    if len(received) < end:
        return None
    payload = bytes(received[_LENGTH:end])
    del received[:end]
    return payload


def main() -> None:
    """Read the key, say so, and sign until there is nobody to sign for."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    # What anything prints must not come between signatures.
    out = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    hashed = SHA256()
    padding = PSS(mgf=MGF1(hashed), salt_length=hashed.digest_size)
    with open(0, "rb") as inbox, suppress(BrokenPipeError):
        if (key := _key(inbox)) is None:
            return
        os.write(out, framed(READY))
        while (message := _read(inbox)) is not None:
            os.write(out, framed(key.sign(message, padding, hashed)))


def _key(inbox: BinaryIO) -> RSAPrivateKey | None:
    der = _read(inbox)
    # The parent has checked it.
    key = load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True) if der else None
    return key if isinstance(key, RSAPrivateKey) else None


def _read(inbox: BinaryIO) -> bytes | None:
    length = inbox.read(_LENGTH)
    return inbox.read(int.from_bytes(length, "big")) if length else None


def _end_with(parent: int) -> None:
    """End with the parent: a process that it forked may keep the pipe open."""
    while os.getppid() == parent:
        time.sleep(_OFTEN_S)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
