"""
Where connections belong: one process, one event loop.

On a connection that two processes share, either may read the other's answer. In an event loop that is not its own,
a connection still sends, and nobody hears the answer.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    import asyncio

_renewals: Final[WeakKeyDictionary[Any, Callable[[Any], None]]] = WeakKeyDictionary()


def after_fork(owner: Any, renew: Callable[[Any], None]) -> None:
    """Have an owner of connections, while it lives, leave them to the parent in each process that is forked."""
    _renewals[owner] = renew


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop of asyncio that runs here, if one does."""
    # Importing it takes longer than importing httpx; as long as nobody has, no loop of its can run.
    asyncio = sys.modules.get("asyncio")
    try:
        return asyncio.get_running_loop() if asyncio else None
    except RuntimeError:
        return None


def _renew_all() -> None:
    for owner, renew in list(_renewals.items()):
        renew(owner)


if sys.platform != "win32":
    from os import register_at_fork

    register_at_fork(after_in_child=_renew_all)
