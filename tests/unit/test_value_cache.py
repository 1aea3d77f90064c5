"""Prices and times that were decoded before: nothing but speed differs when they come again."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import kalshi_trade_api
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from kalshi_trade_api.models import GetTradesResponse

from kalshi_core.models import json_text
from kalshi_core.models.codecs import codec_for
from kalshi_core.models.layout import layout_of
from kalshi_core.models.scalars import DateTimeCodec, FixedPointCodec
from kalshi_core.models.schema_drift import Owner

PACKAGES: Final = str(Path(kalshi_trade_api.__file__).parents[1])
TEXTS: Final = ["0.5600", "0.56", "0.560", "0.5", "0", "0.56001", "00.56", ".56", "+0.56"]


def decode(kind: Any, text: str) -> Any:
    return codec_for(kind, Owner("kalshi_trade_api", "Market", "field"), layout_of).decode(text)


@pytest.mark.parametrize("texts", [TEXTS, TEXTS[::-1]])
def test_numbers_alike_are_told_apart(texts: list[str]) -> None:
    """Each decimal string keeps its own digits, whichever was read before it and however often."""
    for _ in range(2):
        assert [str(decode(Decimal, text)) for text in texts] == [str(Decimal(text)) for text in texts]


def test_moments_alike_are_told_apart() -> None:
    """Moments that differ in their last digit or their zone are different ones, the second time too."""
    texts = ["2026-11-23T00:00:00Z", "2026-11-23T00:00:00.1Z", "2026-11-23T00:00:00+01:00", "2026-11-23T00:00:01Z"]
    for _ in range(2):
        assert len({decode(datetime, text) for text in texts}) == len(texts)
    assert decode(datetime, texts[0]) == datetime(2026, 11, 23, tzinfo=UTC)


def test_the_machines_time_zone_does_not_matter() -> None:
    """A date-time without a zone is UTC, on a machine in New York as well."""
    script = "from kalshi_core.models.datetimes import *; print(format_datetime(parse_datetime('2026-11-23T00:00:00')))"
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


@given(st.text("0123456789+-._eE \n١٠nN", max_size=8))
@example(".")
@example("")
@example("1.2.3")
def test_a_plain_decimal_is_told_by_its_characters(text: str) -> None:
    """Digits, at most one point and a sign before them make a number; nothing else does, whatever Decimal takes."""
    found = FixedPointCodec.read(text)
    plain = re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)", text)
    assert (found is not None) == (plain is not None)
    if found is not None:
        assert found.as_tuple() == Decimal(text).as_tuple()


def trades(start: int) -> bytes:
    """Return a page of trades of other volumes than those of another start, at the same price and second."""
    rows = [
        {"ticker": f"A{start}", "count_fp": f"{start + number}.5", "yes_price_dollars": "0.5600",
         "created_time": f"2026-11-23T00:00:00{f'.{number:06}' if number else ''}Z"}
        for number in range(50)
    ]  # fmt: skip
    return json.dumps({"trades": rows}).encode()


@pytest.mark.parametrize("starts", [(1_000, 2_000, 3_000), (4_000, 5_000, 4_000), (6_000, 6_000)])
def test_only_prices_and_whole_seconds_are_cached(starts: tuple[int, ...]) -> None:
    """Of several pages, the price and the second are cached, volumes and microseconds never, even if a page repeats."""
    assert cached(starts) == (1, 1)


def cached(starts: tuple[int, ...]) -> tuple[int, int]:
    """Return how many decimals and times are cached after some pages."""
    layout = layout_of(GetTradesResponse)
    FixedPointCodec.known.clear()
    DateTimeCodec.known.clear()
    for start in starts:
        content = trades(start)
        assert layout.decode(json_text.parse(content)).trades[49].count_fp == Decimal(f"{start + 49}.5")
    return len(FixedPointCodec.known), len(DateTimeCodec.known)


def test_the_cache_stays_small() -> None:
    """Texts that look like prices and never repeat do not fill the memory."""
    for number in range(20_000):
        assert str(FixedPointCodec.read(f"{number / 10_000:.4f}")) == f"{number / 10_000:.4f}"
    assert len(FixedPointCodec.known) <= 8192
