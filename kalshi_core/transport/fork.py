"""
What must not be shared with a forked process: connections and held locks.

On a connection that two processes share, either may read the response to the other's request.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any, Final
from weakref import WeakKeyDictionary

FORK_LOCK: Final = threading.RLock()
"""
A process-wide lock for short critical sections. It is acquired around `fork()`, so a child never inherits it locked;
reentrant, because a signal handler may fork.
"""
_renewals: Final[WeakKeyDictionary[Any, Callable[[Any], None]]] = WeakKeyDictionary()


def after_fork(owner: Any, renew: Callable[[Any], None]) -> None:
    """Call `renew(owner)` in every forked child, as long as the owner lives."""
    _renewals[owner] = renew


def _renew_all() -> None:
    for owner, renew in list(_renewals.items()):
        renew(owner)


if sys.platform != "win32":
    from os import register_at_fork

    register_at_fork(before=FORK_LOCK.acquire, after_in_parent=FORK_LOCK.release, after_in_child=FORK_LOCK.release)
    register_at_fork(after_in_child=_renew_all)
