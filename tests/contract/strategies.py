"""Hypothesis strategies for bodies that a schema allows, and for invalid ones."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.contract.document import Document, Json, mappings
from tests.contract.values import FORMS

JsonStrategy = SearchStrategy[Any]

_TEXTS: Final = [
    "",
    " ",
    "yes",
    "null",
    "0",
    "1.50",
    "2026-11-23T00:00:00Z",
    "KXHIGHNY-26NOV23",
    "ä€𝄞",
    "a\n\"b\\'",
    "\x00",
]
_OFFSETS: Final = ["Z", "z", "+00:00", "-05:00", "+05:30"]
_SAFE: Final = 2**53
_DEEP: Final = 400


def reproducible(examples: int) -> settings:
    """Return settings for a property that sees the same examples in every run, this many of them."""
    return settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )


class Bodies:
    """
    The valid bodies of a document's schemas.

    Args:
        document: The amended document.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._made: dict[tuple[str, bool], JsonStrategy] = {}
        self._sent = set(sent_schemas(document))

    def named(self, name: str) -> JsonStrategy:
        """Return the bodies of a schema of the document."""
        return self._named(name, name in self._sent)

    def of(self, schema: Json, *, sent: bool) -> JsonStrategy:
        """
        Return the bodies of any schema.

        Args:
            schema: The schema, or a reference to one.
            sent: True for request bodies: the exchange accepts fewer decimals than it sends.
        """
        if "$ref" in schema:
            return self._named(schema["$ref"].rpartition("/")[2], sent)
        bodies = self._bodies(schema, sent)
        return st.none() | bodies if schema.get("nullable") else bodies

    def _named(self, name: str, sent: bool) -> JsonStrategy:
        # Deferred, so that a schema may hold itself.
        made = self._made.get((name, sent))
        if made is None:
            schema = self._document.schemas[name]
            made = self._made[name, sent] = st.deferred(lambda: self.of(schema, sent=sent))
        return made

    def _bodies(self, schema: Json, sent: bool) -> JsonStrategy:
        for several in ("oneOf", "anyOf"):
            if several in schema:
                return st.one_of([self.of(part, sent=sent) for part in schema[several]])
        if "allOf" in schema:
            name = self._document.name(schema)
            return self._named(name, sent) if name else self._bodies(self._document.flat(schema), sent)
        if "enum" in schema:
            return st.sampled_from([value for value in schema["enum"] if value is not None])
        kinds: dict[str, Callable[[], JsonStrategy]] = {
            "string": lambda: texts(schema, sent),
            "integer": lambda: integers(schema),
            "number": lambda: numbers(schema),
            "boolean": st.booleans,
            "array": lambda: self._lists(schema, sent),
            "object": lambda: self._objects(schema, sent),
        }
        kind = schema.get("type", "object" if schema.get("properties") else None)
        return kinds[kind]() if kind else free()

    def _lists(self, schema: Json, sent: bool) -> JsonStrategy:
        least = schema.get("minItems", 0)
        most = min(schema.get("maxItems", least + 2), least + 2)
        return st.lists(self.of(schema.get("items") or {}, sent=sent), min_size=least, max_size=most)

    def _objects(self, schema: Json, sent: bool) -> JsonStrategy:
        properties = schema.get("properties") or {}
        fields = {name: self.of(part, sent=sent) for name, part in properties.items()}
        either = [name for name, part in properties.items() if part.get("x-either")]
        required = [name for name in schema.get("required") or [] if name not in either]
        rest = schema.get("additionalProperties", not properties)
        if not rest:
            others: JsonStrategy = st.just({})
        else:
            values = free() if rest is True else self.of(rest, sent=sent)
            others = st.dictionaries(st.text(max_size=4).filter(lambda key: key not in fields), values, max_size=2)
        return _objects(fields, required, either, others)


def texts(schema: Json, sent: bool) -> JsonStrategy:
    """Return the strings of a schema, by its format."""
    form = schema.get("format") or ""
    if form == "date-time":
        return moments()
    if form == "uuid":
        return st.uuids().map(str)
    if form.startswith("fixed-point"):
        most = form.removeprefix("fixed-point").lstrip("-")
        if most == "2":
            return decimals([2])
        return decimals(range(2, int(most) + 1) if most and sent else range(7))
    if form == "date":
        return st.dates().map(str)
    if form in FORMS:
        return st.integers(0, 999).map(FORMS[form])
    if "pattern" in schema:
        return st.from_regex(schema["pattern"])
    least = schema.get("minLength", 0)
    most_characters = schema.get("maxLength", max(least, 8))
    fitting = [text for text in _TEXTS if least <= len(text) <= most_characters]
    return st.sampled_from(fitting or ["x" * least]) | st.text(
        min_size=least, max_size=max(least, min(most_characters, 8))
    )


def moments() -> JsonStrategy:
    """Return RFC 3339 date-times, with 0 to 9 fractional digits."""
    seconds = st.integers(0, 4_102_444_799)
    return st.builds(_moment, seconds, st.text("0123456789", max_size=9), st.sampled_from(_OFFSETS))


def decimals(places: Any) -> JsonStrategy:
    """Return decimal strings with as many decimals as one of `places`."""
    return st.builds(
        _decimal, st.sampled_from([0, 1, -1, 5600]) | st.integers(-(10**14), 10**14), st.sampled_from(places)
    )


def integers(schema: Json) -> JsonStrategy:
    """Return the integers of a schema, by format and bounds."""
    bits = 31 if schema.get("format") == "int32" else 63
    return st.integers(schema.get("minimum", -(2**bits)), schema.get("maximum", 2**bits - 1))


def numbers(schema: Json) -> JsonStrategy:
    """Return the numbers of a schema; whole numbers also as integers."""
    least, most = schema.get("minimum"), schema.get("maximum")
    fractions = st.floats(least, most, allow_nan=False, allow_infinity=False)
    return fractions | st.integers(math.ceil(least or -_SAFE), math.floor(most or _SAFE))


def free() -> JsonStrategy:
    """Return JSON of any kind."""
    return _FREE


def sent_schemas(document: Document) -> Iterator[str]:
    """Yield the names of the schemas that request bodies are made of."""
    waiting: list[Any] = [each.body for each in document.operations.values() if each.body is not None]
    seen = set()
    while waiting:
        for node in mappings(waiting.pop()):
            reference = node.get("$ref")
            if isinstance(reference, str) and reference not in seen:
                seen.add(reference)
                waiting.append(document.resolved(node))
                yield reference.rpartition("/")[2]


@st.composite
def invalid_bodies(draw: DrawFn, bodies: JsonStrategy) -> Any:
    """Draw a body with one to three changes: a value removed, null, of another type, renamed or added."""
    body = copy.deepcopy(draw(bodies))
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(body))
        container, key = places[draw(st.integers(0, len(places) - 1))]
        edit = draw(st.sampled_from(["drop", "null", "retype", "retype", "add", "rename"]))
        if edit == "add" or key is None:
            value = copy.deepcopy(draw(_ODD))
            if isinstance(container, list):
                container.append(value)
            else:
                container[draw(st.sampled_from(["added", "", "to_dict", "_unknown", "type_"]))] = value
        elif edit == "drop":
            del container[key]
        elif edit == "rename" and isinstance(container, dict):
            container[f"{key}_new"] = container.pop(key)
        else:
            container[key] = None if edit == "null" else copy.deepcopy(draw(_ODD))
    return body


@st.composite
def invalid_texts(draw: DrawFn, bodies: JsonStrategy) -> bytes:
    """Draw the bytes of a response: an invalid body, a truncated one, or no JSON at all."""
    text = _written(draw(bodies | invalid_bodies(bodies))).encode()
    harm = draw(st.sampled_from(["none", "cut", "cut", "more", "replaced"]))
    if harm == "cut":
        return text[: draw(st.integers(0, len(text)))]
    if harm == "more":
        return draw(st.sampled_from([text + b"}", text + text, b"\xef\xbb\xbf" + text, b"\xff" + text, text + b"\x00"]))
    return draw(st.sampled_from(_NOT_BODIES)) if harm == "replaced" else text


@st.composite
def _objects(
    draw: DrawFn, fields: dict[str, JsonStrategy], required: list[str], either: list[str], others: JsonStrategy
) -> Any:
    optional = [name for name in fields if name not in required and name not in either]
    shape = draw(st.sampled_from(["minimal", "full", "mixed"]))
    chosen = {"minimal": 0, "full": -1}.get(shape)
    if chosen is None:
        chosen = draw(st.integers(0, 2 ** len(optional) - 1))
    names = {*required, *(name for bit, name in enumerate(optional) if chosen >> bit & 1)}
    if either:
        # At least one of them has to be there.
        names |= draw(st.sets(st.sampled_from(either), min_size=1))
    body = {name: draw(strategy) for name, strategy in fields.items() if name in names}
    return {**body, **draw(others)}


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every container of a body with each of its keys, and once with None for a key that it lacks."""
    if isinstance(node, dict | list):
        yield node, None
        for key, value in list(node.items() if isinstance(node, dict) else enumerate(node)):
            yield node, key
            yield from _places(value)


def _moment(second: int, digits: str, offset: str) -> str:
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%S}{'.' if digits else ''}{digits}{offset}"


def _decimal(units: int, places: int) -> str:
    digits = str(abs(units)).zfill(places + 1)
    whole, fraction = (digits[:-places], digits[-places:]) if places else (digits, "")
    return f"{'-' if units < 0 else ''}{whole}{'.' if places else ''}{fraction}"


def _nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


def _written(body: Any) -> str:
    """Write JSON, with NaN and infinities as Python writes them, and integers longer than Python writes."""

    def short(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: short(item) for key, item in value.items()}
        if isinstance(value, list):
            return [short(item) for item in value]
        return _LONG if isinstance(value, int) and abs(value) > 10**4000 else value

    return json.dumps(short(body)).replace(f'"{_LONG}"', "9" * 5000)


_LONG: Final = "an integer too long to be written"
_NOT_BODIES: Final = [
    b"", b" ", b"null", b"true", b"12", b"NaN", b"-Infinity", b"1e999", b"[]", b"{}", b'"text"', b"[{}]", b"9" * 5000,
    b"<html></html>", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000, b"[" * 900 + b"]" * 900, b'{"cursor": NaN}',
]  # fmt: skip

_PLAIN: Final[JsonStrategy] = (
    st.sampled_from([None, True, False, 0, -1, 1.5, "", "text"])
    | st.integers(-_SAFE, _SAFE)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4)
)
_FREE: Final[JsonStrategy] = st.recursive(
    _PLAIN,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
_ODD: Final[JsonStrategy] = (
    st.sampled_from(
        [
            True, False, 0, 1, -1, 12, 1.0, 1.5, 1e300, math.nan, math.inf, -math.inf, 10**30, 10**400, 10**5000,
            "", "brand_new", "0.5600", "1e2", "1E+2", " 1", "1_0", "NaN", "Infinity", "-", ".", "١", "2026-11-23",
            "2026-11-23T00:00:00", "2026-13-23T00:00:00Z", "2026-11-23T24:00:00.123Z", "\ud800", "x" * 5000, "9" * 5000,
            [], [None], [[]], {}, {"": None}, {"a": [{}]}, _nested(_DEEP), {"deep": _nested(_DEEP)},
        ]
    )
    | _PLAIN
)  # fmt: skip
