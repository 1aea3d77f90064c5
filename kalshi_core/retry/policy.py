"""How often and for how long a request is repeated."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from attrs import field, frozen


def _whole_from_one(policy: object, attribute: Any, value: object) -> None:
    if not isinstance(value, int):
        raise TypeError(f"attempts must be a whole number, not {value!r}")
    if value < 1:
        raise ValueError(f"attempts must be 1 or more, not {value!r}")


def _above_zero(policy: object, attribute: Any, value: float) -> None:
    if not 0 < value < math.inf:
        raise ValueError(f"{attribute.name} must be a number of seconds above zero, not {value!r}")


@frozen(kw_only=True, slots=False)
class RetryPolicy:
    """
    How often and for how long a request is repeated.

    Attributes:
        attempts: Maximum number of requests, the first included; a wrong clock may cost one more.
        total_s: Seconds for the whole call; no attempt and no wait begins that would end later.
        first_wait_s: Upper bound of the first random wait; it doubles with each retry.
        longest_wait_s: Upper bound of any random wait. A `Retry-After` is obeyed up to `total_s`.

    Raises:
        TypeError: `attempts` is not a whole number.
        ValueError: A number is not above zero, or not finite.
    """

    attempts: int = field(default=4, validator=_whole_from_one)
    total_s: float = field(default=30.0, validator=_above_zero)
    first_wait_s: float = field(default=0.25, validator=_above_zero)
    longest_wait_s: float = field(default=8.0, validator=_above_zero)

    def wait_s(self, retries: int, random: Callable[[], float]) -> float:
        """Return a wait in seconds with full jitter, after `retries` retries; `random` returns 0 to 1."""
        return random() * float(min(self.longest_wait_s, self.first_wait_s * 2 ** min(retries, 64)))
