"""A token bucket: refilled continuously, first come, first served."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalshi_core.rate_limit.token_bucket import TokenBucket


@given(
    costs=st.lists(st.integers(1, 20), min_size=1, max_size=40),
    pauses=st.lists(st.floats(0, 2), min_size=40, max_size=40),
)
def test_no_period_has_more_requests_than_the_exchange_allows(costs: list[int], pauses: list[float]) -> None:
    """The tokens used between any two times fit capacity and refill."""
    now = [0.0]
    bucket = TokenBucket(10, 20, lambda: now[0])
    passed: list[tuple[float, int]] = []
    for cost, pause in zip(costs, pauses, strict=False):
        now[0] += pause
        passed.append((bucket.reserve(cost, None).due_s, cost))
    for first, (start, _) in enumerate(passed):
        for end, _ in passed[first:]:
            spent = sum(cost for due, cost in passed[first:] if due <= end)
            assert spent <= 20 + 10 * (end - start) + 1e-6


def test_reservations_are_served_in_order() -> None:
    """They come due in the order of asking, a small one behind a large one too."""
    bucket = TokenBucket(10, 100, lambda: 0.0)
    dues = [bucket.reserve(cost, None).due_s for cost in (100, 100, 1, 50, 1)]
    assert dues == sorted(dues)
    assert dues[1] == 10


def test_no_request_overtakes_after_a_reservation_was_given_back() -> None:
    """Returned tokens serve later requests, but not before those that wait already."""
    bucket = TokenBucket(10, 100, lambda: 0.0)
    bucket.reserve(100, None)
    large, small = bucket.reserve(100, None), bucket.reserve(10, None)
    bucket.give_back(large)
    assert bucket.reserve(1, None).due_s == small.due_s
    bucket.give_back(small)


def test_tokens_given_back_are_available_again() -> None:
    """When all reservations are returned, the bucket is as before them; never more than full."""
    bucket = TokenBucket(10, 100, lambda: 0.0)
    first = bucket.reserve(100, None)
    waiting = [bucket.reserve(50, None) for _ in range(3)]
    for each in waiting:
        bucket.give_back(each)
    after = bucket.reserve(10, None)
    assert after.wait_s == 1
    for each in (after, first, first):
        bucket.give_back(each)
    assert bucket.reserve(100, None).wait_s == 0
    assert bucket.reserve(10, None).wait_s >= 1


@pytest.mark.parametrize(
    ("spent", "capacity", "wait_s"),
    [(0, 100, 0), (60, 100, 0), (95, 100, 0.5), (60, 30, 1), (100, 300, 0), (100, 50, 1), (150, 300, 6)],
)
def test_another_size_gives_no_spent_token_back(spent: int, capacity: int, wait_s: float) -> None:
    """Tokens that were spent of a bucket of 100 are missing in its new size too, but no more than all."""
    bucket = TokenBucket(100, 100, lambda: 0.0)
    for _ in range(spent // 5):
        bucket.reserve(5, None)
    bucket.resize(10, capacity)
    assert (bucket.capacity, bucket.refill_rate) == (capacity, 10)
    assert bucket.reserve(10, None).wait_s == pytest.approx(wait_s)


def test_a_resized_bucket_serves_waiting_requests_first() -> None:
    """A later request waits behind the earlier ones, however large the new size."""
    bucket = TokenBucket(1, 10, lambda: 0.0)
    bucket.reserve(10, None)
    waiting = bucket.reserve(10, None)
    bucket.resize(1000, 1000)
    assert bucket.reserve(1, None).due_s >= waiting.due_s


FORKING = """
import os, signal, threading
from kalshi_core.rate_limit.token_bucket import TokenBucket

held, go_on = threading.Event(), threading.Event()

def monotonic():
    if threading.current_thread().name == "slow":
        held.set()
        go_on.wait()
    return 0.0

bucket = TokenBucket(10, 100, monotonic)
slow = threading.Thread(target=bucket.reserve, args=(10, None), name="slow")
slow.start()
held.wait()
threading.Timer(0.2, go_on.set).start()
child = os.fork()
if child == 0:
    signal.alarm(10)
    bucket.reserve(10, None)
    os._exit(0)
slow.join()
assert os.waitpid(child, 0)[1] == 0
bucket.reserve(10, None)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_process_forked_during_a_reservation_can_reserve_too() -> None:
    """The child does not inherit the lock that a thread of its parent holds."""
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run([sys.executable, "-c", FORKING], env=paths, capture_output=True, timeout=60)
    assert ran.returncode == 0, ran.stderr.decode()
