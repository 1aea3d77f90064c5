"""The values that the models and the operations share: how they are made, compared, shown and kept as they are."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import attrs
import httpx
import pytest

from kalshi_core.operation import Parameter
from kalshi_core.types import UNSET, DecimalPlaces, PreparedRequest, Response

ASKED = {"operation_id": "GetOrder", "method": "GET", "template": "/o/{id}", "path": "/o/a"}


class Most(DecimalPlaces):
    """Another class with the same field."""


def asked(**more: Any) -> PreparedRequest:
    return PreparedRequest(**{**ASKED, **more})


def test_a_value_has_what_it_was_given_and_its_defaults() -> None:
    """Fields that were not given have the defaults of their class."""
    outgoing = asked(signed=True)
    assert (outgoing.path, outgoing.signed) == ("/o/a", True)
    assert (outgoing.query, outgoing.headers, outgoing.content, outgoing.body) == ((), {}, None, UNSET)


@pytest.mark.parametrize("given", [{}, {"operation_id": "GetOrder"}, {**ASKED, "pth": "/"}, {**ASKED, "_names": ()}])
def test_a_value_takes_its_fields_and_no_others(given: dict[str, Any]) -> None:
    """A field that is missing, or that the class does not have, is refused by name."""
    with pytest.raises(TypeError, match=r"method|pth|_names"):
        PreparedRequest(**given)


def test_fields_are_given_by_keyword() -> None:
    """Of a response, and of what is sent, nothing is told by its position."""
    with pytest.raises(TypeError):
        PreparedRequest("GetOrder", "GET", "/o/{id}", "/o/a")  # type: ignore[call-arg]


@pytest.mark.parametrize("value", [asked(), DecimalPlaces(2), Parameter("id", "path", str, "id", required=True)])
def test_a_value_never_changes(value: Any) -> None:
    """Neither fields nor other attributes can be set or deleted."""
    before = repr(value)
    for name in (*vars(value), "new"):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(value, name, 1)
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            delattr(value, name)
    assert repr(value) == before


def test_values_are_equal_where_all_fields_are() -> None:
    """One other field makes another value, and so does another class."""
    assert asked() == asked(query=(), signed=False)
    assert asked() != asked(body=1)
    assert DecimalPlaces(2) == DecimalPlaces(2) != DecimalPlaces(3)
    assert DecimalPlaces(2) != 2
    assert DecimalPlaces(2) != Most(2)
    assert {DecimalPlaces(2), DecimalPlaces(2), DecimalPlaces(3)} == {DecimalPlaces(3), DecimalPlaces(2)}


def test_a_value_shows_its_fields_but_for_the_body() -> None:
    """What a user sends is not for logs."""
    assert repr(DecimalPlaces(2)) == "DecimalPlaces(most=2)"
    shown = repr(asked(body="hidden"))
    assert shown.startswith(
        "PreparedRequest(operation_id='GetOrder', method='GET', template='/o/{id}', path='/o/a', query=()"
    )
    assert "body" not in shown
    assert "hidden" not in shown


@pytest.mark.parametrize("value", [asked(query=(("a", "b"),)), DecimalPlaces(2)])
@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_a_copy_is_equal(value: Any, copied: Any) -> None:
    """Copied, deeply copied and pickled values are as they were."""
    assert copied(value) == value
    assert type(copied(value)) is type(value)


def test_a_value_can_be_replaced() -> None:
    """What `copy.replace` calls makes a value with other fields, and leaves the old one alone."""
    before = asked(signed=True)
    after = before.__replace__(path="/o/b")
    assert (after, before) == (asked(signed=True, path="/o/b"), asked(signed=True))
    with pytest.raises(TypeError):
        before.__replace__(pth="/o/b")
    response = Response(status_code=200, headers=httpx.Headers(), content=b"", parsed=1, error=None)
    assert response.__replace__(parsed=2).value() == 2
