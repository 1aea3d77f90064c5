"""Summarise the changes of a regeneration, in Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from scripts.regenerate.comparison.document_diff import Change, compare, reworded
from scripts.regenerate.comparison.rules import Direction
from scripts.regenerate.node_access import mapping

_TITLES: Final[Mapping[Direction, str]] = {"api": "API", "send": "Send", "receive": "Receive"}


def headline(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """
    Count the changes between two documents, in one line.

    Args:
        old: Old OpenAPI 3.0 document, as loaded.
        new: New document.

    Example:
        >>> headline({"info": {"version": "1.0"}}, {"info": {"version": "1.1"}})
        '0 breaking, 0 other changes (1.0 -> 1.1)'
    """
    return _headline(old, new, compare(old, new))


def markdown(old: Mapping[str, Any], new: Mapping[str, Any], *, paged: Sequence[str] = ()) -> str:
    """
    Write the changes between two documents as Markdown.

    Args:
        old: Old OpenAPI 3.0 document, as loaded.
        new: New document.
        paged: operationIds of the operations with pagination, listed at the end.

    Returns:
        The text, with a newline at the end; the same arguments give the same text.
    """
    changes = compare(old, new)
    prose = reworded(old, new)
    lines = [f"# {_headline(old, new, changes)}", ""]
    if not changes:
        lines += ["Nothing changed but prose." if prose else "Nothing changed.", ""]
    else:
        lines += _section("Breaking", [change for change in changes if change.breaking])
        lines += _section("Not breaking", [change for change in changes if not change.breaking])
    if prose:
        lines += [f"Prose differs in {prose} {'place' if prose == 1 else 'places'}.", ""]
    if paged:
        lines += ["## Operations with pagination", "", *(f"- {_code(name)}" for name in sorted(set(paged))), ""]
    return "\n".join(lines)


def _headline(old: Mapping[str, Any], new: Mapping[str, Any], changes: Sequence[Change]) -> str:
    """Return the line for changes that were already found."""
    was, now = (mapping(tree.get("info")).get("version", "?") for tree in (old, new))
    breaking = sum(change.breaking for change in changes)
    other = len(changes) - breaking
    return f"{breaking} breaking, {other} other {'change' if other == 1 else 'changes'} ({was} -> {now})"


def _section(title: str, changes: Sequence[Change]) -> Iterator[str]:
    """Yield the lines of a section, with the changes grouped by direction."""
    yield from (f"## {title}", "")
    if not changes:
        yield from ("None.", "")
    for direction, name in _TITLES.items():
        rows = [change for change in changes if change.direction == direction]
        if rows:
            yield from (f"### {name}", "")
            yield from (f"- {_code(row.where)} ({row.kind}): {row.text}" for row in rows)
            yield ""


def _code(text: str) -> str:
    """Format a name from the document as inline code, without backticks or line breaks inside."""
    return "`" + " ".join(text.split()).replace("`", "'") + "`"
