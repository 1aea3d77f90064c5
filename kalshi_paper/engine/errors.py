"""
Every error that the exchange responds with, and the four body shapes they have on the real servers.

`RequestRejected` is what the engine raises: the shape of orders and authentication. The other shapes are made by the
functions below it and raised by the HTTP layer only.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any


class ErrorResponse(Exception):  # noqa: N818 - the field's word for an HTTP response with an error body
    """
    A request that ends with an error response.

    Args:
        status: HTTP status.
        body: A JSON object, or the text of an HTML page.
    """

    def __init__(self, status: int, body: dict[str, Any] | str) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


class RequestRejected(ErrorResponse):
    """
    A request that the exchange refuses to carry out; nothing has changed.

    Args:
        status: HTTP status.
        code: The `code` of the error body.
        message: The `message` of the error body.
        details: The `details` of the error body; None when it has none.
    """

    def __init__(self, status: int, code: str, message: str, details: str | None = None) -> None:
        self.code = code
        self.message = message
        self.details = details
        super().__init__(status, {"error": self.error})

    @property
    def error(self) -> dict[str, str]:
        """Return the error object; batch responses carry one for each rejected item."""
        found = {"code": self.code, "message": self.message}
        return found if self.details is None else {**found, "details": self.details}

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {self.message}" + ("" if self.details is None else f" ({self.details})")


# -- rejections, by code --------------------------------------------------------------------------------------------


def invalid_order(details: str) -> RequestRejected:
    """Return 400 `invalid_order`: a field of the order is not acceptable."""
    return RequestRejected(400, "invalid_order", "invalid order", details)


def invalid_price(details: str) -> RequestRejected:
    """Return 400 `invalid_price`: the price is not on the market's grid."""
    return RequestRejected(400, "invalid_price", "invalid price", details)


def insufficient_balance() -> RequestRejected:
    """Return 400 `insufficient_balance`: the account's free money does not cover the request."""
    return RequestRejected(400, "insufficient_balance", "insufficient balance")


def not_found() -> RequestRejected:
    """Return 404 `not_found`; unknown, cancelled and executed orders all look the same."""
    return RequestRejected(404, "not_found", "not found")


def order_already_exists() -> RequestRejected:
    """Return 409 `order_already_exists`: the client order id was used before."""
    return RequestRejected(409, "order_already_exists", "order already exists")


def fill_or_kill_not_filled() -> RequestRejected:
    """
    Return 409: the book cannot fill a fill-or-kill order completely.

    Source:
        Error bodies that users of the exchange recorded: a 409 response, not an order that is cancelled.
    """
    return RequestRejected(409, "fill_or_kill_insufficient_resting_volume", "fill or kill insufficient resting volume")


def unauthorized(code: str, message: str, details: str | None = None) -> RequestRejected:
    """Return 401: the signature or the access token is missing or wrong."""
    return RequestRejected(401, code, message, details)


# -- the other body shapes ------------------------------------------------------------------------------------------


def invalid_parameter(message: str) -> ErrorResponse:
    """Return 400 for a parameter or a field with an invalid value."""
    return ErrorResponse(400, {"msg": message})


def invalid_body(details: str) -> ErrorResponse:
    """Return 400 for a request body that cannot be decoded."""
    return ErrorResponse(400, {"code": "invalid_parameters", "message": "invalid parameters", "details": details})


def too_many_requests() -> ErrorResponse:
    """Return 429: the rate limit is exceeded. The body has no code, and there is no `Retry-After` header."""
    return ErrorResponse(429, {"error": "too many requests"})


def server_error(status: int) -> ErrorResponse:
    """Return a 5xx: 500 has a JSON body, every other status the HTML page of a gateway."""
    if status == 500:
        return RequestRejected(500, "internal_server_error", "internal server error")
    phrase = HTTPStatus(status).phrase
    return ErrorResponse(status, f"<html><head><title>{status} {phrase}</title></head></html>")
