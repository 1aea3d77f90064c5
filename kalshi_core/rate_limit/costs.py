"""What requests cost in tokens, and how the exchange reports it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from kalshi_core.types import PreparedRequest

_ITEM_LISTS: Final = ("orders", "children", "quotes")
LIMITS: Final = PreparedRequest(
    operation_id="GetAccountApiLimits", method="GET", template="/account/limits", path="/account/limits", signed=True
)
COSTS: Final = PreparedRequest(
    operation_id="GetAccountEndpointCosts", method="GET", template="/account/endpoint_costs",
    path="/account/endpoint_costs",
)  # fmt: skip


class Costs:
    """
    Tokens by operation.

    Args:
        default: Tokens of a request that is not listed.
        listed: Tokens by method and path of the document.

    Raises:
        ValueError: A cost is negative, or not finite.

    Source:
        Kalshi docs, "Rate limits and tiers".
    """

    def __init__(self, default: float = 10, listed: Mapping[tuple[str, str], float] | None = None) -> None:
        self._default = _checked(default)
        self._listed = {
            (method.upper(), _route(path)): _checked(cost) for (method, path), cost in (listed or {}).items()
        }

    def of(self, prepared: PreparedRequest) -> float:
        """Return the tokens of a request; a batch costs the sum of its items."""
        each = self._listed.get((prepared.method, _route(prepared.template)), self._default)
        return each * next(
            (len(items) for name in _ITEM_LISTS if (items := _items(prepared.body, name)) is not None), 1
        )


def bucket_sizes(limits: Any) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return refill rate and capacity, of reads and of writes, from the body of `GET /account/limits`."""
    read, write = ((limits[side]["refill_rate"], limits[side]["bucket_capacity"]) for side in ("read", "write"))
    return read, write


def costs_from(body: Any) -> Costs:
    """Return the costs from the body of `GET /account/endpoint_costs`."""
    return Costs(
        body["default_cost"], {(row["method"], row["path"]): row["cost"] for row in body["endpoint_costs"] or []}
    )


def _checked(cost: float) -> float:
    if not 0 <= cost < float("inf"):
        raise ValueError(f"cost must be a number of tokens, not {cost!r}")
    return cost


def _items(body: Any, name: str) -> list[Any] | None:
    items = getattr(body, name, None)
    return items if isinstance(items, list) else None


def _route(path: str) -> str:
    """Return a path without its parameters' names and without the API's prefix, so that spellings compare equal."""
    bare = re.sub(r"{[^}]*}|:\w+", "{}", path)
    return re.sub(r"^/trade-api/v\d+", "", bare)
