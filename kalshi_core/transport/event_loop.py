"""
asyncio, imported when it is first used.

Importing asyncio takes as long as importing httpx, and synchronous programs never need it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return asyncio's running event loop, or None outside one."""
    import asyncio

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


async def async_sleep(seconds: float) -> None:
    """Sleep in an event loop."""
    import asyncio

    await asyncio.sleep(seconds)
