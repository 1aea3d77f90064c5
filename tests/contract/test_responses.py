"""Every documented answer of every operation, as a user gets it: a value of the promised type, or an exception."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import httpx
import pytest
from kalshi_trade_api import errors
from kalshi_trade_api.types import Response

from tests.contract.arguments import required_arguments
from tests.contract.document import JSON, Document, Documented, Json, representative
from tests.contract.judge import Judge
from tests.contract.subject import FUNCTIONS, MODES, Wire, as_json, call, error_class
from tests.contract.typed import Promise
from tests.contract.values import Values, same

SAID: Final = ("code", "message", "details", "service")


class Caller:
    """One operation, called with what it requires, answered with what a test says."""

    def __init__(self, document: Document, amended: Document, operation_id: str, mode: str) -> None:
        self.operation = document.operations[operation_id]
        self._simple, self._detailed, *_ = FUNCTIONS[mode]
        self._arguments = required_arguments(amended, operation_id)
        self._answer = httpx.Response(500)
        self._wire = Wire(document, lambda _: self._answer)

    def value(self, status: int, body: Json | None) -> Any:
        """Return what the plain function makes of an answer."""
        return self._made(self._simple, status, body)

    def detailed(self, status: int, body: Json | None) -> Response[Any]:
        """Return what the detailed function makes of an answer."""
        found: Response[Any] = self._made(self._detailed, status, body)
        return found

    def _made(self, name: str, status: int, body: Json | None) -> Any:
        content = b"" if body is None else json.dumps(body).encode()
        self._answer = httpx.Response(status, content=content, headers={"Content-Type": JSON} if content else {})
        return call(self.operation, name, self._wire.client(self.operation), self._arguments)


@MODES
def test_every_success_is_decoded_as_promised(
    operation_id: str, mode: str, document: Document, amended: Document, judge: Judge
) -> None:
    """For each documented success, each body that the schema allows gives its type, and is written back by value."""
    caller = Caller(document, amended, operation_id, mode)
    seen = 0
    for status, schema in amended.operations[operation_id].successes.items():
        if schema is None:
            assert caller.value(status, None) is None
            seen += 1
            continue
        for body in Values(amended).each(schema):
            assert judge.faults_of_body(caller.operation.successes[status] or {}, body) == []
            found = caller.value(status, body)
            Promise(amended).assert_kept(schema, body, found)
            assert same(body, as_json(found))
            seen += 1
    assert seen


@MODES
def test_every_error_is_the_promised_exception(
    failing_operation_id: str, mode: str, document: Document, amended: Document, judge: Judge
) -> None:
    """For each documented error, without a body and with each that it may have, its class is raised, with its words."""
    caller = Caller(document, amended, failing_operation_id, mode)
    for key in caller.operation.failures:
        status, schema = representative(key), caller.operation.answers[key]
        kind = error_class(status)
        for body in bodies_of_error(amended.operations[failing_operation_id], amended, key):
            if body is not None and schema is not None:
                assert judge.faults_of_body(schema, body) == []
            with pytest.raises(errors.ApiError) as raised:
                caller.value(status, body)
            assert type(raised.value) is kind
            assert raised.value.status_code == status
            assert raised.value.method == caller.operation.method
            for name in SAID:
                if isinstance(body, dict) and isinstance(body.get(name), str):
                    assert getattr(raised.value, name) == body[name]
            response = caller.detailed(status, body)
            assert type(response.error) is kind
            assert (response.status_code, response.parsed) == (status, None)


def bodies_of_error(operation: Documented, amended: Document, key: str) -> Iterator[Any]:
    """Yield what may come with an error: nothing, and every kind of body that its schema allows."""
    schema = operation.answers[key]
    yield None
    if schema is not None:
        yield from Values(amended).each(schema)


@MODES
def test_the_status_says_what_a_success_is(operation_id: str, mode: str, document: Document, amended: Document) -> None:
    """The detailed function gives the same value with its status; the documented body under a 500 is no success."""
    caller = Caller(document, amended, operation_id, mode)
    status, schema = amended.operations[operation_id].first_success
    body = None if schema is None else Values(amended).full(schema)
    response = caller.detailed(status, body)
    assert (response.status_code, response.error) == (status, None)
    assert response.parsed == caller.value(status, body)
    failed = caller.detailed(500, body)
    assert failed.parsed is None
    assert type(failed.error) is errors.ServerError
