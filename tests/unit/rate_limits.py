"""A rate limit with a clock that only its waits move, and a client that signs."""

from __future__ import annotations

from typing import Any, Final

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from kalshi_trade_api.api.orders import create_order_v2
from kalshi_trade_api.api.portfolio import get_balance

from kalshi_auth import Ed25519Signer, RateLimit, RetryPolicy, signed_client
from tests.weather.calls import order

_KEY: Final = Ed25519PrivateKey.generate()
READ: Final = get_balance.OPERATION.request()

WRITE: Final = create_order_v2.OPERATION.request(body=order("x"))


class Time:
    """A clock that moves only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0
        self.sleeps: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds

    async def async_sleep(self, seconds: float) -> None:
        self.sleep(seconds)

    def limit(self, **options: Any) -> RateLimit:
        return RateLimit(sleep=self.sleep, async_sleep=self.async_sleep, monotonic=lambda: self.now, **options)


def client_of(handler: Any, **options: Any) -> Any:
    """Return a client that signs, and whose requests a handler receives."""
    policy = RetryPolicy(first_wait_s=0.001)
    args = {"transport": httpx.MockTransport(handler)}
    return signed_client(
        Ed25519Signer("kid", _KEY),
        base_url="http://localhost/trade-api/v2",
        httpx_args=args,
        retry=policy,
        **options,
    )
