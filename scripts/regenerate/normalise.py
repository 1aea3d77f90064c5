"""
Say in other words what the generator misreads; the meaning of the document stays.

- Keys beside a `$ref` (description, nullable) are ignored there: the `$ref` moves into an `allOf`.
- A default would be sent by every client that does not ask for it: it is told in the description instead.
- `x-enum-varnames` are made for another language's compiler, and without them the generator drops
  punctuation and counts positions: members are named after their values.
- An array without `items` is dropped by the generator: it gets free items.
- A named schema that may be null would lose its name to the parts of a union: it is null where it is referred to.
- Null as OpenAPI 3.1 writes it, in a list of types, would make an enum one class for each type: it is `nullable` again.
- A constant would be a type that admits no other value, and says nothing when one comes: it is an enum of one.
- A parameter has no way to write null: one that may be null may be left out.
- An error that is not JSON would stop it, and the client keeps any error's bytes: such a body is left out.
"""

from __future__ import annotations

import json
import re
from typing import Any

from scripts.regenerate.document import Json, operations, resolve, walk
from scripts.regenerate.enum_members import member_names, unique


def normalised(document: Json) -> Json:
    """Return a copy that the generator reads as the document means it."""
    copied: Json = _copy(document, inside_properties=False)
    schemas = (copied.get("components") or {}).get("schemas") or {}
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
    told = resolve(document, response)
    content = told.get("content") if isinstance(told, dict) else None
    if not isinstance(content, dict):
        return response
    kept = {kind: each for kind, each in content.items() if kind.partition(";")[0].strip().endswith(("/json", "+json"))}
    return response if len(kept) == len(content) else {**told, "content": kept}


def _may_be_null(schema: Any) -> bool:
    is_class = isinstance(schema, dict) and ("enum" in schema or "properties" in schema)
    return is_class and schema.get("nullable") is True


def _move_null(document: Json, schemas: Json) -> None:
    """Say "or null" where these schemas are referred to, no longer in them."""
    for schema in schemas.values():
        del schema["nullable"]
    said: set[int] = set()
    for _, node in list(walk(document)):
        parts = node.get("allOf")
        if isinstance(parts, list) and len(parts) == 1 and _reference(parts[0]) in schemas:
            said.add(id(parts[0]))
            node.setdefault("nullable", True)
        elif _reference(node) in schemas and id(node) not in said:
            node |= {"allOf": [{"$ref": node.pop("$ref")}], "nullable": True}


def _reference(node: Any) -> str:
    found = node.get("$ref") if isinstance(node, dict) else None
    return found if isinstance(found, str) else ""


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
