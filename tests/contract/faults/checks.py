"""Checks of a row's outcome, and of what holds for all outcomes."""

from __future__ import annotations

from typing import Any, Final

import httpx

from kalshi_core.errors import (
    ApiError,
    MissingFieldError,
    ResponseDecodeError,
)
from tests.contract.faults.calls import (
    Fault,
    Raised,
    Returned,
)
from tests.contract.faults.server import Answer, FaultServer

LONGEST_LINE: Final = 600
MARK: Final = ("X-Request-Mark", "17")


def marked(fault: Fault) -> Answer:
    """Return a row's response with a marker header."""
    return fault.answer.but(headers=(*fault.answer.headers, MARK))


def read(value: Any, path: str) -> Any:
    """Read a path such as `orders.0.status`; MissingFieldError where reading raises it."""
    for step in path.split("."):
        try:
            value = value[int(step)] if step.isdigit() else getattr(value, step)
        except MissingFieldError:
            return MissingFieldError
    return value


def check_error(error: Exception | None, fault: Fault, expected: Raised, server: FaultServer) -> None:
    """Assert that an error is the one of its row, and describes the response."""
    assert type(error) is expected.kind
    assert isinstance(error, ApiError | ResponseDecodeError)
    assert (type(error.status_code), error.status_code) == (int, fault.answer.status)
    assert error.content == fault.answer.body
    assert isinstance(error.headers, httpx.Headers)
    assert error.headers[MARK[0]] == MARK[1]
    assert (error.method, error.path) == (server.seen[-1].method, server.seen[-1].path)
    assert {name: getattr(error, name) for name in expected.attributes} == dict(expected.attributes)
    line = str(error)
    assert line.startswith(str(fault.answer.status))
    assert line.isprintable()
    assert len(line) <= LONGEST_LINE
    if isinstance(error, ApiError):
        assert all(each is None or (each and isinstance(each, str)) for each in (error.code, error.message))
        assert error.details is None or isinstance(error.details, str)
        assert error.service is None or isinstance(error.service, str)
    else:
        assert error.problem


def check_value(value: Any, expected: Returned) -> None:
    """Assert that a value is the one of its row."""
    assert type(value) is (expected.kind or type(None))
    assert {path: read(value, path) for path in expected.reads} == dict(expected.reads)
