"""
The facade: everything that can be done to the exchange, and asked of it, in one class.

Pure: it reads no clock, no file, no socket and no randomness. `now_ms` comes with every call that changes something,
ids come from a function given to the constructor. The same calls with the same moments and ids make the same
exchange, so a journal of the calls is a full backup of it.

Units (`kalshi_paper.engine.amounts`): prices are ints of ten-thousandths of a dollar, counts ints of hundredths of a
contract, money (`*_micros`) ints of millionths of a dollar. Prices are those of the YES leg throughout.

Refusals are `kalshi_paper.engine.errors.Refusal`, raised before anything has changed.
"""

from __future__ import annotations

from collections.abc import Callable

from kalshi_paper.engine.market_lifecycle import Venue
from kalshi_paper.engine.market_queries import Reads
from kalshi_paper.engine.order_entry import Entry
from kalshi_paper.engine.order_groups import Grouping
from kalshi_paper.engine.portfolio_queries import Portfolio
from kalshi_paper.engine.state import Floor


class Exchange(Venue, Entry, Grouping, Reads, Portfolio):
    """
    A paper exchange.

    `Venue` keeps accounts, markets and the clock, `Entry` takes orders, `Grouping` keeps order groups, `Reads` tells
    about markets and `Portfolio` about an account; all share one state.

    Args:
        new_id: Makes the ids of orders, trades and groups; each must differ from all before.
    """

    def __init__(self, *, new_id: Callable[[], str]) -> None:
        super().__init__(Floor(new_id))
