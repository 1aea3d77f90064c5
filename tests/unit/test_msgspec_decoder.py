"""Pages that are decoded by structs, and those that are left to the plain decoder."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from attrs import define
from kalshi_trade_api import models

from kalshi_core.errors import MissingFieldError
from kalshi_core.models import json_text, schema_drift
from kalshi_core.models import layout as layouts
from kalshi_core.models.base import Model, OpenModel
from kalshi_core.models.codecs import DecodedRows
from kalshi_core.models.layout import Layout, layout_of
from kalshi_core.types import UNSET

msgspec_decoder = pytest.importorskip("kalshi_core.models.msgspec_decoder", reason="needs the extra `fast`")

PLACE: Final = {"order_id": "o", "market_ticker": "M", "queue_position_fp": "1.00"}
PRICES: Final = {
    "open_dollars": "0.1000", "low_dollars": "0.1000", "high_dollars": "0.2000", "close_dollars": "0.2000",
}  # fmt: skip
CANDLE: Final = {
    "end_period_ts": 1700000000, "yes_bid": PRICES, "yes_ask": PRICES, "price": {}, "volume_fp": "1.00",
    "open_interest_fp": "2.00",
}  # fmt: skip


@define(eq=False, getstate_setstate=False, kw_only=True, repr=False)
class Branch(Model):
    """An object that holds others of its kind."""

    name: str
    branches: list[Branch]


@define(eq=False, getstate_setstate=False, kw_only=True, repr=False)
class Tree(Model):
    """A page of such."""

    branches: list[Branch]


@define(eq=False, getstate_setstate=False, kw_only=True, repr=False)
class Label(OpenModel[int]):
    """An object with one name that is known; the others are data."""

    text: str


@define(eq=False, getstate_setstate=False, kw_only=True, repr=False)
class Labels(Model):
    """A page of such."""

    labels: list[Label]


@define(eq=False, getstate_setstate=False, kw_only=True, repr=False)
class Note(Model):
    """An object with a value of any kind."""

    content: Any


@define(eq=False, getstate_setstate=False, kw_only=True, repr=False)
class Notes(Model):
    """A page of such."""

    notes: list[Note]


@pytest.fixture(autouse=True)
def _forget_unknown_keys() -> None:
    """Forget the keys that other tests' servers sent."""
    msgspec_decoder._pages.clear()
    for each in layouts._layouts.values():
        each.unknown_keys.clear()
        each._decoders.clear()


@pytest.fixture
def places() -> Layout:
    """Return how a page is read of which nothing has come yet."""
    return Layout(models.GetOrderQueuePositionsResponse)


def decoded(layout: Layout, body: Any) -> Any:
    """Return the page that comes of a body, as it does when structs have no say."""
    return layout.decode(json_text.parse(json.dumps(body).encode()))


def read(layout: Layout, body: Any) -> Any:
    """Return the page that comes of a body by structs; None where they leave it."""
    found = msgspec_decoder.parse_page(json.dumps(body).encode(), layout)
    return None if found is None else layout.decode(found)


def test_all_rows_are_models(places: Layout) -> None:
    """A page without questions comes with its rows made."""
    found = msgspec_decoder.parse_page(json.dumps({"queue_positions": [PLACE] * 3}).encode(), places)
    assert found is not None
    rows = found["queue_positions"]
    assert type(rows) is DecodedRows
    assert [type(item) for item in rows.items] == [models.OrderQueuePosition] * 3
    assert rows.decoded == 3


@pytest.mark.parametrize(
    "odd",
    [None, 5, [], {**PLACE, "order_id": 1}, {**PLACE, "queue_position_fp": "1_0"}, {**PLACE, "queue_position_fp": []}],
)
def test_one_row_that_takes_a_thought_leaves_the_page(places: Layout, odd: Any) -> None:
    """Whatever is wrong with a row, the plain way tells."""
    assert read(places, {"queue_positions": [PLACE, odd, PLACE]}) is None


@pytest.mark.parametrize("rows", [5, "", {}, [[PLACE]]])
def test_rows_that_are_none_leave_the_page(places: Layout, rows: Any) -> None:
    """What stands for a list is not guessed at."""
    assert read(places, {"queue_positions": rows}) is None


def test_drift_leaves_the_page_until_it_has_been_told(places: Layout, caplog: pytest.LogCaptureFixture) -> None:
    """The plain way logs it once; then there is nothing to log, and structs have their turn."""
    schema_drift.forget()
    body = {"queue_positions": [{**PLACE, "market_ticker": None}]}
    assert read(places, body) is None
    assert not caplog.records
    page = decoded(places, body)
    assert "market_ticker is null" in caplog.text
    assert read(places, body) == page


def test_a_key_has_a_place_when_it_comes_again(places: Layout) -> None:
    """What the document does not know is kept, and told, and costs no page its speed for long."""
    body = {"queue_positions": [{**PLACE, "rank": 7}, PLACE, {"hue": [1], **PLACE}], "newer": {"a": None}}
    assert read(places, body) is None
    decoded(places, body)
    page = read(places, body)
    assert page == decoded(places, body)
    assert [row.additional_properties for row in page.queue_positions] == [{"rank": 7}, {}, {"hue": [1]}]
    assert page.additional_properties == {"newer": {"a": None}}


def test_a_key_has_a_place_however_many_shapes_came_before() -> None:
    """Objects of ever other shapes do not use up the places."""
    layout, wires = layout_of(models.Market), list(layout_of(models.Market).by_wire)
    for number in range(100):
        layout.decode(dict.fromkeys(wires[number % 50 :: 1 + number % 7]))
    body = {"markets": [{"ticker": "M", "newest": 1}], "cursor": ""}
    page = layout_of(models.GetMarketsResponse)
    decoded(page, body)
    assert read(page, body).markets[0].additional_properties == {"newest": 1}


def test_ever_other_keys_have_no_places_in_the_end() -> None:
    """A server that sends them has its pages read plainly, all of them right."""
    layout = layout_of(models.GetDepositsResponse)
    bodies = [{"deposits": [{f"key_{number}": number}]} for number in range(200)]
    for body in bodies:
        decoded(layout, body)
    assert len(layout_of(models.Deposit).unknown_keys) == 64
    assert [body for body in bodies if read(layout, body) not in (None, decoded(layout, body))] == []
    assert sum(read(layout, body) is None for body in bodies) == 200 - 64


@pytest.mark.parametrize("name", ["", "a b", 'a"b', "a\\b", "\x00", "\ud800", "class-name"])
def test_a_name_that_is_none_has_no_place(places: Layout, name: str) -> None:
    """msgspec does not take all of these for a struct's; such a page is read plainly."""
    body = {"queue_positions": [{**PLACE, name: 1}]}
    for _ in range(3):
        assert read(places, body) is None
        assert decoded(places, body).queue_positions[0].additional_properties == {name: 1}


def test_what_a_row_holds_is_made_with_it() -> None:
    """Objects in objects and in lists are structs too; a null is a null, and what is left out is left out."""
    candle = {**CANDLE, "price": None, "yes_ask": {**PRICES, "newer": 1}}
    body = {"ticker": "M", "candlesticks": [CANDLE, candle]}
    layout = layout_of(models.GetMarketCandlesticksResponse)
    assert read(layout, body) is None
    page = decoded(layout, body)
    found = read(layout, body)
    assert found == page
    assert type(found.candlesticks[0].yes_bid) is models.BidAskDistribution
    assert found.candlesticks[0].price.mean_dollars is UNSET
    assert found.candlesticks[1].price is None
    assert found.candlesticks[1].yes_ask.additional_properties == {"newer": 1}


def test_an_object_in_one_of_its_kind_is_read_plainly() -> None:
    """There is no end of structs in structs."""
    body = {"branches": [{"name": "a", "branches": [{"name": "b", "branches": []}]}]}
    layout = layout_of(Tree)
    found = read(layout, body)
    assert found == decoded(layout, body)
    assert found.branches[0].branches[0].name == "b"


def test_an_object_whose_keys_are_data_is_read_plainly() -> None:
    """Nobody knows beforehand what such an object has, so a new key of it is nothing new."""
    layout = layout_of(Labels)
    for number in range(3):
        body = {"labels": [{"text": "a", str(number): number}]}
        found = read(layout, body)
        assert found == decoded(layout, body)
        assert dict(found.labels[0]) == {str(number): number}


def test_what_a_row_leaves_out_is_missing() -> None:
    """The place of a value of any kind, when nothing came for it, is no such value."""
    body = {"notes": [{"content": None}, {}]}
    decoded(layout_of(Notes), body)
    notes = read(layout_of(Notes), body).notes
    assert notes[0].content is None
    with pytest.raises(MissingFieldError):
        notes[1].content  # noqa: B018


def test_what_a_page_leaves_out_is_left_out() -> None:
    """A list that is not there is no list, and a null is a null."""
    layout = layout_of(models.GetEventsResponse)
    bodies: list[Any] = [{"events": [], "cursor": ""}, {"events": [], "cursor": None, "milestones": None}]
    for body in bodies:
        page = decoded(layout, body)
        found = read(layout, body)
        assert found == page
        assert found.events == []
    assert read(layout, {"events": [], "cursor": ""}).milestones is UNSET
