"""Compare the keywords of schemas that limit or describe values: bounds, default, deprecation, enum."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scripts.regenerate.enum_members import member_names, unique
from scripts.regenerate.node_access import Node, canonical, sequence

_LOWER: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_OTHER: Final = ("pattern", "multipleOf", "uniqueItems")

Finding = tuple[str, Mapping[str, str]]


def quoted(value: object) -> str:
    """Format a value from a document as inline code, on one line."""
    text = value if isinstance(value, str) else "absent" if value is None else canonical(value)
    return "`" + (" ".join(text.split()).replace("`", "'") or '""') + "`"


def tightened(name: str, old: Any, new: Any) -> bool:
    """
    Tell whether a bound allows fewer values than before; True if that is unknown.

    Args:
        name: Keyword of the bound.
        old: Old value; None or False if there was no bound.
        new: New value.

    Example:
        >>> tightened("maximum", 100, 50), tightened("minimum", 1, 0), tightened("pattern", "a", None)
        (True, False, False)
    """
    # Not `in (None, False)`: a bound of 0 equals False and would be taken for none.
    if old is None or old is False or new is None or new is False:
        return not (new is None or new is False)
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in (old, new)):
        return True
    return bool(new > old) if name in _LOWER else bool(new < old) if name in _UPPER else True


def keyword_findings(was: Node, now: Node) -> Iterator[Finding]:
    """Yield the kinds of change of deprecation, default and bounds, with the facts for their descriptions."""
    if bool(was.get("deprecated")) != bool(now.get("deprecated")):
        yield "deprecated" if now.get("deprecated") else "undeprecated", {}
    for name in ("default", *_LOWER, *_UPPER, *_OTHER):
        old, new = was.get(name), now.get(name)
        if canonical(old) != canonical(new):
            bound = "bound-tightened" if tightened(name, old, new) else "bound-loosened"
            facts = {"name": quoted(name), "old": quoted(old), "new": quoted(new)}
            yield "default-changed" if name == "default" else bound, facts


def enum_findings(was: Node, now: Node) -> Iterator[Finding]:
    """Yield the kinds of change of the values of an enum, and of the names of its members."""
    before, after = _members(was), _members(now)
    for value in sorted(before.keys() - after.keys()):
        yield "enum-value-removed", {"name": value}
    for value in sorted(after.keys() - before.keys()):
        yield "enum-value-added", {"name": value}
    renamed = [value for value, name in before.items() if value in after and after[value] != name]
    if renamed:
        yield "enum-members", {"names": ", ".join(renamed)}


def _members(schema: Node) -> dict[str, str]:
    """Map the values of an enum, as code, to their Python names; null counts as `nullable` instead."""
    values = [value for value in unique(sequence(schema.get("enum"))) if value is not None]
    return dict(zip(map(quoted, values), member_names(values), strict=True))
