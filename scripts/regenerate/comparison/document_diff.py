"""Compare two OpenAPI documents from the point of view of a user of the generated client."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final

from scripts.regenerate.comparison.operation_diff import OperationDiff
from scripts.regenerate.comparison.rules import Change, Direction
from scripts.regenerate.comparison.schema_diff import SchemaDiff
from scripts.regenerate.comparison.schema_identity import makes_class, renamed_schemas, structure
from scripts.regenerate.comparison.schema_keywords import quoted
from scripts.regenerate.document_view import DocumentView
from scripts.regenerate.node_access import PROSE, mapping

__all__ = ["Change", "compare", "reworded"]

_ORDER: Final[tuple[Direction, ...]] = ("api", "send", "receive")
# Keywords whose keys are names, not keywords: a field may be called "title".
_NAMED: Final = frozenset(
    {
        "properties",
        "schemas",
        "parameters",
        "responses",
        "requestBodies",
        "headers",
        "paths",
        "content",
        "securitySchemes",
        "variables",
    }
)


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """
    List the changes between two documents.

    Args:
        old: Old OpenAPI 3.0 document, as loaded; sections may be missing.
        new: New document.

    Returns:
        The changes, breaking ones first, then by direction, place and kind.
    """
    before, after = DocumentView(old), DocumentView(new)
    diff = SchemaDiff(before, after, renamed_schemas(before, after))
    OperationDiff(diff).compare()
    used: tuple[tuple[Direction, set[str], set[str]], ...] = (
        ("send", before.request_schemas(), after.request_schemas()),
        ("receive", before.response_schemas(), after.response_schemas()),
    )
    for direction, old_names, new_names in used:
        for name in sorted(old_names):
            new_name = diff.renamed.get(name, name)
            if new_name in new_names:
                diff.enqueue(direction, name, new_name)
    diff.compare_enqueued()
    _compare_names(diff)
    _compare_servers(diff, old, new)
    return sorted(
        diff.found,
        key=lambda change: (
            not change.breaking,
            _ORDER.index(change.direction),
            change.where,
            change.kind,
            change.text,
        ),
    )


def _compare_names(diff: SchemaDiff) -> None:
    """Compare the names of schemas, and the schemas that no operation uses in both documents."""
    before, after = diff.old.schemas, diff.new.schemas
    for was, now in diff.renamed.items():
        kind = "schema-renamed" if makes_class(diff.old, mapping(before[was])) else "alias-renamed"
        diff.add("api", kind, now, old=quoted(was))
    for name in after:
        if name not in before and name not in diff.renamed.values():
            diff.add("api", "schema-added", str(name))
    compared = {was for _, was, now in diff.seen if now == was}
    for name, schema in before.items():
        if name not in after and name not in diff.renamed:
            kind = "schema-removed" if makes_class(diff.old, mapping(schema)) else "alias-removed"
            diff.add("api", kind, str(name))
        elif name in after and name not in compared:
            was = structure(diff.old, mapping(schema), renamed=diff.renamed)
            if was != structure(diff.new, mapping(after[name])):
                diff.add("api", "schema-changed", str(name))


def _compare_servers(diff: SchemaDiff, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Compare base URLs, if both documents have some."""
    before, after = ({str(mapping(each).get("url")): None for each in tree.get("servers") or []} for tree in (old, new))
    if before and after:
        for url in before.keys() - after.keys():
            diff.add("api", "server-removed", url)
        for url in after.keys() - before.keys():
            diff.add("api", "server-added", url)


def reworded(old: Mapping[str, Any], new: Mapping[str, Any]) -> int:
    """Count the places in both documents whose prose differs: description, summary, example, title."""
    return _reworded(old, new, False, frozenset())


def _reworded(old: object, new: object, named: bool, trail: AbstractSet[tuple[int, int]]) -> int:
    """Count the differences below two nodes; `named` says that their keys are names, not keywords."""
    if (id(old), id(new)) in trail:
        return 0
    trail = trail | {(id(old), id(new))}
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        prose = set() if named else PROSE & (old.keys() | new.keys())
        kept = [key for key in old if key in new and key not in prose]
        inner = sum(_reworded(old[key], new[key], not named and key in _NAMED, trail) for key in kept)
        return inner + sum(bool(old.get(key) != new.get(key)) for key in prose)
    if isinstance(old, list) and isinstance(new, list):
        pairs = dict(_keyed(old)), dict(_keyed(new))
        return sum(_reworded(pairs[0][key], pairs[1][key], False, trail) for key in pairs[0] if key in pairs[1])
    return 0


def _keyed(items: list[Any]) -> Iterator[tuple[object, object]]:
    """Yield list items with a key that identifies them: parameters and tags by name, others by position."""
    for position, item in enumerate(items):
        name = mapping(item).get("name")
        yield (position if name is None else f"{mapping(item).get('in')} {name}"), item
