"""What a request's signature covers."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

_LEAST_MS: Final = 10**12
_MOST_MS: Final = 10**13 - 1
"""From 2001 to 2286; seconds have ten digits, microseconds sixteen."""


def signing_message(timestamp_ms: int, method: str, path: str) -> bytes:
    """
    Lay out the bytes a request's signature covers.

    Neither body nor query string is covered.

    Args:
        timestamp_ms: Send time, Unix epoch, milliseconds.
        method: HTTP verb in any case; written in capitals.
        path: Path as sent, from the host's root, percent-encoding kept; a query string is cut off.

    Returns:
        ASCII bytes: timestamp, verb, path, nothing in between.

    Raises:
        ValueError: The path is relative or holds characters that were not percent-encoded, or the
            timestamp is not in milliseconds.

    Source:
        Kalshi docs, "API keys".

    Example:
        >>> signing_message(1703123456789, "get", "/trade-api/v2/portfolio/balance")
        b'1703123456789GET/trade-api/v2/portfolio/balance'
    """
    if not isinstance(timestamp_ms, int) or not _LEAST_MS <= timestamp_ms <= _MOST_MS:
        raise ValueError(f"timestamp_ms is a whole number of milliseconds since 1970, not {timestamp_ms!r}")
    return f"{timestamp_ms}{_route(method, path)}".encode("ascii")


@lru_cache(maxsize=256)
def _route(method: str, path: str) -> str:
    """Check and lay out what no clock changes; a bot asks the same again and again."""
    if not path.startswith("/"):
        raise ValueError("path starts at the host's root, with a slash: '/trade-api/v2/...'")
    if not path.isascii() or not path.isprintable() or " " in path or "#" in path:
        raise ValueError("path is signed as it is sent: percent-encode it first")
    return f"{method.upper()}{path.partition('?')[0]}"
