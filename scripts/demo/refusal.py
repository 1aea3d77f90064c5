"""Refusals, in the shapes that the exchange's error bodies were recorded in."""

from __future__ import annotations

from typing import Any


class RefusalError(Exception):
    """
    A request that the stand-in does not grant.

    Args:
        status: The HTTP status.
        body: The error body.
        code: The exchange's word for programs, where the body has one.
    """

    def __init__(self, status: int, body: dict[str, Any], code: str | None = None) -> None:
        super().__init__(status, code)
        self.status = status
        self.body = body
        self.code = code


def nested(status: int, code: str, message: str | None = None, details: str | None = None) -> RefusalError:
    """Build the usual refusal: `{"error": {"code", "message", "details"?}}`."""
    words = {"code": code, "message": message or code}
    return RefusalError(status, {"error": words | ({"details": details} if details else {})}, code)


def flat(status: int, code: str, message: str) -> RefusalError:
    """Build the refusal of a body that can't be read: `{"code", "message"}`."""
    return RefusalError(status, {"code": code, "message": message}, code)


def bare(status: int, message: str) -> RefusalError:
    """Build the refusal of a parameter: `{"msg"}`."""
    return RefusalError(status, {"msg": message})
