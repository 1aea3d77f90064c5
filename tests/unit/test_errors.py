"""The errors: their tree, messages, attributes, copies."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
from collections.abc import Callable
from typing import Any, Final

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
    PaginationError,
    ResponseDecodeError,
    ServerError,
    SigningRequiredError,
    TradeApiError,
    api_error_class,
    one_line,
)

PATH: Final = "/trade-api/v2/portfolio/orders/a%2Fb"
REPRODUCIBLE: Final = settings(derandomize=True, database=None, deadline=None, max_examples=150)


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
    assert str(whole) == f"200, not what the document promises: expected JSON (GET {PATH})"


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
