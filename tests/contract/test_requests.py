"""The requests of every operation, as sent, are valid by the unamended document and carry the given values."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import Any, Final

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.arguments import (
    ArgumentValues,
    as_text,
    drawn_values,
    fixed_values,
    python_arguments,
    required_arguments,
)
from tests.contract.document import Document, Documented, Json
from tests.contract.package import FUNCTIONS, MODES, RecordingClients, as_json, call, modules
from tests.contract.strategies import reproducible
from tests.contract.validation import Validator, pairs, strict_json
from tests.contract.values import Values, same
from tests.vectors.material import headers_verify

EXAMPLES: Final = 8
"""Requests with drawn arguments, for each operation and mode."""
_TOLERANCE_MS: Final = 60_000


@MODES
def test_the_required_arguments_make_a_valid_request(
    operation_id: str, mode: str, document: Document, amended: Document, validator: Validator
) -> None:
    """Through each function, the required arguments make a valid request, and nothing else is sent."""
    values = fixed_values(amended, operation_id, full=False)
    check_requests(document, validator, operation_id, values, FUNCTIONS[mode], amended, typed=mode == "sync")


@MODES
@pytest.mark.parametrize("typed", [True, False], ids=["typed", "plain"])
def test_all_arguments_make_a_valid_request(
    argument_operation_id: str, mode: str, typed: bool, document: Document, amended: Document, validator: Validator
) -> None:
    """Through each function, every documented argument is sent, under its name and with its value."""
    values = fixed_values(amended, argument_operation_id, full=True)
    check_requests(document, validator, argument_operation_id, values, FUNCTIONS[mode], amended, typed=typed)


@MODES
def test_whatever_the_document_allows_makes_a_valid_request(
    argument_operation_id: str, mode: str, document: Document, amended: Document, validator: Validator
) -> None:
    """Any arguments that the document allows are sent unchanged."""
    function = FUNCTIONS[mode][1:2]

    @reproducible(EXAMPLES)
    @given(drawn_values(amended, argument_operation_id), st.booleans())
    def example(values: ArgumentValues, typed: bool) -> None:
        check_requests(document, validator, argument_operation_id, values, function, amended, typed=typed)

    example()


@MODES
def test_a_signing_client_does_not_sign_a_public_operation(
    public_operation_id: str, mode: str, document: Document, amended: Document, validator: Validator
) -> None:
    """A request carries no signature if the document asks for none, even from a client that has a key."""
    operation = document.operations[public_operation_id]
    clients = RecordingClients(document, answer_of(amended, operation))
    arguments = required_arguments(amended, operation.id)
    call(operation, FUNCTIONS[mode][0], clients.signed, arguments)
    [request] = clients.requests
    assert is_signed_as_documented(validator, operation, request)


@MODES
def test_pages_follow_the_cursor(paged_operation_id: str, mode: str, document: Document, amended: Document) -> None:
    """Every request repeats the arguments and carries the cursor of the page before; an empty cursor ends paging."""
    operation = document.operations[paged_operation_id]
    field, (status, schema) = amended.cursor_of(operation), amended.operations[operation.id].first_success
    assert field is not None
    page = Values(amended).full(schema or {})
    cursors = iter(["second", "third", ""])
    clients = RecordingClients(document, lambda request: httpx.Response(status, json={**page, field: next(cursors)}))
    values = fixed_values(amended, operation.id, full=True)
    arguments = python_arguments(operation, values, typed=False)
    found = call(operation, FUNCTIONS[mode][2], clients.client(operation), arguments, most=9)
    assert len(found) == 3
    sent = [dict(pairs(request)) for request in clients.requests]
    assert [each.pop("cursor") for each in sent] == [values["query", "cursor"], "second", "third"]
    assert sent[0] == sent[1] == sent[2]
    assert len({request.url.path for request in clients.requests}) == 1


@MODES
def test_an_iteration_yields_the_rows_of_every_page(
    iterated_operation_id: str, mode: str, document: Document, amended: Document
) -> None:
    """The rows of all pages come one by one, in the order of the pages."""
    operation = document.operations[iterated_operation_id]
    field, (status, schema) = amended.cursor_of(operation), amended.operations[operation.id].first_success
    assert field is not None
    (rows,) = amended.rows(schema or {})
    first = Values(amended).full(schema or {})
    pages = [first, {**first, rows: []}, {**first, rows: first[rows][::-1]}]
    answers = iter({**page, field: cursor} for page, cursor in zip(pages, ["second", "third", ""], strict=True))
    clients = RecordingClients(document, lambda request: httpx.Response(status, json=next(answers)))
    arguments = required_arguments(amended, operation.id)
    found = call(operation, FUNCTIONS[mode][3], clients.client(operation), arguments, most=99)
    assert len(found) > 1
    assert same([*first[rows], *first[rows][::-1]], as_json(found))


def check_requests(
    document: Document,
    validator: Validator,
    operation_id: str,
    values: ArgumentValues,
    functions: tuple[str, ...],
    amended: Document,
    *,
    typed: bool,
) -> None:
    """Call the functions; assert that each request is valid, signed as documented, and carries the values."""
    operation = document.operations[operation_id]
    arguments = python_arguments(operation, values, typed=typed)
    for name in functions:
        if not hasattr(modules()[operation_id], name):
            continue
        clients = RecordingClients(document, answer_of(amended, operation))
        call(operation, name, clients.client(operation), arguments)
        [request] = clients.requests
        assert validator.request_errors(operation, request) == []
        assert is_signed_as_documented(validator, operation, request)
        assert_arrived(validator, operation, request, values)


def assert_arrived(validator: Validator, operation: Documented, request: httpx.Request, values: ArgumentValues) -> None:
    """Assert that a request carries exactly the given values: none lost, added or changed."""
    placed: dict[str, Json] = defaultdict(dict)
    for (place, name), value in values.items():
        placed[place][name] = value
    assert validator.path_values(operation, request) == {name: as_text(value) for name, value in placed["path"].items()}
    expected = [pair for name, value in placed["query"].items() for pair in written(operation, name, value)]
    assert same(by_name(expected), by_name(pairs(request)))
    for name, value in placed["header"].items():
        assert request.headers[name] == as_text(value)
    if "body" in placed:
        assert same(placed["body"]["body"], strict_json(request.content))
    else:
        assert request.content == b""


def written(operation: Documented, name: str, value: Any) -> list[tuple[str, str]]:
    """Return the query pairs of a parameter in OpenAPI's style `form`: a list repeats the name, or is joined."""
    (parameter,) = [each for each in operation.parameters if (each["in"], each["name"]) == ("query", name)]
    if not isinstance(value, list):
        return [(name, as_text(value))]
    if parameter.get("explode", True):
        return [(name, as_text(each)) for each in value]
    return [(name, ",".join(map(as_text, value)))]


def by_name(query: list[tuple[str, str]]) -> Json:
    """Return the values of a query by name; only the order of a name's values matters."""
    found: Json = defaultdict(list)
    for name, value in query:
        found[name].append(value)
    return dict(found)


def is_signed_as_documented(validator: Validator, operation: Documented, request: httpx.Request) -> bool:
    """Return True for a signed operation's request with a valid signature, and for a public one's without any."""
    names = validator.signature_headers()
    carried = [name.decode().lower() for name, _ in request.headers.raw]
    if not operation.signed:
        return not any(name in names or name == "authorization" or name.startswith("kalshi") for name in carried)
    now_ms, sent_ms = time.time_ns() // 1_000_000, int(request.headers["KALSHI-ACCESS-TIMESTAMP"])
    return (
        sorted(name for name in carried if name.startswith("kalshi")) == sorted(names)
        and abs(now_ms - sent_ms) < _TOLERANCE_MS
        and headers_verify(request.headers, operation.method, request.url.raw_path.decode("ascii"))
    )


def answer_of(amended: Document, operation: Documented) -> Any:
    """Return a function that answers with the first success of an operation."""
    status, schema = amended.operations[operation.id].first_success
    content = Values(amended).minimal(schema) if schema is not None else None
    if isinstance(content, dict) and (field := amended.cursor_of(operation)):
        content[field] = ""
    return lambda _: httpx.Response(status) if schema is None else httpx.Response(status, json=content)
