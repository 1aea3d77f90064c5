"""The class of every object schema decodes bodies drawn from the schema, and refuses invalid ones."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable, Iterator
from enum import Enum
from itertools import count
from typing import Any, Final
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kalshi_trade_api import AuthenticatedClient

from kalshi_core.errors import ArgumentError, DecodeError, ResponseDecodeError
from kalshi_core.models import schema_drift
from kalshi_core.models.base import Model
from tests.contract.document import Document, Json
from tests.contract.package import attribute_of, class_of, modules
from tests.contract.selection import members, object_schemas
from tests.contract.strategies import Bodies, free, invalid_bodies, invalid_texts, reproducible, sent_schemas
from tests.contract.values import instant

EXAMPLES: Final = 30
"""Examples per schema in each of the two properties."""


@pytest.fixture(scope="module")
def bodies(amended: Document) -> Bodies:
    return Bodies(amended)


@pytest.fixture(autouse=True)
def _fresh_drift() -> Iterator[None]:
    schema_drift.forget()
    yield
    schema_drift.forget()


def check_examples(bodies: Any, check: Callable[[Any], None]) -> None:
    """Run a check on at least `EXAMPLES` bodies."""
    seen = count(1)
    examined = 0

    @reproducible(EXAMPLES)
    @given(bodies)
    def example(body: Any) -> None:
        nonlocal examined
        examined = next(seen)
        check(body)

    example()
    assert examined >= EXAMPLES


def meaning(document: Document, schema: Json, value: Any) -> Any:
    """Return a body with date-times, UUIDs and numbers in one canonical form."""
    if value is None:
        return None
    schema = document.flat(schema)
    if schema.get("format") == "date-time":
        moment = instant(value)
        assert moment is not None, value
        return moment
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


def written(document: Document, schema: Json, body: Any) -> str:
    """Return the canonical form of a body as text, in which 1, 1.0 and true differ."""
    return json.dumps(meaning(document, schema, body), sort_keys=True)


def test_the_properties_see_ten_thousand_bodies(pytestconfig: pytest.Config, amended: Document) -> None:
    """For our document, the two properties below check at least 10,000 bodies; each of their tests counts its own."""
    if pytestconfig.getoption("--document"):
        pytest.skip("another document may have fewer schemas")
    assert 2 * len(list(object_schemas(amended))) * EXAMPLES >= 10_000


def test_a_valid_body_comes_back_as_it_was(object_name: str, amended: Document, bodies: Bodies) -> None:
    """Any valid body decodes, also with an undocumented field, and `to_dict` returns an equal body."""
    model, schema = class_of(object_name), amended.schemas[object_name]

    def check(drawn: tuple[Any, Any]) -> None:
        body, newer = drawn
        body = {**body, "a_newer_field": newer}
        decoded = model.from_dict(copy.deepcopy(body))
        assert type(decoded) is model
        assert written(amended, schema, decoded.to_dict()) == written(amended, schema, body)

    check_examples(st.tuples(bodies.named(object_name), free()), check)


def test_a_spoilt_body_decodes_or_raises_decode_error(object_name: str, amended: Document, bodies: Bodies) -> None:
    """A body that breaks the schema raises DecodeError, or decodes to a model that works."""
    model, sent = class_of(object_name), object_name in set(sent_schemas(amended))

    def check(body: Any) -> None:
        found = outcome(lambda: model.from_dict(body), DecodeError)
        if isinstance(found, DecodeError):
            assert len(str(found)) < 1_000
        else:
            works(found, sent=sent)

    check_examples(invalid_bodies(bodies.named(object_name)), check)


def outcome(act: Callable[[], Any], error: type[Exception]) -> Any:
    """Return the result of a call, or the error of one type that it raised."""
    try:
        return act()
    except error as raised:
        return raised


def works(model: Model, *, sent: bool) -> None:
    """Assert that a model can be shown, copied, pickled, compared and encoded."""
    assert repr(model).startswith(type(model).__name__)
    for twin in (copy.copy(model), copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert repr(twin) == repr(model)
    assert model == copy.copy(model)
    try:
        assert isinstance(model.to_dict(), dict)
    except ArgumentError:
        # What the exchange would be sent is checked.
        assert sent


def test_every_member_of_an_enum_is_known(enum_field: str, amended: Document) -> None:
    """Each value that the document lists for a field decodes to a known member, and any other to an unknown one."""
    name, _, field = enum_field.partition(".")
    schema = amended.flat(amended.schemas[name])["properties"][field]
    known = members(amended, schema)
    for value in (*known, "a_newer_one" if isinstance(known[0], str) else 987654):
        body = {field: [value] if amended.flat(schema).get("type") == "array" else value}
        decoded = class_of(name).from_dict(body)
        read = getattr(decoded, attribute_of(type(decoded), field))
        member = read[0] if isinstance(read, list) else read
        assert isinstance(member, Enum)
        assert member == value
        assert member.is_known is (value in known)  # type: ignore[attr-defined]
        assert decoded.to_dict() == body


def test_an_enum_has_the_documented_values(enum_name: str, amended: Document) -> None:
    """The class of an enum has one member for each documented value, in the document's order."""
    assert [member.value for member in class_of(enum_name)] == members(amended, amended.schemas[enum_name])


def test_a_damaged_response_decodes_or_raises_response_decode_error(
    sample_operation_id: str, amended: Document, bodies: Bodies
) -> None:
    """Through the client, any body with status 200 gives the model, or ResponseDecodeError with the body in it."""
    operation = modules()[sample_operation_id].OPERATION
    schema = amended.operations[sample_operation_id].answers["200"]
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

        check_examples(invalid_texts(bodies.of(schema, sent=False)), check)
