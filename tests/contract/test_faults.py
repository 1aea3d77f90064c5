"""Over a real socket, any response gives the documented value, or an error that describes the response."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from kalshi_trade_api import AuthenticatedClient

from kalshi_auth import SignedFlow
from kalshi_core.errors import (
    ApiError,
    PaginationError,
    RateLimitError,
    ResponseDecodeError,
    ServerError,
)
from kalshi_core.models import schema_drift
from kalshi_core.retry.policy import RetryPolicy
from tests.contract.faults.calls import (
    CALLS,
    CREATE,
    GATEWAY,
    ORDER,
    ORDERS,
    PAGED,
    POSITIONS,
    TOO_MANY,
    Call,
    Fault,
    Raised,
    Returned,
    packed,
)
from tests.contract.faults.checks import MARK, check_error, check_value, marked
from tests.contract.faults.pages import cursors, page, rows_of, tickers
from tests.contract.faults.rows import ANSWERS, BREAKS
from tests.contract.faults.server import Answer, Ending, FaultServer
from tests.contract.faults.ways import CallStyle, caught, retrying, signer


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def client(server: FaultServer, loop: asyncio.Runner) -> Iterator[AuthenticatedClient]:
    """One signing client without retries for both ways to call: each call is one request."""
    with AuthenticatedClient(server.base_url, auth=SignedFlow(signer(), server.base_url)) as made:
        yield made
    loop.run(made.aclose())


@pytest.fixture(params=["sync", "async"])
def way(request: pytest.FixtureRequest, client: AuthenticatedClient, loop: asyncio.Runner) -> CallStyle:
    return CallStyle(client, loop.run if request.param == "async" else None)


@pytest.mark.parametrize("fault", ANSWERS, ids=lambda fault: fault.id)
def test_a_call_returns_what_was_promised_or_raises(fault: Fault, way: CallStyle, server: FaultServer) -> None:
    """Both plain forms return the documented type or raise; both detailed forms give the same without raising."""
    server.play(marked(fault))
    value, error = caught(lambda: way.plain(fault.call))
    if isinstance(fault.outcome, Raised):
        check_error(error, fault, fault.outcome, server)
    else:
        assert error is None
        check_value(value, fault.outcome)
    response = way.detailed(fault.call)
    assert (type(response.status_code), response.status_code) == (int, fault.answer.status)
    assert response.content == fault.answer.body
    assert response.headers[MARK[0]] == MARK[1]
    if isinstance(fault.outcome, Raised):
        check_error(response.error, fault, fault.outcome, server)
        assert (str(response.error), response.parsed) == (str(error), None)
        assert caught(response.value)[1] is response.error
    else:
        assert response.error is None
        assert response.parsed == value == response.value()
    assert len(server.seen) == 2


@pytest.mark.parametrize("fault", [fault for fault in ANSWERS if fault.call in PAGED], ids=lambda fault: fault.id)
def test_iterating_yields_the_rows_or_raises(fault: Fault, way: CallStyle, server: FaultServer) -> None:
    """An iteration whose first page is invalid raises the same error as a plain call."""
    server.play(marked(fault))
    found, error = way.listed(fault.call)
    if isinstance(fault.outcome, Raised):
        assert found == []
        check_error(error, fault, fault.outcome, server)
    else:
        assert error is None
        assert found == (getattr(way.plain(fault.call), str(fault.call.rows)) or [])


@pytest.mark.parametrize("fault", BREAKS, ids=lambda fault: fault.id)
def test_an_answer_that_does_not_arrive_raises_the_error_of_httpx(
    fault: Fault, way: CallStyle, server: FaultServer
) -> None:
    """A broken connection is httpx's own transport error in every form, after one request."""
    server.play(fault.answer)
    assert isinstance(fault.outcome, Raised)
    acts: list[Callable[[], Any]] = [lambda: way.plain(fault.call), lambda: way.detailed(fault.call)]
    for act in acts:
        _, error = caught(act)
        assert type(error) is fault.outcome.kind
        assert isinstance(error, httpx.TransportError)
    assert len(server.seen) == len(acts)
    if fault.call in PAGED:
        found, error = way.listed(fault.call)
        assert (found, type(error)) == ([], fault.outcome.kind)


@pytest.mark.parametrize("ending", [Ending.SILENT, Ending.STALLED])
@pytest.mark.parametrize("call", [POSITIONS, CREATE], ids=lambda call: call.id)
def test_an_answer_that_takes_too_long_is_a_read_timeout(
    call: Call, ending: Ending, way: CallStyle, server: FaultServer, loop: asyncio.Runner
) -> None:
    """Neither silence nor half a body keeps a caller waiting beyond the timeout."""
    server.play(call.good.but(ending=ending))
    with way.client.with_timeout(0.1) as hasty:
        _, error = caught(lambda: CallStyle(hasty, way.run).plain(call))
        loop.run(hasty.aclose())
    assert type(error) is httpx.ReadTimeout
    assert len(server.seen) == 1


def test_a_body_that_is_no_gzip_is_the_error_of_httpx(way: CallStyle, server: FaultServer) -> None:
    """A body that httpx can't unpack is httpx's DecodingError."""
    server.play(POSITIONS.good.but(headers=(("Content-Encoding", "gzip"),)))
    assert type(caught(lambda: way.plain(POSITIONS))[1]) is httpx.DecodingError


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.id)
def test_the_connection_is_good_for_the_next_call_after_a_fault(
    call: Call, way: CallStyle, server: FaultServer
) -> None:
    """The call after an error, or after a broken connection, succeeds."""
    broken = Answer(500, b"x", ending=Ending.RESET)
    server.play(Answer(500, GATEWAY), call.good, broken, call.good, broken.but(ending=Ending.CUT), call.good)
    for _ in range(3):
        assert caught(lambda: way.plain(call))[1] is not None
        check_value(way.plain(call), Returned(call.kind))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(429, TOO_MANY), RateLimitError),
        (Answer(502, GATEWAY), ServerError),
        (Answer(503), ServerError),
        (Answer(503, TOO_MANY, (("Retry-After", "nan"),)), ServerError),
    ],
    ids=["429", "502", "503", "503 with Retry-After nan"],
)
def test_a_read_that_stays_refused_raises_the_last_refusal(
    answer: Answer, kind: type[ApiError], way: CallStyle, server: FaultServer
) -> None:
    """Retries end in the error that a single request would have raised."""
    server.play(answer)
    _, once = caught(lambda: way.plain(POSITIONS))
    server.play(answer)
    _, error = caught(lambda: CallStyle(retrying(way.client), way.run).plain(POSITIONS))
    assert (type(error), str(error)) == (kind, str(once))
    assert len(server.seen) == RetryPolicy().attempts


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(200, TOO_MANY), ApiError),
        (Answer(200, GATEWAY), ResponseDecodeError),
        (Answer(204), ResponseDecodeError),
        (Answer(307, headers=(("Location", "/x"),)), ResponseDecodeError),
    ],
    ids=["error body", "HTML", "204", "307"],
)
@pytest.mark.parametrize("call", [POSITIONS, CREATE], ids=lambda call: call.id)
def test_a_success_that_is_none_is_not_asked_for_again(
    call: Call, answer: Answer, kind: type[Exception], way: CallStyle, server: FaultServer
) -> None:
    """A response that can't be decoded is raised after one request, even with retries."""
    server.play(answer)
    _, error = caught(lambda: CallStyle(retrying(way.client), way.run).plain(call))
    assert type(error) is kind
    assert len(server.seen) == 1


def test_unknown_values_and_fields_are_logged_and_not_warned_of(
    way: CallStyle, server: FaultServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Drift is one line in the log per field, at the first response that shows it."""
    schema_drift.forget()
    server.play(page(ORDERS, {**ORDER, "status": "newer", "newest": 1}, None))
    with caplog.at_level(logging.WARNING):
        way.plain(ORDERS)
        way.plain(ORDERS)
    said = [record.getMessage() for record in caplog.records if record.name == "kalshi_core.models.schema_drift"]
    assert [line.split(" ")[0] for line in said] == ["Order.status", "Order.newest", "GetOrdersResponse.orders"]


paged = pytest.mark.parametrize("call", PAGED, ids=lambda call: call.id)


@paged
@pytest.mark.parametrize(
    "last", [{"cursor": ""}, {"cursor": None}, {}], ids=["empty cursor", "null cursor", "no cursor"]
)
def test_three_pages_end_with_the_last_cursor(
    call: Call, last: dict[str, Any], way: CallStyle, server: FaultServer
) -> None:
    """The rows of all pages come in order, and each way to write the last cursor ends it."""
    script = (
        page(call, *rows_of(call, "A", "B"), cursor="c/1+="),
        page(call, *rows_of(call, "C"), cursor="c2"),
        Answer(200, packed({str(call.rows): rows_of(call, "D"), **last})),
    )
    server.play(*script)
    found, error = way.listed(call)
    assert (tickers(found), error) == (["A", "B", "C", "D"], None)
    assert cursors(server) == [None, "c/1+=", "c2"]
    server.play(*script)
    found, error = way.listed(call, "pages")
    assert ([len(getattr(each, str(call.rows))) for each in found], error) == ([2, 1, 1], None)


@paged
@pytest.mark.parametrize("middle", [[], None], ids=["empty", "null"])
def test_a_middle_page_without_rows_does_not_end_it(
    call: Call, middle: list[Any] | None, way: CallStyle, server: FaultServer
) -> None:
    """Only the cursor ends an iteration; a page without rows is passed over."""
    server.play(
        page(call, *rows_of(call, "A"), cursor="c1"),
        Answer(200, packed({str(call.rows): middle, "cursor": "c2"})),
        page(call, *rows_of(call, "B")),
    )
    found, error = way.listed(call)
    assert (tickers(found), error) == (["A", "B"], None)


@paged
@pytest.mark.parametrize("order", [["c1", "c1"], ["c1", "c2", "c1"]], ids=["at once", "in a ring"])
def test_a_cursor_that_comes_back_raises_pagination_error(
    call: Call, order: list[str], way: CallStyle, server: FaultServer
) -> None:
    """The rows so far are yielded, and a repeated cursor is not requested again."""
    server.play(*(page(call, *rows_of(call, f"{place}"), cursor=cursor) for place, cursor in enumerate(order)))
    found, error = way.listed(call)
    assert tickers(found) == [f"{place}" for place in range(len(order))]
    assert type(error) is PaginationError
    assert "c1" in str(error)
    assert len(server.seen) == len(order)


@paged
def test_the_cursor_it_started_from_counts_as_seen(call: Call, way: CallStyle, server: FaultServer) -> None:
    """A server that answers with the cursor it was asked with is caught after one request."""
    server.play(page(call, *rows_of(call, "A"), cursor="mine"))
    found, error = way.listed(call, cursor="mine")
    assert (tickers(found), type(error), cursors(server)) == (["A"], PaginationError, ["mine"])


@paged
@pytest.mark.parametrize(
    ("second", "kind"),
    [
        (Answer(500, GATEWAY), ServerError),
        (Answer(429, TOO_MANY), RateLimitError),
        (Answer(200, TOO_MANY), ApiError),
        (Answer(200, GATEWAY), ResponseDecodeError),
        (Answer(200), ResponseDecodeError),
        (Answer(200, b'{"orders":[],"cur', ending=Ending.CUT), httpx.RemoteProtocolError),
        (Answer(200, ending=Ending.RESET), httpx.ReadError),
    ],
    ids=["500", "429", "error body", "HTML", "empty body", "cut", "reset"],
)
def test_a_second_page_that_fails_comes_after_the_rows_of_the_first(
    call: Call, second: Answer, kind: type[Exception], way: CallStyle, server: FaultServer
) -> None:
    """The rows received so far are yielded before the error is raised."""
    for form in ("iterate", "pages"):
        server.play(page(call, *rows_of(call, "A"), cursor="c1"), second)
        found, error = way.listed(call, form)
        assert (len(found), type(error)) == (1, kind)
        assert cursors(server) == [None, "c1"]


@paged
@pytest.mark.parametrize(("most", "requests"), [(1, 1), (2, 1), (3, 2), (4, 2), (9, 2)])
def test_max_items_ends_an_iteration_and_asks_for_no_page_too_many(
    call: Call, most: int, requests: int, way: CallStyle, server: FaultServer
) -> None:
    """An iteration stops at so many rows, without fetching a page that it does not need."""
    server.play(page(call, *rows_of(call, "A", "B"), cursor="c1"), page(call, *rows_of(call, "C", "D")))
    found, error = way.listed(call, max_items=most)
    assert (tickers(found), error) == (list("ABCD"[:most]), None)
    assert len(server.seen) == requests


@paged
@pytest.mark.parametrize(("most", "requests"), [(1, 1), (2, 2), (9, 3)])
def test_max_pages_ends_paging(call: Call, most: int, requests: int, way: CallStyle, server: FaultServer) -> None:
    """So many pages are fetched and no more, whatever the last cursor says."""
    server.play(*(page(call, *rows_of(call, "A"), cursor=cursor) for cursor in ("c1", "c2", "")))
    found, error = way.listed(call, "pages", max_pages=most)
    assert (len(found), error, len(server.seen)) == (requests, None, requests)


@paged
def test_a_page_without_its_rows_raises_pagination_error(call: Call, way: CallStyle, server: FaultServer) -> None:
    """A page that lacks its list is neither an empty one nor an AttributeError."""
    server.play(Answer(200, b'{"cursor":"c1"}'))
    found, error = way.listed(call)
    assert (found, type(error)) == ([], PaginationError)
