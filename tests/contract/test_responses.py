"""Every documented response of every operation gives a value of the documented type, or raises the exception."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import httpx
import pytest

from kalshi_core import errors
from kalshi_core.types import Response
from tests.contract.arguments import required_arguments
from tests.contract.decoded_values import DecodedValues
from tests.contract.document import JSON, Document, Documented, Json, representative
from tests.contract.package import FUNCTIONS, MODES, RecordingClients, as_json, call, error_class
from tests.contract.validation import Validator
from tests.contract.values import Values, same

SAID: Final = ("code", "message", "details", "service")


class Caller:
    """One operation, called with its required arguments; each call sets the response."""

    def __init__(self, document: Document, amended: Document, operation_id: str, mode: str) -> None:
        self.operation = document.operations[operation_id]
        self._simple, self._detailed, *_ = FUNCTIONS[mode]
        self._arguments = required_arguments(amended, operation_id)
        self._answer = httpx.Response(500)
        self._clients = RecordingClients(document, lambda _: self._answer)

    def value(self, status: int, body: Json | None) -> Any:
        """Return the result of the plain function for a response."""
        return self._made(self._simple, status, body)

    def detailed(self, status: int, body: Json | None) -> Response[Any]:
        """Return the result of the detailed function for a response."""
        found: Response[Any] = self._made(self._detailed, status, body)
        return found

    def _made(self, name: str, status: int, body: Json | None) -> Any:
        content = b"" if body is None else json.dumps(body).encode()
        self._answer = httpx.Response(status, content=content, headers={"Content-Type": JSON} if content else {})
        return call(self.operation, name, self._clients.client(self.operation), self._arguments)


@MODES
def test_every_success_is_decoded_as_promised(
    operation_id: str, mode: str, document: Document, amended: Document, validator: Validator
) -> None:
    """For each documented success, each kind of valid body decodes to its type and encodes to an equal body."""
    caller = Caller(document, amended, operation_id, mode)
    seen = 0
    for status, schema in amended.operations[operation_id].successes.items():
        if schema is None:
            assert caller.value(status, None) is None
            seen += 1
            continue
        for body in Values(amended).each(schema):
            assert validator.body_errors(caller.operation.successes[status] or {}, body) == []
            found = caller.value(status, body)
            DecodedValues(amended).assert_match(schema, body, found)
            assert same(body, as_json(found))
            seen += 1
    assert seen


@MODES
def test_every_error_is_the_promised_exception(
    failing_operation_id: str, mode: str, document: Document, amended: Document, validator: Validator
) -> None:
    """For each documented error, with and without a body, its class is raised with the code and message of the body."""
    caller = Caller(document, amended, failing_operation_id, mode)
    for key in caller.operation.failures:
        status, schema = representative(key), caller.operation.answers[key]
        kind = error_class(status)
        for body in bodies_of_error(amended.operations[failing_operation_id], amended, key):
            if body is not None and schema is not None:
                assert validator.body_errors(schema, body) == []
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
    """Yield the bodies of an error: none, and every kind that its schema allows."""
    schema = operation.answers[key]
    yield None
    if schema is not None:
        yield from Values(amended).each(schema)


@MODES
def test_the_status_says_what_a_success_is(operation_id: str, mode: str, document: Document, amended: Document) -> None:
    """The detailed function gives the same value and its status; the same body with status 500 is an error."""
    caller = Caller(document, amended, operation_id, mode)
    status, schema = amended.operations[operation_id].first_success
    body = None if schema is None else Values(amended).full(schema)
    response = caller.detailed(status, body)
    assert (response.status_code, response.error) == (status, None)
    assert response.parsed == caller.value(status, body)
    failed = caller.detailed(500, body)
    assert failed.parsed is None
    assert type(failed.error) is errors.ServerError
