"""Keep to the exchange's rate limit on the client's side: two token buckets, first come, first served."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol

import httpx

from kalshi_core.rate_limit.costs import COSTS, LIMITS, Costs, bucket_sizes, costs_from
from kalshi_core.rate_limit.token_bucket import Reservation, TokenBucket, check_size
from kalshi_core.transport.event_loop import async_sleep
from kalshi_core.types import PreparedRequest

_BASIC_READ: Final = 200.0
_BASIC_WRITE: Final = 100.0


class SigningClient(Protocol):
    """The part of a signing client that loading the limits needs."""

    @property
    def auth(self) -> Any: ...
    def send(self, prepared: PreparedRequest, /) -> httpx.Response: ...
    def asend(self, prepared: PreparedRequest, /) -> Awaitable[httpx.Response]: ...


class RateLimit:
    """
    Delay requests on the client's side, so that the exchange does not have to reject them.

    GET uses the read bucket, everything else the write bucket; a batch costs the sum of its items.
    One object may serve several clients of the same account.

    Args:
        read: Refill rate (tokens per second) and capacity (tokens) of the read bucket; the Basic tier's by default.
        write: The same of the write bucket.
        default_cost: Tokens of a request that `costs` does not list.
        costs: Tokens by method and path of the document, such as `("POST", "/portfolio/events/orders")`.
        sleep: Waits, in a thread; seconds.
        async_sleep: Waits, in an event loop; seconds.
        monotonic: Clock, seconds.

    Raises:
        ValueError: A rate or capacity is not above zero, or a cost is negative.

    Source:
        Kalshi docs, "Rate limits and tiers".
    """

    def __init__(
        self,
        *,
        read: tuple[float, float] = (_BASIC_READ, _BASIC_READ),
        write: tuple[float, float] = (_BASIC_WRITE, _BASIC_WRITE),
        default_cost: float = 10,
        costs: Mapping[tuple[str, str], float] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        async_sleep: Callable[[float], Awaitable[None]] = async_sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sleep, self._async_sleep = sleep, async_sleep
        self._buckets = TokenBucket(*read, monotonic), TokenBucket(*write, monotonic)
        self._costs = Costs(default_cost, costs)

    def acquire(self, prepared: PreparedRequest, longest_s: float | None = None) -> None:
        """
        Wait for the tokens of a request, in a thread.

        Args:
            prepared: The request.
            longest_s: The longest wait in seconds; None for any.

        Raises:
            BudgetError: They never fit, or not within `longest_s`; raised at once.
        """
        bucket, reservation = self._reserve(prepared, longest_s)
        if reservation.wait_s:
            try:
                self._sleep(reservation.wait_s)
            except BaseException:
                bucket.give_back(reservation)
                raise

    async def aacquire(self, prepared: PreparedRequest, longest_s: float | None = None) -> None:
        """Do what `acquire` does, in an event loop."""
        bucket, reservation = self._reserve(prepared, longest_s)
        if reservation.wait_s:
            try:
                await self._async_sleep(reservation.wait_s)
            except BaseException:
                bucket.give_back(reservation)
                raise

    def exhausted(self, prepared: PreparedRequest) -> None:
        """Empty the request's bucket, because the exchange responded with 429."""
        self._bucket(prepared).empty()

    def cost(self, prepared: PreparedRequest) -> float:
        """Return the tokens that a request costs."""
        return self._costs.of(prepared)

    def load(self, client: SigningClient) -> None:
        """
        Load the account's limits and the endpoints' costs from the exchange.

        Args:
            client: A signing client: limits are an account's.

        Raises:
            TypeError: The client does not sign. Nothing was sent.
            httpx.HTTPError: The request failed; the limits stay as they were.
            ValueError: The response is not as documented; the limits stay as they were.
        """
        _check_signs(client)
        self.configure(*(_body(client.send(each)) for each in (LIMITS, COSTS)))

    async def aload(self, client: SigningClient) -> None:
        """Do what `load` does, in an event loop."""
        _check_signs(client)
        self.configure(*[_body(await client.asend(each)) for each in (LIMITS, COSTS)])

    def configure(self, limits: Any, costs: Any) -> None:
        """
        Set limits and costs; tokens that were spent stay spent, and waiting requests keep their places.

        Args:
            limits: Body of `GET /account/limits`.
            costs: Body of `GET /account/endpoint_costs`.

        Raises:
            ValueError: A body is not as documented; nothing changes.
        """
        try:
            read, write = bucket_sizes(limits)
            check_size(*read)
            check_size(*write)
            self._costs = costs_from(costs)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"limits or costs are not as documented: {error!r}") from None
        self._buckets[0].resize(*read)
        self._buckets[1].resize(*write)

    def _bucket(self, prepared: PreparedRequest) -> TokenBucket:
        return self._buckets[prepared.method != "GET"]

    def _reserve(self, prepared: PreparedRequest, longest_s: float | None) -> tuple[TokenBucket, Reservation]:
        bucket = self._bucket(prepared)
        return bucket, bucket.reserve(self.cost(prepared), longest_s)


def _check_signs(client: SigningClient) -> None:
    if not hasattr(client, "auth"):
        raise TypeError(f"limits belong to an account: load them by a client that signs, not {type(client).__name__}")


def _body(response: httpx.Response) -> Any:
    return response.raise_for_status().json()
