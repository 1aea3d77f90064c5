"""The one line that says whether a document is safe to take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_MOST_NAMED: Final = 3


def verdict(headline: str, wire: Sequence[str], python: Sequence[str], failed: Sequence[str], count: int) -> str:
    """
    Say it in one line.

    Args:
        headline: The summary's first line.
        wire: What breaks by the documents' comparison.
        python: What breaks for Python code.
        failed: The tests that did not pass.
        count: How many tests ran.

    Example:
        >>> verdict("0 breaking, 1 other change (1.0 -> 1.1)", [], [], [], 20)
        'safe to take: 0 breaking, 1 other change (1.0 -> 1.1); 20 tests passed'
        >>> verdict("1 breaking, 0 other changes (1.0 -> 1.1)", ["Order.id: gone"], [], ["test_a", "test_b"], 20)
        'breaks: 1 by the documents (Order.id: gone); 2 of 20 tests (test_a; test_b)'
    """
    parts = [("by the documents", wire), ("in Python", python), (f"of {count} tests", failed)]
    said = [f"{len(found)} {where} ({_named(found)})" for where, found in parts if found]
    return f"breaks: {'; '.join(said)}" if said else f"safe to take: {headline}; {count} tests passed"


def _named(found: Sequence[str]) -> str:
    more = [f"and {len(found) - _MOST_NAMED} more"] if len(found) > _MOST_NAMED else []
    return "; ".join([*(" ".join(each.split()) for each in found[:_MOST_NAMED]), *more])
