"""kalshi-sdk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import kalshi
from kalshi.auth import KalshiAuth

from benchmarks.clients.pages import Pages


def headers(setup: dict[str, Any]) -> Callable[[], Any]:
    auth = KalshiAuth.from_key_path(setup["key_id"], setup["rsa"])
    return lambda: auth.sign_request("GET", "/trade-api/v2/portfolio/balance")


def get(setup: dict[str, Any]) -> Callable[[], Any]:
    client = kalshi.KalshiClient(key_id=setup["key_id"], private_key_path=setup["rsa"], base_url=setup["base_url"])
    return lambda: client.portfolio.balance()


async def aget(setup: dict[str, Any]) -> Callable[[], Awaitable[Any]]:
    client = kalshi.AsyncKalshiClient(key_id=setup["key_id"], private_key_path=setup["rsa"], base_url=setup["base_url"])
    return lambda: client.portfolio.balance()


def markets(setup: dict[str, Any]) -> Callable[[], Any]:
    current = [b""]
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=current[0]))
    client = kalshi.KalshiClient(base_url=setup["base_url"], transport=transport)

    def listed(body: bytes) -> Any:
        current[0] = body
        return client.markets.list()

    # It requires a field that the document has dropped.
    return Pages(setup, listed, lambda body: body.replace(b'"title"', b'"liquidity_dollars":"0.0000","title"'))
