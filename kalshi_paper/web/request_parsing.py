"""Reading parameters and body of a request, as the document has them."""

from __future__ import annotations

from json import JSONDecodeError, JSONDecoder
from typing import Any, Final
from urllib.parse import parse_qsl

from kalshi_paper.web.error_responses import bad_parameter, undecodable
from kalshi_paper.web.openapi import Document, Json, Operation, Parameter, encoded
from kalshi_paper.web.schema_validation import Check, Checks

_decoded: Final = JSONDecoder().raw_decode
_BLANKS: Final = b" \t\r\n"
"""What JSON takes for blank."""
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}


class Reader:
    """
    Whoever reads requests.

    Args:
        document: What they are held against.
    """

    def __init__(self, document: Document) -> None:
        self._checks = Checks(document)
        self._document = document
        self._made: dict[str, Check] = {}

    def query(self, operation: Operation, text: bytes) -> dict[str, Any]:
        """
        Return the query parameters, in their types; unknown ones are passed over, as on the real servers.

        Raises:
            FailureError: 400; one is missing, or not what the document allows.
        """
        found: dict[str, Any] = {}
        given: dict[str, list[str]] = {}
        for name, value in parse_qsl(text.decode("latin-1"), keep_blank_values=True) if text else ():
            given.setdefault(name, []).append(value)
        for parameter in operation.parameters:
            if parameter.place != "query":
                continue
            if parameter.name in given:
                found[parameter.name] = self._value(parameter, given[parameter.name])
            elif parameter.required:
                raise bad_parameter(f"{parameter.name} is required")
        return found

    def body(self, operation: Operation, content: bytes) -> Any:
        """
        Return the body; None where there is none to read.

        Raises:
            FailureError: 400; it is no JSON, of another type, or not what the document allows.
        """
        if operation.body is None:
            return None
        content = content.strip(_BLANKS)
        if not content:
            if operation.body_required:
                raise undecodable("EOF")
            return {}
        try:
            text = content.decode("utf-8")
            found, end = _decoded(text)
            if end != len(text):
                raise JSONDecodeError("Extra data", text, end)
            if "\\u" in text:
                encoded(found).encode("utf-8")  # half a character could be kept, and never be told again
        except (ValueError, RecursionError) as error:
            raise undecodable(str(error)) from None
        check = self._made.get(operation.id) or self._make(operation.id, operation.body)
        check(found, "")
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
            raise bad_parameter(f"{parameter.name} is not of type {schema.get('type')}") from None
        if value == "" and "enum" in schema:
            return None
        # Two operations may have a parameter of one name: the schema's own identity tells them apart.
        name = f"{parameter.name}:{id(schema)}"
        check = self._made.get(name) or self._make(name, schema)
        check(value, parameter.name)
        return value

    def _make(self, name: str, schema: Json) -> Check:
        check = self._made[name] = self._checks.of(schema)
        return check


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
