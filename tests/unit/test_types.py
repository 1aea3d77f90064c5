"""The values that models and operations share: construction, equality, repr, immutability, copies."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import httpx
import pytest

from kalshi_core.operation import Parameter
from kalshi_core.types import UNSET, DecimalPlaces, PreparedRequest, Response

FIELDS = {"operation_id": "GetOrder", "method": "GET", "template": "/o/{id}", "path": "/o/a"}


class Most(DecimalPlaces):
    """Another class with the same field."""


def request(**more: Any) -> PreparedRequest:
    return PreparedRequest(**{**FIELDS, **more})


def test_a_value_has_what_it_was_given_and_its_defaults() -> None:
    """Fields that were not given have the defaults of their class."""
    prepared = request(signed=True)
    assert (prepared.path, prepared.signed) == ("/o/a", True)
    assert (prepared.query, prepared.headers, prepared.content, prepared.body) == ((), {}, None, UNSET)


@pytest.mark.parametrize("given", [{}, {"operation_id": "GetOrder"}, {**FIELDS, "pth": "/"}, {**FIELDS, "_names": ()}])
def test_a_value_takes_its_fields_and_no_others(given: dict[str, Any]) -> None:
    """A field that is missing, or that the class does not have, is refused by name."""
    with pytest.raises(TypeError, match=r"method|pth|_names"):
        PreparedRequest(**given)


def test_fields_of_a_response_are_given_by_keyword() -> None:
    """By position, a body could be mistaken for its decoded form."""
    with pytest.raises(TypeError):
        Response(200, httpx.Headers(), b"", None, None)  # type: ignore[call-arg]


@pytest.mark.parametrize("value", [request(), DecimalPlaces(2), Parameter("id", "path", str, "id", required=True)])
def test_a_value_never_changes(value: Any) -> None:
    """Neither fields nor other attributes can be set or deleted."""
    before = repr(value)
    for name in (*getattr(value, "_fields", ()), *getattr(value, "_names", ()), "new"):
        with pytest.raises(AttributeError):
            setattr(value, name, 1)
        with pytest.raises(AttributeError):
            delattr(value, name)
    assert repr(value) == before


def test_values_are_equal_where_all_fields_are() -> None:
    """One other field makes another value, and so does another class."""
    assert request() == request(query=(), signed=False)
    assert request() != request(body=1)
    assert DecimalPlaces(2) == DecimalPlaces(2) != DecimalPlaces(3)
    assert DecimalPlaces(2) != 2
    assert DecimalPlaces(2) != Most(2)
    assert {DecimalPlaces(2), DecimalPlaces(2), DecimalPlaces(3)} == {DecimalPlaces(3), DecimalPlaces(2)}


def test_a_value_shows_its_fields_but_for_the_body() -> None:
    """What a user sends is not for logs."""
    assert repr(DecimalPlaces(2)) == "DecimalPlaces(most=2)"
    shown = repr(request(body="hidden", content=b"hidden", headers={"Authorization": "hidden"}))
    assert shown == "PreparedRequest(GetOrder, GET /o/a)"


@pytest.mark.parametrize("value", [request(query=(("a", "b"),)), DecimalPlaces(2)])
@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_a_copy_is_equal(value: Any, copied: Any) -> None:
    """Copied, deeply copied and pickled values are as they were."""
    assert copied(value) == value
    assert type(copied(value)) is type(value)


def test_a_value_can_be_replaced() -> None:
    """`copy.replace`, and `_replace` of a request, return a value with other fields; the old one does not change."""
    before = request(signed=True)
    after = before._replace(path="/o/b")
    assert (after, before) == (request(signed=True, path="/o/b"), request(signed=True))
    with pytest.raises(ValueError, match="pth"):
        before._replace(pth="/o/b")  # type: ignore[call-arg]
    places = DecimalPlaces(2)
    assert (places.__replace__(most=3), places) == (DecimalPlaces(3), DecimalPlaces(2))
    with pytest.raises(TypeError):
        places.__replace__(least=3)
    response = Response(status_code=200, headers=httpx.Headers(), content=b"", parsed=1, error=None)
    assert response.__replace__(parsed=2).value() == 2
