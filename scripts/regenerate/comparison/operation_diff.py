"""The comparison of operations: names, security, parameters, bodies."""

from typing import Final

from attrs import frozen

from scripts.regenerate.comparison.body_diff import compare_media, compare_requests, compare_responses
from scripts.regenerate.comparison.schema_diff import SchemaDiff
from scripts.regenerate.comparison.schema_keywords import quoted
from scripts.regenerate.document_view import Operation, Spec
from scripts.regenerate.node_access import Node, bodies, canonical, mapping, sequence

_FORM: Final = ("query", "cookie")


def security(spec: Spec, operation: Operation) -> set[str]:
    """List the ways to sign an operation; none where it may go out unsigned."""
    ways = [mapping(way) for way in sequence(operation.node.get("security", spec.tree.get("security")))]
    return {canonical(sorted(way.items(), key=str)) for way in ways} if all(ways) else set()


def first_tag(operation: Operation) -> str:
    """Name the tag that decides an operation's package."""
    return str(next(iter(sequence(operation.node.get("tags"))), "default"))


def style(param: Node) -> str:
    """Describe how a parameter is written, defaults filled in."""
    usual = "form" if param.get("in") in _FORM else "simple"
    chosen = str(param.get("style") or usual)
    explode = param.get("explode")
    exploded = chosen == "form" if explode is None else bool(explode)
    reserved = ", reserved characters kept" if param.get("allowReserved") else ""
    return f"{chosen}, {'exploded' if exploded else 'not exploded'}{reserved}"


@frozen
class OperationDiff:
    """
    Compare operations, and hand their schemas on.

    Args:
        diff: Where schemas are compared and changes are kept.
    """

    diff: SchemaDiff

    def all(self) -> None:
        """Pair the operations of both documents and compare each pair."""
        before = {(item.method, item.path): item for item in self.diff.old.operations()}
        after = {(item.method, item.path): item for item in self.diff.new.operations()}
        fresh = {key: item for key, item in after.items() if key not in before}
        for key, old in before.items():
            if key in after:
                self.pair(old, after[key])
                continue
            name = old.node.get("operationId")
            new = next((item for item in fresh.values() if name and item.node.get("operationId") == name), None)
            if new is None:
                self.diff.add("api", "operation-removed", old.label, id=quoted(name))
                continue
            del fresh[new.method, new.path]
            self.diff.add("api", "operation-moved", new.label, old=quoted(old.label), new=quoted(new.label))
            self.pair(old, new)
        for new in fresh.values():
            self.diff.add("api", "operation-added", new.label, id=quoted(new.node.get("operationId")))

    def pair(self, old: Operation, new: Operation) -> None:
        """Compare one operation with what became of it."""
        where, was, now = new.label, old.node, new.node
        if was.get("operationId") != now.get("operationId"):
            names = quoted(was.get("operationId")), quoted(now.get("operationId"))
            self.diff.add("api", "operation-renamed", where, old=names[0], new=names[1])
        if first_tag(old) != first_tag(new):
            tags = quoted(first_tag(old)), quoted(first_tag(new))
            self.diff.add("api", "tag-changed", where, old=tags[0], new=tags[1])
        if bool(was.get("deprecated")) != bool(now.get("deprecated")):
            kind = "operation-deprecated" if now.get("deprecated") else "operation-undeprecated"
            self.diff.add("api", kind, where)
        before, after = security(self.diff.old, old), security(self.diff.new, new)
        if bool(before) != bool(after):
            self.diff.add("api", "security-added" if after else "security-removed", where)
        elif before != after:
            self.diff.add("api", "security-widened" if before < after else "security-changed", where)
        self._parameters(old, new)
        compare_requests(self.diff, where, was, now)
        compare_responses(self.diff, where, was, now)

    def _parameters(self, old: Operation, new: Operation) -> None:
        """Match parameters by place and name, then by name alone."""
        fresh = {key: param for key, param in new.parameters.items() if key not in old.parameters}
        for key, was in old.parameters.items():
            where = f"{new.label} › {key[1]}"
            moved = next((other for other in fresh if other[1] == key[1]), None)
            if key in new.parameters:
                self._parameter(where, was, new.parameters[key])
            elif moved is None:
                self.diff.add("send", "param-removed", where, place=key[0])
            else:
                self.diff.add("send", "param-moved", where, old=key[0], new=moved[0])
                # The default style depends on the place: a move alone isn't a second change.
                self._parameter(where, was, {**fresh.pop(moved), "style": was.get("style"), "in": key[0]})
        for (place, name), param in fresh.items():
            kind = "param-added-required" if param.get("required") else "param-added"
            self.diff.add("send", kind, f"{new.label} › {name}", place=place)

    def _parameter(self, where: str, was: Node, now: Node) -> None:
        """Compare a parameter with what became of it."""
        if bool(was.get("required")) != bool(now.get("required")):
            self.diff.add("send", "param-required" if now.get("required") else "param-optional", where)
        if bool(was.get("deprecated")) != bool(now.get("deprecated")):
            kind = "param-deprecated" if now.get("deprecated") else "param-undeprecated"
            self.diff.add("send", kind, where)
        if style(was) != style(now):
            self.diff.add("send", "param-style", where, old=style(was), new=style(now))
        if "content" in was and "content" in now:
            compare_media(self.diff, "send", where, was, now)
        else:
            before, after = (next(iter(bodies(param).values()), mapping(param.get("schema"))) for param in (was, now))
            self.diff.walk("send", where, before, after)
