"""The line that says whether a document is safe to take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_MOST_NAMED: Final = 3


def verdict(headline: str, wire: Sequence[str], python: Sequence[str], failed: Sequence[str], count: int) -> str:
    """
    Return the verdict.

    Args:
        headline: First line of the summary.
        wire: Breaking changes between the documents.
        python: Breaking changes of the Python API.
        failed: Failed tests.
        count: Number of tests that ran.

    Example:
        >>> verdict("0 breaking, 1 other change (1.0 -> 1.1)", [], [], [], 20)
        'safe to take: 0 breaking, 1 other change (1.0 -> 1.1); 20 tests passed'
        >>> verdict("1 breaking, 0 other changes (1.0 -> 1.1)", ["Order.id: gone"], [], ["test_a", "test_b"], 20)
        'breaks: 1 in the document (Order.id: gone); 2 of 20 tests (test_a; test_b)'
    """
    parts = [("in the document", wire), ("in Python", python), (f"of {count} tests", failed)]
    reasons = [f"{len(found)} {where} ({_named(found)})" for where, found in parts if found]
    return f"breaks: {'; '.join(reasons)}" if reasons else f"safe to take: {headline}; {count} tests passed"


def _named(found: Sequence[str]) -> str:
    more = [f"and {len(found) - _MOST_NAMED} more"] if len(found) > _MOST_NAMED else []
    return "; ".join([*(" ".join(each.split()) for each in found[:_MOST_NAMED]), *more])
