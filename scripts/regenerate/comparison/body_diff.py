"""The comparison of request bodies and responses."""

from scripts.regenerate.comparison.rules import Direction
from scripts.regenerate.comparison.schema_diff import SchemaDiff
from scripts.regenerate.comparison.schema_keywords import quoted
from scripts.regenerate.document_view import Spec
from scripts.regenerate.node_access import Node, bodies, mapping


def compare_media(diff: SchemaDiff, direction: Direction, where: str, was: Node, now: Node) -> None:
    """Compare the media types of a body, and the schemas of those that stayed."""
    before, after = bodies(was), bodies(now)
    for name in sorted(before.keys() ^ after.keys()):
        kind = "media-added" if name in after else "media-removed"
        diff.add(direction, kind, where, name=quoted(name))
    for name in sorted(before.keys() & after.keys()):
        diff.walk(direction, where, before[name], after[name])


def compare_requests(diff: SchemaDiff, where: str, was: Node, now: Node) -> None:
    """Compare what an operation takes as a body."""
    place = f"{where} › body"
    old, new = diff.old.resolved(was.get("requestBody")), diff.new.resolved(now.get("requestBody"))
    if old and new:
        if bool(old.get("required")) != bool(new.get("required")):
            diff.add("send", "body-required" if new.get("required") else "body-optional", place)
        compare_media(diff, "send", place, old, new)
    elif old:
        diff.add("send", "body-removed", place)
    elif new:
        diff.add("send", "body-added-required" if new.get("required") else "body-added", place)


def compare_responses(diff: SchemaDiff, where: str, was: Node, now: Node) -> None:
    """Compare what an operation answers: success by status and type, errors by status."""
    before, after = (
        {str(status): response for status, response in mapping(node.get("responses")).items()} for node in (was, now)
    )
    for status in sorted(before.keys() & after.keys()):
        _compare_response(diff, where, status, before[status], after[status])
    gone, fresh = sorted(before.keys() - after.keys()), sorted(after.keys() - before.keys())
    for status in (status for status in gone if status[0] != "2"):
        diff.add("receive", "error-removed", where, old=quoted(status))
    for status in (status for status in fresh if status[0] != "2"):
        diff.add("receive", "error-added", where, new=quoted(status))
    gone, fresh = ([status for status in side if status[0] == "2"] for side in (gone, fresh))
    if len(gone) == len(fresh) == 1:
        diff.add("receive", "success-changed", where, old=quoted(gone[0]), new=quoted(fresh[0]))
        _compare_response(diff, where, fresh[0], before[gone[0]], after[fresh[0]])
        return
    for status in gone:
        diff.add("receive", "success-removed", where, old=quoted(status))
    known = {key for status in before if status[0] == "2" for key in _types(diff, diff.old, before[status])}
    for status in fresh:
        kind = "success-added" if _types(diff, diff.new, after[status]) <= known else "success-widened"
        diff.add("receive", kind, where, new=quoted(status))


def _types(diff: SchemaDiff, spec: Spec, response: object) -> set[str]:
    """Name the types a response may have."""
    return {diff.key(spec, schema) for schema in bodies(spec.resolved(response)).values()}


def _compare_response(diff: SchemaDiff, where: str, status: str, was: object, now: object) -> None:
    """Compare two answers; one that both documents share between operations is reported once."""
    shared = mapping(was).get("$ref")
    same = isinstance(shared, str) and shared == mapping(now).get("$ref")
    place = f"responses.{str(shared).rsplit('/', 1)[-1]}" if same else f"{where} › {status}"
    old, new = diff.old.resolved(was), diff.new.resolved(now)
    if status[0] == "2":
        compare_media(diff, "receive", place, old, new)
        return
    if bodies(old).keys() != bodies(new).keys():
        diff.add("receive", "error-media", place)
    for name in sorted(bodies(old).keys() & bodies(new).keys()):
        diff.walk("receive", place, bodies(old)[name], bodies(new)[name])
