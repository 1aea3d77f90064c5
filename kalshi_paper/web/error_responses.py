"""The error bodies of the real servers: four shapes, and a gateway's page."""

from __future__ import annotations

from http import HTTPStatus

from kalshi_paper.engine.errors import Refusal
from kalshi_paper.web.openapi import Json


class FailureError(Exception):
    """
    A request that ends with an error body.

    Args:
        status: HTTP status.
        body: The body, JSON or a page.
    """

    def __init__(self, status: int, body: Json | str) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


def from_refusal(refusal: Refusal) -> FailureError:
    """Put a refusal into the shape of orders and authentication."""
    return FailureError(refusal.status, {"error": words(refusal)})


def words(refusal: Refusal) -> Json:
    """Return a refusal's words, as batches carry them for each item."""
    found = {"code": refusal.code, "message": refusal.message}
    return found if refusal.details is None else {**found, "details": refusal.details}


def bad_parameter(message: str) -> FailureError:
    """Refuse a parameter."""
    return FailureError(400, {"msg": message})


def undecodable(details: str) -> FailureError:
    """Refuse a body that can't be decoded."""
    return FailureError(400, {"code": "invalid_parameters", "message": "invalid parameters", "details": details})


def unauthorised(code: str, message: str, details: str | None = None) -> FailureError:
    """Refuse a signature."""
    return from_refusal(Refusal(401, code, message, details))


def too_many_requests() -> FailureError:
    """Refuse for want of tokens: no code, no `Retry-After`."""
    return FailureError(429, {"error": "too many requests"})


def server_failure(status: int) -> FailureError:
    """Fail on the server's side: 500 speaks JSON, gateways send a page."""
    phrase = HTTPStatus(status).phrase
    if status == 500:
        return from_refusal(Refusal(500, "internal_server_error", "internal server error"))
    return FailureError(status, f"<html><head><title>{status} {phrase}</title></head></html>")
