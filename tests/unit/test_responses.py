"""From an HTTP response to a decoded body or an error; a success is never made up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar, Final

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kalshi_core.errors import (
    ApiError,
    DecodeError,
    NotFoundError,
    ResponseDecodeError,
    api_error_class,
)
from kalshi_core.responses import response_from
from kalshi_core.types import PreparedRequest, Response

PATH: Final = "/trade-api/v2/portfolio/orders/a%2Fb"
REPRODUCIBLE: Final = settings(derandomize=True, database=None, deadline=None, max_examples=150)

URL: Final = "https://host/trade-api/v2/portfolio/orders/a%2Fb?cursor=c"


REQUEST: Final = PreparedRequest(operation_id="GetOrder", method="GET", template="/o/{id}", path="/o/a%2Fb")


class Documented:
    """A codec of an object with a required field and another, as a model's layout shows itself."""

    kind = dict
    wires: ClassVar = frozenset({"id", "note"})

    def __init__(self, *required: str) -> None:
        self.required = frozenset(required)

    def decode(self, value: Any) -> Any:
        if not isinstance(value, dict):
            raise DecodeError("expected an object")
        if not isinstance(value.get("id") or "", str):
            raise DecodeError("expected a string", ("id",))
        return value


def judged(
    status: int,
    content: bytes = b"",
    *,
    promised: Any = None,
    documented: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response[Any]:
    """Judge a response to an operation that documents one success."""
    response = httpx.Response(status, content=content, headers=headers, request=httpx.Request("GET", URL))
    decoders = {} if promised is None else {documented: promised}
    return response_from(response, {documented: promised}, decoders, REQUEST)


def test_an_error_carries_what_was_asked_and_what_came() -> None:
    """Status, headers, body, method and path as sent, without the query."""
    error = judged(404, b'{"msg":"gone"}', headers={"Seen": "yes"}).error
    assert type(error) is NotFoundError
    assert (error.status_code, error.content, error.headers["seen"]) == (404, b'{"msg":"gone"}', "yes")
    assert (error.method, error.path) == ("GET", PATH)


def test_a_response_raises_its_error_and_no_other() -> None:
    """`value()` raises the very error that `error` holds, with no other one behind it."""
    response = judged(200, b"<html>", promised=Documented("id"))
    with pytest.raises(ResponseDecodeError) as caught:
        response.value()
    assert caught.value is response.error
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


NESTED: Final = {"error": {"code": "c", "message": "m"}}


@pytest.mark.parametrize(
    ("required", "body", "kind"),
    [
        (("id",), {"id": "1"}, None),
        (("id",), {"id": "1", "newer": 2}, None),
        (("id",), {"note": "n"}, None),
        (("id",), {"id": None}, None),
        (("id",), {}, ResponseDecodeError),
        (("id",), {"newer": 2}, ResponseDecodeError),
        (("id",), {"id": 1}, ResponseDecodeError),
        (("id",), NESTED, ApiError),
        (("id",), {**NESTED, "note": "n"}, ApiError),
        (("id",), {**NESTED, "id": None, "note": "n"}, ApiError),
        (("id",), {**NESTED, "id": "", "note": None}, ApiError),
        (("id",), {**NESTED, "id": "1"}, None),
        (("id",), {"id": "1", "error": None}, None),
        (("id",), {"error": None}, ResponseDecodeError),
        ((), {}, None),
        ((), {"newer": 2}, ResponseDecodeError),
        ((), {"note": "n"}, None),
        ((), NESTED, ApiError),
        ((), {**NESTED, "note": ""}, ApiError),
    ],
)  # fmt: skip
def test_an_object_counts_as_a_success_when_it_holds_what_was_promised(
    required: tuple[str, ...], body: dict[str, Any], kind: type[Exception] | None
) -> None:
    """A field of the promise makes a success; where the body speaks of an error, it takes all that is required."""
    response = judged(200, json.dumps(body).encode(), promised=Documented(*required))
    assert type(response.error) is (kind or type(None))
    assert response.parsed == (None if kind else body)


@pytest.mark.parametrize("status", [200, 202, 204, 299])
@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", None),
        (b"\n", None),
        (b"{}", None),
        (b"null", None),
        (b'{"deleted":1}', None),
        (b'{"error":""}', None),
        (b'{"code":""}', None),
        (b'{"message":"done"}', None),
        (b"<html>", ResponseDecodeError),
        (b'{"delet', ResponseDecodeError),
        (b"[]", ResponseDecodeError),
        (b"0", ResponseDecodeError),
        (b"\xff", ResponseDecodeError),
        (b'{"error":"x"}', ApiError),
        (b'{"error":["x"]}', ApiError),
        (b'{"msg":"x"}', ApiError),
        (b'{"code":"x"}', ApiError),
        (b'{"code":5,"message":"x"}', ApiError),
    ],
)
def test_where_no_body_is_promised_none_or_an_object_will_do(
    status: int, content: bytes, kind: type[Exception] | None
) -> None:
    """An operation that answers without a body gives None, unless what came can't be its answer."""
    response = judged(status, content, documented=204)
    assert type(response.error) is (kind or type(None))
    assert response.parsed is None


def test_an_unknown_success_of_an_operation_with_two_is_not_guessed() -> None:
    """Which of two bodies an undocumented success carries can't be known."""
    answer = httpx.Response(202, content=b'{"id":"1"}', request=httpx.Request("GET", URL))
    promised = {200: Documented("id"), 201: Documented("id")}
    error = response_from(answer, promised, promised, REQUEST).error
    assert isinstance(error, ResponseDecodeError)
    assert error.problem == "a success status that is not documented"


@pytest.mark.parametrize("status", [101, 300, 302, 304, 399])
def test_what_is_neither_success_nor_error_is_an_error(status: int) -> None:
    """A redirect with the right body is no success."""
    assert type(judged(status, b'{"id":"1"}', promised=Documented("id")).error) is ResponseDecodeError
    assert type(judged(status, b"", documented=204).error) is ResponseDecodeError
    assert type(judged(status, json.dumps(NESTED).encode()).error) is ApiError


NAMES: Final = st.sampled_from(["error", "code", "message", "msg", "details", "service", "id", "note"])


JSON_VALUES: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | NAMES, inner),
    max_leaves=12,
)


CONTENTS: Final = st.binary() | st.dictionaries(NAMES, JSON_VALUES).map(lambda body: json.dumps(body).encode())


CHARSETS: Final = st.sampled_from(
    ["utf-8", "hex", "zlib", "rot13", "undefined", "unicode_escape", "utf-32", "none such"]
)


@pytest.mark.parametrize("promised", [Documented("id"), Documented(), None], ids=["required", "optional", "nothing"])
@given(st.integers(200, 999), CONTENTS, CHARSETS)
@REPRODUCIBLE
def test_any_response_is_a_success_or_one_of_two_errors(
    promised: Any, status: int, content: bytes, charset: str
) -> None:
    """No status, bytes or charset makes anything else of a response, and every error is one line."""
    response = judged(status, content, promised=promised, headers={"Content-Type": f"text/html; charset={charset}"})
    error = response.error
    if error is None:
        assert 200 <= status <= 299
        assert isinstance(response.parsed, dict | None)
        return
    assert isinstance(error, ResponseDecodeError if status < 400 and not isinstance(error, ApiError) else ApiError)
    assert response.parsed is None
    assert str(error).isprintable()
    assert len(str(error)) < 600
    if isinstance(error, ApiError):
        assert type(error) is api_error_class(status)
        for each in (error.code, error.message, error.details, error.service):
            assert each is None or (isinstance(each, str) and each.strip())


@pytest.mark.parametrize("depth", [200, 900, 990, 2_000, 9_000, 200_000])
@pytest.mark.parametrize("status", [200, 500])
def test_depth_is_no_way_out(depth: int, status: int) -> None:
    """Nesting that Python's parser, or its writer, gives up on is an error like any other."""
    for opened, closed in (("[", "]"), ('{"a":', "}")):
        body = f'{{"error":{{"code":{opened * depth}1{closed * depth}}}}}'.encode()
        error = judged(status, body, promised=Documented("id")).error
        assert isinstance(error, ApiError | ResponseDecodeError)
        assert str(error).isprintable()


def test_no_depth_is_read_that_cannot_be_told() -> None:
    """Python reads a little deeper than it writes; in between, too, the error has words."""
    for depth in range(800, 1_000):
        error = judged(500, f'{{"error":{{"details":{"[" * depth}1{"]" * depth}}}}}'.encode()).error
        assert isinstance(error, ApiError)
        assert error.message or error.details


def test_what_is_not_json_is_refused_where_a_success_is_promised() -> None:
    """NaN and infinities are Python's own, and no JSON."""
    for written in (b"NaN", b"Infinity", b"-Infinity"):
        error = judged(200, b'{"id":"1","note":%s}' % written, promised=Documented("id")).error
        assert isinstance(error, ResponseDecodeError)
        assert written.decode() in error.problem


def test_blank_words_are_none() -> None:
    """Blanks say nothing, so the body's own text stands in for them."""
    body = b'{"error":{"code":" ","message":"\\n","details":" "}}'
    error = judged(400, body).error
    assert isinstance(error, ApiError)
    assert (error.code, error.message, error.details) == (None, body.decode(), None)
