"""What requests cost, and what the exchange says about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from attrs import Factory, field, frozen

from kalshi_auth.retry import Outgoing

_ITEMS: Final = ("orders", "children", "quotes")


def _by_route(costs: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    return {(method.upper(), _route(path)): _number(cost) for (method, path), cost in costs.items()}


def _number(cost: float) -> float:
    if not 0 <= cost < float("inf"):
        raise ValueError(f"{cost!r} is not a number of tokens")
    return cost


@frozen
class Costs:
    """
    Tokens by operation.

    Attributes:
        default: Tokens of a request that is not listed.
        listed: Tokens by method and path of the document.

    Source:
        Kalshi docs, "Rate limits and tiers".
    """

    default: float = field(default=10, converter=_number)
    listed: Mapping[tuple[str, str], float] = field(default=Factory(dict), converter=_by_route)

    def of(self, outgoing: Outgoing) -> float:
        """Return the tokens of a request; a batch costs the sum of its items."""
        each = self.listed.get((outgoing.method, _route(outgoing.template)), self.default)
        return each * next((len(items) for name in _ITEMS if (items := _items(outgoing.body, name)) is not None), 1)


@frozen
class _Get:
    """A request without arguments; it goes the way of every operation, with retries and a clock that heals."""

    operation_id: str
    path: str
    signed: bool
    method: str = "GET"
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = Factory(dict)
    content: bytes | None = None
    body: Any = None

    @property
    def template(self) -> str:
        return self.path


LIMITS: Final = _Get("GetAccountApiLimits", "/account/limits", signed=True)
COSTS: Final = _Get("GetAccountEndpointCosts", "/account/endpoint_costs", signed=False)


def bucket_sizes(limits: Any) -> tuple[tuple[float, float], tuple[float, float]]:
    """Read refill rate and capacity, of reads and of writes, out of the body of `GET /account/limits`."""
    read, write = ((limits[side]["refill_rate"], limits[side]["bucket_capacity"]) for side in ("read", "write"))
    return read, write


def costs_from(body: Any) -> Costs:
    """Read the body of `GET /account/endpoint_costs`."""
    return Costs(
        body["default_cost"], {(row["method"], row["path"]): row["cost"] for row in body["endpoint_costs"] or []}
    )


def _items(body: Any, name: str) -> list[Any] | None:
    items = getattr(body, name, None)
    return items if isinstance(items, list) else None


def _route(path: str) -> str:
    """Compare routes without the names of their parameters, and without the API's prefix."""
    bare = re.sub(r"{[^}]*}|:\w+", "{}", path)
    return re.sub(r"^/trade-api/v\d+", "", bare)
