"""Objects with the same keys are read by compiled code from the second on: nothing but its speed shows."""

from __future__ import annotations

from typing import Any, Final

import pytest
from kalshi_trade_api.models import Market, Order, PriceRange, Settlement

from kalshi_core.errors import DecodeError
from kalshi_core.models.layout import layout_of

RANGE: Final[dict[str, Any]] = {"start": "0.0000", "end": "1.0000", "step": "0.0100"}
BODIES: Final[list[tuple[Any, dict[str, Any]]]] = [
    (PriceRange, RANGE),
    (PriceRange, dict(reversed(RANGE.items()))),
    (PriceRange, {**RANGE, "newer": [1], "step": None}),
    (PriceRange, {"start": 0, "end": 1}),
    (PriceRange, {}),
    (Market, {"ticker": "A", "price_ranges": [RANGE, None, RANGE], "floor_strike": 40, "status": "some day"}),
    (Market, {"ticker": "A", "price_ranges": None, "cap_strike": 40.5, "can_close_early": True, "result": ""}),
    (Market, {"open_time": "2026-11-23T00:00:00.123456789Z", "yes_bid_dollars": "0.123456", "volume_fp": 12}),
    (Order, {"order_id": "1", "self_trade_prevention_type": None, "expiration_time": None, "queue_position": 3}),
    (Settlement, {"value": None, "revenue": 100.0, "fee_cost": "0.1700"}),
]
WRONG: Final[list[tuple[Any, dict[str, Any], str]]] = [
    (PriceRange, {**RANGE, "step": []}, "step"),
    (PriceRange, {**RANGE, "step": {"a": 1}}, "step"),
    (PriceRange, {**RANGE, "step": "abc"}, "step"),
    (Market, {"ticker": "A", "price_ranges": [RANGE, {**RANGE, "end": True}]}, "price_ranges[1].end"),
    (Market, {"ticker": 1, "price_ranges": []}, "ticker"),
    (Market, {"ticker": "A", "price_ranges": ""}, "price_ranges"),
    (Market, {"ticker": "A", "price_ranges": {}}, "price_ranges"),
    (Market, {"ticker": "A", "floor_strike": 1e400}, "floor_strike"),
    (Market, {"ticker": "A", "can_close_early": 1}, "can_close_early"),
]


@pytest.mark.parametrize(("kind", "body"), BODIES)
def test_the_third_object_is_read_like_the_first(kind: Any, body: dict[str, Any]) -> None:
    """Values, types, what is missing, what is unknown and what is written again are the same each time."""
    first, *others = (kind.from_dict(body) for _ in range(4))
    for other in others:
        assert other == first
        assert repr(other) == repr(first)
        assert other.to_dict() == first.to_dict()
        assert [type(value) for value in other.to_dict().values()] == [
            type(value) for value in first.to_dict().values()
        ]
        assert other.additional_properties == first.additional_properties


@pytest.mark.parametrize(("kind", "body", "place"), WRONG)
def test_a_wrong_value_is_placed_each_time(kind: Any, body: dict[str, Any], place: str) -> None:
    """The error of the third such object names the same place as that of the first."""
    for _ in range(3):
        with pytest.raises(DecodeError) as found:
            kind.from_dict(body)
        assert found.value.place == place


def test_ever_other_keys_are_not_remembered_for_ever() -> None:
    """A server that sends other keys each time fills no memory, and is read all the same."""
    for number in range(300):
        for _ in range(2):
            assert PriceRange.from_dict({**RANGE, f"new_{number}": number}).additional_properties == {
                f"new_{number}": number
            }
    assert len(layout_of(PriceRange)._decoders) <= 64
    big = {**RANGE, **{f"key_{number}": number for number in range(1000)}}
    assert len(PriceRange.from_dict(big).additional_properties) == 1000


def test_rows_of_several_shapes_are_told_apart() -> None:
    """Rows whose keys differ, or stand in another order, may follow each other in any way."""
    rows = [RANGE, dict(reversed(RANGE.items())), {**RANGE, "newer": 1}, {"start": "0.5"}]
    for row in rows * 4:
        found = PriceRange.from_dict(row)
        assert {key: str(value) for key, value in found.to_dict().items()} == {k: str(v) for k, v in row.items()}
