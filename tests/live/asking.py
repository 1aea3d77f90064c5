"""Whether live tests may run: what was asked for, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

HOW: Final = "run `python -m pytest tests/live --live`, or set KALSHI_LIVE=1"


def reason_to_skip(environment: Mapping[str, str], *, asked: bool, writes: bool) -> str | None:
    """
    Say why a live test may not run; None when it may.

    Args:
        environment: The process's variables; an empty one counts as absent.
        asked: Whether the command line asked for live tests.
        writes: Whether the test places an order.
    """
    if not asked and environment.get("KALSHI_LIVE") != "1":
        return f"live tests are not asked for: {HOW}"
    if not environment.get("KALSHI_KEY_ID"):
        return "no credentials of the demo environment: KALSHI_KEY_ID is not set"
    if not environment.get("KALSHI_PRIVATE_KEY") and not environment.get("KALSHI_PRIVATE_KEY_FILE"):
        return "no credentials of the demo environment: neither KALSHI_PRIVATE_KEY nor KALSHI_PRIVATE_KEY_FILE is set"
    if writes and environment.get("KALSHI_LIVE_WRITE") != "1":
        return "it places an order in the demo environment: set KALSHI_LIVE_WRITE=1 to allow that"
    return None
