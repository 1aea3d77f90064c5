"""Compare schemas, separately for requests and for responses."""

from collections import deque
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from attrs import Factory, define

from scripts.regenerate.comparison.rules import Change, Direction, change_from_rule
from scripts.regenerate.comparison.schema_identity import described, makes_class, structure
from scripts.regenerate.comparison.schema_keywords import enum_findings, keyword_findings, quoted
from scripts.regenerate.document_view import DocumentView
from scripts.regenerate.node_access import Node, mapping, nullable, sequence, variants

Trail = AbstractSet[tuple[int, int]]


@define
class SchemaDiff:
    """
    Collect the differences between the schemas of two documents.

    A component is compared once for each direction, wherever it is used: `walk` puts it in a queue, `compare_enqueued`
    compares it. This also ends recursion.

    Args:
        old: Old document.
        new: New document.
        renamed: New names of components of which only the name changed.
    """

    old: DocumentView
    new: DocumentView
    renamed: Mapping[str, str]
    found: set[Change] = Factory(set)
    seen: set[tuple[Direction, str, str]] = Factory(set)
    _pending: deque[tuple[Direction, str, str]] = Factory(deque)

    def add(self, direction: Direction, kind: str, where: str, **facts: object) -> None:
        """Record a change; duplicates count once."""
        self.found.add(change_from_rule(direction, kind, where, **facts))

    def enqueue(self, direction: Direction, was: str, now: str) -> None:
        """Queue two components for comparison, once for each direction."""
        if (direction, was, now) not in self.seen:
            self.seen.add((direction, was, now))
            self._pending.append((direction, was, now))

    def compare_enqueued(self) -> None:
        """Compare the components in the queue, and those that they refer to."""
        while self._pending:
            direction, was, now = self._pending.popleft()
            where = now if now in (was, self.renamed.get(was)) else f"{was} -> {now}"
            old, new = mapping(self.old.schemas.get(was)), mapping(self.new.schemas.get(now))
            self.walk(direction, where, old, new)

    def key(self, view: DocumentView, schema: Node) -> str:
        """Return a key of a schema: the name of its component, the new one if it was renamed, or its structure."""
        name = view.schema_name(schema)
        renamed = self.renamed if view is self.old else {}
        return renamed.get(name, name) if name else structure(view, schema, renamed=renamed)

    def walk(self, direction: Direction, where: str, old: Node, new: Node, trail: Trail = frozenset()) -> None:
        """Compare two schemas in the same place; `trail` holds the pairs of schemas around them."""
        if (id(old), id(new)) in trail:
            return
        trail = trail | {(id(old), id(new))}
        was, now = self.old.merged(old), self.new.merged(new)
        old_name, new_name = self.old.schema_name(old), self.new.schema_name(new)
        same_type = described(was) == described(now)
        same_name = self.renamed.get(old_name or "", old_name) == new_name
        if same_type and not same_name:
            self._class(where, old, new)
        # A change of null inside a component is reported for the component, not for each use of it.
        inside = old_name and new_name and nullable(old) == nullable(new)
        if nullable(was) != nullable(now) and not inside:
            self.add(direction, "nullable-added" if nullable(now) else "nullable-dropped", where)
        if old_name and new_name and (same_type or same_name):
            self.enqueue(direction, old_name, new_name)
            was, now = dict(old), dict(new)
        elif not same_type:
            self.add(direction, "retyped", where, old=described(was), new=described(now))
            return
        for kind, facts in (*keyword_findings(was, now), *enum_findings(was, now)):
            self.add("api" if kind == "enum-members" else direction, kind, where, **facts)
        if old_name and new_name:
            return
        self._fields(direction, where, was, now, trail)
        self._extras(direction, where, was, now, trail)
        self._variants(direction, where, was, now, trail)
        if was.get("items") or now.get("items"):
            self.walk(direction, f"{where}[]", mapping(was.get("items")), mapping(now.get("items")), trail)

    def _class(self, where: str, old: Node, new: Node) -> None:
        """Record that a place has another Python class, if it has a class in both documents."""
        if not (makes_class(self.old, old) and makes_class(self.new, new)):
            return
        old_name, new_name = self.old.schema_name(old), self.new.schema_name(new)
        was = quoted(old_name) if old_name else "one named after its place"
        now = quoted(new_name) if new_name else "one named after its place"
        same = structure(self.old, old, renamed=self.renamed) == structure(self.new, new)
        wire = "; nothing changes on the wire" if same else ""
        self.add("api", "class-changed", where, old=was, new=now, wire=wire)

    def _fields(self, direction: Direction, where: str, was: Node, now: Node, trail: Trail) -> None:
        """Compare the fields of objects."""
        before, after = mapping(was.get("properties")), mapping(now.get("properties"))
        for name in sorted({*before, *after}, key=str):
            place = f"{where}.{name}"
            needed, needs = name in sequence(was.get("required")), name in sequence(now.get("required"))
            if name not in after:
                self.add(direction, "field-removed", place)
            elif name not in before:
                must = needs and direction == "send"
                self.add(direction, "field-added-required" if must else "field-added", place)
            else:
                if needed != needs:
                    self.add(direction, "field-required" if needs else "field-optional", place)
                self.walk(direction, place, mapping(before[name]), mapping(after[name]), trail)

    def _extras(self, direction: Direction, where: str, was: Node, now: Node, trail: Trail) -> None:
        """Compare `additionalProperties`."""
        before, after = was.get("additionalProperties"), now.get("additionalProperties")
        if (before is False) != (after is False):
            self.add(direction, "extras-closed" if after is False else "extras-opened", where)
        elif mapping(before) or mapping(after):
            self.walk(direction, f"{where}{{}}", mapping(before), mapping(after), trail)

    def _variants(self, direction: Direction, where: str, was: Node, now: Node, trail: Trail) -> None:
        """Compare unions: match alternatives by name or structure, then the rest without a name by position."""
        before = {self.key(self.old, item): item for item in variants(was)}
        after = {self.key(self.new, item): item for item in variants(now)}
        gone, fresh = [key for key in before if key not in after], [key for key in after if key not in before]
        unnamed = ([key for key in keys if key.startswith("{")] for keys in (gone, fresh))
        others = dict(zip(*unnamed, strict=False))
        for one, two in {**{key: key for key in before if key in after}, **others}.items():
            place = f"{where}|{self.new.schema_name(after[two]) or described(self.new.merged(after[two]))}"
            self.walk(direction, place, before[one], after[two], trail)
        for key in (key for key in gone if key not in others):
            name = self.old.schema_name(before[key]) or described(self.old.merged(before[key]))
            self.add(direction, "variant-removed", where, name=quoted(name))
        for key in (key for key in fresh if key not in others.values()):
            name = self.new.schema_name(after[key]) or described(self.new.merged(after[key]))
            self.add(direction, "variant-added", where, name=quoted(name))
