"""What a signing process runs: messages in, signatures out, each with its length before it."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import BinaryIO, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key

from kalshi_auth.signing import RsaPssSigner

READY: Final = b"ready to sign"
_LENGTH: Final = 4
_IN, _OUT = 0, 1


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
    # Ctrl-C is the parent's, which may want signatures for what it does then.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with open(_IN, "rb") as inbox, suppress(BrokenPipeError):
        # The parent has checked it.
        key = load_der_private_key(_read(inbox), None, unsafe_skip_rsa_key_validation=True)
        assert isinstance(key, RSAPrivateKey)
        signer = RsaPssSigner("child", key)
        os.write(_OUT, framed(READY))
        while message := _read(inbox):
            os.write(_OUT, framed(signer.sign(message)))


def _read(inbox: BinaryIO) -> bytes:
    return inbox.read(int.from_bytes(inbox.read(_LENGTH), "big"))
