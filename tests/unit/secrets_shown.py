"""What an error shows: the locals of its frames, and the texts of keys and signatures that must not be there."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import kalshi_trade_api

import kalshi_auth
import kalshi_core

KEY_ID: Final = "7a1b2c3d-4444-5555-6666-777788889999"


PASSPHRASE: Final = "correct horse battery staple"


OURS: Final = tuple(str(Path(each.__file__ or "").parent) for each in (kalshi_auth, kalshi_core, kalshi_trade_api))


class Recorder:
    """A signer that remembers the signatures it made."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.made: list[bytes] = []

    @property
    def key_id(self) -> str:
        return str(self._inner.key_id)

    def sign(self, message: bytes) -> bytes:
        self.made.append(self._inner.sign(message))
        return self.made[-1]

    def texts(self) -> list[str]:
        return [form for raw in self.made for form in (base64.b64encode(raw).decode(), repr(raw)[2:-1])]


def locals_of(error: BaseException, of: tuple[str, ...] = OURS) -> Iterator[str]:
    """Yield what a rich traceback would show of an error and all that led to it: the locals' reprs."""
    seen: set[int] = set()
    todo: list[BaseException | None] = [error]
    while todo:
        each = todo.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        todo += [each.__cause__, each.__context__]
        trace = each.__traceback__
        while trace is not None:
            if any(part in trace.tb_frame.f_code.co_filename for part in of):
                yield from (repr(value) for value in trace.tb_frame.f_locals.values())
            trace = trace.tb_next


def secrets_of(pem: str) -> list[str]:
    """Cut a key into its lines: none of them may appear."""
    return [line for line in pem.splitlines() if line and not line.startswith("---")]
