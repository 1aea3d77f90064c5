"""
The pytest fixture `paper_exchange`: a new exchange for each test.

It is available once `kalshi-trade-api[paper]` is installed.
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
    # Imported here, so that a test run that does not use the fixture neither needs starlette nor waits for it.
    from kalshi_paper.exchange import PaperExchange

    with PaperExchange() as exchange:
        yield exchange
