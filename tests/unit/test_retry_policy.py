"""How often and for how long a request is repeated."""

from __future__ import annotations

import inspect
import math
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalshi_auth import RetryPolicy


@given(st.integers(0, 10**6), st.floats(0, 1))
def test_a_wait_is_jittered_in_full_and_bounded(retries: int, drawn: float) -> None:
    """A wait is between zero and the doubled first wait, and at most the longest."""
    policy = RetryPolicy(first_wait_s=0.25, longest_wait_s=8)
    most = min(8, 0.25 * 2 ** min(retries, 10))
    assert policy.wait_s(retries, lambda: drawn) == pytest.approx(drawn * most)


@pytest.mark.parametrize(
    "wrong",
    [{"attempts": 0}, {"attempts": -1}, {"attempts": 1.5}, {"total_s": 0}, {"total_s": math.nan},
     {"total_s": math.inf}, {"first_wait_s": -1}, {"longest_wait_s": math.nan}],
)  # fmt: skip
def test_a_policy_without_bounds_is_rejected(wrong: dict[str, Any]) -> None:
    """Attempts and seconds must be numbers above zero, and finite."""
    with pytest.raises((TypeError, ValueError)):
        RetryPolicy(**wrong)


def test_a_policy_is_small_and_immutable() -> None:
    """A policy cannot be changed, and equal ones are equal."""
    policy = RetryPolicy(attempts=2)
    with pytest.raises(AttributeError):
        policy.attempts = 3  # type: ignore[misc]
    assert policy == RetryPolicy(attempts=2)
    assert hash(policy) == hash(RetryPolicy(attempts=2))
    assert policy != RetryPolicy(attempts=3)
    assert repr(policy) == "RetryPolicy(attempts=2, total_s=30.0, first_wait_s=0.25, longest_wait_s=8.0)"
    assert pickle.loads(pickle.dumps(policy)) == policy
    assert len(inspect.signature(RetryPolicy).parameters) <= 5
