"""Models that a user builds: checked at once, and again when they are written."""

from __future__ import annotations

import copy
import pickle
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest
from kalshi_trade_api.models import (
    BatchCreateOrdersV2Request,
    BookSide,
    CreateOrderV2Request,
    GetOrdersResponse,
    Order,
    OrderQueuePosition,
    PriceRange,
    SelfTradePreventionType,
)

from kalshi_core.errors import ArgumentError, MissingFieldError
from kalshi_core.types import UNSET

PLACE = {"order_id": "o", "market_ticker": "M"}
DUPLICATES = [
    pytest.param(copy.copy, id="copy"),
    pytest.param(copy.deepcopy, id="deepcopy"),
    *(
        pytest.param(
            lambda value, protocol=protocol: pickle.loads(pickle.dumps(value, protocol)), id=f"pickle{protocol}"
        )
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)
    ),
]
ORDER: dict[str, Any] = {
    "ticker": "M", "side": "bid", "count": "10.00", "price": "0.5600", "time_in_force": "good_till_canceled",
    "self_trade_prevention_type": "maker",
}  # fmt: skip


def new_order(**changes: Any) -> CreateOrderV2Request:
    """Build an order to send."""
    return CreateOrderV2Request(**{**ORDER, **changes})


def test_a_model_without_a_required_field_is_a_type_error() -> None:
    """Python's own error, as for any function."""
    with pytest.raises(TypeError, match="price"):
        CreateOrderV2Request(**{key: value for key, value in ORDER.items() if key != "price"})
    with pytest.raises(TypeError, match="tickr"):
        new_order(tickr="M")
    with pytest.raises(TypeError):
        CreateOrderV2Request("M")  # type: ignore[call-arg]


def test_plain_values_are_settled_in_their_types() -> None:
    """Numbers, strings and enum values become what the document calls them, and are written as it wants."""
    order = new_order(count=10, price=Decimal("0.5600"))
    assert (order.count, order.price, order.side) == (Decimal(10), Decimal("0.56"), BookSide.BID)
    assert isinstance(order.side, BookSide)
    assert order.to_dict() == {**ORDER, "count": "10"}
    assert new_order(count=Decimal("1E+2")).to_dict()["count"] == "100"
    assert new_order(self_trade_prevention_type=SelfTradePreventionType("newer")).to_dict() == {
        **ORDER,
        "self_trade_prevention_type": "newer",
    }


WRONG = [
    ("price", 0.56, "is a float"),
    ("price", True, "expected Decimal, int or str"),
    ("price", Decimal("NaN"), "is not a decimal number"),
    ("price", "1e-2", "is not a decimal number"),
    ("price", "0.56789", "more than 4 decimal places"),
    ("count", "10.001", "more than 2 decimal places"),
    ("side", "bidd", "none of 'bid', 'ask'"),
    ("ticker", None, "None is not allowed"),
    ("ticker", 5, "expected str"),
    ("ticker", UNSET, "the field is required"),
    ("post_only", None, "None is not allowed"),
    ("post_only", 1, "expected bool"),
    ("subaccount", "0", "expected int"),
]


@pytest.mark.parametrize(("field", "value", "words"), WRONG)
def test_a_wrong_value_is_refused_at_once(field: str, value: Any, words: str) -> None:
    """Building raises ArgumentError, a ValueError, that names model and field."""
    with pytest.raises(ArgumentError, match=rf"^CreateOrderV2Request\.{field}: .*{words}") as caught:
        new_order(**{field: value})
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(("field", "value", "words"), WRONG)
def test_a_wrong_value_assigned_later_is_refused_when_written(field: str, value: Any, words: str) -> None:
    """`to_dict` checks again what was assigned after construction."""
    order = new_order()
    setattr(order, field, value)
    with pytest.raises(ArgumentError, match=rf"^CreateOrderV2Request\.{field}: .*{words}"):
        order.to_dict()


def test_a_plain_value_assigned_later_is_written_like_one_passed() -> None:
    """Assignments take the same kinds of values as construction."""
    order = new_order()
    order.price = "0.5700"
    order.side = "ask"
    order.post_only = UNSET
    assert order.to_dict() == {**ORDER, "price": "0.5700", "side": "ask"}


def test_a_required_field_deleted_later_is_refused_when_written() -> None:
    """A built model is whole or is not sent."""
    order = new_order()
    del order.price
    with pytest.raises(ArgumentError, match=r"^CreateOrderV2Request\.price: the field is required$"):
        order.to_dict()


def test_a_list_of_models_is_taken_from_any_iterable() -> None:
    """A tuple or a generator of models becomes a list of them."""
    batch = BatchCreateOrdersV2Request(orders=tuple(new_order() for _ in range(2)))
    assert batch.to_dict() == {"orders": [ORDER, ORDER]}


@pytest.mark.parametrize("orders", [[ORDER], [None], "x", None, {}, [Order.from_dict({})]])
def test_a_list_of_anything_else_is_refused(orders: Any) -> None:
    """Neither plain objects nor nulls stand in for models."""
    with pytest.raises(ArgumentError, match=r"^BatchCreateOrdersV2Request\.orders: "):
        BatchCreateOrdersV2Request(orders=orders)
    batch = BatchCreateOrdersV2Request(orders=[])
    batch.orders = orders
    with pytest.raises(ArgumentError, match=r"^BatchCreateOrdersV2Request\.orders: "):
        batch.to_dict()


def test_a_wrong_value_inside_a_list_is_refused_when_written() -> None:
    """An inner model is checked again with the outer one."""
    order = new_order()
    batch = BatchCreateOrdersV2Request(orders=[order])
    order.price = 0.56  # type: ignore[assignment]
    with pytest.raises(ArgumentError, match=r"^CreateOrderV2Request\.price: 0\.56 is a float"):
        batch.to_dict()


def test_a_naive_datetime_is_refused() -> None:
    """Without a time zone a moment is ambiguous."""
    order = Order.from_dict({})
    order.created_time = datetime(2026, 11, 23)
    with pytest.raises(ArgumentError, match=r"^Order\.created_time: .* has no time zone"):
        order.to_dict()


def test_a_field_that_is_one_of_two_may_be_left_out_of_a_built_model() -> None:
    """A built queue position need not have the older field, and then reading that raises."""
    place = OrderQueuePosition(order_id="o", market_ticker="M", queue_position_fp=Decimal("12.00"))
    assert not hasattr(place, "queue_position")
    assert place.to_dict() == {**PLACE, "queue_position_fp": "12.00"}
    assert place == OrderQueuePosition.from_dict({**PLACE, "queue_position_fp": "12.00"})


def test_models_are_attrs_classes_with_slots() -> None:
    """attrs knows their fields, and there is no dictionary to misspell an attribute into."""
    order = new_order()
    assert attrs.has(CreateOrderV2Request)
    assert attrs.asdict(PriceRange(start="0", end="1", step="0.01"))["step"] == Decimal("0.01")  # type: ignore[arg-type]
    assert attrs.evolve(order, price="0.5700").price == Decimal("0.57")
    assert not hasattr(order, "__dict__")
    with pytest.raises(AttributeError):
        order.tickr = "M"  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="has no field 'tickr'"):
        order.tickr  # type: ignore[attr-defined]  # noqa: B018 - reading it is the test


def test_models_are_unhashable() -> None:
    """A model can change, so it is no key; Python says so by its name."""
    with pytest.raises(TypeError, match="unhashable type: 'CreateOrderV2Request'"):
        hash(new_order())


def test_models_are_equal_by_class_and_values() -> None:
    """Equal are two models of a class with the same values, unknown fields included."""
    assert new_order() == new_order(price=Decimal("0.56"), side=BookSide.BID)
    assert new_order() != new_order(price="0.57")
    assert new_order() != ORDER
    assert Order.from_dict({}) != Order.from_dict({"order_id": "o"})
    assert Order.from_dict({"newer": 1}) != Order.from_dict({"newer": 2})
    assert Order.from_dict({}) != GetOrdersResponse.from_dict({})
    assert Order.from_dict({"order_group_id": None}) != Order.from_dict({})


@pytest.mark.parametrize("model", [Order.from_dict({}), Order.from_dict({"newer": 1}), new_order()], ids=repr)
def test_unknown_fields_are_handed_out_as_a_copy(model: Any) -> None:
    """What is written into it is never sent: not by a model that has such fields, nor by one that has none."""
    before, there = model.to_dict(), model.additional_properties
    there["later"] = 1
    assert model.to_dict() == before
    assert "later" not in model.additional_properties


def test_a_model_that_attrs_makes_of_another_is_built() -> None:
    """Unknown fields stay behind, and what is missing stops it."""
    place = OrderQueuePosition.from_dict({**PLACE, "queue_position": 1, "queue_position_fp": "1.00", "newer": 1})
    assert attrs.evolve(place, order_id="p").to_dict() == {
        **PLACE, "order_id": "p", "queue_position": 1, "queue_position_fp": "1.00",
    }  # fmt: skip
    with pytest.raises(MissingFieldError):
        attrs.evolve(OrderQueuePosition.from_dict(PLACE), order_id="p")


@pytest.mark.parametrize("duplicate", DUPLICATES)
def test_there_is_one_unset(duplicate: Any) -> None:
    """Copies and pickles of UNSET are UNSET, alone and inside a model."""
    assert duplicate(UNSET) is UNSET
    assert duplicate(new_order()).post_only is UNSET
