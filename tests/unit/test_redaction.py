"""What led to an error lies open in frames below ours, where the headers are: it goes no further than the error."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any, Final

import httpx
import pytest
from kalshi_trade_api.api.orders import create_order_v2
from kalshi_trade_api.api.portfolio import get_balance

from kalshi_auth import RetryPolicy, WriteFateUnknownError, WriteNotSentError, signed_client
from tests.weather.calls import order

SIGNATURE: Final = b"a signature of thirty-two bytes."


class Signs:
    """A signer whose signature is known beforehand."""

    key_id = "7a1b2c3d-4444-5555-6666-777788889999"

    def sign(self, message: bytes) -> bytes:
        return SIGNATURE


def frames_below(error: BaseException | None) -> Iterator[str]:
    """Yield the locals of every frame that an error, its cause or its context holds."""
    seen: list[BaseException] = []
    todo = [error]
    while todo:
        each = todo.pop()
        if each is None or each in seen:
            continue
        seen.append(each)
        todo += [each.__cause__, each.__context__]
        trace = each.__traceback__
        while trace is not None:
            yield from (repr(value) for value in trace.tb_frame.f_locals.values())
            trace = trace.tb_next


@pytest.mark.parametrize("attempts", [1, 3])
@pytest.mark.parametrize(
    ("kind", "expected"), [(httpx.WriteError, WriteFateUnknownError), (httpx.ConnectError, WriteNotSentError)]
)
def test_the_cause_of_a_failed_write_shows_no_header(kind: Any, expected: type[Exception], attempts: int) -> None:
    """Whatever a lower layer held when it failed, the error that is raised leads to none of it."""
    failed = 0

    def lower_layer(head: dict[str, str]) -> None:
        assert base64.b64encode(SIGNATURE).decode() in head.values()
        raise OSError("broken pipe")

    def handler(request: httpx.Request) -> httpx.Response:
        nonlocal failed
        failed += 1
        try:
            lower_layer(dict(request.headers))
        except OSError as low:
            raise kind("broken pipe", request=request) from low
        raise AssertionError

    client = signed_client(
        Signs(),
        base_url="https://exchange.test",
        retry=RetryPolicy(attempts=attempts, first_wait_s=0.001),
        httpx_args={"transport": httpx.MockTransport(handler)},
    )
    with client, pytest.raises(expected) as caught:
        create_order_v2.sync(client=client, body=order("own"))
    assert failed == attempts
    shown = "\n".join(frames_below(caught.value.__cause__))
    assert base64.b64encode(SIGNATURE).decode() not in shown
    assert isinstance(caught.value.__cause__, kind)


def test_the_cause_of_a_failed_read_shows_no_header() -> None:
    """A read raises httpx's own error, cut off from what caused it."""

    def handler(request: httpx.Request) -> httpx.Response:
        try:
            raise OSError(dict(request.headers))
        except OSError as low:
            raise httpx.ReadError("reset", request=request) from low

    client = signed_client(
        Signs(),
        base_url="https://exchange.test",
        retry=RetryPolicy(attempts=1),
        httpx_args={"transport": httpx.MockTransport(handler)},
    )
    with client, pytest.raises(httpx.ReadError) as caught:
        get_balance.sync(client=client)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
