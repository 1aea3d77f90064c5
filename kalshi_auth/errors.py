"""
Errors of this package.

    NotSentError               nothing was sent
    ├── CredentialsError       the key id, the key or its passphrase is not usable
    ├── OriginError            the request would have left the client's origin
    ├── BudgetError            the rate limit has no room for it
    └── WriteNotSentError      a write could not be sent (also an httpx.TransportError)

    WriteFateUnknownError      a write may have been executed (an httpx.TransportError)
    OrderExistsError           an order was placed, by an earlier attempt than the last
"""

from __future__ import annotations

from typing import Any

import httpx


class NotSentError(Exception):
    """A request was refused on this side; the exchange has not seen it."""


class CredentialsError(NotSentError, ValueError):
    """A key id, a private key or a passphrase is missing or not usable."""


class OriginError(NotSentError, ValueError):
    """A request, or a client, would send credentials where they don't belong."""


class BudgetError(NotSentError, ValueError):
    """A request does not fit the rate limit, ever or within its deadline."""


class WriteNotSentError(NotSentError, httpx.TransportError):
    """A write could not be sent; its cause is httpx's error."""


class WriteFateUnknownError(httpx.TransportError):
    """
    A write may have been executed, and no answer says whether it was.

    Attributes:
        response: The last answer, when one came that does not settle it.
    """

    def __init__(self, message: str, response: httpx.Response | None = None) -> None:
        super().__init__(message)
        self.response = response


class OrderExistsError(Exception):
    """
    A retried creation found its orders placed: an earlier attempt had arrived after all.

    Nothing failed. Read the orders with `get_orders.iterate(client=client, ticker=...)` and find them by
    their `client_order_id`.

    Attributes:
        client_order_ids: The orders that exist.
        ticker: Their market, for a single order.
        response: The exchange's last answer; for a batch it also tells of the other orders.
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
