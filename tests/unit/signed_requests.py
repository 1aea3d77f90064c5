"""A client that signs, the operations that it calls, and an exchange that keeps every request."""

from __future__ import annotations

import asyncio
from typing import Any, Final, Literal

import httpx
import pytest
from attrs import define

from kalshi_auth import (
    signed_client,
    signer_from_file,
)
from kalshi_core.client import AuthenticatedClient
from kalshi_core.models.base import Model
from kalshi_core.operation import Operation, Parameter
from tests.vectors.material import KEY_ID, SIGNED_HEADERS, headers_verify, key_file

BASE = "https://exchange.test/trade-api/v2"


ROOT = BASE.removesuffix("/trade-api/v2")


NOW_MS = 1703123456789


SIGNER = signer_from_file(KEY_ID, key_file("rsa_pkcs8"))


Mode = Literal["sync", "async"]


MODES = pytest.mark.parametrize("mode", ["sync", "async"])


# Operations and a body as the generator writes them, whatever document the package was made from.
ORDER_ID: Final = Parameter("order_id", "path", str, "order_id", required=True)


@define(eq=False, getstate_setstate=False, kw_only=True, repr=False)
class Limit(Model):
    """A body."""

    contracts_limit: int


def operation(method: str, path: str, *parameters: Parameter, signed: bool = True) -> Operation[Any]:
    return Operation(
        id=f"{method} {path}", method=method, path=path, success={200: None}, parameters=parameters, signed=signed
    )


GET_STATUS: Final = operation("GET", "/exchange/status", signed=False)


GET_BALANCE: Final = operation("GET", "/portfolio/balance")


GET_ORDER: Final = operation("GET", "/portfolio/orders/{order_id}", ORDER_ID)


CANCEL_ORDER: Final = operation("DELETE", "/portfolio/events/orders/{order_id}", ORDER_ID)


GET_ORDERS: Final = operation(
    "GET", "/portfolio/orders", Parameter("ticker", "query", str, "ticker"), Parameter("limit", "query", int, "limit")
)


CREATE_GROUP: Final = operation(
    "POST", "/portfolio/order_groups/create", Parameter("body", "body", Limit, "body", required=True)
)


class Exchange:
    """A stand-in that keeps every request and answers them all alike."""

    def __init__(self, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.requests: list[httpx.Request] = []
        self.transport = httpx.MockTransport(self._answer)
        self._status, self._headers = status, headers

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self._status, headers=self._headers, json={})


def client_for(exchange: Exchange, base_url: str = BASE, **options: Any) -> AuthenticatedClient:
    """Build a client that talks to the stand-in."""
    return signed_client(SIGNER, base_url=base_url, httpx_args={"transport": exchange.transport}, **options)


def ask(mode: Mode, operation: Operation[Any], client: Any, **arguments: Any) -> Any:
    """Call an operation, in either mode."""
    if mode == "sync":
        return operation.sync_detailed(client, **arguments)
    return asyncio.run(operation.asyncio_detailed(client, **arguments))


def raw(mode: Mode, client: Any, method: str, url: str, **options: Any) -> httpx.Response:
    """Send through the httpx client below, in either mode."""
    if mode == "sync":
        response: httpx.Response = client.get_httpx_client().request(method, url, **options)
    else:
        response = asyncio.run(client.get_async_httpx_client().request(method, url, **options))
    return response


def carried(request: httpx.Request) -> list[str]:
    """Return the names of a request's signature headers, each as often as it is there."""
    return [name.decode().upper() for name, _ in request.headers.raw if name.upper().startswith(b"KALSHI-")]


def is_signed(request: httpx.Request) -> bool:
    """Tell whether a request carries exactly three headers, and they sign the path on the wire."""
    assert sorted(carried(request)) == sorted(SIGNED_HEADERS)
    return headers_verify(request.headers, request.method, request.url.raw_path.decode("ascii"))
