"""The kinds of call that meet the weather, each in a thread and in an event loop."""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from kalshi_trade_api.api.exchange import get_exchange_status
from kalshi_trade_api.api.orders import batch_create_orders_v2, cancel_order_v2, create_order_v2
from kalshi_trade_api.api.portfolio import get_balance
from kalshi_trade_api.models import BatchCreateOrdersV2Request, CreateOrderV2Request

from kalshi_auth import RetryPolicy, RsaPssSigner, public_client, signed_client
from kalshi_core.client import AuthenticatedClient, Client
from tests.weather.faultserver import FaultServer

KEY_ID: Final = "11111111-2222-3333-4444-555555555555"
TICKER: Final = "KXHIGHNY-26NOV23-T55"
POLICY: Final = RetryPolicy(attempts=3, total_s=10, first_wait_s=0.002, longest_wait_s=0.01)
KINDS: Final = ("get", "cancel", "bare create", "create", "batch", "bare batch")
MODES: Final = ("sync", "async")
TLS: Final = ssl.create_default_context()
"""Made once: reading the system's certificates takes longer than a call."""


def order(own: str | None) -> CreateOrderV2Request:
    more: dict[str, Any] = {"client_order_id": own} if own else {}
    return CreateOrderV2Request(
        ticker=TICKER,
        side="bid",
        count=1,
        price="0.5000",
        time_in_force="good_till_canceled",
        self_trade_prevention_type="taker_at_cross",
        **more,
    )


def call_of(kind: str, own: str = "own") -> tuple[Any, dict[str, Any]]:
    """Return an operation's module, and the arguments of the call."""
    if kind == "get":
        return get_balance, {}
    if kind == "public get":
        return get_exchange_status, {}
    if kind == "cancel":
        return cancel_order_v2, {"order_id": "order-1"}
    if kind in ("create", "bare create"):
        return create_order_v2, {"body": order(own if kind == "create" else None)}
    ids = [f"{own}-1", f"{own}-2"] if kind == "batch" else [f"{own}-1", None]
    return batch_create_orders_v2, {"body": BatchCreateOrdersV2Request(orders=[order(each) for each in ids])}


def client_of(server: FaultServer | str, key: RSAPrivateKey, **options: Any) -> AuthenticatedClient:
    return signed_client(RsaPssSigner(KEY_ID, key), **_options(server, options))


def public_client_of(server: FaultServer, **options: Any) -> Client:
    return public_client(**_options(server, options))


def _options(server: FaultServer | str, more: dict[str, Any]) -> dict[str, Any]:
    base_url = server if isinstance(server, str) else server.base_url
    return {"base_url": base_url, "timeout": 5.0, "retry": POLICY, "httpx_args": {"verify": TLS}, **more}


def outcome(kind: str, mode: str, client: Client, times: int = 1, between: Callable[[], object] = int) -> list[Any]:
    """Call, one time after the other with `between` in between, and return what came: values and errors."""
    operation, arguments = call_of(kind)

    def in_thread() -> list[Any]:
        found: list[Any] = []
        with client:
            for _ in range(times):
                try:
                    found.append(operation.sync(client=client, **arguments))
                except Exception as error:
                    found.append(error)
                between()
        return found

    async def in_loop() -> list[Any]:
        found: list[Any] = []
        async with client:
            for _ in range(times):
                try:
                    found.append(await operation.asyncio(client=client, **arguments))
                except Exception as error:
                    found.append(error)
                between()
        return found

    return in_thread() if mode == "sync" else asyncio.run(in_loop())


def check_requests(server: FaultServer, count: int) -> None:
    """Check that so many requests arrived, each with its own valid signature, made after the one before was sent."""
    assert len(server.seen) == count
    assert all(each.valid for each in server.seen)
    assert len({each.signature for each in server.seen}) == count
    for before, after in pairwise(server.seen):
        assert after.timestamp_ms >= before.timestamp_ms


def check_orders(server: FaultServer, count: int) -> None:
    """Check that so many orders were placed, and none twice."""
    assert len(server.placed) == count
    ids = Counter(each["client_order_id"] for each in server.placed if "client_order_id" in each)
    assert all(times == 1 for times in ids.values())


def size(kind: str) -> int:
    return {"bare create": 1, "create": 1, "batch": 2, "bare batch": 2}.get(kind, 0)
