"""Every schema of the document against the class generated for it, with bodies made up from the schema."""

from __future__ import annotations

import copy
import importlib
import json
import pickle
import pkgutil
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from enum import Enum
from itertools import count
from typing import Any, Final
from uuid import UUID

import httpx
import kalshi_trade_api.api
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kalshi_trade_api import AuthenticatedClient, drift, models
from kalshi_trade_api.errors import ArgumentError, DecodeError, ResponseDecodeError
from kalshi_trade_api.model import Model
from kalshi_trade_api.operation import Operation
from openapi_python_client.strings import ClassName

from scripts.regenerate.document import Json, load, operations, resolve, walk
from scripts.regenerate.steps import ROOT
from tests.contract.strategies import Bodies, damaged, free, sent_schemas, spoilt

DOCUMENT: Final = load(ROOT / "generated" / "document.yaml", "test")
SCHEMAS: Final[dict[str, Json]] = DOCUMENT["components"]["schemas"]
BODIES: Final = Bodies(DOCUMENT)
SENT: Final = frozenset(sent_schemas(DOCUMENT))
OBJECTS: Final = [name for name, schema in SCHEMAS.items() if schema.get("type") == "object" or "properties" in schema]
OTHERS: Final = [name for name in SCHEMAS if name not in OBJECTS]
EXAMPLES: Final = 30
"""Examples per schema in each of the two properties."""

REPRODUCIBLE: Final = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    # How fast a machine makes up large bodies says nothing about the client.
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)")


@pytest.fixture(autouse=True)
def _fresh_drift() -> Iterator[None]:
    drift.forget()
    yield
    drift.forget()


def class_of(name: str) -> Any:
    """Return the class that was generated for a schema."""
    return getattr(models, ClassName(name, "field_"))


def examine(bodies: Any, check: Callable[[Any], None]) -> None:
    """Run a check on as many bodies as `EXAMPLES` promises."""
    seen = count(1)
    examined = 0

    @REPRODUCIBLE
    @given(bodies)
    def example(body: Any) -> None:
        nonlocal examined
        examined = next(seen)
        check(body)

    example()
    assert examined >= EXAMPLES


def meaning(schema: Json, value: Any) -> Any:
    """Return a body with what may be written in several ways written in one: moments, UUIDs, numbers."""
    if value is None:
        return None
    nullable_reference = schema.get("allOf") or [schema]
    schema = resolve(DOCUMENT, nullable_reference[0])
    if schema.get("format") == "date-time":
        return instant(value)
    if schema.get("format") == "uuid":
        return str(UUID(value))
    if schema.get("type") == "number":
        return float(value)
    if isinstance(value, list):
        return [meaning(schema.get("items") or {}, item) for item in value]
    if isinstance(value, dict):
        rest = schema.get("additionalProperties")
        rest = rest if isinstance(rest, dict) else {}
        return {key: meaning((schema.get("properties") or {}).get(key, rest), item) for key, item in value.items()}
    return value


def instant(text: str) -> int:
    """Return nanoseconds since the epoch."""
    found = _MOMENT.fullmatch(text)
    assert found, text
    whole, digits, offset = found.groups()
    second = int(datetime.fromisoformat(whole + offset.upper()).timestamp())
    return second * 10**9 + int((digits or "").ljust(9, "0"))


def written(schema: Json, body: Any) -> str:
    """Return the meaning of a body as text, where 1, 1.0 and true are three things."""
    return json.dumps(meaning(schema, body), sort_keys=True)


def test_the_properties_see_ten_thousand_bodies() -> None:
    """The two properties below look at 10,000 bodies at least; each of their tests counts its own."""
    assert 2 * len(OBJECTS) * EXAMPLES >= 10_000


@pytest.mark.parametrize("name", OBJECTS)
def test_a_valid_body_comes_back_as_it_was(name: str) -> None:
    """Whatever the schema allows decodes, beside a field it does not know, and `to_dict` gives it back by value."""
    model = class_of(name)

    def check(drawn: tuple[Any, Any]) -> None:
        body, newer = drawn
        body = {**body, "a_newer_field": newer}
        decoded = model.from_dict(copy.deepcopy(body))
        assert type(decoded) is model
        assert written(SCHEMAS[name], decoded.to_dict()) == written(SCHEMAS[name], body)

    examine(st.tuples(BODIES.named(name), free()), check)


@pytest.mark.parametrize("name", OBJECTS)
def test_a_spoilt_body_decodes_or_raises_decode_error(name: str) -> None:
    """A body that breaks the schema raises DecodeError, or gives a model that works like any other."""
    model = class_of(name)

    def check(body: Any) -> None:
        found = outcome(lambda: model.from_dict(body), DecodeError)
        if isinstance(found, DecodeError):
            assert len(str(found)) < 1_000
        else:
            works(found, sent=name in SENT)

    examine(spoilt(BODIES.named(name)), check)


def outcome(act: Callable[[], Any], error: type[Exception]) -> Any:
    """Return what came of an act, be it one kind of error."""
    try:
        return act()
    except error as raised:
        return raised


def works(model: Model, *, sent: bool) -> None:
    """Hold a decoded model against what any model can do."""
    assert repr(model).startswith(type(model).__name__)
    for twin in (copy.copy(model), copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert repr(twin) == repr(model)
    assert model == copy.copy(model)
    try:
        assert isinstance(model.to_dict(), dict)
    except ArgumentError:
        # What the exchange would be sent is checked.
        assert sent


def enum_fields() -> Iterator[Any]:
    """Yield each field of the document that has an enum: schema, field, members."""
    for name in OBJECTS:
        for field, schema in (SCHEMAS[name].get("properties") or {}).items():
            inner = resolve(DOCUMENT, (schema.get("allOf") or [schema])[0])
            if "enum" in inner:
                yield pytest.param(name, field, inner["enum"], id=f"{name}.{field}")


@pytest.mark.parametrize(("name", "field", "members"), list(enum_fields()))
def test_every_member_of_an_enum_is_known(name: str, field: str, members: list[Any]) -> None:
    """Each value that the document lists decodes to a member, and any other to an unknown one."""
    for value in [*members, "a_newer_one" if isinstance(members[0], str) else 987654]:
        decoded = class_of(name).from_dict({field: value})
        (member,) = [
            each
            for each in (getattr(decoded, slot, None) for slot in type(decoded).__slots__)
            if isinstance(each, Enum)
        ]
        assert member == value
        assert member.is_known is (value in members)  # type: ignore[attr-defined]
        assert decoded.to_dict() == {field: value}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_object_is_an_enum_or_part_of_one(name: str) -> None:
    """A schema without fields has an enum class of its own, or stands inside an object, or nothing uses it."""
    reference = f"#/components/schemas/{name}"
    users = [at for at, node in walk(DOCUMENT) if node.get("$ref") == reference]
    if not users:
        return
    if "enum" in SCHEMAS[name]:
        assert [member.value for member in class_of(name)] == SCHEMAS[name]["enum"]
    else:
        assert any(at.startswith(f"/components/schemas/{owner}/") for at in users for owner in OBJECTS)


def endpoints() -> Iterator[Operation[Any]]:
    """Yield every operation of the package."""
    package = kalshi_trade_api.api
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        operation = getattr(importlib.import_module(found.name), "OPERATION", None)
        if operation is not None:
            yield operation


def one_of_each_tag() -> Iterator[Any]:
    """Yield the first operation of each tag that answers with an object and can be asked with strings."""
    package = {operation.id: operation for operation in endpoints()}
    tags = set()
    for _, _, node in operations(DOCUMENT):
        operation = package[node["operationId"]]
        (tag, *_) = node["tags"]
        content = resolve(DOCUMENT, node["responses"].get("200", {})).get("content") or {}
        simple = all(not each.required or each.kind is str for each in operation.parameters)
        if content and simple and not operation.deprecated and tag not in tags:
            tags.add(tag)
            yield pytest.param(operation, content["application/json"]["schema"], id=operation.id)


@pytest.mark.parametrize(("operation", "schema"), list(one_of_each_tag()))
def test_a_damaged_response_decodes_or_raises_response_decode_error(operation: Operation[Any], schema: Json) -> None:
    """Through the client, a 200 with whatever body gives the model, or ResponseDecodeError with the body in it."""
    content = b""
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=content))
    arguments = {each.name: "x" for each in operation.parameters if each.required}
    with AuthenticatedClient("https://test.invalid", auth=httpx.Auth(), httpx_args={"transport": transport}) as client:

        def check(body: bytes) -> None:
            nonlocal content
            content = body
            found = outcome(lambda: operation.sync(client, **arguments), ResponseDecodeError)
            if isinstance(found, ResponseDecodeError):
                assert (found.status_code, found.content) == (200, body)
                assert len(str(found)) < 1_000
            else:
                works(found, sent=False)

        examine(damaged(BODIES.of(schema, sent=False)), check)
