"""
A paper exchange: it starts in a second, and bots can trade against it without an account.

    from kalshi_paper import PaperExchange

    with PaperExchange() as exchange:
        print(exchange.base_url, exchange.signer.key_id)

It verifies signatures, matches orders by price-time priority, and responds to every operation of the OpenAPI document.
"""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from kalshi_paper.account import PaperAccount
    from kalshi_paper.engine.errors import RequestRejected
    from kalshi_paper.exchange import PaperExchange
    from kalshi_paper.faults.fault import Fault
    from kalshi_paper.faults.injector import FaultInjector
    from kalshi_paper.faults.rate_limit import BASIC, Rates
    from kalshi_paper.market_controls import MarketControls
    from kalshi_paper.service.journal import StateError
    from kalshi_paper.service.signer import PaperSigner

__all__ = [
    "BASIC",
    "Fault",
    "FaultInjector",
    "MarketControls",
    "PaperAccount",
    "PaperExchange",
    "PaperSigner",
    "Rates",
    "RequestRejected",
    "StateError",
]

_MODULES: Final = {
    "BASIC": "faults.rate_limit",
    "Fault": "faults.fault",
    "FaultInjector": "faults.injector",
    "MarketControls": "market_controls",
    "PaperAccount": "account",
    "PaperExchange": "exchange",
    "PaperSigner": "service.signer",
    "Rates": "faults.rate_limit",
    "RequestRejected": "engine.errors",
    "StateError": "service.journal",
}
_RENAMED: Final = {"Clockwork": "MarketControls", "Refusal": "RequestRejected", "Weather": "FaultInjector"}
"""Former names, which still work and raise a DeprecationWarning."""


def __getattr__(name: str) -> Any:
    """
    Load a public name when it is first used.

    pytest loads this package's plugin wherever the distribution is installed, with or without the extra that installs
    the web framework.
    """
    if name in _RENAMED:
        warnings.warn(f"kalshi_paper.{name} is now called {_RENAMED[name]}", DeprecationWarning, stacklevel=2)
        name = _RENAMED[name]
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
