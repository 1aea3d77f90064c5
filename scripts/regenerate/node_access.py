"""Small questions to ask any part of an OpenAPI document, however odd."""

import json
from collections.abc import Mapping
from typing import Any, Final

Node = Mapping[str, Any]
PROSE: Final = frozenset({"description", "summary", "example", "examples", "title", "externalDocs"})


def mapping(value: object) -> Node:
    """Give the value if it is a mapping, else an empty one: odd documents hold null anywhere."""
    return value if isinstance(value, Mapping) else {}


def sequence(value: object) -> list[Any]:
    """Give the value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def canonical(value: object) -> str:
    """Write a value as text that is equal for equal values only (1 and true differ)."""
    return json.dumps(value, default=str, ensure_ascii=False)


def types(schema: Node) -> list[str]:
    """List a schema's types; `null` is among them in documents that lean on OpenAPI 3.1."""
    kind = schema.get("type")
    return [str(item) for item in kind] if isinstance(kind, list) else [str(kind)] if kind else []


def variants(schema: Node) -> list[Node]:
    """List the alternatives of a union, without null."""
    every = [mapping(item) for key in ("oneOf", "anyOf") for item in sequence(schema.get(key))]
    return [item for item in every if types(item) != ["null"]]


def nullable(schema: Node) -> bool:
    """Tell whether a schema allows null, in any of the ways documents say it."""
    nulls = [mapping(item) for key in ("oneOf", "anyOf") for item in sequence(schema.get(key))]
    return schema.get("nullable") is True or "null" in types(schema) or any(types(i) == ["null"] for i in nulls)


def bodies(holder: Node) -> dict[str, Node]:
    """Map media types, without charset, to schemas, for a request body, a response or a parameter with content."""
    content = mapping(holder.get("content")).items()
    return {str(name).partition(";")[0].strip(): mapping(mapping(media).get("schema")) for name, media in content}
