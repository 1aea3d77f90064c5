"""Errors and responses without the signature that their request carried."""

from __future__ import annotations

from typing import Final, TypeVar

import httpx

_SIGNATURE_HEADERS: Final = "kalshi-access-"
_Outcome = TypeVar("_Outcome", httpx.RequestError, httpx.Response)
_Raised = TypeVar("_Raised", bound=BaseException)


def without_signature(outcome: _Outcome) -> _Outcome:
    """Return an error or a response whose request has no signature headers; an error also loses its frames."""
    try:
        signed = outcome.request
    except RuntimeError:
        signed = None
    if signed is not None:
        bare = [(name, value) for name, value in signed.headers.items() if not name.startswith(_SIGNATURE_HEADERS)]
        outcome.request = httpx.Request(signed.method, signed.url, headers=bare)
    return without_frames(outcome) if isinstance(outcome, httpx.RequestError) else outcome


def without_frames(error: _Raised) -> _Raised:
    """Return an error without traceback and cause, whose frames inside httpx would show the signature headers."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def describe(outcome: httpx.RequestError | httpx.Response) -> str:
    """Return an error's class and message, or a response's status."""
    if isinstance(outcome, httpx.Response):
        return f"{outcome.status_code}"
    return f"{type(outcome).__name__}: {outcome}" if str(outcome) else type(outcome).__name__
