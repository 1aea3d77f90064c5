"""Compare decoded values with their JSON and schema: the Python type and the value, at every level."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from kalshi_core.models.base import Model
from tests.contract.document import Document, Json, canonical
from tests.contract.package import attribute_of
from tests.contract.values import instant


class DecodedValues:
    """
    Compare decoded values with a document's schemas.

    Args:
        document: The amended document, which knows which strings are decimal numbers.
    """

    def __init__(self, document: Document) -> None:
        self._document = document

    def assert_match(self, schema: Json, body: Any, found: Any, at: str = "body") -> None:
        """Assert that a decoded value has the documented type and the value of its JSON."""
        flat = self._document.flat(schema)
        if body is None and (flat.get("nullable") or not (flat.get("type") or flat["properties"])):
            assert found is None, f"{at}: {found!r} is not None"
            return
        if alternatives := flat.get("oneOf") or flat.get("anyOf"):
            self._assert_one_matches(alternatives, body, found, at)
        elif flat.get("enum"):
            self._assert_class_name(schema, found, at)
            assert isinstance(found, Enum), f"{at}: {found!r} is no enum's"
            assert found.value == body, f"{at}: {found!r} is not {body!r}"
            assert found.is_known, f"{at}: {found!r} is not known"  # type: ignore[attr-defined]
        elif isinstance(body, dict):
            self._assert_class_name(schema, found, at)
            self._assert_fields_match(flat, body, found, at)
        elif isinstance(body, list):
            assert type(found) is list, f"{at}: {found!r} is no list"
            assert len(found) == len(body), at
            for index, (one, other) in enumerate(zip(body, found, strict=True)):
                self.assert_match(flat.get("items") or {}, one, other, f"{at}[{index}]")
        else:
            _assert_plain_matches(flat, body, found, at)

    def _assert_one_matches(self, alternatives: list[Json], body: Any, found: Any, at: str) -> None:
        failures = []
        alternatives = [each for each in alternatives if self._fits(each, body)] or alternatives
        for each in alternatives:
            try:
                self.assert_match(each, body, found, at)
            except AssertionError as error:
                failures.append(str(error))
        assert len(failures) < len(alternatives), failures

    def _fits(self, schema: Json, body: Any) -> bool:
        """Return True for an object with all required fields of a schema and no undocumented ones."""
        flat = self._document.flat(schema)
        return isinstance(body, dict) and set(flat["required"]) <= body.keys() <= flat["properties"].keys()

    def _assert_class_name(self, schema: Json, found: Any, at: str) -> None:
        """Assert that the value of a component is of the class with its name."""
        name = self._document.name(schema)
        if name is not None:
            assert canonical(type(found).__name__) == canonical(name), f"{at}: a {type(found).__name__}, not a {name}"

    def _assert_fields_match(self, schema: Json, body: Json, found: Any, at: str) -> None:
        if not (schema.get("type") or schema["properties"]):
            assert found == body, at
            return
        assert isinstance(found, Model), f"{at}: {found!r} is no model"
        for wire, part in schema["properties"].items():
            if wire in body:
                self.assert_match(part, body[wire], getattr(found, attribute_of(type(found), wire)), f"{at}.{wire}")
        rest = schema.get("additionalProperties")
        for key in body.keys() - schema["properties"].keys():
            part = rest if isinstance(rest, dict) else {}
            self.assert_match(part, body[key], found.additional_properties[key], f"{at}[{key!r}]")


def _assert_plain_matches(schema: Json, body: Any, found: Any, at: str) -> None:
    form, kind = schema.get("format") or "", schema.get("type")
    said = f"{at}: {found!r} for {body!r}"
    if form.startswith("fixed-point"):
        assert type(found) is Decimal, said
        assert format(found, "f") == body, said
    elif form == "date-time":
        assert isinstance(found, datetime), said
        assert found.utcoffset() is not None, said
        nanoseconds = instant(body)
        assert nanoseconds is not None
        seconds, rest = divmod(nanoseconds, 10**9)
        assert (int(found.replace(microsecond=0).timestamp()), found.microsecond) == (seconds, rest // 1000), said
    elif form in ("date", "uuid"):
        assert type(found) is {"date": date, "uuid": UUID}[form], said
        assert str(found) == body, said
    else:
        expected = {"string": str, "integer": int, "number": float, "boolean": bool}.get(str(kind), type(body))
        assert type(found) is expected, said
        assert found == body, said
