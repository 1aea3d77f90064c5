"""
The pytest fixture `paper_exchange`: a fresh exchange for each test.

Installing `kalshi-trade-api[paper]` is all it takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from kalshi_paper.exchange import PaperExchange


@pytest.fixture
def paper_exchange() -> Iterator[PaperExchange]:
    """Return a paper exchange that listens; it stops when the test ends."""
    # Here, so that a run that doesn't ask for it doesn't pay for it, or need starlette.
    from kalshi_paper.exchange import PaperExchange

    with PaperExchange() as exchange:
        yield exchange
