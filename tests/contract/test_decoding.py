"""Every schema of the document against the class generated for it, with bodies made up from the schema."""

from __future__ import annotations

import copy
import json
import pickle
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from enum import Enum
from itertools import count
from typing import Any, Final
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kalshi_trade_api import AuthenticatedClient, drift, models
from kalshi_trade_api.errors import ArgumentError, DecodeError, ResponseDecodeError
from kalshi_trade_api.model import Model
from kalshi_trade_api.types import UNSET

from tests.contract.conftest import amended_of
from tests.contract.document import Document, Documented, Json, canonical, mappings
from tests.contract.strategies import Bodies, damaged, free, sent_schemas, spoilt
from tests.contract.subject import modules

EXAMPLES: Final = 30
"""Examples per schema in each of the two properties."""

REPRODUCIBLE: Final = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test for every object of the document, every schema that is none, or one operation of each tag."""
    amended = amended_of(metafunc.config)
    objects = [name for name, schema in amended.schemas.items() if is_object(amended.flat(schema))]
    wanted: dict[str, list[str]] = {
        "object_name": objects,
        "other_name": [name for name in amended.schemas if name not in objects],
        "answering_id": [each.id for each in one_of_each_tag(amended)],
    }
    for argument in wanted.keys() & set(metafunc.fixturenames):
        metafunc.parametrize(argument, wanted[argument])


def is_object(schema: Json) -> bool:
    return schema.get("type") == "object" or bool(schema.get("properties"))


@pytest.fixture(scope="module")
def bodies(amended: Document) -> Bodies:
    return Bodies(amended)


@pytest.fixture(autouse=True)
def _fresh_drift() -> Iterator[None]:
    drift.forget()
    yield
    drift.forget()


def class_of(name: str) -> Any:
    """Return the class that was generated for a schema."""
    (found,) = [each for each in models.__all__ if canonical(each) == canonical(name)]
    return getattr(models, found)


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


def meaning(document: Document, schema: Json, value: Any) -> Any:
    """Return a body with what may be written in several ways written in one: moments, UUIDs, numbers."""
    if value is None:
        return None
    schema = document.flat(schema)
    if schema.get("format") == "date-time":
        return instant(value)
    if schema.get("format") == "uuid":
        return str(UUID(value))
    if schema.get("type") == "number":
        return float(value)
    if isinstance(value, list):
        return [meaning(document, schema.get("items") or {}, item) for item in value]
    if isinstance(value, dict):
        rest = schema.get("additionalProperties")
        rest = rest if isinstance(rest, dict) else {}
        return {key: meaning(document, schema["properties"].get(key, rest), item) for key, item in value.items()}
    return value


def instant(text: str) -> int:
    """Return nanoseconds since the epoch."""
    found = _MOMENT.fullmatch(text)
    assert found, text
    whole, digits, offset = found.groups()
    second = int(datetime.fromisoformat(whole + offset.upper()).timestamp())
    return second * 10**9 + int((digits or "").ljust(9, "0"))


def written(document: Document, schema: Json, body: Any) -> str:
    """Return the meaning of a body as text, where 1, 1.0 and true are three things."""
    return json.dumps(meaning(document, schema, body), sort_keys=True)


def test_the_properties_see_ten_thousand_bodies(pytestconfig: pytest.Config, amended: Document) -> None:
    """Of our document, the two properties below look at 10,000 bodies at least; each of their tests counts its own."""
    objects = [name for name, schema in amended.schemas.items() if is_object(amended.flat(schema))]
    assert pytestconfig.getoption("--document") or 2 * len(objects) * EXAMPLES >= 10_000


def test_a_valid_body_comes_back_as_it_was(object_name: str, amended: Document, bodies: Bodies) -> None:
    """Whatever the schema allows decodes, beside a field it does not know, and `to_dict` gives it back by value."""
    model, schema = class_of(object_name), amended.schemas[object_name]

    def check(drawn: tuple[Any, Any]) -> None:
        body, newer = drawn
        body = {**body, "a_newer_field": newer}
        decoded = model.from_dict(copy.deepcopy(body))
        assert type(decoded) is model
        assert written(amended, schema, decoded.to_dict()) == written(amended, schema, body)

    examine(st.tuples(bodies.named(object_name), free()), check)


def test_a_spoilt_body_decodes_or_raises_decode_error(object_name: str, amended: Document, bodies: Bodies) -> None:
    """A body that breaks the schema raises DecodeError, or gives a model that works like any other."""
    model, sent = class_of(object_name), object_name in set(sent_schemas(amended))

    def check(body: Any) -> None:
        found = outcome(lambda: model.from_dict(body), DecodeError)
        if isinstance(found, DecodeError):
            assert len(str(found)) < 1_000
        else:
            works(found, sent=sent)

    examine(spoilt(bodies.named(object_name)), check)


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


def test_every_member_of_an_enum_is_known(object_name: str, amended: Document) -> None:
    """In each field, each value that the document lists decodes to a member, and any other to an unknown one."""
    for field, schema in amended.flat(amended.schemas[object_name])["properties"].items():
        members = [value for value in amended.flat(schema).get("enum") or [] if value is not None]
        for value in [*members, "a_newer_one" if isinstance(members[0], str) else 987654] if members else []:
            decoded = class_of(object_name).from_dict({field: value})
            (member,) = [
                each
                for each in (getattr(decoded, slot, None) for slot in type(decoded).__slots__)
                if isinstance(each, Enum) and each is not UNSET
            ]
            assert member == value
            assert member.is_known is (value in members)  # type: ignore[attr-defined]
            assert decoded.to_dict() == {field: value}


def test_what_is_no_object_is_an_enum_or_part_of_one(other_name: str, amended: Document) -> None:
    """A schema without fields has an enum class of its own, or stands in an object or an operation, or is unused."""
    reference, schema = f"#/components/schemas/{other_name}", amended.schemas[other_name]
    if not any(node.get("$ref") == reference for node in mappings(amended.tree)):
        return
    if "enum" in schema:
        assert [member.value for member in class_of(other_name)] == [
            each for each in schema["enum"] if each is not None
        ]
    else:
        owners = [amended.tree["paths"], *(each for each in amended.schemas.values() if is_object(amended.flat(each)))]
        assert any(node.get("$ref") == reference for node in mappings(owners))


def one_of_each_tag(document: Document) -> Iterator[Documented]:
    """Yield the first operation of each tag that answers with an object and can be asked with strings."""
    tags = set()
    for each in document.operations.values():
        required = [document.flat(part["schema"]) for part in each.parameters if part.get("required")]
        simple = not each.body_required and all(part.get("type") == "string" for part in required)
        if each.answers.get("200") and simple and not each.deprecated and each.tag not in tags:
            tags.add(each.tag)
            yield each


def test_a_damaged_response_decodes_or_raises_response_decode_error(
    answering_id: str, amended: Document, bodies: Bodies
) -> None:
    """Through the client, a 200 with whatever body gives the model, or ResponseDecodeError with the body in it."""
    operation, schema = modules()[answering_id].OPERATION, amended.operations[answering_id].answers["200"]
    assert schema is not None
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
                for each in found if isinstance(found, list) else [found]:
                    if isinstance(each, Model):
                        works(each, sent=False)

        examine(damaged(bodies.of(schema, sent=False)), check)
