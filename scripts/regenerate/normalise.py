"""
Rewrite constructs that openapi-python-client misreads into equivalent ones that it handles.

- Keys beside a `$ref` (description, nullable) are ignored: the `$ref` moves into an `allOf`.
- A default would be sent with every request that does not set the value: it moves into the description.
- `x-enum-varnames` are names for another language, and without them the generator drops punctuation and numbers the
  members: names are made from the values.
- An array without `items` is dropped: it gets items of any type.
- A named schema that may be null loses its name to the parts of a union: `nullable` moves to the references.
- Null in a list of types, as in OpenAPI 3.1, makes an enum a class for each type: it becomes `nullable`.
- A constant becomes a type that rejects any other value without a message: it becomes an enum with one value.
- A parameter cannot be sent as null: `nullable` is removed, and the parameter may be left out.
- An error body that is not JSON is an error in the generator: it is removed, and the client keeps the raw bytes.
"""

from __future__ import annotations

import json
import re
from typing import Any

from scripts.regenerate.document import Json, operations, reference, resolve, walk
from scripts.regenerate.enum_members import member_names, unique
from scripts.regenerate.node_access import mapping, media_type


def normalise(document: Json) -> Json:
    """Return a rewritten copy with the same meaning."""
    copied: Json = _copy(document, inside_properties=False)
    schemas = mapping(mapping(copied.get("components")).get("schemas"))
    _move_null(copied, {f"#/components/schemas/{name}": each for name, each in schemas.items() if _may_be_null(each)})
    for _, node in walk(copied):
        if isinstance(node.get("in"), str) and isinstance(node.get("schema"), dict):
            node["schema"].pop("nullable", None)
    for _, _, operation in operations(copied):
        responses = operation.get("responses") or {}
        for status in responses:
            if not str(status).startswith("2"):
                responses[status] = _json_only(copied, responses[status])
    return copied


def _json_only(document: Json, response: Any) -> Any:
    resolved = mapping(resolve(document, response))
    content = mapping(resolved.get("content"))
    kept = {name: each for name, each in content.items() if media_type(name).endswith(("/json", "+json"))}
    return response if len(kept) == len(content) else {**resolved, "content": kept}


def _may_be_null(schema: Any) -> bool:
    is_class = isinstance(schema, dict) and ("enum" in schema or "properties" in schema)
    return is_class and schema.get("nullable") is True


def _move_null(document: Json, schemas: Json) -> None:
    """Move `nullable` from these schemas, given by their references, to each place that refers to them."""
    for schema in schemas.values():
        del schema["nullable"]
    moved: set[int] = set()
    for _, node in list(walk(document)):
        parts = node.get("allOf")
        if isinstance(parts, list) and len(parts) == 1 and reference(parts[0]) in schemas:
            moved.add(id(parts[0]))
            node.setdefault("nullable", True)
        elif reference(node) in schemas and id(node) not in moved:
            node |= {"allOf": [{"$ref": node.pop("$ref")}], "nullable": True}


def _copy(node: Any, *, inside_properties: bool) -> Any:
    if isinstance(node, list):
        return [_copy(item, inside_properties=False) for item in node]
    if not isinstance(node, dict):
        return node
    schema = node.get("schema")
    if "in" in node and isinstance(schema, dict) and "default" in schema and not inside_properties:
        # The description of a parameter is beside its schema, not in it.
        rest = {key: value for key, value in schema.items() if key != "default"}
        node = {**node, "schema": rest, **_described_default(node, schema["default"])}
    copied = {key: _copy(value, inside_properties=key == "properties") for key, value in node.items()}
    # The keys of `properties` are names of fields, even where they look like keywords.
    return copied if inside_properties else _rewritten(copied)


def _rewritten(node: Json) -> Json:
    node.pop("x-enum-varnames", None)
    if isinstance(node.get("const"), str | int) and not isinstance(node["const"], bool):
        node["enum"] = [node.pop("const")]
    kinds = node.get("type")
    if isinstance(kinds, list) and len(others := [kind for kind in kinds if kind != "null"]) == 1 < len(kinds):
        node |= {"type": others[0], "nullable": True}
    if isinstance(values := node.get("enum"), list):
        node["enum"] = values = unique(values)
        named = [value for value in values if value is not None]
        if len(named) < len(values) and "type" not in node:
            node["nullable"] = True
        node["x-enum-varnames"] = member_names(named)
        if node.get("nullable") is True:
            node["enum"] = named
    if reference(node) is not None and len(node) > 1:
        pointer = node.pop("$ref")
        node.pop("type", None)
        node = {"allOf": [{"$ref": pointer}], **node}
    if "default" in node and ("type" in node or "allOf" in node or "enum" in node):
        node |= _described_default(node, node.pop("default"))
    if node.get("type") == "array" and "items" not in node:
        node["items"] = {}
    return node


def _described_default(node: Json, default: Any) -> Json:
    """Return a description that names the default, or nothing if the description names it already."""
    description = str(node.get("description") or "")
    text = (default or "empty") if isinstance(default, str) else json.dumps(default)
    # As a separate word: "10 rows" does not name a default of 0.
    if default is None or re.search(rf"(?<![\w.]){re.escape(text)}(?!\w|\.\d)", description):
        return {}
    return {"description": f"{description} The exchange's default is {text}.".strip()}
