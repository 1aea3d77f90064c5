"""The arguments of an operation, made from its schemas and turned into what a user passes."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, get_args, get_origin

import attrs
from hypothesis import strategies as st

from kalshi_core.models.base import Model
from kalshi_core.models.datetimes import parse_datetime
from kalshi_core.operation import Parameter
from kalshi_core.types import Unset
from tests.contract.document import Document, Documented, Json, canonical
from tests.contract.package import modules
from tests.contract.strategies import Bodies
from tests.contract.values import Values

ArgumentValues = dict[tuple[str, str], Any]
"""JSON values by place and name; the body's is under `("body", "body")`."""


def fixed_values(amended: Document, operation_id: str, *, full: bool) -> ArgumentValues:
    """Return values for the required arguments of an operation, or for all; no two equal where the schemas allow it."""
    operation, values = amended.operations[operation_id], Values(amended)
    found = {}
    for index, each in enumerate(operation.parameters):
        if full or each.get("required"):
            # A first parameter is like any other first one: lists show how many were before it.
            padding = {"type": "array", "items": {}, "minItems": index, "maxItems": index}
            both = {"properties": {"before": padding, "it": non_empty(each["schema"])}, "required": ["before", "it"]}
            found[each["in"], each["name"]] = (values.full if full else values.minimal)(both, sent=True)["it"]
    if operation.body is not None and (full or operation.body_required):
        found["body", "body"] = (values.full if full else values.minimal)(operation.body, sent=True)
    return found


def drawn_values(amended: Document, operation_id: str) -> st.SearchStrategy[ArgumentValues]:
    """Return a strategy for arguments that the document allows and a request can carry."""
    operation, bodies = amended.operations[operation_id], Bodies(amended)
    required: dict[tuple[str, str], st.SearchStrategy[Any]] = {}
    optional: dict[tuple[str, str], st.SearchStrategy[Any]] = {}
    for each in operation.parameters:
        strategy = bodies.of(non_empty(each["schema"]), sent=True).filter(lambda value: value is not None)
        if each["in"] == "path":
            strategy = strategy.filter(lambda value: str(value).strip() not in ("", ".", ".."))
        elif each["in"] == "query":
            # Empty values are allowed only where the document says `allowEmptyValue`.
            strategy = strategy.filter(lambda value: value != "")
        elif each["in"] == "header":
            # What a header can carry everywhere: no blanks at its ends, no other alphabets.
            strategy = strategy.filter(lambda value: re.fullmatch(r"[!-~]([ -~]*[!-~])?", as_text(value)) is not None)
        (required if each.get("required") else optional)[each["in"], each["name"]] = strategy
    if operation.body is not None:
        (required if operation.body_required else optional)["body", "body"] = bodies.of(operation.body, sent=True)
    return st.fixed_dictionaries(required, optional=optional)


def non_empty(schema: Json) -> Json:
    """Return a parameter's schema without empty lists: in a query, they are the same as no list."""
    return {**schema, "minItems": max(schema.get("minItems", 0), 1)} if schema.get("type") == "array" else schema


def required_arguments(amended: Document, operation_id: str) -> Json:
    """Return what an operation requires, as the arguments of its functions."""
    values = fixed_values(amended, operation_id, full=False)
    return python_arguments(amended.operations[operation_id], values, typed=True)


def python_arguments(operation: Documented, values: ArgumentValues, *, typed: bool) -> Json:
    """
    Turn JSON values into the arguments of an operation's functions, as a user would write them.

    Args:
        operation: The operation.
        values: JSON values.
        typed: Whether enums are members and numbers Decimals, or plain strings.
    """
    names = set(inspect.signature(modules()[operation.id].sync).parameters)
    kinds: dict[tuple[str, str], Parameter] = {
        (each.location, each.wire): each for each in modules()[operation.id].OPERATION.parameters
    }
    found = {}
    for (place, wire), value in values.items():
        spelt = [
            each for each in names if canonical(each) in (canonical(wire), canonical(wire + place)) and each != "client"
        ]
        # Where letters don't tell, such as with `cursor` beside `cursor_`, the table does.
        name = spelt[0] if len(spelt) == 1 else kinds[place, wire].name
        found[name] = user_value(kinds[place, wire].kind, value, typed=typed) if (place, wire) in kinds else value
    return found


def user_value(kind: Any, value: Any, *, typed: bool) -> Any:
    """Turn a JSON value into one that a user would pass for an annotation."""
    if get_origin(kind) is Sequence:
        return [user_value(get_args(kind)[0], each, typed=typed) for each in value]
    for option in get_args(kind) or (kind,):
        if isinstance(option, type) and issubclass(option, Model):
            return _built(option.from_dict(value), typed=typed)
        if isinstance(option, type) and issubclass(option, Enum) and typed:
            return option(value)
        if option is Decimal and typed:
            return Decimal(value)
        if option is datetime:
            return parse_datetime(value)
    return value


def _built(value: Any, *, typed: bool) -> Any:
    """Build a model with its constructor, field by field, from one that was decoded."""
    if isinstance(value, Model):
        if value.additional_properties:
            # Only decoding gives a model keys of its own.
            return value
        fields = {each.name: getattr(value, each.name) for each in attrs.fields(type(value))}  # type: ignore[arg-type]
        given = {name: each for name, each in fields.items() if not isinstance(each, Unset)}
        return type(value)(**{name: _built(each, typed=typed) for name, each in given.items()})
    if isinstance(value, list):
        items: Sequence[Any] = [_built(each, typed=typed) for each in value]
        return items if typed else tuple(items)
    if typed:
        return value
    if isinstance(value, Enum):
        return value.value
    return format(value, "f") if isinstance(value, Decimal) else value


def as_text(value: Any) -> str:
    """Return a value as a path, a query or a header carries it."""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
