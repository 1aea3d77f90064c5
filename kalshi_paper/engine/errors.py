"""What the exchange says no with: a status, a code, a message."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818 - an answer like any other, and not a fault
    """
    A request that the exchange does not carry out; nothing has changed.

    Args:
        status: HTTP status.
        code: The `code` of the error body.
        message: The `message` of the error body.
        details: The `details` of the error body; None when it has none.
    """

    def __init__(self, status: int, code: str, message: str, details: str | None = None) -> None:
        super().__init__(f"{status} {code}: {message}" + ("" if details is None else f" ({details})"))
        self.status = status
        self.code = code
        self.message = message
        self.details = details


def invalid_order(details: str) -> Refusal:
    """Refuse an order for what it asks."""
    return Refusal(400, "invalid_order", "invalid order", details)


def invalid_price(details: str) -> Refusal:
    """Refuse a price that the market does not take."""
    return Refusal(400, "invalid_price", "invalid price", details)


def insufficient_balance() -> Refusal:
    """Refuse what the account cannot pay for."""
    return Refusal(400, "insufficient_balance", "insufficient balance")


def not_found() -> Refusal:
    """Refuse what is not there: unknown, cancelled and executed look alike."""
    return Refusal(404, "not_found", "not found")


def order_already_exists() -> Refusal:
    """Refuse a second order with the same client order id."""
    return Refusal(409, "order_already_exists", "order already exists")


def fill_or_kill() -> Refusal:
    """
    Refuse to fill in part what is to be filled whole.

    Source:
        Error bodies that users of the exchange recorded: 409, not an order that is cancelled.
    """
    return Refusal(409, "fill_or_kill_insufficient_resting_volume", "fill or kill insufficient resting volume")
