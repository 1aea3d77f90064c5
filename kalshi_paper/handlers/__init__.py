"""The operations that the exchange really serves, by operationId; everything else is made up from its schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from kalshi_paper.calls import Call
from kalshi_paper.handlers import account, api_keys, charts, groups, historical, markets, orders, portfolio, subaccounts

Handler = Callable[[Call], Any]
"""Returns the body of the answer: what is to be written as JSON, or the JSON itself as text."""

HANDLERS: Final[Mapping[str, Handler]] = {
    **account.HANDLERS,
    **api_keys.HANDLERS,
    **charts.HANDLERS,
    **groups.HANDLERS,
    **historical.HANDLERS,
    **markets.HANDLERS,
    **orders.HANDLERS,
    **portfolio.HANDLERS,
    **subaccounts.HANDLERS,
}
