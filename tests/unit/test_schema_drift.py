"""The log of differences between responses and the document."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from kalshi_trade_api.models import GetOrderQueuePositionsResponse, Order, OrderQueuePosition

from kalshi_core.models import schema_drift

LOGGER = "kalshi_trade_api.drift"
PLACE = {"order_id": "o", "market_ticker": "M"}


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    schema_drift.forget()
    yield
    schema_drift.forget()


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the log says of orders' status, place and page."""
    assert all(record.name == LOGGER and record.levelno == logging.WARNING for record in caplog.records)
    return [record.getMessage().partition(":")[0] for record in caplog.records]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"status": None}, "Order.status is null"),
        ({"status": "brand_new"}, "Order.status has the unknown value 'brand_new'"),
        ({"brand_new": 1}, "Order.brand_new is not in the document"),
        ({"brand\nnew": 1}, r"Order.'brand\nnew' is not in the document"),
    ],
)
def test_a_departure_is_logged_once(change: dict[str, Any], line: str, caplog: pytest.LogCaptureFixture) -> None:
    """However many rows have it, model and field are told once, as a warning."""
    for _ in range(3):
        Order.from_dict(change)
    assert lines(caplog).count(line) == 1


def test_a_missing_field_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """A required field that no row has is told once; an optional one never."""
    for _ in range(3):
        Order.from_dict({})
    assert lines(caplog).count("Order.status is missing") == 1
    assert not any(line.startswith("Order.expiration_time") for line in lines(caplog))


def test_a_null_in_a_list_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """A null among the rows is told of the list."""
    GetOrderQueuePositionsResponse.from_dict({"queue_positions": [None, None]})
    GetOrderQueuePositionsResponse.from_dict({"queue_positions": [None]})
    assert lines(caplog) == ["GetOrderQueuePositionsResponse.queue_positions contains a null"]


def test_models_and_fields_are_told_apart(caplog: pytest.LogCaptureFixture) -> None:
    """Each field of each model has a line of its own."""
    OrderQueuePosition.from_dict({**PLACE, "a": 1, "b": 1, "queue_position": 1})
    assert lines(caplog) == [
        "OrderQueuePosition.a is not in the document",
        "OrderQueuePosition.b is not in the document",
    ]


def test_a_body_as_the_document_says_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """No departure, no line."""
    OrderQueuePosition.from_dict({**PLACE, "queue_position_fp": "1.00"})
    assert lines(caplog) == []


def test_forget_logs_everything_anew(caplog: pytest.LogCaptureFixture) -> None:
    """After `forget` the first departure is told again."""
    OrderQueuePosition.from_dict({**PLACE, "a": 1})
    schema_drift.forget()
    OrderQueuePosition.from_dict({**PLACE, "a": 1})
    assert lines(caplog) == ["OrderQueuePosition.a is not in the document"] * 2


def test_a_long_unknown_value_is_cut(caplog: pytest.LogCaptureFixture) -> None:
    """A line stays short whatever the server sends."""
    Order.from_dict({"status": "x" * 10_000})
    assert all(len(line) < 200 for line in lines(caplog))


def test_threads_that_meet_the_same_departure_all_decode(caplog: pytest.LogCaptureFixture) -> None:
    """Many threads at once decode all their rows, and leave a line for each field."""
    fields = [f"newer_{number}" for number in range(50)]
    body = {**PLACE, "queue_position": 1, **dict.fromkeys(fields, 1)}
    with ThreadPoolExecutor(8) as pool:
        rows = list(pool.map(lambda _: OrderQueuePosition.from_dict(body), range(200)))
    assert all(row.to_dict() == body for row in rows)
    assert set(lines(caplog)) == {f"OrderQueuePosition.{field} is not in the document" for field in fields}
