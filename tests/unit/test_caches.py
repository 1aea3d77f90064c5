"""Prices and times that were read before, and the places where they were read: none of it shows in what is read."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import kalshi_trade_api
import pytest
from kalshi_trade_api.codec import codec_for
from kalshi_trade_api.model import layout_of

PACKAGES: Final = str(Path(kalshi_trade_api.__file__).parents[1])
TEXTS: Final = ["0.5600", "0.56", "0.560", "0.5", "0", "0.56001", "00.56", ".56", "+0.56"]


def read(kind: Any, text: str) -> Any:
    return codec_for(kind, ("Market", "field"), layout_of).decode(text)


@pytest.mark.parametrize("texts", [TEXTS, TEXTS[::-1]])
def test_numbers_alike_are_told_apart(texts: list[str]) -> None:
    """Each decimal string keeps its own digits, whichever was read before it and however often."""
    for _ in range(2):
        assert [str(read(Decimal, text)) for text in texts] == [str(Decimal(text)) for text in texts]


def test_moments_alike_are_told_apart() -> None:
    """Moments that differ in their last digit or their zone are different ones, the second time too."""
    texts = ["2026-11-23T00:00:00Z", "2026-11-23T00:00:00.1Z", "2026-11-23T00:00:00+01:00", "2026-11-23T00:00:01Z"]
    for _ in range(2):
        assert len({read(datetime, text) for text in texts}) == len(texts)
    assert read(datetime, texts[0]) == datetime(2026, 11, 23, tzinfo=UTC)


def test_the_machines_time_zone_does_not_matter() -> None:
    """A date-time without a zone is UTC, on a machine in New York as well."""
    script = "from kalshi_trade_api.moments import *; print(text_from_moment(moment_from_text('2026-11-23T00:00:00')))"
    path = os.pathsep.join([PACKAGES, os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "TZ": "America/New_York", "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.strip() == "2026-11-23T00:00:00Z"
