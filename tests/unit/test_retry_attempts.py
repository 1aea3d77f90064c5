"""The decisions about one call: what is sent again, after which wait, and what is said in the end."""

from __future__ import annotations

import asyncio
import math
import pickle
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import httpx
import pytest

from kalshi_auth import (
    BudgetError,
    NotSentError,
    OrderExistsError,
    RateLimit,
    RetryPolicy,
    WriteFateUnknownError,
    WriteNotSentError,
    deadline,
)
from kalshi_core.retry.sender import RetryingSender
from kalshi_core.retry.server_clock import ServerClock
from kalshi_core.types import PreparedRequest
from tests.weather.calls import call_of

NOW_NS = 1_795_000_000 * 10**9
EXISTS = {"error": {"code": "order_already_exists", "message": "exists"}}
EXPIRED = {"error": {"code": "header_timestamp_expired", "message": "expired"}}
Event = httpx.Response | Exception


class World:
    """A server that answers by a list, and a clock that waiting moves."""

    def __init__(self, *events: Event, each_s: float = 0.0, **options: Any) -> None:
        self.events = list(events)
        self.each_s = each_s
        self.now = 100.0
        self.caps: list[float | None] = []
        self.waits: list[float] = []
        policy = options.pop("policy", RetryPolicy(attempts=4, total_s=30, first_wait_s=1, longest_wait_s=4))
        self.clock = ServerClock(lambda: NOW_NS)
        self.sending = RetryingSender(
            policy=policy,
            clock=self.clock,
            sleep=self.sleep,
            async_sleep=self.async_sleep,
            monotonic=lambda: self.now,
            random=lambda: 1.0,
            **options,
        )

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    async def async_sleep(self, seconds: float) -> None:
        self.sleep(seconds)

    def attempt(self, cap_s: float | None) -> httpx.Response:
        self.caps.append(cap_s)
        self.now += self.each_s
        event = self.events.pop(0)
        request = httpx.Request("POST", "https://x/y", headers={"KALSHI-ACCESS-SIGNATURE": "secret", "A": "b"})
        if isinstance(event, httpx.Response):
            event.request = request
            return event
        if isinstance(event, httpx.RequestError):
            event.request = request
        raise event

    def send(self, kind: str, mode: str = "sync") -> httpx.Response:
        async def attempt(cap_s: float | None) -> httpx.Response:
            return self.attempt(cap_s)

        if mode == "sync":
            return self.sending.send(outgoing(kind), self.attempt)
        return asyncio.run(self.sending.asend(outgoing(kind), attempt))


def outgoing(kind: str) -> PreparedRequest:
    operation, arguments = call_of(kind)
    return operation.OPERATION.request(**arguments)  # type: ignore[no-any-return]


def said(status: int, body: Any = None, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=body, headers={k.replace("_", "-"): v for k, v in headers.items()})


def dropped() -> Exception:
    return httpx.ReadTimeout("late")


def refused() -> Exception:
    return httpx.ConnectError("refused")


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_waits_double_up_to_the_longest(mode: str) -> None:
    """With the jitter at its upper end, waits are 1, 2, 4 s; the fourth answer is the last."""
    world = World(*[said(429) for _ in range(4)])
    assert world.send("bare create", mode).status_code == 429
    assert world.waits == [1, 2, 4]


def test_every_attempt_is_capped_by_the_time_that_is_left() -> None:
    """Attempts are told how much of the total is left."""
    world = World(refused(), refused(), said(200), each_s=2.0)
    world.send("cancel")
    assert world.caps == [30, 27, 23]


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_no_attempt_begins_that_the_time_does_not_allow(mode: str) -> None:
    """A wait that would reach past the total time is not begun."""
    world = World(*[said(503) for _ in range(4)], each_s=13.0)
    assert world.send("get", mode).status_code == 503
    assert world.waits == [1, 2]
    assert world.now <= 100 + 30 + 13


def test_a_callers_deadline_is_kept_to() -> None:
    """A deadline nearer than the total time ends the attempts."""
    world = World(*[said(503) for _ in range(4)])
    with deadline(2.5, monotonic=lambda: 100.0):
        assert world.send("get").status_code == 503
    assert world.waits == [1]
    assert world.caps == [2.5, 1.5]


@pytest.mark.parametrize("policy", [RetryPolicy(), None])
@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize(("kind", "error"), [("get", httpx.ConnectTimeout), ("create", WriteNotSentError)])
def test_after_the_deadline_nothing_is_sent(
    kind: str, error: type[Exception], mode: str, policy: RetryPolicy | None
) -> None:
    """A call that begins too late ends before its first attempt."""
    world = World(policy=policy)
    with deadline(-1, monotonic=lambda: 100.0), pytest.raises(error, match="was not sent: the deadline has passed"):
        world.send(kind, mode)
    assert world.caps == []


def test_without_retries_a_deadline_still_caps() -> None:
    """retry=None knows no total time of its own, but the caller's deadline."""
    world = World(said(200), said(200), policy=None)
    world.send("get")
    with deadline(2.0, monotonic=lambda: 100.0):
        world.send("get")
    assert world.caps == [None, 2.0]


@pytest.mark.parametrize(
    ("asked", "wait_s"), [("3", 3), ("20", 20), ("0", 1), ("-1", 1), ("nan", 1), ("31", 1), ("x", 1)]
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_sane_retry_after_sets_the_least_wait(asked: str, wait_s: float, status: int) -> None:
    """What the exchange asks for is waited for; what is not sane falls back on the jittered wait."""
    world = World(said(status, Retry_After=asked), said(200))
    assert world.send("get").status_code == 200
    assert world.waits == [wait_s]


@pytest.mark.parametrize("kind", ["cancel", "bare create", "create", "batch"])
@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_write_that_never_left_says_so(kind: str, mode: str) -> None:
    """Refused connections alone: was not sent, as a NotSentError and as a transport error."""
    world = World(*[refused() for _ in range(4)])
    with pytest.raises(WriteNotSentError, match="was not sent: ConnectError: refused") as caught:
        world.send(kind, mode)
    assert isinstance(caught.value, NotSentError)
    assert isinstance(caught.value, httpx.TransportError)
    assert not isinstance(caught.value, WriteFateUnknownError)
    assert len(world.caps) == 4


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_refused_connection_after_a_lost_answer_settles_nothing(mode: str) -> None:
    """The last attempt was not sent, but the first may have been executed: that is what is said."""
    world = World(dropped(), refused(), refused(), refused())
    with pytest.raises(WriteFateUnknownError, match="may have been executed: 4 sent") as caught:
        world.send("create", mode)
    assert not isinstance(caught.value, NotSentError)


def test_a_lost_answer_after_a_refused_connection_ends_a_bare_write() -> None:
    """What was not sent is repeated, what may have been executed is not."""
    world = World(refused(), dropped(), said(200))
    with pytest.raises(WriteFateUnknownError, match="may have been executed"):
        world.send("cancel")
    assert len(world.events) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429, 500, 502, 307])
def test_after_a_lost_answer_only_success_or_existence_settles_a_creation(status: int) -> None:
    """Any other answer leaves the fate of the first attempt unknown, and is handed over with the error."""
    events: list[Event] = [dropped(), *[said(status, {"error": {"code": "x"}}) for _ in range(3)]]
    with pytest.raises(WriteFateUnknownError, match=f"ended with {status}") as caught:
        World(*events).send("create")
    assert caught.value.response is not None
    assert caught.value.response.status_code == status


@pytest.mark.parametrize("first", [dropped, lambda: said(502), lambda: said(503), lambda: said(504)])
def test_a_repeated_creation_that_exists_is_a_typed_answer(first: Callable[[], Event]) -> None:
    """409 after a doubtful attempt: the order is there, with the words on how to read it."""
    with pytest.raises(OrderExistsError, match=r"read it with get_orders\.iterate") as caught:
        World(first(), said(409, EXISTS)).send("create")
    assert caught.value.client_order_ids == ["own"]
    assert caught.value.ticker == "KXHIGHNY-26NOV23-T55"
    assert caught.value.response.status_code == 409


def test_an_order_that_is_changed_while_it_is_sent_is_told_of_as_it_was() -> None:
    """Who makes the next order of the same body does not change which one is found to exist."""
    world, order = World(dropped(), said(409, EXISTS)), outgoing("create")

    def attempt(cap_s: float | None) -> httpx.Response:
        order.body.client_order_id, order.body.ticker = "next", "NEXT"
        return world.attempt(cap_s)

    with pytest.raises(OrderExistsError) as caught:
        world.sending.send(order, attempt)
    assert (caught.value.client_order_ids, caught.value.ticker) == (["own"], "KXHIGHNY-26NOV23-T55")


@pytest.mark.parametrize("first", [refused, lambda: said(429)])
def test_existence_without_a_doubt_is_a_plain_refusal(first: Callable[[], Event]) -> None:
    """When nothing can have been executed before, 409 means that another call used the id."""
    assert World(first(), said(409, EXISTS)).send("create").status_code == 409


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([{"client_order_id": "own-1", "error": EXISTS["error"]}, {"order_id": "2"}], ["own-1"]),
        ([{"order_id": "1"}, {"error": EXISTS["error"]}], ["own-2"]),
        ([{"order_id": "1"}, {"error": {"code": "insufficient_balance"}}], None),
    ],
)
def test_a_repeated_batch_tells_which_orders_exist(rows: list[Any], found: list[str] | None) -> None:
    """A batch is answered row by row: the rows that exist are named, the rest is in the response."""
    world = World(dropped(), said(201, {"orders": rows}))
    if found is None:
        assert world.send("batch").status_code == 201
        return
    with pytest.raises(OrderExistsError) as caught:
        world.send("batch")
    assert caught.value.client_order_ids == found
    assert caught.value.ticker is None
    assert caught.value.response.json()["orders"] == rows


def test_a_batch_refused_as_a_whole_after_a_doubt_is_unknown() -> None:
    """One 409 for several orders does not tell which of them exist."""
    with pytest.raises(WriteFateUnknownError):
        World(dropped(), said(409, EXISTS)).send("batch")


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b"null", b'{"orders": 1}', b'{"orders": [1, 2]}', b"[" * 10**5])
def test_a_success_of_any_shape_settles(body: bytes) -> None:
    """A 2xx after a doubt is handed over, and judged where answers are decoded."""
    assert World(dropped(), httpx.Response(201, content=body)).send("batch").status_code == 201


@pytest.mark.parametrize("status", [502, 503, 504])
@pytest.mark.parametrize("kind", ["cancel", "bare create", "bare batch"])
def test_a_gateways_answer_to_a_write_is_handed_over(status: int, kind: str) -> None:
    """A write that can't be repeated safely gets the gateway's answer, after one request."""
    world = World(said(status), said(200))
    assert world.send(kind).status_code == status
    assert len(world.events) == 1


def test_a_timestamp_that_expired_is_signed_again_at_once() -> None:
    """The offset is applied, and the request sent once more, without a wait."""
    world = World(said(401, EXPIRED, Date=formatdate(NOW_NS / 1e9 + 300, usegmt=True)), said(200))
    assert world.send("bare create").status_code == 200
    assert world.waits == [0.0]
    assert world.clock.offset_s == pytest.approx(300, abs=1)


@pytest.mark.parametrize("policy", [None, RetryPolicy(attempts=1)])
def test_the_clock_heals_without_retries(policy: RetryPolicy | None) -> None:
    """A correction is no retry: it is made with retry=None as well."""
    world = World(said(401, EXPIRED, Date=formatdate(NOW_NS / 1e9 + 300, usegmt=True)), said(200), policy=policy)
    assert world.send("bare create").status_code == 200


@pytest.mark.parametrize(
    ("body", "date"),
    [(EXPIRED, formatdate(NOW_NS / 1e9, usegmt=True)), (EXPIRED, "garbage"),
     ({"error": {"code": "authentication_error"}}, formatdate(NOW_NS / 1e9 + 300, usegmt=True))],
)  # fmt: skip
def test_a_refusal_that_the_clock_does_not_explain_is_handed_over(body: Any, date: str) -> None:
    """Without another time to sign with, or for another reason, 401 is the answer."""
    world = World(said(401, body, Date=date), said(200))
    assert world.send("create").status_code == 401
    assert world.clock.offset_s == 0


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_timestamp_that_was_not_sent_can_not_have_expired(mode: str) -> None:
    """What is said of the timestamp of an unsigned request is an answer as any other: no clock follows it."""
    world = World(said(401, EXPIRED, Date=formatdate(NOW_NS / 1e9 + 300, usegmt=True)), said(200))
    assert world.send("public get", mode).status_code == 401
    assert world.clock.offset_s == 0


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize(("kind", "each_s", "status"), [("bare create", 11, 200), ("get", 11, 200), ("get", 0.9, 401)])
def test_a_timestamp_that_grew_old_on_the_way_is_made_anew(kind: str, each_s: float, status: int, mode: str) -> None:
    """Signed, and then held up in a queue for a connection: the clock is right, and a later attempt may be quicker."""
    world = World(said(401, EXPIRED), said(200), each_s=each_s)
    world.sending.clock = ServerClock(lambda: NOW_NS + int(world.now * 1e9))
    assert world.send(kind, mode).status_code == status


def test_a_timestamp_that_is_always_too_old_is_tried_as_often_as_anything() -> None:
    """It counts as an attempt, and its wait is that of one."""
    world = World(*[said(401, EXPIRED) for _ in range(9)], each_s=2)
    world.sending.clock = ServerClock(lambda: NOW_NS + int(world.now * 1e9))
    assert world.send("bare create").status_code == 401
    assert (len(world.caps), world.waits) == (4, [1, 2, 4])


def test_a_call_is_signed_again_with_an_offset_that_another_call_learnt() -> None:
    """Of many calls refused at once, the first corrects the clock, and all are repeated."""
    date = formatdate(NOW_NS / 1e9 + 300, usegmt=True)
    world = World(said(401, EXPIRED, Date=date), said(200))
    first = world.attempt

    def attempt(cap_s: float | None) -> httpx.Response:
        world.clock.correct(date, NOW_NS, NOW_NS)
        return first(cap_s)

    assert world.sending.send(outgoing("bare create"), attempt).status_code == 200


def test_a_correction_is_not_made_past_the_deadline() -> None:
    """A refusal that comes with the last second is the answer."""
    world = World(said(401, EXPIRED, Date=formatdate(NOW_NS / 1e9 + 300, usegmt=True)), each_s=31)
    assert world.send("create").status_code == 401


def test_an_offset_in_use_follows_later_answers() -> None:
    """The Dates of ordinary answers keep the offset true."""
    world = World(
        said(401, EXPIRED, Date=formatdate(NOW_NS / 1e9 + 300, usegmt=True)),
        said(200, Date=formatdate(NOW_NS / 1e9 + 250, usegmt=True)),
    )
    world.send("get")
    assert world.clock.offset_s == pytest.approx(250, abs=1)


@pytest.mark.parametrize(("age", "follows"), [("0", True), ("40", False), ("soon", False)])
def test_an_answer_from_a_cache_tells_no_time(age: str, follows: bool) -> None:
    """A Date that a cache has kept moves neither an offset in use nor, with a refusal, a clock without one."""
    late = formatdate(NOW_NS / 1e9 + 250, usegmt=True)
    world = World(said(401, EXPIRED, Date=formatdate(NOW_NS / 1e9 + 300, usegmt=True)), said(200, Date=late, Age=age))
    world.send("get")
    assert world.clock.offset_s == pytest.approx(250 if follows else 300, abs=1)
    world = World(said(401, EXPIRED, Date=late, Age=age), said(200))
    assert world.send("get").status_code == (200 if follows else 401)


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("stop", [KeyboardInterrupt, asyncio.CancelledError, RuntimeError])
def test_whatever_is_no_transport_error_ends_a_call_at_once(stop: type[BaseException], mode: str) -> None:
    """Ctrl-C, cancellation and a closed client are not retried."""
    world = World(stop("now"), said(200))  # type: ignore[arg-type]
    with pytest.raises(stop):
        world.send("get", mode)
    assert len(world.events) == 1


def interrupting(stop: type[BaseException]) -> tuple[Any, Any]:
    """Return waits, in a thread and in an event loop, that are interrupted."""

    def sleep(seconds: float) -> None:
        raise stop

    async def async_sleep(seconds: float) -> None:
        raise stop

    return sleep, async_sleep


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_wait_that_is_interrupted_ends_the_call(mode: str) -> None:
    """KeyboardInterrupt in the wait before a retry passes through."""
    world = World(said(429), said(200))
    world.sending.sleep, world.sending.async_sleep = interrupting(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        world.send("get", mode)
    assert len(world.events) == 1


def notes(error: BaseException | None) -> list[str]:
    return getattr(error, "__notes__", [])


STOPS = [("sync", KeyboardInterrupt), ("async", KeyboardInterrupt), ("async", asyncio.CancelledError)]
UNDER_WAY = "CreateOrderV2 may have been executed: {} sent, the last was interrupted"
ENDED = "CreateOrderV2 may have been executed: 1 sent, the last ended with {}"


@pytest.mark.parametrize(("mode", "stop"), STOPS)
@pytest.mark.parametrize(
    ("kind", "earlier", "note"),
    [
        ("bare create", [], UNDER_WAY.format(1)),
        ("create", [dropped], UNDER_WAY.format(2)),
        ("create", [refused], UNDER_WAY.format(2)),
        ("create", [lambda: said(429)], UNDER_WAY.format(2)),
        ("cancel", [], "CancelOrderV2 may have been executed: 1 sent, the last was interrupted"),
        ("get", [], None),
        ("get", [dropped], None),
    ],
)
def test_an_interrupted_write_says_that_it_may_have_been_executed(
    kind: str, earlier: list[Callable[[], Any]], note: str | None, mode: str, stop: type[BaseException]
) -> None:
    """Ctrl-C or a cancellation while a write is under way carries a note, of a read none."""
    world = World(*[each() for each in earlier], stop("now"))  # type: ignore[arg-type]
    with pytest.raises(stop) as caught:
        world.send(kind, mode)
    assert notes(caught.value) == ([note] if note else [])


@pytest.mark.parametrize("wait", ["retry", "pacing"])
@pytest.mark.parametrize(("mode", "stop"), STOPS)
@pytest.mark.parametrize(
    ("kind", "earlier", "note"),
    [
        ("create", dropped, ENDED.format("ReadTimeout: late")),
        ("create", lambda: said(503), ENDED.format("503")),
        ("create", refused, None),
        ("create", lambda: said(429), None),
        ("get", dropped, None),
    ],
)
def test_an_interrupted_wait_tells_of_an_earlier_doubt(
    kind: str, earlier: Callable[[], Any], note: str | None, mode: str, stop: type[BaseException], wait: str
) -> None:
    """Between attempts nothing is under way, but what became of an earlier one may be unknown."""

    world, (sleep, async_sleep) = World(earlier(), said(200)), interrupting(stop)
    if wait == "retry":
        world.sending.sleep, world.sending.async_sleep = sleep, async_sleep
    else:
        once = (0.1, 10)
        world.sending.rate_limit = RateLimit(
            read=once, write=once, sleep=sleep, async_sleep=async_sleep, monotonic=lambda: world.now
        )
        world.sending.policy = RetryPolicy(first_wait_s=1, longest_wait_s=1, total_s=1000)
    with pytest.raises(stop) as caught:
        world.send(kind, mode)
    assert len(world.events) == 1
    assert notes(caught.value) == ([note] if note else [])


@pytest.mark.parametrize(("mode", "stop"), STOPS)
def test_a_write_interrupted_before_its_first_attempt_has_nothing_to_tell(mode: str, stop: type[BaseException]) -> None:
    """While a write waits for its first tokens it was surely not sent."""

    sleep, async_sleep = interrupting(stop)
    limit = RateLimit(write=(10, 10), sleep=sleep, async_sleep=async_sleep, monotonic=lambda: 100.0)
    world = World(said(201), said(201), rate_limit=limit)
    world.send("create", mode)
    with pytest.raises(stop) as caught:
        world.send("create", mode)
    assert notes(caught.value) == []


def test_a_timeout_of_asyncio_has_the_note_on_its_cause() -> None:
    """Where asyncio turns a cancellation into another error, a traceback shows the note nevertheless."""
    world = World()

    async def silent(cap_s: float | None) -> httpx.Response:
        await asyncio.sleep(60)
        raise AssertionError

    async def timed() -> None:
        async with asyncio.timeout(0.01):
            await world.sending.asend(outgoing("create"), silent)

    async def cancelled() -> None:
        task = asyncio.ensure_future(world.sending.asend(outgoing("create"), silent))
        await asyncio.sleep(0.01)
        task.cancel()
        await task

    with pytest.raises(TimeoutError) as late:
        asyncio.run(timed())
    assert notes(late.value.__cause__) == [UNDER_WAY.format(1)]
    with pytest.raises(asyncio.CancelledError) as ended:
        asyncio.run(cancelled())
    assert notes(ended.value) == [UNDER_WAY.format(1)]


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_repetition_the_rate_limit_refuses_is_not_called_unsent(mode: str) -> None:
    """No room for the second attempt: the first may have been executed, and that is what is said."""
    world = World(dropped(), said(200))
    limit = RateLimit(write=(0.1, 10), sleep=world.sleep, async_sleep=world.async_sleep, monotonic=lambda: world.now)
    world.sending.rate_limit = limit
    with pytest.raises(WriteFateUnknownError, match="may have been executed"):
        world.send("create", mode)
    with pytest.raises(BudgetError, match="nothing was sent"):
        world.send("create", mode)


def test_an_attempt_whose_answer_trickles_ends_with_the_time() -> None:
    """In an event loop the time there is bounds an attempt as a whole."""
    sending = RetryingSender(policy=RetryPolicy(attempts=2, total_s=0.05), clock=ServerClock())

    async def attempt(cap_s: float | None) -> httpx.Response:
        await asyncio.sleep(5)
        raise AssertionError

    began = time.monotonic()
    with pytest.raises(httpx.ReadTimeout, match="time is up"):
        asyncio.run(sending.asend(outgoing("get"), attempt))
    assert time.monotonic() - began < 1


def test_a_callers_own_timeout_is_not_taken_for_ours() -> None:
    """A TimeoutError that comes from outside passes through."""
    sending = RetryingSender(policy=RetryPolicy(), clock=ServerClock())

    async def attempt(cap_s: float | None) -> httpx.Response:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        asyncio.run(sending.asend(outgoing("get"), attempt))


@pytest.mark.parametrize(
    ("kind", "events"),
    [("get", [dropped()] * 4), ("cancel", [dropped()]), ("create", [refused()] * 4),
     ("create", [dropped(), said(409, EXISTS)]), ("create", [dropped(), said(400)])],
)  # fmt: skip
def test_no_error_carries_a_signature(kind: str, events: list[Event]) -> None:
    """Neither the error, nor its cause, response or pickle holds the request's signature; other headers stay."""
    with pytest.raises((httpx.TransportError, OrderExistsError)) as caught:
        World(*events).send(kind)
    error: Any = caught.value
    assert b"secret" not in pickle.dumps(error)
    for each in (error, error.__cause__, getattr(error, "response", None)):
        if isinstance(each, httpx.ReadTimeout | httpx.ConnectError | httpx.Response):
            assert "KALSHI-ACCESS-SIGNATURE" not in each.request.headers
            assert each.request.headers["A"] == "b"
            assert each.request.method == "POST"


@pytest.mark.parametrize("error", [WriteFateUnknownError("x", said(400)), OrderExistsError(["a"], "T", said(409))])
def test_errors_are_pickled_whole(error: Any) -> None:
    """An error comes back from another process with what it holds."""
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert again.response.status_code == error.response.status_code


def test_the_seconds_left_are_never_nothing() -> None:
    """A timeout of zero would mean another thing to httpx."""
    world = World(said(200), said(200))
    world.send("get")
    assert all(cap is not None and 0 < cap < math.inf for cap in world.caps)
