"""When a call is over: what is an answer, what is only a sign of trouble, and who is told of it."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import formatdate
from typing import Any, Final

import httpx
import pytest
from attrs import field, frozen

from kalshi_auth import RateLimit, RetryPolicy
from kalshi_core.retry.rules import retry_after_s
from kalshi_core.retry.sender import RetryingSender
from kalshi_core.retry.server_clock import ServerClock

NOW_NS: Final = 1_795_000_000 * 10**9
KINDS: Final = pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])


@frozen
class Request:
    """A request that may be repeated as far as its method allows."""

    method: str
    operation_id: str = "GetBalance"
    template: str = "/portfolio/balance"
    body: Any = None
    signed: bool = True


@frozen
class Server:
    """Answers request after request with the next of its answers, and with the last one from then on."""

    answers: list[Callable[[], httpx.Response]]
    caps: list[float | None] = field(factory=list)

    def attempt(self, cap_s: float | None) -> httpx.Response:
        answer = self.answers[min(len(self.caps), len(self.answers) - 1)]()
        self.caps.append(cap_s)
        answer.request = httpx.Request("GET", "https://exchange.test")
        return answer


def sent(
    method: str, *answers: Callable[[], httpx.Response], rate_limit: RateLimit | None = None
) -> list[float | None]:
    """Send until it is settled, and return the caps of the attempts."""
    now = [0.0]

    def sleep(seconds: float) -> None:
        # A wait of nothing takes a moment too, so that a loop without an end has one here.
        now[0] += max(seconds, 0.5)

    sending = RetryingSender(
        policy=RetryPolicy(attempts=3),
        clock=ServerClock(lambda: NOW_NS),
        rate_limit=rate_limit,
        sleep=sleep,
        monotonic=lambda: now[0],
        random=lambda: 1.0,
    )
    server = Server(list(answers))
    sending.send(Request(method), server.attempt)
    return server.caps


@KINDS
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 500, 501, 505])
def test_an_answer_of_the_exchange_is_not_asked_for_twice(status: int, method: str) -> None:
    """A refusal, and a failure inside the exchange, is what becomes of the call, after one request."""
    assert len(sent(method, lambda: httpx.Response(status), lambda: httpx.Response(200))) == 1


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateways_answer_to_a_read_is_no_answer(status: int) -> None:
    """A read is repeated when a gateway answered in place of the exchange."""
    assert len(sent("GET", lambda: httpx.Response(status), lambda: httpx.Response(200))) == 2


@KINDS
def test_the_clock_is_corrected_once_a_call(method: str) -> None:
    """An exchange whose clock runs away and that refuses every timestamp is asked twice, not for ever."""
    seconds = iter(range(0, 100_000, 300))

    def expired() -> httpx.Response:
        date = formatdate(NOW_NS / 1e9 + 300 + next(seconds), usegmt=True)
        return httpx.Response(401, json={"code": "header_timestamp_expired"}, headers={"Date": date})

    assert len(sent(method, expired)) == 2


@pytest.mark.parametrize(("method", "other"), [("GET", "POST"), ("POST", "GET")])
def test_a_429_empties_the_bucket_it_was_for(method: str, other: str) -> None:
    """After a 429 the next request of its kind waits for a refill, and those of the other kind do not."""
    waits: list[float] = []
    limit = RateLimit(read=(10, 1000), write=(10, 1000), sleep=waits.append, monotonic=lambda: 0.0)
    sent(method, lambda: httpx.Response(429), lambda: httpx.Response(200), rate_limit=limit)
    limit.acquire(Request(other))
    waits.clear()
    limit.acquire(Request(method))
    assert waits == [pytest.approx(2.0)]


@pytest.mark.parametrize("value", ["1.2.3", "..", "-1", "1e3", "nan", "inf", "1,5", "0x1", "١", "Infinity", "1_0"])
def test_a_retry_after_that_is_no_number_is_as_good_as_none(value: str) -> None:
    """What is neither plain digits nor a date is passed over, and the call goes on."""
    response = httpx.Response(429, headers=[(b"Retry-After", value.encode())])
    assert retry_after_s(response, 3600, NOW_NS) is None
