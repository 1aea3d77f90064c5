"""Deterministic bodies for a schema: the smallest, the fullest, and each alternative in turn."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from typing import Any, Final, Literal

import hypothesis
from hypothesis import strategies as st

from tests.contract.document import Document, Json

Nulls = Literal["none", "leaves", "all"]
_SAFE: Final = 2**31 - 1


class Values:
    """
    The values of a document's schemas.

    Args:
        document: The amended document, which knows which strings are decimal numbers.
    """

    def __init__(self, document: Document) -> None:
        self._document = document

    def minimal(self, schema: Json, *, sent: bool = False) -> Any:
        """Return the smallest value: required fields only, empty lists."""
        return _Build(self._document, full=False, sent=sent).value(schema)

    def full(self, schema: Json, *, sent: bool = False) -> Any:
        """Return a value with every field, all values different where the schema allows it."""
        return _Build(self._document, sent=sent).value(schema)

    def each(self, schema: Json) -> Iterator[Any]:
        """Yield the smallest value, then full ones until each enum member, alternative, boolean and null was used."""
        yield self.minimal(schema)
        rounds, done = 1, 0
        while done < rounds:
            build = _Build(self._document, round_=done)
            yield build.value(schema)
            rounds, done = max(rounds, build.rounds), done + 1
        for nulls in ("leaves", "all"):
            yield _Build(self._document, nulls=nulls).value(schema)


class _EndlessError(Exception):
    """A recursive schema can't be nested further."""


class _Build:
    """Builds one value in which all strings and numbers differ."""

    def __init__(
        self, document: Document, *, full: bool = True, sent: bool = False, round_: int = 0, nulls: Nulls = "none"
    ) -> None:
        self._document = document
        self._full = full
        self._sent = sent
        self._nulls = nulls
        self._turn = round_
        self._next = count(1)
        self._trail: list[str] = []
        self.rounds = 2
        """Number of rounds after which every alternative was used."""

    def value(self, schema: Json, scale: int = 1) -> Any:
        """Return a value; `scale` is the number of rounds for which the enclosing alternative is kept."""
        name = self._document.name(schema)
        if name in self._trail:
            raise _EndlessError
        self._trail += [name] if name else []
        try:
            return self._value(self._document.flat(schema), scale)
        finally:
            self._trail = self._trail[:-1] if name else self._trail

    def _value(self, schema: Json, scale: int) -> Any:
        alternatives = schema.get("oneOf") or schema.get("anyOf")
        members = [member for member in schema.get("enum") or [] if member is not None]
        kind = schema.get("type") or ("object" if schema["properties"] else "string" if members else None)
        if schema.get("nullable"):
            is_leaf = not alternatives and kind not in ("object", "array")
            if self._nulls == "all" or (self._nulls == "leaves" and is_leaf):
                return None
        if alternatives:
            return self.value(self._one(alternatives, scale), scale * len(alternatives))
        if members:
            return self._one(members, scale)
        number = next(self._next)
        if kind == "array":
            return self._list(schema, scale)
        if kind == "object":
            return self._object(schema, scale)
        if kind == "string":
            return self._text(schema, number)
        if kind == "integer":
            return _whole(schema, number)
        if kind == "number":
            return float(_whole(schema, number)) if "maximum" in schema else _whole(schema, number) + 0.5
        if kind == "boolean":
            return bool((number + self._turn // scale) % 2)
        return {"free": [number, "text", None, {"deep": True}]} if self._full else {}

    def _one(self, alternatives: list[Any], scale: int) -> Any:
        self.rounds = max(self.rounds, scale * len(alternatives))
        return alternatives[self._turn // scale % len(alternatives)]

    def _list(self, schema: Json, scale: int) -> list[Any]:
        least = schema.get("minItems", 0)
        most = min(schema.get("maxItems", least + 2), max(least, 2)) if self._full else least
        try:
            return [self.value(schema.get("items") or {}, scale) for _ in range(most)]
        except _EndlessError:
            if least:
                raise
            return []

    def _object(self, schema: Json, scale: int) -> Json:
        body = {}
        for name, part in schema["properties"].items():
            needed = name in schema["required"]
            if not (needed or self._full):
                continue
            try:
                body[name] = self.value(part, scale)
            except _EndlessError:
                if needed and not part.get("nullable"):
                    raise
                if needed:
                    body[name] = None
        rest = schema.get("additionalProperties", not schema["properties"])
        if rest and self._full:
            body["a_key_of_data"] = self.value(rest if isinstance(rest, dict) else {}, scale)
        return body

    def _text(self, schema: Json, number: int) -> str:
        form = schema.get("format") or ""
        if form.startswith("fixed-point"):
            most = form.removeprefix("fixed-point").lstrip("-")
            places = int(most) if most == "2" or (most and self._sent) else 6
            return f"{number}.{'5' + '6' * (places - 1)}"
        if form in FORMS:
            return FORMS[form](number)
        if "pattern" in schema:
            return _matching(schema["pattern"])
        text = f"text {number}".ljust(schema.get("minLength", 0), "x")
        return text if len(text) <= schema.get("maxLength", 100) else str(number)[-schema["maxLength"] :]


def _moment(number: int) -> str:
    digits = "123456789"[: number % 10]
    return f"2026-11-{number % 28 + 1:02}T09:{number % 60:02}:07{'.' if digits else ''}{digits}Z"


FORMS: Final[dict[str, Callable[[int], str]]] = {
    "date-time": _moment,
    "date": lambda number: f"2026-11-{number % 28 + 1:02}",
    "uuid": lambda number: f"{number:08x}-1111-4111-8111-111111111111",
    "uri": lambda number: f"https://exchange.test/{number}",
    "url": lambda number: f"https://exchange.test/{number}",
    "email": lambda number: f"n{number}@exchange.test",
    "hostname": lambda number: f"n{number}.exchange.test",
    "ipv4": lambda number: f"192.0.2.{number % 256}",
    "ipv6": lambda number: f"2001:db8::{number % 10_000}",
    "time": lambda number: f"09:{number % 60:02}:07Z",
    "duration": lambda number: f"PT{number}S",
}
"""Strings by format; any other format gets plain text."""


def _whole(schema: Json, number: int) -> int:
    least, most = schema.get("minimum", 0), schema.get("maximum", _SAFE)
    found: int = int(least) + number % max(int(most) - int(least) + 1, 1)
    return found


def _matching(pattern: str) -> str:
    found: str = hypothesis.find(
        st.from_regex(pattern), lambda text: bool(re.search(pattern, text)), settings=hypothesis.settings(database=None)
    )
    return found


def same(left: Any, right: Any) -> bool:
    """
    Return True for equal JSON values, where date-times are compared as instants, and an integer equals its float.

    Example:
        >>> same({"at": ["2026-11-23T00:00:00.500Z"]}, {"at": ["2026-11-23t01:00:00.5+01:00"]})
        True
        >>> same([1, "1"], [True, "1"]) or same([1], ["1"]) or same({"a": None}, {})
        False
    """
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, str) and isinstance(right, str):
        return left == right or ((moment := instant(left)) is not None and moment == instant(right))
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    kinds = type(left), type(right)
    return bool(left == right) and (kinds[0] is kinds[1] or kinds == (int, float))


def instant(text: str) -> int | None:
    """Return the nanoseconds since 1970 of an RFC 3339 date-time; None for another text."""
    found = _RFC3339.fullmatch(text)
    if not found:
        return None
    whole, digits, sign, hours, minutes = found.groups()
    seconds = int(datetime.fromisoformat(f"{whole.upper()}+00:00").timestamp())
    offset = int(f"{sign}1") * (int(hours) * 60 + int(minutes)) * 60 if sign else 0
    return (seconds - offset) * 10**9 + int((digits or "").ljust(9, "0"))


_RFC3339: Final = re.compile(r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))")
