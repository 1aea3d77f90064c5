"""
The program of a signing process: reads a key and messages, writes signatures, each after its length.

It imports nothing of this package, so that this file is all the code that sees the key.
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
_POLL_S: Final = 0.5


def frame(payload: bytes) -> bytes:
    """Return a payload with its length in front."""
    return len(payload).to_bytes(_LENGTH, "big") + payload


def unframe(received: bytearray) -> bytes | None:
    """Remove and return the first payload; None while it is incomplete."""
    end = _LENGTH + int.from_bytes(received[:_LENGTH], "big")
    if len(received) < end:
        return None
    payload = bytes(received[_LENGTH:end])
    del received[:end]
    return payload


def main() -> None:
    """Read the key, report ready, and sign until the input ends."""
    threading.Thread(target=_exit_with, args=(os.getppid(),), daemon=True).start()
    # Nothing that is printed may come between signatures.
    out = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    hashed = SHA256()
    padding = PSS(mgf=MGF1(hashed), salt_length=hashed.digest_size)
    with open(0, "rb") as inbox, suppress(BrokenPipeError):
        der = _read(inbox)
        # The parent has validated the key.
        key = load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True) if der else None
        if not isinstance(key, RSAPrivateKey):
            return
        os.write(out, frame(READY))
        while (message := _read(inbox)) is not None:
            os.write(out, frame(key.sign(message, padding, hashed)))


def _read(inbox: BinaryIO) -> bytes | None:
    length = inbox.read(_LENGTH)
    return inbox.read(int.from_bytes(length, "big")) if length else None


def _exit_with(parent: int) -> None:
    """Exit with the parent; the pipe alone does not tell, because a forked child of the parent may keep it open."""
    while os.getppid() == parent:
        time.sleep(_POLL_S)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
