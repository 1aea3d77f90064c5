"""Every operation's requests, as they are on the wire, before judges that know the unamended document alone."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from typing import Any, Final

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.document import Document, Documented, Json
from tests.contract.judge import Judge, pairs, strict_json
from tests.contract.strategies import Bodies
from tests.contract.subject import FUNCTIONS, MODES, Wire, as_json, call, modules, python_arguments
from tests.contract.values import Values, same
from tests.vectors.material import headers_verify

Given = dict[tuple[str, str], Any]

EXAMPLES: Final = 8
"""Requests with made-up arguments, for each operation and mode."""
_REPRODUCIBLE: Final = settings(
    max_examples=EXAMPLES, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)  # fmt: skip
_TOLERANCE_MS: Final = 60_000


@MODES
def test_the_required_arguments_make_a_valid_request(
    operation_id: str, mode: str, document: Document, amended: Document, judge: Judge
) -> None:
    """Through each of its functions, what is required suffices, and nothing else is on the wire."""
    given_ = deterministic(amended, operation_id, full=False)
    examine(document, judge, operation_id, given_, FUNCTIONS[mode], amended, typed=mode == "sync")


@MODES
@pytest.mark.parametrize("typed", [True, False], ids=["typed", "plain"])
def test_all_arguments_make_a_valid_request(
    argument_operation_id: str, mode: str, typed: bool, document: Document, amended: Document, judge: Judge
) -> None:
    """Through each of its functions, every documented argument arrives, by its name and value."""
    given_ = deterministic(amended, argument_operation_id, full=True)
    examine(document, judge, argument_operation_id, given_, FUNCTIONS[mode], amended, typed=typed)


@MODES
def test_whatever_the_document_allows_makes_a_valid_request(
    argument_operation_id: str, mode: str, document: Document, amended: Document, judge: Judge
) -> None:
    """Made-up arguments, odd ones too, arrive as they were."""
    function = FUNCTIONS[mode][1:2]

    @_REPRODUCIBLE
    @given(made_up(amended, argument_operation_id), st.booleans())
    def example(given_: Given, typed: bool) -> None:
        examine(document, judge, argument_operation_id, given_, function, amended, typed=typed)

    example()


@MODES
def test_a_signing_client_does_not_sign_a_public_operation(
    public_operation_id: str, mode: str, document: Document, amended: Document, judge: Judge
) -> None:
    """A request carries no signature if the document asks for none, even from a client that has a key."""
    operation = document.operations[public_operation_id]
    wire = Wire(document, answer_of(amended, operation))
    arguments = python_arguments(operation, deterministic(amended, operation.id, full=False), typed=True)
    call(operation, FUNCTIONS[mode][0], wire.signed, arguments)
    [request] = wire.requests
    assert signed_as_promised(judge, operation, request)


@MODES
def test_pages_follow_the_cursor(paged_operation_id: str, mode: str, document: Document, amended: Document) -> None:
    """Every request repeats the arguments and carries the cursor of the page before; an empty cursor ends paging."""
    operation = document.operations[paged_operation_id]
    field, (status, schema) = amended.cursor_of(operation), amended.operations[operation.id].first_success
    assert field is not None
    page = Values(amended).full(schema or {})
    cursors = iter(["second", "third", ""])
    wire = Wire(document, lambda request: httpx.Response(status, json={**page, field: next(cursors)}))
    given_ = deterministic(amended, operation.id, full=True)
    arguments = python_arguments(operation, given_, typed=False)
    found = call(operation, FUNCTIONS[mode][2], wire.client(operation), arguments, most=9)
    assert len(found) == 3
    sent = [dict(pairs(request)) for request in wire.requests]
    assert [each.pop("cursor") for each in sent] == [given_["query", "cursor"], "second", "third"]
    assert sent[0] == sent[1] == sent[2]
    assert len({request.url.path for request in wire.requests}) == 1


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
    wire = Wire(document, lambda request: httpx.Response(status, json=next(answers)))
    arguments = python_arguments(operation, deterministic(amended, operation.id, full=False), typed=True)
    found = call(operation, FUNCTIONS[mode][3], wire.client(operation), arguments, most=99)
    assert len(found) > 1
    assert same([*first[rows], *first[rows][::-1]], as_json(found))


def examine(
    document: Document,
    judge: Judge,
    operation_id: str,
    given_: Given,
    functions: tuple[str, ...],
    amended: Document,
    *,
    typed: bool,
) -> None:
    """Call the functions, and hold the request of each against the document and against what was given."""
    operation = document.operations[operation_id]
    arguments = python_arguments(operation, given_, typed=typed)
    for name in functions:
        if not hasattr(modules()[operation_id], name):
            continue
        wire = Wire(document, answer_of(amended, operation))
        call(operation, name, wire.client(operation), arguments)
        [request] = wire.requests
        assert judge.faults_of_request(operation, request) == []
        assert signed_as_promised(judge, operation, request)
        assert_arrived(judge, operation, request, given_)


def assert_arrived(judge: Judge, operation: Documented, request: httpx.Request, given_: Given) -> None:
    """Hold what is on the wire against what was given: nothing lost, nothing added, nothing changed."""
    placed: dict[str, Json] = defaultdict(dict)
    for (place, name), value in given_.items():
        placed[place][name] = value
    assert judge.path_values(operation, request) == {name: text(value) for name, value in placed["path"].items()}
    expected = [pair for name, value in placed["query"].items() for pair in written(operation, name, value)]
    assert same(by_name(expected), by_name(pairs(request)))
    for name, value in placed["header"].items():
        assert request.headers[name] == text(value)
    if "body" in placed:
        assert same(placed["body"]["body"], strict_json(request.content))
    else:
        assert request.content == b""


def written(operation: Documented, name: str, value: Any) -> list[tuple[str, str]]:
    """Write a query parameter as OpenAPI's style `form` has it: a list repeats the name, unless it is joined."""
    (parameter,) = [each for each in operation.parameters if (each["in"], each["name"]) == ("query", name)]
    if not isinstance(value, list):
        return [(name, text(value))]
    if parameter.get("explode", True):
        return [(name, text(each)) for each in value]
    return [(name, ",".join(map(text, value)))]


def by_name(query: list[tuple[str, str]]) -> Json:
    """Return a query's values by name: the order of names is free, that of a name's values is not."""
    found: Json = defaultdict(list)
    for name, value in query:
        found[name].append(value)
    return dict(found)


def text(value: Any) -> str:
    """Write a plain value."""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def signed_as_promised(judge: Judge, operation: Documented, request: httpx.Request) -> bool:
    """Tell whether a request is signed if the document says so, by headers that verify, and else bare."""
    names = judge.signature_headers()
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
    (status, schema), *_ = amended.operations[operation.id].successes.items()
    content = Values(amended).minimal(schema) if schema is not None else None
    if isinstance(content, dict) and (field := amended.cursor_of(operation)):
        content[field] = ""
    return lambda _: httpx.Response(status) if schema is None else httpx.Response(status, json=content)


def deterministic(amended: Document, operation_id: str, *, full: bool) -> Given:
    """Return values for what an operation requires, or for all that it takes; no two alike where that can be."""
    operation, values = amended.operations[operation_id], Values(amended)
    found = {}
    for index, each in enumerate(operation.parameters):
        if full or each.get("required"):
            # A first parameter is like any other first one: lists show how many were before it.
            padding = {"type": "array", "items": {}, "minItems": index, "maxItems": index}
            both = {"properties": {"before": padding, "it": filled(each["schema"])}, "required": ["before", "it"]}
            found[each["in"], each["name"]] = (values.full if full else values.minimal)(both, sent=True)["it"]
    if operation.body is not None and (full or operation.body_required):
        found["body", "body"] = (values.full if full else values.minimal)(operation.body, sent=True)
    return found


def made_up(amended: Document, operation_id: str) -> st.SearchStrategy[Given]:
    """Return arguments of all kinds that the document allows and a URL can carry."""
    operation, bodies = amended.operations[operation_id], Bodies(amended)
    required: dict[tuple[str, str], st.SearchStrategy[Any]] = {}
    optional: dict[tuple[str, str], st.SearchStrategy[Any]] = {}
    for each in operation.parameters:
        strategy = bodies.of(filled(each["schema"]), sent=True).filter(lambda value: value is not None)
        if each["in"] == "path":
            strategy = strategy.filter(lambda value: str(value).strip() not in ("", ".", ".."))
        elif each["in"] == "query":
            # Empty values are allowed only where the document says `allowEmptyValue`.
            strategy = strategy.filter(lambda value: value != "")
        elif each["in"] == "header":
            # What a header can carry everywhere: no blanks at its ends, no other alphabets.
            strategy = strategy.filter(lambda value: re.fullmatch(r"[!-~]([ -~]*[!-~])?", text(value)) is not None)
        (required if each.get("required") else optional)[each["in"], each["name"]] = strategy
    if operation.body is not None:
        (required if operation.body_required else optional)["body", "body"] = bodies.of(operation.body, sent=True)
    return st.fixed_dictionaries(required, optional=optional)


def filled(schema: Json) -> Json:
    """Return a parameter's schema; an empty list is as good as no list in a query."""
    return {**schema, "minItems": max(schema.get("minItems", 0), 1)} if schema.get("type") == "array" else schema
