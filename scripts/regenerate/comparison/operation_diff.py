"""Compare operations: names, security, parameters, bodies."""

from typing import Final

from attrs import frozen

from scripts.regenerate.comparison.body_diff import compare_media, compare_requests, compare_responses
from scripts.regenerate.comparison.schema_diff import SchemaDiff
from scripts.regenerate.comparison.schema_keywords import quoted
from scripts.regenerate.document_view import Operation
from scripts.regenerate.node_access import Node, canonical, content_schemas, mapping

_FORM: Final = ("query", "cookie")


def security_keys(operation: Operation) -> set[str]:
    """Return keys of the alternative security requirements; none if the operation is public."""
    return {canonical(sorted(each.items(), key=str)) for each in operation.security} if operation.signed else set()


def style(param: Node) -> str:
    """Describe how a parameter is serialized, with OpenAPI's defaults filled in."""
    usual = "form" if param.get("in") in _FORM else "simple"
    chosen = str(param.get("style") or usual)
    explode = param.get("explode")
    exploded = chosen == "form" if explode is None else bool(explode)
    reserved = ", reserved characters kept" if param.get("allowReserved") else ""
    return f"{chosen}, {'exploded' if exploded else 'not exploded'}{reserved}"


@frozen
class OperationDiff:
    """
    Compare the operations of two documents.

    Args:
        diff: Compares the schemas and collects the changes.
    """

    diff: SchemaDiff

    def compare(self) -> None:
        """Match the operations of both documents by method and path, then by operationId, and compare each pair."""
        before = {(item.method, item.path): item for item in self.diff.old.operations()}
        after = {(item.method, item.path): item for item in self.diff.new.operations()}
        fresh = {key: item for key, item in after.items() if key not in before}
        for key, old in before.items():
            if key in after:
                self._compare_pair(old, after[key])
                continue
            new = next((item for item in fresh.values() if old.id and item.id == old.id), None)
            if new is None:
                self.diff.add("api", "operation-removed", old.label, id=quoted(old.id))
                continue
            del fresh[new.method, new.path]
            self.diff.add("api", "operation-moved", new.label, old=quoted(old.label), new=quoted(new.label))
            self._compare_pair(old, new)
        for new in fresh.values():
            self.diff.add("api", "operation-added", new.label, id=quoted(new.id))

    def _compare_pair(self, old: Operation, new: Operation) -> None:
        """Compare the old and the new version of one operation."""
        where, was, now = new.label, old.node, new.node
        if old.id != new.id:
            self.diff.add("api", "operation-renamed", where, old=quoted(old.id), new=quoted(new.id))
        if old.tag != new.tag:
            self.diff.add("api", "tag-changed", where, old=quoted(old.tag), new=quoted(new.tag))
        if bool(was.get("deprecated")) != bool(now.get("deprecated")):
            kind = "operation-deprecated" if now.get("deprecated") else "operation-undeprecated"
            self.diff.add("api", kind, where)
        before, after = security_keys(old), security_keys(new)
        if bool(before) != bool(after):
            self.diff.add("api", "security-added" if after else "security-removed", where)
        elif before != after:
            self.diff.add("api", "security-widened" if before < after else "security-changed", where)
        self._compare_parameters(old, new)
        compare_requests(self.diff, old, new)
        compare_responses(self.diff, old, new)

    def _compare_parameters(self, old: Operation, new: Operation) -> None:
        """Match parameters by location and name, then by name alone."""
        fresh = {key: param for key, param in new.parameters.items() if key not in old.parameters}
        for key, was in old.parameters.items():
            where = f"{new.label} › {key[1]}"
            moved = next((other for other in fresh if other[1] == key[1]), None)
            if key in new.parameters:
                self._compare_parameter(where, was, new.parameters[key])
            elif moved is None:
                self.diff.add("send", "param-removed", where, place=key[0])
            else:
                self.diff.add("send", "param-moved", where, old=key[0], new=moved[0])
                # The default style depends on the location: it is not reported as a second change.
                self._compare_parameter(where, was, {**fresh.pop(moved), "style": was.get("style"), "in": key[0]})
        for (place, name), param in fresh.items():
            kind = "param-added-required" if param.get("required") else "param-added"
            self.diff.add("send", kind, f"{new.label} › {name}", place=place)

    def _compare_parameter(self, where: str, was: Node, now: Node) -> None:
        """Compare the old and the new version of one parameter."""
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
            before, after = (
                next(iter(content_schemas(param).values()), mapping(param.get("schema"))) for param in (was, now)
            )
            self.diff.walk("send", where, before, after)
