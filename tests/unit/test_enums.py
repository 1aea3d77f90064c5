"""Enums that keep values they do not know."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from kalshi_trade_api.models import GetMarketCandlesticksPeriodInterval as Interval
from kalshi_trade_api.models import OrderStatus


def test_a_known_value_gives_the_member() -> None:
    """A value that the document lists is the one member of that value."""
    assert OrderStatus("resting") is OrderStatus.RESTING
    assert OrderStatus("resting") == "resting"
    assert OrderStatus("resting").is_known


def test_an_unknown_value_is_kept_as_itself() -> None:
    """A newer value is a member of the enum's type, equal to its string, and says that it is not known."""
    newer = OrderStatus("brand_new")
    assert isinstance(newer, OrderStatus)
    assert newer == "brand_new" == newer.value == str(newer) == newer.name
    assert not newer.is_known
    assert {newer: 1}["brand_new"] == 1
    assert newer == OrderStatus("brand_new")
    assert newer != OrderStatus.RESTING
    assert "brand_new" in repr(newer)
    assert json.dumps(newer) == '"brand_new"'


def test_an_unknown_value_does_not_join_the_enum() -> None:
    """However often it is made, the enum lists what the document lists."""
    before = list(OrderStatus)
    OrderStatus("brand_new")
    assert list(OrderStatus) == before
    assert "brand_new" not in OrderStatus.__members__
    assert not OrderStatus("brand_new").is_known


def test_an_unknown_integer_is_kept_as_itself() -> None:
    """Integer enums are open in the same way."""
    newer = Interval(7)
    assert isinstance(newer, Interval)
    assert newer == 7
    assert not newer.is_known
    assert next(iter(Interval)).is_known


@pytest.mark.parametrize("value", [None, 1, 1.5, True, b"resting", [], {}])
def test_a_value_of_another_type_is_no_member(value: Any) -> None:
    """A string enum is open for strings only."""
    with pytest.raises(ValueError, match="is not a valid OrderStatus"):
        OrderStatus(value)


@pytest.mark.parametrize("value", [None, "7", 7.5, [], {}])
def test_a_value_of_another_type_is_no_integer_member(value: Any) -> None:
    """An integer enum is open for integers only."""
    with pytest.raises(ValueError, match="is not a valid"):
        Interval(value)


@pytest.mark.parametrize("member", [OrderStatus.RESTING, OrderStatus("brand_new"), Interval(7)])
@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda member: pickle.loads(pickle.dumps(member))])
def test_members_survive_copies(member: Any, duplicate: Any) -> None:
    """Copy, deepcopy and pickle keep value, type and whether it is known."""
    twin = duplicate(member)
    assert twin == member
    assert type(twin) is type(member)
    assert twin.is_known is member.is_known
