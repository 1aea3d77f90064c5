"""
Say in other words what the generator misreads; the meaning of the document stays.

- Keys beside a `$ref` (description, nullable) are ignored there: the `$ref` moves into an `allOf`.
- A default would be sent by every client that does not ask for it: it is told in the description instead.
- `x-enum-varnames` are made for another language's compiler, and without them the generator drops
  punctuation and counts positions: members are named after their values.
- An array without `items` is dropped by the generator: it gets free items.
"""

from __future__ import annotations

import json
import re
from typing import Any

from scripts.regenerate.document import Json
from scripts.regenerate.members import member_names


def normalised(document: Json) -> Json:
    """Return a copy that the generator reads as the document means it."""
    copied: Json = _copy(document, inside_properties=False)
    return copied


def _copy(node: Any, *, inside_properties: bool) -> Any:
    if isinstance(node, list):
        return [_copy(item, inside_properties=False) for item in node]
    if not isinstance(node, dict):
        return node
    schema = node.get("schema")
    if "in" in node and isinstance(schema, dict) and "default" in schema and not inside_properties:
        # A parameter is described beside its schema, not in it.
        rest = {key: value for key, value in schema.items() if key != "default"}
        node = {**node, "schema": rest, **_told(node, schema["default"])}
    copied = {key: _copy(value, inside_properties=key == "properties") for key, value in node.items()}
    # The keys of a `properties` mapping are names of fields, whatever they look like.
    return copied if inside_properties else _reworded(copied)


def _reworded(node: Json) -> Json:
    node.pop("x-enum-varnames", None)
    if isinstance(values := node.get("enum"), list):
        node["x-enum-varnames"] = member_names([value for value in values if value is not None])
    if isinstance(node.get("$ref"), str) and len(node) > 1:
        reference = node.pop("$ref")
        node.pop("type", None)
        node = {"allOf": [{"$ref": reference}], **node}
    if "default" in node and ("type" in node or "allOf" in node or "enum" in node):
        node |= _told(node, node.pop("default"))
    if node.get("type") == "array" and "items" not in node:
        node["items"] = {}
    return node


def _told(node: Json, default: Any) -> Json:
    """Return the description that tells a default, unless it is told already."""
    told = str(node.get("description") or "")
    text = (default or "empty") if isinstance(default, str) else json.dumps(default)
    # As a word of its own: a default of 0 is not told by "10 rows".
    if default is None or re.search(rf"(?<![\w.]){re.escape(text)}(?!\w|\.\d)", told):
        return {}
    return {"description": f"{told} The exchange's default is {text}.".strip()}
