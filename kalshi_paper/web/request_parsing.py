"""Parse and validate the query parameters and the body of a request."""

from __future__ import annotations

from json import JSONDecodeError, JSONDecoder
from typing import Any, Final
from urllib.parse import parse_qsl

from kalshi_paper.engine.errors import invalid_body, invalid_parameter
from kalshi_paper.web.json_text import encode_json
from kalshi_paper.web.openapi import ApiDocument, Json, Operation, Parameter
from kalshi_paper.web.schema_validation import SchemaValidators, Validator

_decode: Final = JSONDecoder().raw_decode
_WHITESPACE: Final = b" \t\r\n"
"""The whitespace of JSON."""
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}


class RequestParser:
    """
    Parse requests by the schemas of the document.

    Args:
        document: The document.
    """

    def __init__(self, document: ApiDocument) -> None:
        self._schemas = SchemaValidators(document)
        self._document = document
        self._validators: dict[str, Validator] = {}

    def query(self, operation: Operation, text: bytes) -> dict[str, Any]:
        """
        Return the query parameters in their types; unknown ones are ignored, as on the real servers.

        Raises:
            ErrorResponse: 400: a parameter is missing or not valid.
        """
        found: dict[str, Any] = {}
        given: dict[str, list[str]] = {}
        for name, value in parse_qsl(text.decode("latin-1"), keep_blank_values=True) if text else ():
            given.setdefault(name, []).append(value)
        for parameter in operation.parameters:
            if parameter.location != "query":
                continue
            if parameter.name in given:
                found[parameter.name] = self._value(parameter, given[parameter.name])
            elif parameter.required:
                raise invalid_parameter(f"{parameter.name} is required")
        return found

    def body(self, operation: Operation, content: bytes) -> Any:
        """
        Return the decoded body; None if the operation takes none.

        Raises:
            ErrorResponse: 400: the body is not JSON, or not valid.
        """
        if operation.body_schema is None:
            return None
        content = content.strip(_WHITESPACE)
        if not content:
            if operation.body_required:
                raise invalid_body("EOF")
            return {}
        try:
            text = content.decode("utf-8")
            found, end = _decode(text)
            if end != len(text):
                raise JSONDecodeError("Extra data", text, end)
            if "\\u" in text:
                encode_json(found).encode("utf-8")  # Fails on a lone surrogate, which no response could carry.
        except (ValueError, RecursionError) as error:
            raise invalid_body(str(error)) from None
        validate = self._validators.get(operation.id) or self._compile(operation.id, operation.body_schema)
        validate(found, "")
        return found

    def _value(self, parameter: Parameter, texts: list[str]) -> Any:
        schema = parameter.schema
        try:
            value = (
                [_typed(text, self._document.resolve(schema["items"])) for text in texts]
                if schema.get("type") == "array"
                else _typed(texts[-1], schema)
            )
        except ValueError:
            raise invalid_parameter(f"{parameter.name} is not of type {schema.get('type')}") from None
        if value == "" and "enum" in schema:
            return None
        # Parameters of two operations may share a name, so the identity of the schema is part of the key.
        name = f"{parameter.name}:{id(schema)}"
        validate = self._validators.get(name) or self._compile(name, schema)
        validate(value, parameter.name)
        return value

    def _compile(self, name: str, schema: Json) -> Validator:
        validator = self._validators[name] = self._schemas.validator(schema)
        return validator


def _typed(text: str, schema: Json) -> Any:
    kind = schema.get("type")
    if kind == "integer":
        return int(text)
    if kind == "number":
        return float(text)
    if kind == "boolean":
        if text.lower() not in _BOOLEANS:
            raise ValueError(text)
        return _BOOLEANS[text.lower()]
    return text
