"""Validate request values: a function for each schema of the document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from kalshi_paper.engine.errors import invalid_body, invalid_parameter
from kalshi_paper.web.openapi import ApiDocument, Json

Validator = Callable[[Any, str], None]
"""Takes a value and its path for messages; raises ErrorResponse 400 if the value is not valid."""

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


class SchemaValidators:
    """
    The validators of the document's schemas, each compiled once.

    Args:
        document: Document that resolves references.
    """

    def __init__(self, document: ApiDocument) -> None:
        self._document = document
        self._by_name: dict[str, Validator] = {}

    def validator(self, schema: Json) -> Validator:
        """Return the validator of a schema."""
        name = schema.get("ref")
        if name is None:
            return self._compile(schema)
        if name not in self._by_name:
            # A placeholder first, since a schema may contain itself.
            self._by_name[name] = lambda value, at: self._by_name[name](value, at)
            self._by_name[name] = self._compile(self._document.resolve(schema))
        found = self._by_name[name]
        return _or_null(found) if schema.get("nullable") else found

    def _compile(self, schema: Json) -> Validator:
        if "allOf" in schema:
            validators = [self.validator(part) for part in schema["allOf"]]
        else:
            validators = [self._type_validator(schema), *_bound_validators(schema)]
            if schema.get("properties"):
                validators = [self._object_validator(schema, *validators)]
            if "items" in schema:
                validators.append(self._items_validator(schema["items"]))
        found = validators[0] if len(validators) == 1 else _all_of(validators)
        return _or_null(found) if schema.get("nullable") else found

    def _type_validator(self, schema: Json) -> Validator:
        name = schema.get("type")
        types = _TYPES.get(name or "", (object,))
        accepts_booleans = bool in types or object in types

        def validate(value: Any, at: str) -> None:
            if not isinstance(value, types) or ((value is True or value is False) and not accepts_booleans):
                raise invalid_body(f"{at or 'body'}: expected {name}, found {type(value).__name__}")

        return validate

    def _object_validator(self, schema: Json, type_validator: Validator, *bounds: Validator) -> Validator:
        required = frozenset(schema.get("required", []))
        validators = {name: self.validator(part) for name, part in schema["properties"].items()}
        types, enums = self._simple_fields(schema["properties"])
        # An absent field reads as None.
        enum_fields = [(name, {*allowed, None}) for name, allowed in enums.items()]

        def validate(value: Any, at: str) -> None:
            if type(value) is not dict:
                type_validator(value, at)
            for each in bounds:
                each(value, at)
            if not required <= value.keys():
                missing = next(name for name in schema["required"] if name not in value)
                raise invalid_parameter(f"{_join(at, missing)} is required")
            # Most bodies have only simple fields, for which this short check is enough.
            for name, part in value.items():
                if type(part) is not types.get(name):
                    break
            else:
                for name, allowed in enum_fields:
                    if value.get(name) not in allowed:
                        break
                else:
                    return
            for name, part in value.items():
                if name in validators and (part is not None or name in required):
                    validators[name](part, _join(at, name))

        return validate

    def _simple_fields(self, properties: Json) -> tuple[dict[str, type], dict[str, frozenset[str]]]:
        """Return the types of the string and boolean fields without bounds, and the values of the enum fields."""
        types: dict[str, type] = {}
        enums: dict[str, frozenset[str]] = {}
        for name, schema in properties.items():
            while "ref" in schema or len(schema.get("allOf", ())) == 1:
                schema = self._document.resolve(schema["allOf"][0] if "allOf" in schema else schema)
            bounds, type_name = _bound_validators(schema), schema.get("type", "")
            if type_name == "string" and "enum" in schema and len(bounds) == 1:
                enums[name] = frozenset(each for each in schema["enum"] if isinstance(each, str))
                bounds = []
            if type_name in ("string", "boolean") and not bounds:
                types[name] = _TYPES[type_name][0]
        return types, enums

    def _items_validator(self, schema: Json) -> Validator:
        each = self.validator(schema)

        def validate(value: Any, at: str) -> None:
            for index, item in enumerate(value):
                each(item, f"{at}[{index}]")

        return validate


def _join(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _all_of(validators: list[Validator]) -> Validator:
    def validate(value: Any, at: str) -> None:
        for each in validators:
            each(value, at)

    return validate


def _or_null(inner: Validator) -> Validator:
    def validate(value: Any, at: str) -> None:
        if value is not None:
            inner(value, at)

    return validate


def _bound_validators(schema: Json) -> list[Validator]:
    """Return the validators of enum, minimum, maximum and sizes; most schemas have none."""
    tests: list[tuple[Callable[[Any], bool], str]] = []
    if "enum" in schema:
        allowed = schema["enum"]
        tests.append((lambda value: value in allowed, f"is not one of {', '.join(map(str, allowed))}"))
    if "minimum" in schema:
        minimum = schema["minimum"]
        tests.append((lambda value: value >= minimum, f"is less than {minimum}"))
    if "maximum" in schema:
        maximum = schema["maximum"]
        tests.append((lambda value: value <= maximum, f"is greater than {maximum}"))
    for key, noun in (("Items", "items"), ("Length", "characters")):
        if f"min{key}" in schema:
            tests.append((_at_least(schema[f"min{key}"]), f"has fewer than {schema[f'min{key}']} {noun}"))
        if f"max{key}" in schema:
            tests.append((_at_most(schema[f"max{key}"]), f"has more than {schema[f'max{key}']} {noun}"))
    return [_bound_validator(test, message) for test, message in tests]


def _at_least(size: int) -> Callable[[Any], bool]:
    return lambda value: len(value) >= size


def _at_most(size: int) -> Callable[[Any], bool]:
    return lambda value: len(value) <= size


def _bound_validator(test: Callable[[Any], bool], message: str) -> Validator:
    def validate(value: Any, at: str) -> None:
        if not test(value):
            raise invalid_parameter(f"{at} {message}")

    return validate
