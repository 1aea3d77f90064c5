"""Models that are decoded, shown on orders and queue positions."""

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
    GetOrderQueuePositionResponse,
    GetOrderQueuePositionsResponse,
    GetOrdersResponse,
    GetTagsForSeriesCategoriesResponse,
    LiveDataDetails,
    Order,
    OrderQueuePosition,
    OrderStatus,
)

from kalshi_core.errors import DecodeError, MissingFieldError
from kalshi_core.models import schema_drift
from kalshi_core.types import UNSET, Unset

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


# Being an object.


def test_an_unknown_field_does_not_stand_in_for_a_known_one() -> None:
    """A server's field that is spelt like one of Python's names is shown beside it, and compared beside it."""
    order = Order.from_dict({"type": "limit", "type_": 5})
    assert repr(order) == "Order(type_=<OrderType.LIMIT: 'limit'>, type_=5)"
    assert order == Order.from_dict({"type_": 5, "type": "limit"})
    assert order != Order.from_dict({"type": "market", "type_": 5})
    assert order != Order.from_dict({"type": "limit", "type_": 6})
    assert Order.from_dict({"ticker": "M"}) != Order.from_dict({"tickers": "M"})


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
