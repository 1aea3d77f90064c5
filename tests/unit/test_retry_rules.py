"""The rules of retrying: what may be sent again, and the wait that `Retry-After` asks for."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kalshi_trade_api.api.orders import batch_create_orders_v2, create_order_v2

from kalshi_core.models.layout import layout_of
from kalshi_core.retry.rules import client_order_ids, retry_after_s, safe_creation_ids, was_not_sent
from tests.unit.operations import operations
from tests.weather.calls import call_of, order

NOW_NS = 1_795_000_000 * 10**9
DATE = "Wed, 18 Nov 2026 11:06:40 GMT"


def response(value: str | None, date: str | None = DATE) -> httpx.Response:
    headers = {"Retry-After": value, "Date": date}
    return httpx.Response(429, headers={name: text for name, text in headers.items() if text is not None})


@pytest.mark.parametrize(("value", "seconds"), [("0", 0), ("1", 1), ("2.5", 2.5), (" 7 ", 7), ("30", 30)])
def test_a_retry_after_in_seconds_is_used(value: str, seconds: float) -> None:
    """A plain number of seconds counts, up to the longest wait."""
    assert retry_after_s(response(value), 30, NOW_NS) == seconds


def test_a_retry_after_date_is_measured_by_the_servers_clock() -> None:
    """A date counts from the response's own Date, or without one from our time."""
    later = "Wed, 18 Nov 2026 11:06:45 GMT"
    assert retry_after_s(response(later), 30, 0) == 5
    assert retry_after_s(response(later, date=None), 30, NOW_NS) == 5


@pytest.mark.parametrize(
    "value",
    [None, "", "-1", "nan", "NaN", "inf", "Infinity", "31", "1e3", "99999999999999", "soon", "1_0", "0x1", "٣",
     "1.2.3", "..", "1,5", "١",
     "+5", "5 s", "Wed, 18 Nov 2026 11:06:39 GMT", "Fri, 18 Nov 2050 11:06:39 GMT", "Wed, 99 Foo 2026",
     "Wed, 18 Nov 2026 11:06:45 -0000"],
)  # fmt: skip
def test_an_unusable_retry_after_is_ignored(value: str | None) -> None:
    """Negative, not a number, too large, past or garbage counts as no value."""
    found = response(None)
    if value is not None:
        found.headers = httpx.Headers([(b"Retry-After", value.encode()), (b"Date", DATE.encode())])
    assert retry_after_s(found, 30, NOW_NS) is None


@given(st.binary(max_size=30).filter(lambda raw: b"\r" not in raw and b"\n" not in raw))
def test_no_retry_after_can_break_a_call(value: bytes) -> None:
    """For any bytes, the result is None or a number within the limit."""
    found = httpx.Response(429, headers=[(b"Retry-After", value)])
    seconds = retry_after_s(found, 30, NOW_NS)
    assert seconds is None or 0 <= seconds <= 30


@pytest.mark.parametrize(
    ("error", "certain"),
    [(httpx.ConnectError, True), (httpx.ConnectTimeout, True), (httpx.PoolTimeout, True), (httpx.ProxyError, True),
     (httpx.UnsupportedProtocol, True), (httpx.LocalProtocolError, False), (httpx.ReadTimeout, False),
     (httpx.WriteTimeout, False), (httpx.ReadError, False), (httpx.WriteError, False),
     (httpx.RemoteProtocolError, False), (httpx.DecodingError, False), (httpx.CloseError, False)],
)  # fmt: skip
def test_only_what_fails_before_a_request_counts_as_not_sent(error: type[httpx.RequestError], certain: bool) -> None:
    """Connecting, name resolution, TLS, the pool and the proxy come first; any later error leaves doubt."""
    assert was_not_sent(error("x")) is certain


def test_the_safe_creations_are_those_of_the_document() -> None:
    """Operations that place orders are found by their bodies in the document; the rule by name finds the same."""
    with_ids = set()
    for operation in operations():
        for parameter in operation.parameters:
            if parameter.location == "body" and operation.method == "POST":
                wires = {field.wire for field in layout_of(parameter.kind).fields}
                orders = "orders" in wires and "Create" in operation.id
                if orders or {"client_order_id", "time_in_force"} <= wires:
                    with_ids.add(operation.id)
    body = call_of("create")[1]["body"]
    probe = create_order_v2.OPERATION.request(body=body)
    by_name = {each.id for each in operations() if safe_creation_ids(probe._replace(operation_id=each.id)) is not None}
    assert by_name == with_ids == {"CreateOrderV2", "BatchCreateOrdersV2"}


@pytest.mark.parametrize(
    ("kind", "safe"), [("create", True), ("bare create", False), ("batch", True), ("bare batch", False)]
)
def test_a_creation_is_safe_when_every_order_has_an_id(kind: str, safe: bool) -> None:
    """One order without a client_order_id makes a whole batch unsafe."""
    operation, arguments = call_of(kind)
    assert (safe_creation_ids(operation.OPERATION.request(**arguments)) is not None) is safe


def test_an_empty_id_is_none() -> None:
    """A blank client_order_id identifies nothing."""
    body = order("x")
    body.client_order_id = ""
    assert client_order_ids(body) == [None]
    assert safe_creation_ids(create_order_v2.OPERATION.request(body=body)) is None


def test_an_empty_batch_places_nothing_twice() -> None:
    """A batch without orders is as safe as can be."""
    body = call_of("batch")[1]["body"]
    body.orders = []
    assert client_order_ids(body) == []
    assert safe_creation_ids(batch_create_orders_v2.OPERATION.request(body=body)) == []
