"""Every operation of the document, called through the generated client, and its answer held against the document."""

from __future__ import annotations

import copy
import importlib
import json
import pkgutil
import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import attrs
import jsonschema_rs
import kalshi_trade_api.api
import pytest
from kalshi_trade_api import AuthenticatedClient
from kalshi_trade_api.api.api_keys import generate_api_key
from kalshi_trade_api.api.order_groups import create_order_group
from kalshi_trade_api.api.portfolio import create_subaccount
from kalshi_trade_api.models import CreateOrderGroupRequest, GenerateApiKeyRequest

from kalshi_core.operation import Operation
from kalshi_paper import PaperExchange
from kalshi_paper.web.fake_data import FakeData
from kalshi_paper.web.openapi import packaged_document
from scripts.regenerate.document import Json, load, operations
from scripts.regenerate.project import ROOT
from tests.paper.clients import EMPTY, QUOTED, client_of, place

DOCUMENT = load(ROOT / "generated" / "document.yaml", "test")
NODES = {node["operationId"]: node for _, _, node in operations(DOCUMENT)}
PAPER = packaged_document()

pytestmark = pytest.mark.filterwarnings("ignore:.* is deprecated:DeprecationWarning")


def _operations() -> dict[str, Operation[Any]]:
    found = {}
    for module in pkgutil.walk_packages(kalshi_trade_api.api.__path__, "kalshi_trade_api.api."):
        operation = getattr(importlib.import_module(module.name), "OPERATION", None)
        if operation is not None:
            found[operation.id] = operation
    return found


def _with_null(node: Any) -> Any:
    """Say nullable as JSON Schema does."""
    if isinstance(node, list):
        return [_with_null(item) for item in node]
    if not isinstance(node, dict):
        return node
    changed = {key: _with_null(value) for key, value in node.items() if key != "nullable"}
    return {"anyOf": [changed, {"type": "null"}]} if node.get("nullable") is True else changed


OPERATIONS = _operations()
COMPONENTS = _with_null(copy.deepcopy(DOCUMENT["components"]))


@cache
def _validator_of(operation_id: str, status: int) -> jsonschema_rs.Draft4Validator:
    schema = _schema(operation_id, status)
    assert schema is not None
    return _validator(schema)


def _validator(schema: Json) -> jsonschema_rs.Draft4Validator:
    whole = {"allOf": [_with_null(copy.deepcopy(schema))], "components": COMPONENTS}
    return jsonschema_rs.Draft4Validator(whole, validate_formats=True)


def _schema(operation_id: str, status: int) -> Json | None:
    content: Json = NODES[operation_id]["responses"][str(status)].get("content", {})
    schema: Json | None = content.get("application/json", {}).get("schema")
    return schema


class World:
    """An exchange in which something has happened, and arguments that fit it."""

    def __init__(self, exchange: PaperExchange) -> None:
        self.exchange = exchange
        self.client = client_of(exchange)
        self.bob = client_of(exchange, exchange.account("bob").signer)
        self.samples = FakeData(PAPER, seed=0, now_ms=exchange.clock.now_ms(), tickers=exchange.tickers)
        place(self.bob, side="ask", price="0.45")
        place(self.client, price="0.45", count="4")
        create_subaccount.sync(client=self.client)
        place(self.client, ticker="KXGAME-FINAL-AWAY", price="0.10")
        place(self.bob, ticker="KXGAME-FINAL-AWAY", price="0.10", side="ask")
        exchange.clock.settle("KXGAME-FINAL-AWAY", "yes")
        self.made: dict[str, Callable[[], Any]] = {
            "order_id": lambda: place(self.client).order_id,
            "order_group_id": lambda: (
                create_order_group.sync(
                    client=self.client, body=CreateOrderGroupRequest(contracts_limit=100)
                ).order_group_id
            ),
            "api_key": lambda: (
                generate_api_key.sync(
                    client=self.client, body=GenerateApiKeyRequest(name="spare", key_type="ed25519")
                ).api_key_id
            ),
            "start_ts": lambda: exchange.clock.now_ms() // 1000 - 7200,
            "end_ts": lambda: exchange.clock.now_ms() // 1000 + 60,
            "period_interval": lambda: 60,
            "ticker": lambda: QUOTED,
            "event_ticker": lambda: "KXHIGHNY-TODAY",
            "series_ticker": lambda: "KXHIGHNY",
            "market_tickers": lambda: f"{QUOTED},{EMPTY}",
            "tickers": lambda: [QUOTED, EMPTY],
        }
        self.bodies: dict[str, Callable[[], Json]] = {
            "CreateOrderV2": self._order,
            "BatchCreateOrdersV2": lambda: {"orders": [self._order(), {**self._order(), "price": "0.9999"}]},
            "BatchCancelOrdersV2": lambda: {"orders": [{"order_id": place(self.client).order_id}, {"order_id": "no"}]},
            "AmendOrderV2": lambda: {"ticker": EMPTY, "side": "bid", "price": "0.41", "count": "12"},
            "DecreaseOrderV2": lambda: {"reduce_by": "1"},
            "CreateOrderGroup": lambda: {"contracts_limit": 10},
            "UpdateOrderGroupLimit": lambda: {"contracts_limit": 20},
            "CreateApiKey": lambda: {"name": "mine", "public_key": exchange.signer.public_pem()},
            "ApplySubaccountTransfer": lambda: {
                "client_transfer_id": "2f0c8b0e-55a5-4d5b-9d4b-6a5f4a1f2c11",
                "from_subaccount": 0,
                "to_subaccount": 1,
                "amount_cents": 100,
            },
        }

    def arguments(self, operation: Operation[Any], *, optional: bool) -> dict[str, Any]:
        """Return what a call of an operation takes: what it must have, or everything."""
        paper = PAPER.operations[operation.id]
        schemas = {parameter.name: parameter.schema for parameter in paper.parameters}
        found: dict[str, Any] = {}
        for parameter in operation.parameters:
            if parameter.location == "body":
                made = self.bodies.get(operation.id)
                raw = made() if made else self.samples.value(paper.body_schema or {}, operation.id)
                found[parameter.name] = parameter.kind.from_dict(raw)
            elif parameter.wire in self.made and (parameter.required or parameter.wire.endswith("ticker")):
                # An event's candlesticks are asked for with its ticker under a market's name.
                wire = "event_ticker" if operation.id == "GetMarketCandlesticksByEvent" else parameter.wire
                found[parameter.name] = self.made[wire if parameter.wire == "ticker" else parameter.wire]()
            elif parameter.required:
                found[parameter.name] = self.samples.value(schemas[parameter.wire], operation.id + parameter.wire)
            elif optional and parameter.wire in ("limit", "cursor", "subaccount", "depth", "status"):
                found[parameter.name] = self._optional(parameter.wire, schemas[parameter.wire])
        return found

    def _order(self) -> Json:
        return {
            "ticker": EMPTY,
            "side": "bid",
            "price": "0.2000",
            "count": "1.00",
            "time_in_force": "good_till_canceled",
            "self_trade_prevention_type": "taker_at_cross",
        }

    def _optional(self, name: str, schema: Json) -> Any:
        if name == "status":
            return schema["enum"][0] if "enum" in schema else "resting"
        return {"limit": 1, "cursor": "garbage", "subaccount": 0, "depth": 3}[name]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with PaperExchange() as exchange:
        found = World(exchange)
        with found.client, found.bob:
            yield found
        exchange.check()


def _call(client: AuthenticatedClient, operation: Operation[Any], arguments: dict[str, Any]) -> None:
    response = operation.sync_detailed(client, **arguments)
    assert response.error is None, response.content
    response.value()
    schema = _schema(operation.id, response.status_code)
    if schema is None:
        assert not response.content
        return
    validator = _validator_of(operation.id, response.status_code)
    assert [error.message for error in validator.iter_errors(json.loads(response.content))] == []


def test_all_operations_of_the_document_are_here() -> None:
    """The client has the 128 operations that the document has, and the exchange's copy has them too."""
    assert len(NODES) == 128
    assert set(OPERATIONS) == set(NODES) == set(PAPER.operations)


@pytest.mark.parametrize("operation_id", NODES)
def test_operation_answers_what_the_document_promises(world: World, operation_id: str) -> None:
    """An operation called with what it must have answers a documented success with a valid body."""
    operation = OPERATIONS[operation_id]
    _call(world.client, operation, world.arguments(operation, optional=False))


@pytest.mark.parametrize("operation_id", [each for each, node in NODES.items() if each.startswith("Get")])
def test_operation_answers_what_the_document_promises_with_more_parameters(world: World, operation_id: str) -> None:
    """A read with paging and filters, a garbage cursor among them, answers a valid body, too."""
    operation = OPERATIONS[operation_id]
    _call(world.client, operation, world.arguments(operation, optional=True))


def test_made_up_answers_are_the_same_for_the_same_seed(world: World) -> None:
    """Two exchanges of one seed make up the same data, one of another seed other data."""
    operation = OPERATIONS["GetMilestones"]
    arguments = {"limit": 2}
    bodies = []
    for seed in (5, 5, 6):
        with (
            PaperExchange(seed=seed, wall_ms=lambda: time.time_ns() // 10**12 * 10**6) as exchange,
            client_of(exchange) as client,
        ):
            bodies.append(operation.sync_detailed(client, **arguments).content)
    assert bodies[0] == bodies[1] != bodies[2]


def test_thing_that_was_asked_for_comes_back_with_its_id(world: World) -> None:
    """A made-up answer carries the id of the request's path."""
    quote = OPERATIONS["GetQuote"].sync(world.client, quote_id="mine").quote
    assert quote.id == "mine"
    assert attrs.has(type(quote))
