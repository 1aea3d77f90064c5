"""kalshi-py, whose client is made by openapi-python-client with its stock templates."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import kalshi_py
from kalshi_py.api.portfolio import get_balance
from kalshi_py.auth import KalshiAuth
from kalshi_py.models.model_get_markets_response import ModelGetMarketsResponse

from benchmarks.clients.pages import Pages

_OLD = (
    b'"response_price_units":"usd_cent","notional_value":100,"tick_size":1,"yes_bid":40,"yes_ask":42,"no_bid":58,'
    b'"no_ask":60,"last_price":41,"previous_yes_bid":39,"previous_yes_ask":43,"previous_price":40,"volume":1000,'
    b'"volume_24h":100,"liquidity":0,"open_interest":500,"category":"","risk_limit_cents":0,'
)
"""Fields of an older document that it requires; it keeps their successors undecoded."""


def headers(setup: dict[str, Any]) -> Callable[[], Any]:
    auth = KalshiAuth(setup["key_id"], Path(setup["rsa"]).read_text())
    return lambda: auth.get_auth_headers("GET", "/portfolio/balance")


def _client(setup: dict[str, Any]) -> Any:
    return kalshi_py.create_client(
        base_url=setup["base_url"], access_key_id=setup["key_id"], private_key_path=setup["rsa"]
    )


def get(setup: dict[str, Any]) -> Callable[[], Any]:
    client = _client(setup)
    return lambda: get_balance.sync(client=client)


async def aget(setup: dict[str, Any]) -> Callable[[], Awaitable[Any]]:
    client = _client(setup)
    return lambda: get_balance.asyncio(client=client)


def markets(setup: dict[str, Any]) -> Callable[[], Any]:
    return Pages(
        setup,
        lambda body: ModelGetMarketsResponse.from_dict(json.loads(body)),
        lambda body: body.replace(b'"title"', _OLD + b'"title"'),
    )
