"""pykalshi."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pykalshi
from pykalshi.models import MarketModel

from benchmarks.clients.pages import Pages


def _arguments(setup: dict[str, Any]) -> dict[str, Any]:
    return {"api_key_id": setup["key_id"], "private_key_path": setup["rsa"], "api_base": setup["base_url"]}


def headers(setup: dict[str, Any]) -> Callable[[], Any]:
    client = pykalshi.KalshiClient(**_arguments(setup))
    return lambda: client._get_headers("GET", "/portfolio/balance")


def get(setup: dict[str, Any]) -> Callable[[], Any]:
    client = pykalshi.KalshiClient(**_arguments(setup))
    return lambda: client.portfolio.get_balance()


async def aget(setup: dict[str, Any]) -> Callable[[], Awaitable[Any]]:
    client = pykalshi.AsyncKalshiClient(**_arguments(setup))
    return lambda: client.portfolio.get_balance()


def markets(setup: dict[str, Any]) -> Callable[[], Any]:
    return Pages(setup, lambda body: [MarketModel.model_validate(market) for market in json.loads(body)["markets"]])
