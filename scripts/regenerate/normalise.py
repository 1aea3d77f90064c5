"""
Say in other words what the generator misreads; the meaning of the document stays.

- Keys beside a `$ref` (description, nullable) are ignored there: the `$ref` moves into an `allOf`.
- A default would be sent by every client that does not ask for it: it is told in the description instead.
- `x-enum-varnames` are made for another language's compiler: members are named after their values.
- An array without `items` is dropped by the generator: it gets free items.
"""

from __future__ import annotations

from typing import Any

from scripts.regenerate.document import Json


def normalised(document: Json) -> Json:
    """Return a copy that the generator reads as the document means it."""
    copied: Json = _copy(document, inside_properties=False)
    return copied


def _copy(node: Any, *, inside_properties: bool) -> Any:
    if isinstance(node, list):
        return [_copy(item, inside_properties=False) for item in node]
    if not isinstance(node, dict):
        return node
    copied = {key: _copy(value, inside_properties=key == "properties") for key, value in node.items()}
    # The keys of a `properties` mapping are names of fields, whatever they look like.
    return copied if inside_properties else _reworded(copied)


def _reworded(node: Json) -> Json:
    node.pop("x-enum-varnames", None)
    if isinstance(node.get("$ref"), str) and len(node) > 1:
        reference = node.pop("$ref")
        node.pop("type", None)
        node = {"allOf": [{"$ref": reference}], **node}
    if "default" in node and ("type" in node or "allOf" in node or "enum" in node):
        value = node.pop("default")
        told = node.get("description", "")
        if value is not None and str(value) not in told:
            node["description"] = f"{told} The exchange's default is {value}.".strip()
    if node.get("type") == "array" and "items" not in node:
        node["items"] = {}
    return node
