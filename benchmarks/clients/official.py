"""kalshi_python_sync and kalshi_python_async."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import kalshi_python_sync as blocking

from benchmarks.clients.pages import Pages


def headers(setup: dict[str, Any], key: str = "rsa") -> Callable[[], Any]:
    auth = blocking.KalshiAuth(setup["key_id"], Path(setup[key]).read_text())
    return lambda: auth.create_auth_headers("GET", "/trade-api/v2/portfolio/balance")


def headers_ed25519(setup: dict[str, Any]) -> Callable[[], Any]:
    return headers(setup, "ed25519")


def _client(package: Any, setup: dict[str, Any]) -> Any:
    client = package.ApiClient(package.Configuration(host=setup["base_url"]))
    # Its own set_kalshi_auth raises a NameError.
    client.kalshi_auth = package.KalshiAuth(setup["key_id"], Path(setup["rsa"]).read_text())
    return client


def get(setup: dict[str, Any]) -> Callable[[], Any]:
    api = blocking.PortfolioApi(_client(blocking, setup))
    return lambda: api.get_balance()


async def aget(setup: dict[str, Any]) -> Callable[[], Awaitable[Any]]:
    import kalshi_python_async as asynchronous

    api = asynchronous.PortfolioApi(_client(asynchronous, setup))
    return lambda: api.get_balance()


def markets(setup: dict[str, Any]) -> Callable[[], Any]:
    client = blocking.ApiClient(blocking.Configuration(host="http://127.0.0.1"))

    def response(body: bytes) -> Any:
        return SimpleNamespace(status=200, data=body, getheader=lambda name: "application/json", getheaders=dict)

    return Pages(setup, lambda each: client.response_deserialize(each, {"200": "GetMarketsResponse"}).data, response)
