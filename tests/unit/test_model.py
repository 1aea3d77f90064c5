"""What every model does, shown on orders and queue positions."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, get_type_hints

import attrs
import pytest
from kalshi_trade_api import models
from kalshi_trade_api.models import (
    BatchCreateOrdersV2Request,
    BookSide,
    CreateOrderV2Request,
    GetOrderQueuePositionResponse,
    GetOrderQueuePositionsResponse,
    GetOrdersResponse,
    GetTagsForSeriesCategoriesResponse,
    LiveDataDetails,
    Order,
    OrderQueuePosition,
    OrderStatus,
    PriceRange,
    SelfTradePreventionType,
)

from kalshi_core.errors import ArgumentError, DecodeError, MissingFieldError
from kalshi_core.models import schema_drift
from kalshi_core.types import UNSET, Unset

PLACE = {"order_id": "o", "market_ticker": "M"}
ORDER: dict[str, Any] = {
    "ticker": "M", "side": "bid", "count": "10.00", "price": "0.5600", "time_in_force": "good_till_canceled",
    "self_trade_prevention_type": "maker",
}  # fmt: skip
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


def new_order(**changes: Any) -> CreateOrderV2Request:
    """Build an order to send."""
    return CreateOrderV2Request(**{**ORDER, **changes})


# Reading what a server sent.


def test_a_body_becomes_typed_values() -> None:
    """Decimals, moments, enums and nested models are read by the document."""
    page = GetOrdersResponse.from_dict(
        {
            "orders": [
                {
                    "order_id": "o",
                    "type": "limit",
                    "status": "resting",
                    "yes_price_dollars": "0.5600",
                    "created_time": "2026-11-23T00:00:00.5Z",
                    "expiration_time": None,
                }
            ],
            "cursor": "",
        }
    )
    (order,) = page.orders
    assert type(order) is Order
    assert order.type_ == "limit"
    assert order.status is OrderStatus.RESTING
    assert order.yes_price_dollars == Decimal("0.56")
    assert order.created_time == datetime(2026, 11, 23, 0, 0, 0, 500_000, tzinfo=UTC)
    assert order.expiration_time is None
    assert order.order_group_id is UNSET


def test_reading_a_missing_field_raises_missing_field_error() -> None:
    """A required field that did not come is named with its model, as the document spells it."""
    order = Order.from_dict({"order_id": "o"})
    with pytest.raises(MissingFieldError, match=r"^Order\.type was not in the response$") as caught:
        order.type_  # noqa: B018 - reading it is the test
    assert isinstance(caught.value, AttributeError)
    assert (caught.value.model, caught.value.field) == ("Order", "type")
    assert not hasattr(order, "status")
    assert getattr(order, "status", "default") == "default"
    assert order.order_id == "o"


def test_a_missing_field_error_survives_pickle() -> None:
    """It may cross processes."""
    error = pickle.loads(pickle.dumps(MissingFieldError("Order", "type")))
    assert (error.model, error.field, str(error)) == ("Order", "type", "Order.type was not in the response")


def test_no_missing_field_reads_as_something() -> None:
    """Of an empty object each required field raises, and each optional one is UNSET."""
    order = Order.from_dict({})
    for field in attrs.fields(Order):
        if field.default is attrs.NOTHING:
            assert not hasattr(order, field.name)
        else:
            assert getattr(order, field.name) is UNSET


@pytest.mark.parametrize("duplicate", DUPLICATES)
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"order_id": "o", "newer": {"a": [1]}, "status": "brand_new", "created_time": "2026-11-23T00:00:00.123456789Z"},
        {"order_id": None, "type": "limit", "yes_price_dollars": "0.5600"},
    ],
)
def test_a_model_with_gaps_works_like_any_other(body: dict[str, Any], duplicate: Any) -> None:
    """Whatever did not come, repr, ==, to_dict, copies and pickles work, and the gaps stay gaps."""
    order = Order.from_dict(body)
    twin = duplicate(order)
    assert type(twin) is Order
    assert twin == order == Order.from_dict(body)
    assert repr(twin) == repr(order)
    assert twin.to_dict() == order.to_dict() == body
    with pytest.raises(MissingFieldError):
        twin.ticker  # noqa: B018 - reading it is the test


def test_a_missing_field_can_be_set() -> None:
    """What is assigned afterwards is there, and is written."""
    order = Order.from_dict({})
    order.ticker = "M"
    assert order.to_dict() == {"ticker": "M"}


def test_a_null_that_the_document_does_not_have_is_none() -> None:
    """A null comes as None, wherever it is, and goes back as null."""
    assert GetOrdersResponse.from_dict({"orders": None}).to_dict() == {"orders": None}
    page = GetOrdersResponse.from_dict({"orders": [None, {"status": None}], "cursor": None})
    assert page.orders[0] is None
    assert page.orders[1].status is None
    assert page.cursor is None
    assert page.to_dict() == {"orders": [None, {"status": None}], "cursor": None}


def test_one_odd_row_does_not_cost_the_page() -> None:
    """Rows that lack fields, have new ones, new enum values or nulls stand beside good ones."""
    rows = [
        {"order_id": "a", "status": "resting"},
        {},
        {"order_id": "c", "status": "brand_new", "newer": 1},
        {"status": None},
    ]
    page = GetOrdersResponse.from_dict({"orders": rows, "cursor": ""})
    assert len(page.orders) == 4
    assert page.orders[0].status is OrderStatus.RESTING
    assert page.orders[2].status == "brand_new"
    assert isinstance(page.orders[2].status, OrderStatus)
    assert not page.orders[2].status.is_known
    assert page.orders[2].additional_properties == {"newer": 1}
    assert page.to_dict()["orders"] == rows


def test_a_value_of_another_kind_raises_decode_error_with_its_place() -> None:
    """The error leads to the value."""
    with pytest.raises(
        DecodeError, match=r"^orders\[1\]\.yes_price_dollars: expected a decimal string, found str 'abc'$"
    ):
        GetOrdersResponse.from_dict({"orders": [{}, {"yes_price_dollars": "abc"}]})
    with pytest.raises(DecodeError, match=r"^expected an object \(Order\), found list \[\]$"):
        Order.from_dict([])  # type: ignore[arg-type]


@pytest.mark.parametrize("model", [OrderQueuePosition, GetOrderQueuePositionResponse])
@pytest.mark.parametrize(
    ("sent", "missing"),
    [
        ({"queue_position": 12}, "queue_position_fp"),
        ({"queue_position_fp": "12.00"}, "queue_position"),
        ({"queue_position": 12, "queue_position_fp": "12.00"}, None),
    ],
)
def test_all_three_bodies_of_the_apis_history_are_read(
    model: Any, sent: dict[str, Any], missing: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    """The field that came has its value, the other raises rather than read as the front, and neither is drift."""
    schema_drift.forget()
    body = {**PLACE, **sent} if model is OrderQueuePosition else sent
    place = model.from_dict(body)
    for name in sent:
        assert getattr(place, name) == 12
    if missing:
        assert not hasattr(place, missing)
        with pytest.raises(MissingFieldError, match=rf"^{model.__name__}\.{missing} was not"):
            getattr(place, missing)
    assert place.to_dict() == body
    assert caplog.records == []


# Maps.


def test_a_map_is_read_like_a_mapping() -> None:
    """An object whose keys are data has indexing, iteration, length, membership and keys."""
    tags = GetTagsForSeriesCategoriesResponse.from_dict({"tags_by_categories": {"Sports": ["a"], "Other": []}})
    found = tags.tags_by_categories
    assert dict(found) == {"Sports": ["a"], "Other": []}
    assert (found["Sports"], len(found), list(found), "Other" in found, "x" in found) == (
        ["a"],
        2,
        ["Sports", "Other"],
        True,
        False,
    )
    with pytest.raises(KeyError):
        found["x"]
    with pytest.raises(DecodeError, match=r"^tags_by_categories\.Sports\[0\]: expected str, found int 5$"):
        GetTagsForSeriesCategoriesResponse.from_dict({"tags_by_categories": {"Sports": [5]}})


def test_a_map_does_not_report_its_keys_as_drift(caplog: pytest.LogCaptureFixture) -> None:
    """Keys that are data are no unknown fields."""
    schema_drift.forget()
    LiveDataDetails.from_dict({"anything": 1})
    assert caplog.records == []


# Building what is sent.


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


# Being an object.


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


def test_an_unknown_field_does_not_stand_in_for_a_known_one() -> None:
    """A server's field that is spelt like one of Python's names is shown beside it, and compared beside it."""
    order = Order.from_dict({"type": "limit", "type_": 5})
    assert repr(order) == "Order(type_=<OrderType.LIMIT: 'limit'>, type_=5)"
    assert order == Order.from_dict({"type_": 5, "type": "limit"})
    assert order != Order.from_dict({"type": "market", "type_": 5})
    assert order != Order.from_dict({"type": "limit", "type_": 6})
    assert Order.from_dict({"ticker": "M"}) != Order.from_dict({"tickers": "M"})


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


def test_a_repr_shows_what_is_there() -> None:
    """Neither missing nor unset fields are shown; unknown ones are."""
    order = Order.from_dict({"order_id": "o", "expiration_time": None, "newer": 1})
    assert repr(order) == "Order(order_id='o', expiration_time=None, newer=1)"
    assert repr(GetOrderQueuePositionsResponse.from_dict({"queue_positions": []})) == (
        "GetOrderQueuePositionsResponse(queue_positions=[])"
    )


def test_a_repr_is_short_with_a_thousand_rows() -> None:
    """Rows, long strings, maps and unknown fields are cut, and the number of rows told."""
    row = {"order_id": "x" * 10_000, "ticker": "M"}
    many = {f"{'key' * 100}{number}": "y" * 1_000 for number in range(1_000)}
    page = repr(GetOrdersResponse.from_dict({"orders": [row] * 1_000, "cursor": "c" * 10_000}))
    assert "1000 in all" in page
    assert len(page) < 300
    assert "1000 in all" in repr(LiveDataDetails.from_dict(many))
    assert len(repr(LiveDataDetails.from_dict(many))) < 600
    assert len(repr(Order.from_dict(many))) < 6_000


def test_a_repr_stands_deep_nesting() -> None:
    """Free values that Python can't write out are left out."""
    deep: Any = []
    for _ in range(200_000):
        deep = [deep]
    assert repr(LiveDataDetails.from_dict({"deep": deep, "long": 10**5000})) == "LiveDataDetails(deep=..., long=...)"
    while deep:
        # Python takes a deep list apart recursively.
        deep = deep.pop()


@pytest.mark.parametrize("duplicate", DUPLICATES)
def test_there_is_one_unset(duplicate: Any) -> None:
    """Copies and pickles of UNSET are UNSET, alone and inside a model."""
    assert duplicate(UNSET) is UNSET
    assert duplicate(new_order()).post_only is UNSET


def test_unset_is_falsy_and_says_its_name() -> None:
    """It stands for nothing."""
    assert not UNSET
    assert [repr(UNSET), str(UNSET), f"{UNSET}"] == ["UNSET"] * 3
    assert isinstance(UNSET, Unset)


def test_unset_is_never_written() -> None:
    """It is no JSON, not even to what writes enums by their values."""
    for unset in (UNSET, UNSET.value):
        with pytest.raises(TypeError, match="not JSON serializable"):
            json.dumps(unset)


def test_annotations_are_resolved_by_the_names_of_all_models() -> None:
    """What resolves annotations finds every name in the model's own module and among the package's models."""
    names = {name: getattr(models, name) for name in models.__all__}
    kinds = [kind for kind in names.values() if attrs.has(kind)]
    assert len(kinds) > 100
    for kind in kinds:
        assert get_type_hints(kind, localns=names).keys() >= {field.name for field in attrs.fields(kind)}
    assert get_type_hints(Order, localns=names)["status"] is OrderStatus
