"""What the tests of the paper exchange share: clients, orders, raw requests."""

from __future__ import annotations

import time
from typing import Any

import httpx
from kalshi_trade_api import AuthenticatedClient
from kalshi_trade_api.api.orders import create_order_v2
from kalshi_trade_api.models import CreateOrderV2Request, CreateOrderV2Response

from kalshi_auth import Signer, signed_client, signing_headers
from kalshi_paper import PaperExchange, PaperSigner

EMPTY = "KXGAME-FINAL-HOME"
"""A market whose book starts empty."""
QUOTED = "KXHIGHNY-TODAY-T50"
"""A market whose book does not."""
DIRECT = {"trust_env": False}
BASE = "/trade-api/v2"


def client_of(exchange: PaperExchange, signer: Signer | None = None, **more: Any) -> AuthenticatedClient:
    """Return a client that never sends twice."""
    arguments = {"retry": None, "httpx_args": DIRECT, **more}
    return signed_client(signer or exchange.signer, base_url=exchange.base_url, **arguments)


def order_of(**changes: Any) -> CreateOrderV2Request:
    """Return an order that rests in an empty book."""
    order = {
        "ticker": EMPTY,
        "side": "bid",
        "price": "0.40",
        "count": "10",
        "time_in_force": "good_till_canceled",
        "self_trade_prevention_type": "taker_at_cross",
    }
    return CreateOrderV2Request(**{**order, **changes})


def place(client: AuthenticatedClient, **changes: Any) -> CreateOrderV2Response:
    """Place an order."""
    return create_order_v2.sync(client=client, body=order_of(**changes))


def send(
    exchange: PaperExchange,
    method: str,
    path: str,
    *,
    signer: PaperSigner | None = None,
    timestamp_ms: int | None = None,
    headers: dict[str, str] | None = None,
    **more: Any,
) -> httpx.Response:
    """Send a request as any other client would, signed unless `headers` say how."""
    if headers is None:
        moment = time.time_ns() // 1_000_000 if timestamp_ms is None else timestamp_ms
        headers = signing_headers(signer or exchange.signer, method, BASE + path, timestamp_ms=moment)
    with httpx.Client(trust_env=False) as http:
        return http.request(method, exchange.base_url + path, headers=headers, **more)
