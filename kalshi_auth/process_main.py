"""
The program of a signing process: reads a key and then messages, writes signatures, each a line of base64.

It imports nothing of this package, so that this file is all the code that sees the key.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from binascii import a2b_base64, b2a_base64
from contextlib import suppress
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key

PROGRAM: Final = __file__
READY: Final = b"ready to sign"
_POLL_S: Final = 0.5


def main() -> None:
    """Read the RSA key, report ready, and sign until the input ends."""
    threading.Thread(target=_exit_with, args=(os.getppid(),), daemon=True).start()
    # Nothing that is printed may come between signatures.
    out = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    hashed = SHA256()
    padding = PSS(mgf=MGF1(hashed), salt_length=hashed.digest_size)
    with open(0, "rb") as inbox, suppress(BrokenPipeError):
        if not (der := a2b_base64(inbox.readline())):
            return
        # The parent has validated the key.
        key: Any = load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
        os.write(out, b2a_base64(READY))
        for line in inbox:
            os.write(out, b2a_base64(key.sign(a2b_base64(line), padding, hashed)))


def _exit_with(parent: int) -> None:
    """Exit with the parent; the pipe alone does not tell, because a forked child of the parent may keep it open."""
    while os.getppid() == parent:
        time.sleep(_POLL_S)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
