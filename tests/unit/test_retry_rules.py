"""When a request may be sent again, and how long to wait before."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import math
import pickle
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import kalshi_trade_api
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kalshi_trade_api.api.orders import batch_create_orders_v2, create_order_v2

from kalshi_auth import RetryPolicy, deadline
from kalshi_core.models.layout import layout_of
from kalshi_core.operation import Operation
from kalshi_core.retry.rules import caller_deadline, client_order_ids, retry_after_s, safe_creation_ids, was_not_sent
from tests.weather.calls import call_of, order

NOW_NS = 1_795_000_000 * 10**9
DATE = "Wed, 18 Nov 2026 11:06:40 GMT"


def operations() -> list[Operation[Any]]:
    api = Path(kalshi_trade_api.__file__).parent / "api"
    paths = [path for path in sorted(api.rglob("*.py")) if path.name != "__init__.py"]
    return [import_module(f"kalshi_trade_api.api.{path.parent.name}.{path.stem}").OPERATION for path in paths]


def answer(value: str | None, date: str | None = DATE) -> httpx.Response:
    headers = {"Retry-After": value, "Date": date}
    return httpx.Response(429, headers={name: text for name, text in headers.items() if text is not None})


@pytest.mark.parametrize(("value", "seconds"), [("0", 0), ("1", 1), ("2.5", 2.5), (" 7 ", 7), ("30", 30)])
def test_a_retry_after_in_seconds_is_honoured(value: str, seconds: float) -> None:
    """A plain number of seconds is believed, up to the time there is."""
    assert retry_after_s(answer(value), 30, NOW_NS) == seconds


def test_a_retry_after_date_is_measured_by_the_servers_clock() -> None:
    """A date counts from the answer's own Date, or without one from our time."""
    later = "Wed, 18 Nov 2026 11:06:45 GMT"
    assert retry_after_s(answer(later), 30, 0) == 5
    assert retry_after_s(answer(later, date=None), 30, NOW_NS) == 5


@pytest.mark.parametrize(
    "value",
    [None, "", "-1", "nan", "NaN", "inf", "Infinity", "31", "1e3", "99999999999999", "soon", "1_0", "0x1", "٣",
     "+5", "5 s", "Wed, 18 Nov 2026 11:06:39 GMT", "Fri, 18 Nov 2050 11:06:39 GMT", "Wed, 99 Foo 2026",
     "Wed, 18 Nov 2026 11:06:45 -0000"],
)  # fmt: skip
def test_a_retry_after_that_is_not_sane_is_ignored(value: str | None) -> None:
    """Negative, not a number, huge, past or garbage: as if it were not there."""
    response = answer(None)
    if value is not None:
        response.headers = httpx.Headers([(b"Retry-After", value.encode()), (b"Date", DATE.encode())])
    assert retry_after_s(response, 30, NOW_NS) is None


@given(st.binary(max_size=30).filter(lambda raw: b"\r" not in raw and b"\n" not in raw))
def test_no_retry_after_can_break_a_call(value: bytes) -> None:
    """Whatever bytes stand there, the result is None or a sane number."""
    response = httpx.Response(429, headers=[(b"Retry-After", value)])
    seconds = retry_after_s(response, 30, NOW_NS)
    assert seconds is None or 0 <= seconds <= 30


@given(st.integers(0, 10**6), st.floats(0, 1))
def test_a_wait_is_jittered_in_full_and_bounded(retries: int, drawn: float) -> None:
    """A wait lies between nothing and the doubled first wait, and below the longest."""
    policy = RetryPolicy(first_wait_s=0.25, longest_wait_s=8)
    most = min(8, 0.25 * 2 ** min(retries, 10))
    assert policy.wait_s(retries, lambda: drawn) == pytest.approx(drawn * most)


@pytest.mark.parametrize(
    "wrong",
    [{"attempts": 0}, {"attempts": -1}, {"attempts": 1.5}, {"total_s": 0}, {"total_s": math.nan},
     {"total_s": math.inf}, {"first_wait_s": -1}, {"longest_wait_s": math.nan}],
)  # fmt: skip
def test_a_policy_without_bounds_is_refused(wrong: dict[str, Any]) -> None:
    """Attempts and seconds are numbers above zero, and finite."""
    with pytest.raises((TypeError, ValueError)):
        RetryPolicy(**wrong)


def test_a_policy_is_small_and_immutable() -> None:
    """A policy can't be changed, and equal ones are equal."""
    policy = RetryPolicy(attempts=2)
    with pytest.raises(AttributeError):
        policy.attempts = 3  # type: ignore[misc]
    assert policy == RetryPolicy(attempts=2)
    assert hash(policy) == hash(RetryPolicy(attempts=2))
    assert policy != RetryPolicy(attempts=3)
    assert repr(policy) == "RetryPolicy(attempts=2, total_s=30.0, first_wait_s=0.25, longest_wait_s=8.0)"
    assert pickle.loads(pickle.dumps(policy)) == policy
    assert len(inspect.signature(RetryPolicy).parameters) <= 5


@pytest.mark.parametrize(
    ("error", "certain"),
    [(httpx.ConnectError, True), (httpx.ConnectTimeout, True), (httpx.PoolTimeout, True), (httpx.ProxyError, True),
     (httpx.UnsupportedProtocol, True), (httpx.LocalProtocolError, False), (httpx.ReadTimeout, False),
     (httpx.WriteTimeout, False), (httpx.ReadError, False), (httpx.WriteError, False),
     (httpx.RemoteProtocolError, False), (httpx.DecodingError, False), (httpx.CloseError, False)],
)  # fmt: skip
def test_only_what_fails_before_a_request_counts_as_not_sent(error: type[httpx.RequestError], certain: bool) -> None:
    """Connecting, name resolution, TLS, the pool and the proxy come first; everything later is in doubt."""
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
    by_name = {
        each.id for each in operations() if safe_creation_ids(probe.__replace__(operation_id=each.id)) is not None
    }
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


def test_deadlines_nest_and_end() -> None:
    """An inner deadline can only be nearer, and leaves with its block."""
    assert caller_deadline() == math.inf
    with deadline(10, monotonic=lambda: 100.0):
        with deadline(99, monotonic=lambda: 100.0):
            assert caller_deadline() == 110
        with deadline(1, monotonic=lambda: 100.0):
            assert caller_deadline() == 101
        assert caller_deadline() == 110
    assert caller_deadline() == math.inf


def test_a_deadline_that_is_no_number_is_refused() -> None:
    """NaN would bound nothing."""
    with pytest.raises(ValueError, match="number"), deadline(math.nan):
        pass


def test_a_deadline_belongs_to_its_thread_and_task() -> None:
    """Other threads are not bounded; tasks begun inside are."""
    found: list[float] = []

    async def inside() -> float:
        return await asyncio.create_task(_read())

    with deadline(10, monotonic=lambda: 0.0):
        thread = threading.Thread(target=contextvars.Context().run, args=(lambda: found.append(caller_deadline()),))
        thread.start()
        thread.join()
        assert asyncio.run(inside()) == 10
    assert found == [math.inf]


async def _read() -> float:
    return caller_deadline()
