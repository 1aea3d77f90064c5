"""
Read single nodes of an OpenAPI document.

The comparison accepts documents that were never validated, so each function allows for null or another type where the
specification wants a mapping or a list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

Node = Mapping[str, Any]
PROSE: Final = frozenset({"description", "summary", "example", "examples", "title", "externalDocs"})
"""Keywords that change neither requests nor responses."""


def mapping(value: object) -> Node:
    """Return the value if it is a mapping, else an empty mapping."""
    return value if isinstance(value, Mapping) else {}


def sequence(value: object) -> list[Any]:
    """Return the value if it is a list, else an empty list."""
    return value if isinstance(value, list) else []


def canonical(value: object) -> str:
    """Return text that is the same for equal values only (1 and true differ)."""
    return json.dumps(value, default=str, ensure_ascii=False)


def types(schema: Node) -> list[str]:
    """Return the types of a schema; `null` is one of them in the style of OpenAPI 3.1."""
    kind = schema.get("type")
    return [str(item) for item in kind] if isinstance(kind, list) else [str(kind)] if kind else []


def variants(schema: Node) -> list[Node]:
    """Return the alternatives of `oneOf` and `anyOf`, without null."""
    return [item for item in _alternatives(schema) if types(item) != ["null"]]


def nullable(schema: Node) -> bool:
    """Tell whether a schema allows null: by `nullable`, by its types, or by an alternative."""
    nulls = any(types(item) == ["null"] for item in _alternatives(schema))
    return schema.get("nullable") is True or "null" in types(schema) or nulls


def media_type(name: object) -> str:
    """Return a media type without its parameters, such as the charset."""
    return str(name).partition(";")[0].strip()


def content_schemas(holder: Node) -> dict[str, Node]:
    """Return the schemas of a request body, a response or a parameter with `content`, by media type."""
    content = mapping(holder.get("content"))
    return {media_type(name): mapping(mapping(media).get("schema")) for name, media in content.items()}


def path_without_names(path: str) -> str:
    """
    Return a path with empty placeholders: two paths with the same result address the same operation.

    Example:
        >>> path_without_names("/orders/{order_id}/queue_position")
        '/orders/{}/queue_position'
    """
    return re.sub(r"{[^}]*}", "{}", path)


def _alternatives(schema: Node) -> list[Node]:
    return [mapping(item) for key in ("oneOf", "anyOf") for item in sequence(schema.get(key))]
