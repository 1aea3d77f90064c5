"""Ids that look random and are reproducible."""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

_BATCH: Final = 32
"""Ids are computed in batches, which takes less time than one by one."""


class IdSequence:
    """
    A sequence of UUID-like ids, determined by a seed.

    Args:
        seed: Seed of the sequence.

    Attributes:
        issued: Number of ids issued; setting it back makes the same ids again.
    """

    def __init__(self, seed: int) -> None:
        self._seed = b"%d" % seed
        self.issued = 0
        self._batch, self._ids = -1, list[str]()

    def __call__(self) -> str:
        batch, index = divmod(self.issued, _BATCH)
        if batch != self._batch:
            self._batch, self._ids = batch, [self._id(number) for number in range(batch * _BATCH, (batch + 1) * _BATCH)]
        self.issued += 1
        return self._ids[index]

    def _id(self, number: int) -> str:
        text = blake2b(b"%b:%d" % (self._seed, number + 1), digest_size=16).hexdigest()
        # A version 4 UUID written by hand: uuid.UUID takes ten times as long.
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"
