"""The errors, and how a response becomes one of them."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kalshi_core import errors
from kalshi_core.errors import (
    ApiError,
    ArgumentError,
    DecodeError,
    MissingFieldError,
    NotFoundError,
    PaginationError,
    ResponseDecodeError,
    ServerError,
    SigningRequiredError,
    TradeApiError,
    api_error_class,
    one_line,
)
from kalshi_core.responses import response_from
from kalshi_core.types import PreparedRequest, Response

URL: Final = "https://host/trade-api/v2/portfolio/orders/a%2Fb?cursor=c"
PATH: Final = "/trade-api/v2/portfolio/orders/a%2Fb"
REQUEST: Final = PreparedRequest(operation_id="GetOrder", method="GET", template="/o/{id}", path="/o/a%2Fb")
REPRODUCIBLE: Final = settings(derandomize=True, database=None, deadline=None, max_examples=150)


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


def api_error(**changes: Any) -> ApiError:
    """Build an error of the exchange."""
    given_ = {"code": None, "message": None, "details": None, "service": None, **changes}
    kind = api_error_class(given_.setdefault("status_code", 400))
    return kind(headers=httpx.Headers({"A": "b"}), content=b"{}", method="GET", path=PATH, **given_)


def decode_error(**changes: Any) -> ResponseDecodeError:
    """Build an error for a success that is none."""
    return ResponseDecodeError(
        **{
            "status_code": 200,
            "headers": httpx.Headers({"A": "b"}),
            "content": b"{}",
            "method": "GET",
            "path": PATH,
            "place": "orders[3].status",
            "problem": "expected str, found int 3",
            **changes,
        }
    )


def test_the_drawn_tree_is_the_tree() -> None:
    """The module's docstring draws every error below its parent, and none that does not exist."""
    drawn: list[tuple[str, str]] = []
    above: dict[int, str] = {}
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"([ │├└─]*)(\w+Error)\b", line)
        if found:
            depth = len(found[1]) // 4
            above[depth] = found[2]
            drawn.append((found[2], above[depth - 1] if depth > 1 else ""))
    classes = {
        name: kind
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if kind.__module__ == errors.__name__ and not name.startswith("_")
    }
    assert sorted(name for name, _ in drawn) == sorted(classes)
    for name, parent in drawn:
        if parent:
            assert issubclass(classes[name], classes[parent]), (name, parent)


@pytest.mark.parametrize(
    ("kind", "parents"),
    [
        (ArgumentError, (TradeApiError, ValueError)),
        (SigningRequiredError, (TradeApiError, TypeError)),
        (DecodeError, (TradeApiError, ValueError)),
        (PaginationError, (TradeApiError,)),
        (ResponseDecodeError, (TradeApiError,)),
        (MissingFieldError, (AttributeError,)),
    ],
)
def test_an_error_is_also_what_python_would_raise(kind: type[Exception], parents: tuple[type, ...]) -> None:
    """Code that catches Python's own kind catches ours."""
    assert issubclass(kind, parents[0])
    assert all(issubclass(kind, parent) for parent in parents)


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (200, "ApiError"), (302, "ApiError"), (400, "BadRequestError"), (401, "UnauthorizedError"),
        (402, "ApiError"), (403, "ForbiddenError"), (404, "NotFoundError"), (409, "ConflictError"),
        (422, "ApiError"), (429, "RateLimitError"), (499, "ApiError"), (500, "ServerError"), (520, "ServerError"),
        (599, "ServerError"), (600, "ApiError"), (999, "ApiError"),
    ],
)  # fmt: skip
def test_each_status_has_its_class(status: int, name: str) -> None:
    """A status that no class stands for is a plain ApiError."""
    assert api_error_class(status).__name__ == name


@pytest.mark.parametrize(("method", "said"), [("GET", False), ("POST", True), ("DELETE", True), ("PUT", True)])
@pytest.mark.parametrize("status", [500, 502, 599])
def test_a_failed_server_s_answer_to_a_write_says_what_that_means(status: int, method: str, said: bool) -> None:
    """Of a read nothing can have been executed, of a write it can."""
    error = ServerError(**{**vars(api_error(status_code=status)), "method": method})
    assert ("may have been executed" in str(error)) is said


@pytest.mark.parametrize(
    "error",
    [
        api_error(status_code=404, code="not_found", message="no such order", details="d", service="orders"),
        decode_error(),
        DecodeError("expected str", ("orders", 3, "status")),
        MissingFieldError("Order", "order_id"),
        PaginationError("cursor came back"),
        ArgumentError("limit: too large"),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize(
    "duplicate",
    [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))],
    ids=["copy", "deep", "pickle"],
)
def test_an_error_survives_copying_and_pickling(error: Exception, duplicate: Callable[[Any], Any]) -> None:
    """Type, words and attributes cross a process's border."""
    twin = duplicate(error)
    assert type(twin) is type(error)
    assert (str(twin), repr(twin), vars(twin)) == (str(error), repr(error), vars(error))


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ({"code": "x", "message": "m", "details": "d"}, f"400 x: m, d (GET {PATH})"),
        ({"code": "x", "message": "x"}, f"400 x (GET {PATH})"),
        ({"code": "x"}, f"400 x (GET {PATH})"),
        ({"message": "m"}, f"400: m (GET {PATH})"),
        ({}, f"400: no error message in the response (GET {PATH})"),
        ({"message": "two\r\nlines\tand\x1b[0m more"}, f"400: two lines and [0m more (GET {PATH})"),
    ],
)
def test_an_api_error_is_one_line(words: dict[str, str], line: str) -> None:
    """Status, code, words, and what was asked; controls and line ends are gone."""
    assert str(api_error(**words)) == line


def test_a_long_error_is_cut() -> None:
    """However much a server writes, the line stays readable, and the attributes keep it all."""
    words = "word " * 100_000
    error = api_error(code=words, message=words, details=words)
    assert len(str(error)) < 600
    assert error.message == words
    odd = decode_error(place=words, problem=words, path=words)
    assert len(str(odd)) < 1_000
    assert len(str(DecodeError(words, (words, 1, words)))) < 700


def test_a_decode_error_says_where() -> None:
    """The status, the place, what was found and what was asked stand in one line."""
    assert str(decode_error()) == (
        "200, does not match the document, at orders[3].status: "
        f"expected str, found int 3 (GET {PATH})"
    )  # fmt: skip
    whole = decode_error(place="", problem="expected JSON")
    assert str(whole) == f"200, does not match the document: expected JSON (GET {PATH})"


def test_the_place_grows_from_within() -> None:
    """Each object or list that a value lies in adds its step in front."""
    error = DecodeError("expected str")
    assert (error.place, str(error)) == ("", "expected str")
    for step in ("status", 3, "orders"):
        error.inside(step)
    assert (error.place, str(error)) == ("orders[3].status", "orders[3].status: expected str")


def test_a_code_is_compared_without_its_id() -> None:
    """A code may end in an id; one that merely begins alike is another."""
    error = api_error(code="user_not_found:_17")
    assert error.has_code("user_not_found")
    assert error.has_code("user_not_found:_17")
    assert not error.has_code("user_not")
    assert not api_error().has_code("user_not_found")


def test_a_missing_field_is_an_attribute_error_with_names() -> None:
    """So hasattr and getattr with a default work, and the words name model and field."""
    error = MissingFieldError("Order", "order_id")
    assert (error.model, error.field, error.name) == ("Order", "order_id", "order_id")
    assert str(error) == "Order.order_id was not in the response"


@given(st.text(), st.integers(10, 80))
@REPRODUCIBLE
def test_one_line_is_printable_and_short(text: str, most: int) -> None:
    """Whatever the text: one line, no controls, no lone surrogates, no more characters than asked."""
    line = one_line(text, most)
    assert line.isprintable()
    assert len(line) <= most
    line.encode("utf-8")


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
