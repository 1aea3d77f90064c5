"""A second generated package stands on the same core: one client, one set of errors, one UNSET serve both."""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import kalshi_trade_api
import pytest
from kalshi_trade_api import client, errors, models, types
from kalshi_trade_api.api.portfolio import get_balance

from kalshi_auth import public_client, signed_client
from kalshi_core.models import schema_drift
from tests.unit.signed_requests import BASE, MODES, SIGNER, Mode, is_signed

pytestmark = pytest.mark.slow

ROOT: Final = Path(__file__).parents[2]
# Its model has the name of one of the Trade API, and fields of the same names.
DOCUMENT: Final = """
openapi: 3.0.3
info: {title: Other, version: 1.0.0}
paths:
  /margin/orders/{order_id}:
    get:
      operationId: GetMarginOrder
      tags: [margin]
      security: [{key: [], signature: [], timestamp: []}]
      parameters: [{name: order_id, in: path, required: true, schema: {type: string}}]
      responses:
        "200":
          description: The order.
          content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: KALSHI-ACCESS-KEY}
    signature: {type: apiKey, in: header, name: KALSHI-ACCESS-SIGNATURE}
    timestamp: {type: apiKey, in: header, name: KALSHI-ACCESS-TIMESTAMP}
  schemas:
    Order:
      type: object
      required: [order_id, status]
      properties:
        order_id: {type: string}
        status: {type: string, enum: [open, closed]}
        note: {type: string}
"""
ORDER: Final = {"order_id": "order-1", "status": "open"}
# Prints the modules that each package adds, one after the other.
COUNT: Final = """
import sys
sizes = [set(sys.modules)]
import kalshi_auth
import kalshi_trade_api.api.portfolio.get_balance
sizes.append(set(sys.modules))
import other_api.api.margin.get_margin_order
for before, after in zip(sizes, [*sizes[1:], set(sys.modules)]):
    print(*sorted(after - before))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the second package."""
    made = tmp_path_factory.mktemp("other")
    (made / "other.yaml").write_text(DOCUMENT, "utf-8")
    done = subprocess.run(
        [
            sys.executable, "-m", "scripts.regenerate", "--spec", made / "other.yaml", "--package", "other_api",
            "--overlay", "none", "--output", made / "out",
        ],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return made / "out"


@pytest.fixture
def other(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return the second package's function to import a module of it."""
    monkeypatch.syspath_prepend(folder)
    schema_drift.forget()
    yield lambda name: importlib.import_module(f"other_api.{name}")
    for name in [name for name in sys.modules if name.partition(".")[0] == "other_api"]:
        del sys.modules[name]
    schema_drift.forget()


def responding(status: int, body: Any) -> tuple[list[httpx.Request], httpx.MockTransport]:
    """Return the requests that a transport receives, and the transport."""
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(status, json=body)

    return seen, httpx.MockTransport(handler)


def test_both_packages_share_their_names(other: Any) -> None:
    """Errors, clients and types that a package exports are the core's, one object each."""
    for ours in (client, errors, types):
        theirs = other(ours.__name__.rpartition(".")[2])
        assert set(theirs.__all__) == set(ours.__all__)
        assert [name for name in ours.__all__ if getattr(theirs, name) is not getattr(ours, name)] == []
    package = importlib.import_module("other_api")
    assert package.AuthenticatedClient is kalshi_trade_api.AuthenticatedClient
    assert other("errors").ApiError is errors.ApiError
    assert other("types").UNSET is types.UNSET
    assert other("models").Order is not models.Order


@MODES
def test_one_signed_client_serves_both_packages(mode: Mode, other: Any) -> None:
    """An operation of the other package is signed, sent and decoded by the same client."""
    operation = other("api.margin.get_margin_order")
    seen, transport = responding(200, {**ORDER, "balance": 7})
    both = signed_client(SIGNER, base_url=BASE, httpx_args={"transport": transport})

    async def call() -> Any:
        await get_balance.asyncio(client=both)
        return await operation.asyncio("order-1", client=both)

    if mode == "sync":
        get_balance.sync(client=both)
        order = operation.sync("order-1", client=both)
    else:
        order = asyncio.run(call())
    assert type(order) is other("models").Order
    assert order.status == "open"
    assert order.note is types.UNSET
    assert [request.url.path for request in seen] == [
        "/trade-api/v2/portfolio/balance",
        "/trade-api/v2/margin/orders/order-1",
    ]
    assert all(is_signed(request) for request in seen)


def test_errors_of_the_other_package_are_caught_by_the_same_classes(other: Any) -> None:
    """A bot that catches `ApiError` of one package catches that of every package."""
    operation = other("api.margin.get_margin_order")
    _, transport = responding(404, {"error": {"code": "not_found", "message": "no such order"}})
    with (
        signed_client(SIGNER, base_url=BASE, httpx_args={"transport": transport}) as both,
        pytest.raises(errors.NotFoundError, match="no such order") as caught,
    ):
        operation.sync("order-1", client=both)
    assert isinstance(caught.value, errors.ApiError)
    with public_client() as public, pytest.raises(errors.SigningRequiredError, match="GetMarginOrder must be signed"):
        operation.sync("order-1", client=public)
    with pytest.raises(errors.ArgumentError, match="not allowed in a path"):
        operation.OPERATION.request(order_id="")


def test_each_package_logs_drift_under_its_own_name(other: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A model and field of the same name in both are two differences, each in its package's log."""
    caplog.set_level(logging.WARNING)
    for _ in range(2):
        models.Order.from_dict({"status": None})
        other("models").Order.from_dict({"status": None})
    logged = [(record.name, record.getMessage().partition(":")[0]) for record in caplog.records]
    assert {name for name, _ in logged} == {"kalshi_trade_api.drift", "other_api.drift"}
    assert [name for name, line in logged if line == "Order.status is null"] == sorted({name for name, _ in logged})
    assert ("other_api.drift", "Order.order_id is missing") in logged


def test_a_second_package_costs_its_own_modules_alone(folder: Path) -> None:
    """It adds no second runtime: nothing but its re-exports, the models it uses and the operation."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "generated"), str(folder)])
    done = subprocess.run(
        [sys.executable, "-c", COUNT], env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True,
        check=True, timeout=60,
    )  # fmt: skip
    first, second = (line.split() for line in done.stdout.splitlines())
    assert {name.partition(".")[0] for name in second} == {"other_api"}
    assert len(second) <= 12 < len(first)
