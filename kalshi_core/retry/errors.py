"""
Errors that say what is known of a write when no response settles it.

    WriteNotSentError         the write could not be sent (a NotSentError and an httpx.TransportError)
    WriteFateUnknownError     the write may have been executed (an httpx.TransportError)
    OrderExistsError          the order was placed by an earlier attempt
"""

from __future__ import annotations

from typing import Any

import httpx

from kalshi_core.errors import NotSentError


class WriteNotSentError(NotSentError, httpx.TransportError):
    """A write could not be sent; httpx's error is the cause."""


class WriteFateUnknownError(httpx.TransportError):
    """
    A write may have been executed, and no response says whether it was.

    Attributes:
        response: The last response, when there was one that leaves this open.
    """

    def __init__(self, message: str, response: httpx.Response | None = None) -> None:
        super().__init__(message)
        self.response = response


class OrderExistsError(Exception):
    """
    A repeated order creation found its orders already placed: an earlier attempt had reached the exchange.

    Nothing failed. Read the orders with `get_orders.iterate(client=client, ticker=...)` and find them by
    their `client_order_id`.

    Attributes:
        client_order_ids: The orders that exist.
        ticker: Their market, for a single order.
        response: The exchange's last response; for a batch it also describes the other orders.
    """

    def __init__(self, client_order_ids: list[str], ticker: str | None, response: httpx.Response) -> None:
        where = f" on {ticker}" if ticker else ""
        super().__init__(
            f"placed by an earlier attempt: client_order_id {', '.join(client_order_ids)}{where}; "
            "read it with get_orders.iterate"
        )
        self.client_order_ids = client_order_ids
        self.ticker = ticker
        self.response = response

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.client_order_ids, self.ticker, self.response)
