"""The operations that the exchange really serves, by operationId; everything else is made up from its schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from kalshi_paper.web.handlers import (
    api_keys,
    candlesticks,
    exchange_info,
    historical,
    markets,
    order_groups,
    orders,
    portfolio,
    subaccounts,
)
from kalshi_paper.web.request_context import Call

Handler = Callable[[Call], Any]
"""Returns the body of the answer: what is to be written as JSON, or the JSON itself as text."""

HANDLERS: Final[Mapping[str, Handler]] = {
    **exchange_info.HANDLERS,
    **api_keys.HANDLERS,
    **candlesticks.HANDLERS,
    **order_groups.HANDLERS,
    **historical.HANDLERS,
    **markets.HANDLERS,
    **orders.HANDLERS,
    **portfolio.HANDLERS,
    **subaccounts.HANDLERS,
}
