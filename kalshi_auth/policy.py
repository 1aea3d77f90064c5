"""How often and how long a request is tried."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

_NAMES: Final = ("attempts", "total_s", "first_wait_s", "longest_wait_s")


class RetryPolicy:
    """
    How often and how long to try.

    Attributes:
        attempts: Requests at most, the first included; a wrong clock may cost one more.
        total_s: Seconds for everything; no attempt and no wait begins that would end later.
        first_wait_s: Upper end of the first random wait; it doubles from one to the next.
        longest_wait_s: Upper end of any random wait. A `Retry-After` is believed up to `total_s`.

    Raises:
        TypeError: The attempts are no whole number.
        ValueError: A number is not above zero, or not finite.
    """

    __slots__ = tuple(f"_{name}" for name in _NAMES)

    def __init__(
        self, *, attempts: int = 4, total_s: float = 30.0, first_wait_s: float = 0.25, longest_wait_s: float = 8.0
    ) -> None:
        if not isinstance(attempts, int):
            raise TypeError(f"attempts is a whole number, not {attempts!r}")
        if attempts < 1:
            raise ValueError(f"attempts is 1 or more, not {attempts!r}")
        self._attempts = attempts
        self._total_s = _above_zero("total_s", total_s)
        self._first_wait_s = _above_zero("first_wait_s", first_wait_s)
        self._longest_wait_s = _above_zero("longest_wait_s", longest_wait_s)

    @property
    def attempts(self) -> int:
        return self._attempts

    @property
    def total_s(self) -> float:
        return self._total_s

    @property
    def first_wait_s(self) -> float:
        return self._first_wait_s

    @property
    def longest_wait_s(self) -> float:
        return self._longest_wait_s

    def wait_s(self, retries: int, random: Callable[[], float]) -> float:
        """Return a wait with full jitter, after so many retries."""
        return random() * float(min(self._longest_wait_s, self._first_wait_s * 2 ** min(retries, 64)))

    def __eq__(self, other: object) -> bool:
        return self._numbers() == other._numbers() if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self._numbers().values()))

    def __repr__(self) -> str:
        return f"RetryPolicy({', '.join(f'{name}={number!r}' for name, number in self._numbers().items())})"

    def _numbers(self) -> dict[str, float]:
        return {name: getattr(self, name) for name in _NAMES}


def _above_zero(name: str, seconds: float) -> float:
    if not 0 < seconds < math.inf:
        raise ValueError(f"{name} is a number of seconds above zero, not {seconds!r}")
    return seconds
