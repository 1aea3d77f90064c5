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
    from kalshi_paper.clockwork import Clockwork
    from kalshi_paper.faults import Fault
    from kalshi_paper.keys import PaperSigner
    from kalshi_paper.refusals import Refusal
    from kalshi_paper.server import PaperExchange
    from kalshi_paper.state import StateError
    from kalshi_paper.tokens import BASIC, Rates
    from kalshi_paper.traders import PaperAccount
    from kalshi_paper.weather import Weather

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
    "BASIC": "tokens",
    "Clockwork": "clockwork",
    "Fault": "faults",
    "PaperAccount": "traders",
    "PaperExchange": "server",
    "PaperSigner": "keys",
    "Rates": "tokens",
    "Refusal": "refusals",
    "StateError": "state",
    "Weather": "weather",
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
