"""Holding what comes in against the document's schemas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from kalshi_paper.web.error_responses import bad_parameter, undecodable
from kalshi_paper.web.openapi import Document, Json

Check = Callable[[Any, str], None]

_KINDS: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


class Checks:
    """
    Schemas turned into functions, each once.

    Args:
        document: Where references lead.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._made: dict[str, Check] = {}

    def of(self, schema: Json) -> Check:
        """Return the function that checks a value, given its place for messages, or refuses it: 400."""
        reference = schema.get("$ref")
        if reference is None:
            return self._check(schema)
        if reference not in self._made:
            # Deferred, so that a schema may hold itself.
            self._made[reference] = lambda value, at: self._made[reference](value, at)
            self._made[reference] = self._check(self._document.resolve(schema))
        found = self._made[reference]
        return _or_null(found) if schema.get("nullable") else found

    def _check(self, schema: Json) -> Check:
        if "allOf" in schema:
            several = [self.of(part) for part in schema["allOf"]]
            checks = several
        else:
            checks = [self._kind(schema), *_bounds(schema)]
            if schema.get("properties"):
                checks = [self._fields(schema, *checks)]
            if "items" in schema:
                checks.append(self._items(schema["items"]))
        found = checks[0] if len(checks) == 1 else _all(checks)
        return _or_null(found) if schema.get("nullable") else found

    def _kind(self, schema: Json) -> Check:
        kinds = _KINDS.get(schema.get("type", ""), (object,))
        name, booleans = schema.get("type"), bool in kinds or object in kinds

        def check(value: Any, at: str) -> None:
            if not isinstance(value, kinds) or ((value is True or value is False) and not booleans):
                raise undecodable(f"{at or 'body'}: expected {name}, found {type(value).__name__}")

        return check

    def _fields(self, schema: Json, kind: Check, *bounds: Check) -> Check:
        required = frozenset(schema.get("required", []))
        checks = {name: self.of(part) for name, part in schema["properties"].items()}
        kinds, words = self._plain(schema["properties"])
        # A word that is left out reads as None.
        worded = [(name, {*allowed, None}) for name, allowed in words.items()]

        def check(value: Any, at: str) -> None:
            if type(value) is not dict:
                kind(value, at)
            for each in bounds:
                each(value, at)
            if not required <= value.keys():
                missing = next(name for name in schema["required"] if name not in value)
                raise bad_parameter(f"{_inside(at, missing)} is required")
            # Most bodies have nothing but texts, some of them of a few words: a look at each is enough.
            for name, part in value.items():
                if type(part) is not kinds.get(name):
                    break
            else:
                for name, allowed in worded:
                    if value.get(name) not in allowed:
                        break
                else:
                    return
            for name, part in value.items():
                if name in checks and (part is not None or name in required):
                    checks[name](part, _inside(at, name))

        return check

    def _plain(self, properties: Json) -> tuple[dict[str, type], dict[str, frozenset[str]]]:
        """Return the fields of which the type says all, with their types; and of these the ones of a few words."""
        kinds: dict[str, type] = {}
        words: dict[str, frozenset[str]] = {}
        for name, schema in properties.items():
            while "$ref" in schema or len(schema.get("allOf", ())) == 1:
                schema = self._document.resolve(schema["allOf"][0] if "allOf" in schema else schema)
            bounds, kind = _bounds(schema), schema.get("type", "")
            if kind == "string" and "enum" in schema and len(bounds) == 1:
                words[name] = frozenset(each for each in schema["enum"] if isinstance(each, str))
                bounds = []
            if kind in ("string", "boolean") and not bounds:
                kinds[name] = _KINDS[kind][0]
        return kinds, words

    def _items(self, schema: Json) -> Check:
        each = self.of(schema)

        def check(value: Any, at: str) -> None:
            for index, item in enumerate(value):
                each(item, f"{at}[{index}]")

        return check


def _inside(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _all(checks: list[Check]) -> Check:
    def check(value: Any, at: str) -> None:
        for each in checks:
            each(value, at)

    return check


def _or_null(inner: Check) -> Check:
    def check(value: Any, at: str) -> None:
        if value is not None:
            inner(value, at)

    return check


def _bounds(schema: Json) -> list[Check]:
    """Return the checks of a value's bounds, most schemas having none."""
    tests: list[tuple[Callable[[Any], bool], str]] = []
    if "enum" in schema:
        allowed = schema["enum"]
        tests.append((lambda value: value in allowed, f"is not one of {', '.join(map(str, allowed))}"))
    if "minimum" in schema:
        least = schema["minimum"]
        tests.append((lambda value: value >= least, f"is less than {least}"))
    if "maximum" in schema:
        most = schema["maximum"]
        tests.append((lambda value: value <= most, f"is greater than {most}"))
    for key, word in (("Items", "items"), ("Length", "characters")):
        if f"min{key}" in schema:
            tests.append((_at_least(schema[f"min{key}"]), f"has fewer than {schema[f'min{key}']} {word}"))
        if f"max{key}" in schema:
            tests.append((_at_most(schema[f"max{key}"]), f"has more than {schema[f'max{key}']} {word}"))
    return [_test(test, words) for test, words in tests]


def _at_least(size: int) -> Callable[[Any], bool]:
    return lambda value: len(value) >= size


def _at_most(size: int) -> Callable[[Any], bool]:
    return lambda value: len(value) <= size


def _test(test: Callable[[Any], bool], words: str) -> Check:
    def check(value: Any, at: str) -> None:
        if not test(value):
            raise bad_parameter(f"{at} {words}")

    return check
