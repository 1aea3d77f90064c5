"""Keeping to the exchange's rate limit on this side: two token buckets, first come, first served."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol

import httpx

from kalshi_auth.bucket import Bucket, Promise
from kalshi_auth.costs import COSTS, LIMITS, Costs, bucket_sizes, costs_from
from kalshi_auth.loop import asleep
from kalshi_auth.retry import Outgoing

_BASIC_READ: Final = 200.0
_BASIC_WRITE: Final = 100.0


class Client(Protocol):
    """What loading the limits needs of a client; the generated one that signs fits."""

    @property
    def auth(self) -> Any: ...
    def send(self, outgoing: Any, /) -> httpx.Response: ...
    def asend(self, outgoing: Any, /) -> Awaitable[httpx.Response]: ...


class RateLimit:
    """
    Pace requests on this side, so that the exchange need not refuse them.

    GET draws on the read bucket, everything else on the write bucket; a batch costs the sum of its items.
    One object may serve several clients of the same account.

    Args:
        read: Tokens a second and capacity of the read bucket; the Basic tier's by default.
        write: The same of the write bucket.
        default_cost: Tokens of a request that `costs` does not list.
        costs: Tokens by method and path of the document, such as `("POST", "/portfolio/events/orders")`.
        sleep: Waits, in a thread.
        asleep: Waits, in an event loop.
        monotonic: Seconds.

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
        asleep: Callable[[float], Awaitable[None]] = asleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sleep, self._asleep = sleep, asleep
        self._buckets = Bucket(*read, monotonic), Bucket(*write, monotonic)
        self._costs = Costs(default_cost, costs or {})

    def acquire(self, outgoing: Outgoing, most_s: float | None = None) -> None:
        """
        Wait for the tokens of a request, in a thread.

        Raises:
            BudgetError: They never fit, or not within `most_s`; refused at once.
        """
        bucket, promise = self._promise(outgoing, most_s)
        if promise.wait_s:
            try:
                self._sleep(promise.wait_s)
            except BaseException:
                bucket.give_back(promise)
                raise

    async def aacquire(self, outgoing: Outgoing, most_s: float | None = None) -> None:
        """Do what `acquire` does, in an event loop."""
        bucket, promise = self._promise(outgoing, most_s)
        if promise.wait_s:
            try:
                await self._asleep(promise.wait_s)
            except BaseException:
                bucket.give_back(promise)
                raise

    def exhausted(self, outgoing: Outgoing) -> None:
        """Learn from a 429."""
        self._bucket(outgoing).empty()

    def cost(self, outgoing: Outgoing) -> float:
        """Return the tokens that a request costs."""
        return self._costs.of(outgoing)

    def load(self, client: Client) -> None:
        """
        Take over the account's limits and the endpoints' costs from the exchange.

        Args:
            client: One that signs: limits are an account's.

        Raises:
            TypeError: The client does not sign. Nothing was sent.
            httpx.HTTPError: They can't be had; the limits stay as they were.
            ValueError: They can't be understood; the limits stay as they were.
        """
        _signs(client)
        self.configure(*(_body(client.send(each)) for each in (LIMITS, COSTS)))

    async def aload(self, client: Client) -> None:
        """Do what `load` does, in an event loop."""
        _signs(client)
        self.configure(*[_body(await client.asend(each)) for each in (LIMITS, COSTS)])

    def configure(self, limits: Any, costs: Any) -> None:
        """
        Take over what the exchange says; what was spent stays spent, and whoever waits keeps the place.

        Args:
            limits: Body of `GET /account/limits`.
            costs: Body of `GET /account/endpoint_costs`.
        """
        try:
            read, write = (Bucket(*size, time.monotonic) for size in bucket_sizes(limits))
            self._costs = costs_from(costs)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"limits or costs are not as documented: {error!r}") from None
        self._buckets[0].resize(read)
        self._buckets[1].resize(write)

    def _bucket(self, outgoing: Outgoing) -> Bucket:
        return self._buckets[outgoing.method != "GET"]

    def _promise(self, outgoing: Outgoing, most_s: float | None) -> tuple[Bucket, Promise]:
        bucket = self._bucket(outgoing)
        return bucket, bucket.promise(self.cost(outgoing), most_s)


def _signs(client: Client) -> None:
    if not hasattr(client, "auth"):
        raise TypeError(f"limits are an account's: load them by a client that signs, not {type(client).__name__}")


def _body(response: httpx.Response) -> Any:
    return response.raise_for_status().json()
