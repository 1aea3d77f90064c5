"""Write JSON and times as responses carry them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Final

encode_json: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""Encode a value as compact JSON."""
encode_string: Final = json.encoder.encode_basestring
"""Encode one string as `encode_json` does."""


def time_text(ms: int) -> str:
    """
    Format Unix milliseconds as RFC 3339.

    Example:
        >>> time_text(1_795_430_100_250)
        '2026-11-23T10:35:00.250Z'
    """
    moment = datetime.fromtimestamp(ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03}Z"
