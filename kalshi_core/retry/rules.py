"""The rules of retrying: a write is never sent twice unless the exchange makes that safe."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx

from kalshi_core.models import json_text
from kalshi_core.types import PreparedRequest

_CREATION: Final = r"(Batch)?CreateOrders?(V\d+)?"
_ORDER_EXISTS: Final = "order_already_exists"
_SECONDS: Final = r"[0-9]{1,9}(\.[0-9]{1,9})?"
_NOT_SENT: Final = (
    httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol
)  # fmt: skip
_AMBIGUOUS: Final = frozenset({502, 503, 504})
_AIOHTTP_NOT_SENT: Final = frozenset({"ClientConnectorError", "ConnectionTimeoutError"})


def was_not_sent(error: httpx.RequestError) -> bool:
    """Return whether a transport error means that the exchange cannot have received the request."""
    cause = {kind.__name__ for kind in type(error.__cause__).__mro__}
    if "ClientConnectionError" in cause:
        # httpx-aiohttp reports a connection that broke before the response as one that was never opened.
        return not cause.isdisjoint(_AIOHTTP_NOT_SENT)
    return isinstance(error, _NOT_SENT)


def is_ambiguous(status_code: int) -> bool:
    """Return whether a status leaves open if the exchange behind the gateway executed the request."""
    return status_code in _AMBIGUOUS


def safe_creation_ids(prepared: PreparedRequest) -> list[str | None] | None:
    """
    Return the `client_order_id`s of an order creation that is safe to send twice, because every order has one.

    Returns:
        None for every other operation, and where an order has no id.

    Source:
        Kalshi docs, "Create Order": the id is unique per account for good.
    """
    if not re.fullmatch(_CREATION, prepared.operation_id):
        return None
    ids = client_order_ids(prepared.body)
    return ids if all(ids) else None


def client_order_ids(body: Any) -> list[str | None]:
    """Return the `client_order_id` of every order in the body of an order creation."""
    orders = getattr(body, "orders", None)
    return [
        getattr(order, "client_order_id", None) or None for order in (orders if isinstance(orders, list) else [body])
    ]


def existing_orders(response: httpx.Response, ids: list[str | None]) -> list[str]:
    """Return those `client_order_id`s of a repeated creation that the exchange says exist already."""
    if response.status_code == 409:
        # A batch reports each order by itself; what a 409 for all of it would mean is not documented.
        return [ids[0]] if len(ids) == 1 and ids[0] and _ORDER_EXISTS.encode() in response.content else []
    body = json_text.parse_or_none(response.content)
    rows = body.get("orders") if isinstance(body, dict) and response.is_success else None
    if not isinstance(rows, list) or len(rows) != len(ids):
        return []
    return [
        own
        for own, row in zip(ids, rows, strict=True)
        if own and isinstance(row, dict) and _ORDER_EXISTS in str(row.get("error"))
    ]


def retry_after_s(response: httpx.Response, longest_s: float, now_ns: int) -> float | None:
    """
    Return the seconds that `Retry-After` asks for; None without a usable value.

    Args:
        response: The response that may have the header.
        longest_s: The longest wait that is accepted.
        now_ns: The time, nanoseconds since 1970; used for a date in a response that has no `Date` of its own.
    """
    value = response.headers.get("Retry-After", "").strip()
    plain = re.fullmatch(_SECONDS, value)
    seconds = float(value) if plain else _seconds_until(value, response.headers.get("Date"), now_ns)
    return seconds if 0 <= seconds <= longest_s else None


def _seconds_until(date: str, now: str | None, now_ns: int) -> float:
    """Return the seconds until a date by the server's own clock, which may differ from ours; NaN without a date."""
    try:
        until = parsedate_to_datetime(date)
        since = parsedate_to_datetime(now) if now else datetime.fromtimestamp(now_ns / 1e9, UTC)
        return (until - since).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return math.nan
