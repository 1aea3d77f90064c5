"""DecodedRows of error responses and broken connections, with the exception that is raised."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import httpx

from kalshi_core.errors import (
    ApiError,
    BadRequestError,
    NotFoundError,
    RateLimitError,
    ResponseDecodeError,
    ServerError,
)
from tests.contract.faults.calls import (
    BALANCE_WORDS,
    CALLS,
    CREATE,
    DEEP,
    DELETE,
    ELSEWHERE,
    GATEWAY,
    HTML,
    JSON,
    NO_WORDS,
    ONE_OF_EACH,
    PAGED,
    PLACED,
    POSITIONS,
    PROMISING,
    TOO_MANY,
    UNDECODABLE,
    UNWIELDY,
    Fault,
    Raised,
    packed,
)
from tests.contract.faults.server import Answer, Ending
from tests.contract.package import error_class

_STATUSES: Final = (400, 401, 403, 404, 409, 422, 429, 500, 402, 408, 418, 451, 499, 502, 503, 504, 520, 599, 600, 999)
"""Every call gets the first eight; a read and a write get all of them."""

_WORDS: Final[list[tuple[str, bytes, Mapping[str, Any]]]] = [
    ("a flat error body", packed(BALANCE_WORDS), BALANCE_WORDS),
    ("a nested error body", packed({"error": BALANCE_WORDS}), BALANCE_WORDS),
    (
        "a nested error body with code and message alone",
        packed({"error": {"code": "not_found", "message": "not found"}}),
        {**NO_WORDS, "code": "not_found", "message": "not found"},
    ),
    (
        "a code that ends in an id",
        packed({"error": {"code": "user_not_found:_17", "message": "who?"}}),
        {**NO_WORDS, "code": "user_not_found:_17", "message": "who?"},
    ),
    ("a msg body", b'{"msg":"limit: too large"}', {**NO_WORDS, "message": "limit: too large"}),
    ("an error that is a string", TOO_MANY, {**NO_WORDS, "message": "too many requests"}),
    ("an error body with a BOM", b"\xef\xbb\xbf" + TOO_MANY, {**NO_WORDS, "message": "too many requests"}),
    (
        "an error string beside a code",
        packed({"error": "refused", "code": "x", "details": "y"}),
        {**NO_WORDS, "code": "x", "message": "refused", "details": "y"},
    ),
    (
        "a null error beside a message",
        packed({"error": None, "code": "x", "message": "refused"}),
        {**NO_WORDS, "code": "x", "message": "refused"},
    ),
    (
        "words that are no strings",
        packed({"error": {"code": 17, "message": {"en": "no"}, "details": ["a", 1], "service": True}}),
        {"code": "17", "message": '{"en": "no"}', "details": '["a", 1]', "service": "true"},
    ),
    (
        "empty words",
        packed({"error": {"code": "x", "message": "", "details": [], "service": {}}}),
        {**NO_WORDS, "code": "x"},
    ),
    ("a list of errors", packed({"error": ["a", "b"]}), {**NO_WORDS, "message": '["a", "b"]'}),
    (
        "a long message on several lines",
        packed({"error": {"code": "x" * 999, "message": "a\r\nb\x1b[31m\x00\ud800\u2028c " + "long " * 9_999}}),
        {"code": "x" * 999},
    ),
]

_SHAPES: Final = [row for row in _WORDS if row[0] in ("a flat error body", "a nested error body", "a msg body")]

_NO_WORDS: Final[list[tuple[str, bytes, Mapping[str, Any]]]] = [
    ("an empty body", b"", NO_WORDS),
    ("a body of blanks", b" \r\n", NO_WORDS),
    ("HTML", GATEWAY, {**NO_WORDS, "message": "502 Bad Gateway 502 Bad Gateway nginx"}),
    ("a list", b'["nope"]', {**NO_WORDS, "message": '["nope"]'}),
    ("an empty list", b"[]", {**NO_WORDS, "message": "[]"}),
    ("a string", b'"nope"', {**NO_WORDS, "message": "nope"}),
    ("a number", b"17", {**NO_WORDS, "message": "17"}),
    ("null", b"null", {**NO_WORDS, "message": "null"}),
    ("an empty object", b"{}", {**NO_WORDS, "message": "{}"}),
    ("an empty nested error", b'{"error":{}}', {**NO_WORDS, "message": '{"error":{}}'}),
    ("an object of another kind", b'{"detail":"Not Found"}', {**NO_WORDS, "message": '{"detail":"Not Found"}'}),
    ("plain text", b"upstream connect error\n", {**NO_WORDS, "message": "upstream connect error"}),
    ("truncated JSON", b'{"error":{"code":"in', {**NO_WORDS, "message": '{"error":{"code":"in'}),
    ("undecodable bytes", UNDECODABLE, {**NO_WORDS, "message": r"\xff\xfe\xfa\x80\x81"}),
    ("very deep JSON", DEEP, {**NO_WORDS, "message": "[" * 197 + "..."}),
]

_UNPROMISED: Final[list[tuple[str, bytes]]] = [
    ("HTML", GATEWAY),
    ("a list", b'["nope"]'),
    ("an empty list", b"[]"),
    ("a string", b'"ok"'),
    ("a number", b"17"),
    ("true", b"true"),
    ("NaN", b"NaN"),
    ("plain text", b"OK"),
    ("undecodable bytes", UNDECODABLE),
    ("a byte that is not UTF-8 inside JSON", b'{"queue_positions":"\xff"}'),
    ("very deep JSON", DEEP),
    ("a number with too many digits", UNWIELDY),
    ("two documents", b"{}{}"),
    ("a truncated error body", b'{"error":{"code":"in'),
]


def any_status() -> Iterator[Fault]:
    for call in CALLS:
        for status in _STATUSES if call in ONE_OF_EACH else _STATUSES[:8]:
            body = packed({"error": BALANCE_WORDS})
            yield Fault(f"{status}", call, Answer(status, body, JSON), Raised(error_class(status), BALANCE_WORDS))


def error_bodies() -> Iterator[Fault]:
    for call in CALLS:
        for name, body, words in _WORDS + _NO_WORDS:
            yield Fault(f"400 with {name}", call, Answer(400, body), Raised(BadRequestError, words))
        for name, body, words in _NO_WORDS[:3]:
            yield Fault(f"503 with {name}", call, Answer(503, body, HTML), Raised(ServerError, words))
        # A success's body does not make a success.
        yield Fault("404 with a success's body", call, call.good.but(status=404), Raised(NotFoundError))
    for call in ONE_OF_EACH:
        for value in ("1", "-3", "nan", "Wed, 21 Oct 2099 07:28:00 GMT", "soon"):
            answer = Answer(429, TOO_MANY, (*JSON, ("Retry-After", value)))
            words = {**NO_WORDS, "message": "too many requests"}
            yield Fault(f"429, Retry-After {value}", call, answer, Raised(RateLimitError, words))
        for charset in ("hex", "rot13", "undefined", "idna", "no-such", "utf-16"):
            answer = Answer(502, b"Bad Gateway", (("Content-Type", f"text/plain; charset={charset}"),))
            words = {**NO_WORDS, "message": "Bad Gateway"}
            yield Fault(f"502 in charset {charset}", call, answer, Raised(ServerError, words))


def successes_that_are_errors() -> Iterator[Fault]:
    for call in CALLS:
        for status in sorted({call.status, 200, 299} - {204}):
            for name, body, words in _WORDS if status == call.status else _SHAPES:
                yield Fault(f"{status} with {name}", call, Answer(status, body, JSON), Raised(ApiError, words))
    for call in PAGED:
        body = packed({"error": BALANCE_WORDS, call.rows: None, "cursor": ""})
        yield Fault("an error body in an empty page", call, Answer(200, body, JSON), Raised(ApiError, BALANCE_WORDS))
    body = packed({"queue_positions": [], "error": "database is down"})
    words = {**NO_WORDS, "message": "database is down"}
    yield Fault("an error body in an empty list", POSITIONS, Answer(200, body, JSON), Raised(ApiError, words))
    body = packed({**PLACED, "order_id": "", "ts_ms": None, "error": BALANCE_WORDS})
    yield Fault("an error body in a hollow order", CREATE, Answer(201, body, JSON), Raised(ApiError, BALANCE_WORDS))


def unpromised() -> Iterator[Fault]:
    broken = Raised(ResponseDecodeError, {"place": ""})
    for call in CALLS:
        status = 200 if call is DELETE else call.status
        for name, body in _UNPROMISED:
            yield Fault(f"{status} with {name}", call, Answer(status, body, JSON), broken)
        yield Fault("299 with HTML", call, Answer(299, GATEWAY, HTML), broken)
    for call in PROMISING:
        for status in (200, 201, 202, 299):
            yield Fault(f"{status} with an empty body", call, Answer(status, b"", JSON), broken)
        for name, body in (("null", b"null"), ("an empty object", b"{}"), ("blanks", b" \n")):
            yield Fault(f"{call.status} with {name}", call, Answer(call.status, body, JSON), broken)
        body = packed({"status": "ok", "data": []})
        yield Fault("an object of another kind", call, Answer(call.status, body, JSON), broken)
        for at in (1, len(call.body) // 2, len(call.body) - 1):
            cut = call.good.but(body=call.body[:at])
            yield Fault(f"truncated JSON, {at} bytes", call, cut, broken)
        yield Fault("204", call, Answer(204), broken)
        yield Fault("206 with a part", call, Answer(206, call.body[3:-3]), broken)
        yield Fault("twice the body", call, call.good.but(body=call.body * 2), broken)


def redirects() -> Iterator[Fault]:
    for call in CALLS:
        for status in (300, 301, 302, 303, 304, 307, 308, 399) if call in ONE_OF_EACH else (302, 307):
            answer = Answer(status, b"" if status == 304 else b"<a>moved</a>", ELSEWHERE)
            yield Fault(f"{status} redirect", call, answer, Raised(ResponseDecodeError, {"place": ""}))
        moved = call.good.but(status=307, headers=ELSEWHERE)
        yield Fault("307 with a success's body", call, moved, Raised(ResponseDecodeError))
        refused = Answer(302, packed({"error": BALANCE_WORDS}), ELSEWHERE)
        yield Fault("302 with an error body", call, refused, Raised(ApiError, BALANCE_WORDS))


def transport() -> Iterator[Fault]:
    broken = [
        (Ending.CUT, httpx.RemoteProtocolError),
        (Ending.CUT_CHUNK, httpx.RemoteProtocolError),
        (Ending.CUT_HEAD, httpx.RemoteProtocolError),
        (Ending.DROPPED, httpx.RemoteProtocolError),
        (Ending.RESET, httpx.ReadError),
        (Ending.NOISE, httpx.RemoteProtocolError),
    ]
    for call in CALLS:
        for ending, kind in broken:
            answer = Answer(201 if call is CREATE else 200, call.body or packed({"a": "b"}), JSON, ending)
            yield Fault(ending.value, call, answer, Raised(kind))
