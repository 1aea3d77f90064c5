"""One lock for what is changed in a moment, which a forked process never finds held by a thread that it has not."""

from __future__ import annotations

import sys
import threading
from typing import Final

LOCK: Final = threading.RLock()
"""Reentrant: a signal's handler may fork."""

if sys.platform != "win32":
    from os import register_at_fork

    register_at_fork(before=LOCK.acquire, after_in_parent=LOCK.release, after_in_child=LOCK.release)
