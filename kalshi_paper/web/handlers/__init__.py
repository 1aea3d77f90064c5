"""The operations that the exchange implements, by operationId; all others respond with fake data."""

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
from kalshi_paper.web.request_context import RequestContext

Handler = Callable[[RequestContext], Any]
"""Returns the body of the response: a value to encode as JSON, or JSON text."""

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
