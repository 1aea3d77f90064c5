"""
A paper exchange: start it in a second, trade against it without an account.

    from kalshi_paper import PaperExchange

    with PaperExchange() as exchange:
        print(exchange.base_url, exchange.signer.key_id)

It verifies signatures, matches orders by price, then time, and answers every operation of the document.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from kalshi_paper.account import PaperAccount
    from kalshi_paper.engine.errors import Refusal
    from kalshi_paper.exchange import PaperExchange
    from kalshi_paper.faults.fault import Fault
    from kalshi_paper.faults.injector import Weather
    from kalshi_paper.faults.rate_limit import BASIC, Rates
    from kalshi_paper.market_controls import Clockwork
    from kalshi_paper.service.journal import StateError
    from kalshi_paper.service.signer import PaperSigner

__all__ = [
    "BASIC",
    "Clockwork",
    "Fault",
    "PaperAccount",
    "PaperExchange",
    "PaperSigner",
    "Rates",
    "Refusal",
    "StateError",
    "Weather",
]

_HOMES: Final = {
    "BASIC": "faults.rate_limit",
    "Clockwork": "market_controls",
    "Fault": "faults.fault",
    "PaperAccount": "account",
    "PaperExchange": "exchange",
    "PaperSigner": "service.signer",
    "Rates": "faults.rate_limit",
    "Refusal": "engine.errors",
    "StateError": "service.journal",
    "Weather": "faults.injector",
}


def __getattr__(name: str) -> Any:
    """
    Load a public name when it is first asked for.

    pytest loads this package's plugin wherever the distribution is installed, with or without the extra that brings
    the web framework.
    """
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
