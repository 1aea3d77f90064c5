"""The attempts of one call: what is sent again, after which wait, and the result that describes them all."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from kalshi_auth import (
    BudgetError,
    NotSentError,
    OrderExistsError,
    RateLimit,
    WriteFateUnknownError,
    WriteNotSentError,
)
from tests.unit.scripted_calls import (
    ORDER_EXISTS,
    Event,
    ScriptedServer,
    lost_response,
    refused_connection,
    request_of,
    response,
)


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_waits_double_up_to_the_longest(mode: str) -> None:
    """With the jitter at its upper end, waits are 1, 2, 4 s; the fourth response is the last."""
    server = ScriptedServer(*[response(429) for _ in range(4)])
    assert server.send("bare create", mode).status_code == 429
    assert server.waits == [1, 2, 4]


@pytest.mark.parametrize("kind", ["get", "create", "cancel"])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 500, 501, 505])
def test_a_response_of_the_exchange_is_final(status: int, kind: str) -> None:
    """A rejection, and a failure inside the exchange, is the call's result after one request."""
    server = ScriptedServer(response(status), response(200))
    assert server.send(kind).status_code == status
    assert len(server.caps) == 1


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_read_is_repeated_after_a_gateways_response(status: int) -> None:
    """A gateway that responds in place of the exchange says nothing about a read."""
    server = ScriptedServer(response(status), response(200))
    assert server.send("get").status_code == 200
    assert len(server.caps) == 2


@pytest.mark.parametrize(("kind", "other"), [("get", "cancel"), ("cancel", "get")])
def test_a_429_empties_the_bucket_of_its_request(kind: str, other: str) -> None:
    """After a 429 the next request of its kind waits for a refill, and those of the other kind do not."""
    waits: list[float] = []
    limit = RateLimit(read=(10, 1000), write=(10, 1000), sleep=waits.append, monotonic=lambda: 0.0)
    ScriptedServer(response(429), response(200), rate_limit=limit).send(kind)
    limit.acquire(request_of(other))
    waits.clear()
    limit.acquire(request_of(kind))
    assert waits == [pytest.approx(2.0)]


@pytest.mark.parametrize(
    ("asked", "wait_s"), [("3", 3), ("20", 20), ("0", 1), ("-1", 1), ("nan", 1), ("31", 1), ("x", 1)]
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_usable_retry_after_sets_the_shortest_wait(asked: str, wait_s: float, status: int) -> None:
    """The wait is at least what the exchange asks for; an unusable value leaves the jittered wait."""
    server = ScriptedServer(response(status, Retry_After=asked), response(200))
    assert server.send("get").status_code == 200
    assert server.waits == [wait_s]


@pytest.mark.parametrize("kind", ["cancel", "bare create", "create", "batch"])
@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_write_that_was_not_sent_says_so(kind: str, mode: str) -> None:
    """After refused connections alone, the error is a NotSentError and a transport error."""
    server = ScriptedServer(*[refused_connection() for _ in range(4)])
    with pytest.raises(WriteNotSentError, match="was not sent: ConnectError: refused") as caught:
        server.send(kind, mode)
    assert isinstance(caught.value, NotSentError)
    assert isinstance(caught.value, httpx.TransportError)
    assert not isinstance(caught.value, WriteFateUnknownError)
    assert len(server.caps) == 4


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_refused_connection_after_a_lost_response_leaves_the_fate_unknown(mode: str) -> None:
    """The last attempt was not sent, but the first may have been executed, and the error says that."""
    server = ScriptedServer(lost_response(), refused_connection(), refused_connection(), refused_connection())
    with pytest.raises(WriteFateUnknownError, match="may have been executed: 4 sent") as caught:
        server.send("create", mode)
    assert not isinstance(caught.value, NotSentError)


def test_a_lost_response_after_a_refused_connection_ends_a_bare_write() -> None:
    """A write that was not sent is repeated; one that may have been executed is not."""
    server = ScriptedServer(refused_connection(), lost_response(), response(200))
    with pytest.raises(WriteFateUnknownError, match="may have been executed"):
        server.send("cancel")
    assert len(server.events) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429, 500, 502, 307])
def test_after_a_lost_response_only_success_or_existence_decides_a_creation(status: int) -> None:
    """Any other response leaves the fate of the first attempt unknown; the error has the response."""
    events: list[Event] = [lost_response(), *[response(status, {"error": {"code": "x"}}) for _ in range(3)]]
    with pytest.raises(WriteFateUnknownError, match=f"ended with {status}") as caught:
        ScriptedServer(*events).send("create")
    assert caught.value.response is not None
    assert caught.value.response.status_code == status


@pytest.mark.parametrize("first", [lost_response, lambda: response(502), lambda: response(503), lambda: response(504)])
def test_a_repeated_creation_that_exists_has_its_own_error(first: Callable[[], Event]) -> None:
    """409 after an attempt in doubt means that the order exists; the error says how to read it."""
    with pytest.raises(OrderExistsError, match=r"read it with get_orders\.iterate") as caught:
        ScriptedServer(first(), response(409, ORDER_EXISTS)).send("create")
    assert caught.value.client_order_ids == ["own"]
    assert caught.value.ticker == "KXHIGHNY-26NOV23-T55"
    assert caught.value.response.status_code == 409


def test_an_order_that_is_changed_while_it_is_sent_is_reported_as_it_was() -> None:
    """Reusing the body for the next order does not change which order is found to exist."""
    server, order = ScriptedServer(lost_response(), response(409, ORDER_EXISTS)), request_of("create")

    def attempt(cap_s: float | None) -> httpx.Response:
        order.body.client_order_id, order.body.ticker = "next", "NEXT"
        return server.attempt(cap_s)

    with pytest.raises(OrderExistsError) as caught:
        server.sender.send(order, attempt)
    assert (caught.value.client_order_ids, caught.value.ticker) == (["own"], "KXHIGHNY-26NOV23-T55")


@pytest.mark.parametrize("first", [refused_connection, lambda: response(429)])
def test_existence_without_a_doubt_is_a_plain_rejection(first: Callable[[], Event]) -> None:
    """When no earlier attempt can have been executed, 409 means that another call used the id."""
    assert ScriptedServer(first(), response(409, ORDER_EXISTS)).send("create").status_code == 409


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([{"client_order_id": "own-1", "error": ORDER_EXISTS["error"]}, {"order_id": "2"}], ["own-1"]),
        ([{"order_id": "1"}, {"error": ORDER_EXISTS["error"]}], ["own-2"]),
        ([{"order_id": "1"}, {"error": {"code": "insufficient_balance"}}], None),
    ],
)
def test_a_repeated_batch_reports_which_orders_exist(rows: list[Any], found: list[str] | None) -> None:
    """A batch has a result for each order: the existing ones are named, the others are in the response."""
    server = ScriptedServer(lost_response(), response(201, {"orders": rows}))
    if found is None:
        assert server.send("batch").status_code == 201
        return
    with pytest.raises(OrderExistsError) as caught:
        server.send("batch")
    assert caught.value.client_order_ids == found
    assert caught.value.ticker is None
    assert caught.value.response.json()["orders"] == rows


def test_a_batch_rejected_as_a_whole_after_a_doubt_is_unknown() -> None:
    """One 409 for several orders does not say which of them exist."""
    with pytest.raises(WriteFateUnknownError):
        ScriptedServer(lost_response(), response(409, ORDER_EXISTS)).send("batch")


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b"null", b'{"orders": 1}', b'{"orders": [1, 2]}', b"[" * 10**5])
def test_a_success_with_any_body_is_the_result(body: bytes) -> None:
    """A 2xx after a doubt is returned; decoding it is the next layer's task."""
    assert ScriptedServer(lost_response(), httpx.Response(201, content=body)).send("batch").status_code == 201


@pytest.mark.parametrize("status", [502, 503, 504])
@pytest.mark.parametrize("kind", ["cancel", "bare create", "bare batch"])
def test_a_gateways_response_to_a_bare_write_is_the_result(status: int, kind: str) -> None:
    """A write that cannot be repeated safely is sent once."""
    server = ScriptedServer(response(status), response(200))
    assert server.send(kind).status_code == status
    assert len(server.events) == 1


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_repetition_that_the_rate_limit_refuses_is_not_reported_as_unsent(mode: str) -> None:
    """No tokens for the second attempt: the first may have been executed, and the error says that."""
    server = ScriptedServer(lost_response(), response(200))
    limit = RateLimit(write=(0.1, 10), sleep=server.sleep, async_sleep=server.async_sleep, monotonic=lambda: server.now)
    server.sender.rate_limit = limit
    with pytest.raises(WriteFateUnknownError, match="may have been executed"):
        server.send("create", mode)
    with pytest.raises(BudgetError, match="nothing was sent"):
        server.send("create", mode)


@pytest.mark.parametrize(
    ("kind", "events"),
    [("get", [lost_response()] * 4), ("cancel", [lost_response()]), ("create", [refused_connection()] * 4),
     ("create", [lost_response(), response(409, ORDER_EXISTS)]), ("create", [lost_response(), response(400)])],
)  # fmt: skip
def test_no_error_carries_a_signature(kind: str, events: list[Event]) -> None:
    """Neither the error, nor its cause, response or pickle holds the request's signature; other headers stay."""
    with pytest.raises((httpx.TransportError, OrderExistsError)) as caught:
        ScriptedServer(*events).send(kind)
    error: Any = caught.value
    assert b"secret" not in pickle.dumps(error)
    for each in (error, error.__cause__, getattr(error, "response", None)):
        if isinstance(each, httpx.ReadTimeout | httpx.ConnectError | httpx.Response):
            assert "KALSHI-ACCESS-SIGNATURE" not in each.request.headers
            assert each.request.headers["A"] == "b"
            assert each.request.method == "POST"


@pytest.mark.parametrize(
    "error", [WriteFateUnknownError("x", response(400)), OrderExistsError(["a"], "T", response(409))]
)
def test_errors_are_pickled_whole(error: Any) -> None:
    """An error comes back from another process with its attributes."""
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert again.response.status_code == error.response.status_code
