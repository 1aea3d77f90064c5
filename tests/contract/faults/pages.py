"""Responses with pages of rows, and the cursors of the requests for them."""

from __future__ import annotations

from typing import Any, Final

import httpx

from tests.contract.faults.calls import (
    MARKET,
    MARKETS,
    ORDER,
    ORDERS,
    SETTLEMENT,
    SETTLEMENTS,
    Call,
    packed,
)
from tests.contract.faults.server import Answer, FaultServer

ROWS: Final = {ORDERS: ORDER, MARKETS: MARKET, SETTLEMENTS: SETTLEMENT}


def page(call: Call, *rows: Any, **more: Any) -> Answer:
    """Return a page of rows."""
    return Answer(200, packed({str(call.rows): list(rows), "cursor": "", **more}))


def rows_of(call: Call, *names: str) -> list[Any]:
    """Return rows that differ by their ticker."""
    return [{**ROWS[call], "ticker": name} for name in names]


def tickers(found: list[Any]) -> list[str]:
    return [row.ticker for row in found]


def cursors(server: FaultServer) -> list[str | None]:
    """Return the cursor of each request."""
    return [httpx.URL(seen.target).params.get("cursor") for seen in server.seen]
