"""What the end of a call says: orders that exist already, errors without a signature in them."""

from __future__ import annotations

import json
from typing import Any, Final, TypeVar

import httpx

_EXISTS: Final = "order_already_exists"
_SIGNED: Final = "kalshi-access-"
_Ended = TypeVar("_Ended", httpx.RequestError, httpx.Response)
_Raised = TypeVar("_Raised", bound=BaseException)


def existing_orders(response: httpx.Response, ids: list[str | None]) -> list[str]:
    """Return those of the `client_order_id`s of a repeated creation that were placed already."""
    if response.status_code == 409:
        # A batch is refused order by order; what a single refusal of it would mean, nobody says.
        return [ids[0]] if len(ids) == 1 and ids[0] and _EXISTS.encode() in response.content else []
    try:
        body: Any = json.loads(response.content)
    except (ValueError, RecursionError):
        return []
    rows = body.get("orders") if isinstance(body, dict) and response.is_success else None
    if not isinstance(rows, list) or len(rows) != len(ids):
        return []
    return [
        own
        for own, row in zip(ids, rows, strict=True)
        if own and isinstance(row, dict) and _EXISTS in str(row.get("error"))
    ]


def without_signature(ended: _Ended) -> _Ended:
    """Return an error or a response whose request holds no signature; an error loses its frames too."""
    try:
        signed = ended.request
    except RuntimeError:
        signed = None
    if signed is not None:
        bare = [(name, value) for name, value in signed.headers.items() if not name.startswith(_SIGNED)]
        ended.request = httpx.Request(signed.method, signed.url, headers=bare)
    return without_frames(ended) if isinstance(ended, httpx.RequestError) else ended


def without_frames(error: _Raised) -> _Raised:
    """Return an error without traceback and cause: in the frames below httpx the headers lie open."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def words(ended: httpx.RequestError | httpx.Response) -> str:
    """Return an error's class and words, or an answer's status."""
    if isinstance(ended, httpx.Response):
        return f"{ended.status_code}"
    return f"{type(ended).__name__}: {ended}" if str(ended) else type(ended).__name__
