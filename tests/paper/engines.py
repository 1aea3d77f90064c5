"""Shared by the tests of the matching engine: markets, constants, expected rejections."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kalshi_paper.engine.amounts import DOLLAR_MICROS
from kalshi_paper.engine.errors import RequestRejected
from kalshi_paper.engine.markets import Market
from kalshi_paper.engine.orders import OrderPlaced

START_MS = 1_000_000
CLOSE_MS = 9_000_000
HUNDRED = 100 * DOLLAR_MICROS

Place = Callable[..., OrderPlaced]


def listed(ticker: str = "M", **more: Any) -> Market:
    """Describe a market of whole cents that opens at once."""
    usual: dict[str, Any] = {"event_ticker": "E", "series_ticker": "S", "open_ms": 0, "close_ms": CLOSE_MS}
    return Market(ticker=ticker, **usual | more)


def refused(status: int, code: str, details: str | None = None) -> Any:
    """Expect a refusal."""
    return pytest.raises(
        RequestRejected, check=lambda no: (no.status, no.code) == (status, code) and details in (None, no.details)
    )


def vars_of(order: Any) -> dict[str, Any]:
    """Return an order's fields."""
    return {name: getattr(order, name) for name in order.__slots__ if not name.startswith("__")}
