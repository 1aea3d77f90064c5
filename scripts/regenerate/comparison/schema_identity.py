"""Tell which schemas are equal apart from prose, which were renamed, and which make a Python class."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from difflib import SequenceMatcher
from typing import Any, Final

from scripts.regenerate.document_view import DocumentView
from scripts.regenerate.node_access import PROSE, Node, canonical, mapping, sequence, types, variants

_UNORDERED: Final = frozenset({"required", "enum"})


def _is_structural(key: object) -> bool:
    """Tell whether a keyword is part of the structure: neither prose nor an extension."""
    return key not in PROSE and not str(key).startswith("x-")


def structure(
    view: DocumentView, schema: Node, opened: AbstractSet[str] = frozenset(), renamed: Mapping[str, str] | None = None
) -> str:
    """
    Return text that is the same for schemas that differ in prose only.

    Args:
        view: The document of the schema.
        schema: The schema; if it is a reference, the component that it refers to.
        opened: Components that count by their structure; others count by name.
        renamed: New names of renamed components.
    """
    names = renamed or {}

    def inner(node: Node, trail: AbstractSet[int]) -> Any:
        name = view.schema_name(node)
        if name and name not in opened:
            beside = {key: value for key, value in node.items() if _is_structural(key) and key not in ("$ref", "allOf")}
            return {"schema": names.get(name, name), "beside": canonical(sorted(beside.items(), key=str))}
        return outer(node, trail)

    def outer(node: Node, trail: AbstractSet[int]) -> Any:
        start = id(mapping(view.schemas.get(name)) if (name := view.schema_name(node)) else node)
        if start in trail:
            return "again"
        trail = trail | {start}
        shape: dict[str, Any] = {}
        for key, value in sorted(view.merged(node).items(), key=str):
            if not _is_structural(key) or value is None or value is False or value == []:
                continue
            if key == "properties":
                shape[key] = {str(k): inner(mapping(v), trail) for k, v in sorted(mapping(value).items(), key=str)}
            elif key in ("oneOf", "anyOf"):
                shape[key] = sorted((inner(mapping(item), trail) for item in sequence(value)), key=canonical)
            elif isinstance(value, Mapping):
                shape[key] = inner(value, trail)
            else:
                shape[key] = sorted(map(canonical, value)) if key in _UNORDERED else value
        return shape

    return canonical(outer(schema, frozenset()))


def renamed_schemas(old: DocumentView, new: DocumentView) -> dict[str, str]:
    """
    Match schemas that are gone with new ones of the same structure; return new names by old names.

    If several match, the most similar names are matched.
    """
    gone = {str(name) for name in old.schemas if name not in new.schemas}
    fresh = {str(name) for name in new.schemas if name not in old.schemas}
    before = {name: structure(old, mapping(old.schemas.get(name)), gone) for name in gone}
    after = {name: structure(new, mapping(new.schemas.get(name)), fresh) for name in fresh}
    pairs = [(-SequenceMatcher(None, a, b).ratio(), a, b) for a in gone for b in fresh if before[a] == after[b]]
    found: dict[str, str] = {}
    for _, was, now in sorted(pairs):
        if was not in found and now not in found.values():
            found[was] = now
    return found


def makes_class(view: DocumentView, schema: Node, trail: AbstractSet[int] = frozenset()) -> bool:
    """Tell whether the generator makes a Python class of a schema, or of a schema without a name inside it."""
    if id(schema) in trail:
        return False
    trail = trail | {id(schema)}
    flat = view.merged(schema)
    if flat.get("properties") or flat.get("enum") or "object" in types(flat):
        return True
    parts = [mapping(flat.get("items")), *variants(flat)]
    return any(view.schema_name(part) is None and makes_class(view, part, trail) for part in parts if part)


def described(schema: Node) -> str:
    """Describe the type of a merged schema in a few words; the same words mean the same Python type."""
    kinds = [kind for kind in types(schema) if kind != "null"]
    values = [value for value in sequence(schema.get("enum")) if value is not None]
    if not kinds:
        guesses = (
            ("properties", "object"),
            ("additionalProperties", "object"),
            ("items", "array"),
            ("oneOf", "union"),
            ("anyOf", "union"),
        )
        kinds = [kind for key, kind in guesses if schema.get(key)][:1]
    if not kinds and values:
        kinds = ["string" if isinstance(values[0], str) else "integer"]
    words = " or ".join(sorted(kinds)) or "anything"
    if schema.get("format"):
        words += f" ({schema['format']})"
    return f"enum of {words}" if values else words
