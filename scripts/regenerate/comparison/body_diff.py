"""Compare request bodies and responses."""

from scripts.regenerate.comparison.rules import Direction
from scripts.regenerate.comparison.schema_diff import SchemaDiff
from scripts.regenerate.comparison.schema_keywords import quoted
from scripts.regenerate.document_view import DocumentView, Operation
from scripts.regenerate.node_access import Node, content_schemas, mapping


def compare_media(diff: SchemaDiff, direction: Direction, where: str, was: Node, now: Node) -> None:
    """Compare the media types of a body, and the schemas of those in both documents."""
    before, after = content_schemas(was), content_schemas(now)
    for name in sorted(before.keys() ^ after.keys()):
        kind = "media-added" if name in after else "media-removed"
        diff.add(direction, kind, where, name=quoted(name))
    for name in sorted(before.keys() & after.keys()):
        diff.walk(direction, where, before[name], after[name])


def compare_requests(diff: SchemaDiff, was: Operation, now: Operation) -> None:
    """Compare the request bodies of an operation."""
    place = f"{now.label} › body"
    old, new = was.body, now.body
    if old and new:
        if bool(old.get("required")) != bool(new.get("required")):
            diff.add("send", "body-required" if new.get("required") else "body-optional", place)
        compare_media(diff, "send", place, old, new)
    elif old:
        diff.add("send", "body-removed", place)
    elif new:
        diff.add("send", "body-added-required" if new.get("required") else "body-added", place)


def compare_responses(diff: SchemaDiff, was: Operation, now: Operation) -> None:
    """Compare the responses of an operation: successes by status and type, errors by status."""
    where, before, after = now.label, was.responses, now.responses
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


def _types(diff: SchemaDiff, view: DocumentView, response: object) -> set[str]:
    """Return keys of the schemas of a response."""
    return {diff.key(view, schema) for schema in content_schemas(view.resolve(response)).values()}


def _compare_response(diff: SchemaDiff, where: str, status: str, was: object, now: object) -> None:
    """Compare two responses; one that several operations refer to is reported once."""
    shared = mapping(was).get("$ref")
    same = isinstance(shared, str) and shared == mapping(now).get("$ref")
    place = f"responses.{str(shared).rsplit('/', 1)[-1]}" if same else f"{where} › {status}"
    old, new = diff.old.resolve(was), diff.new.resolve(now)
    if status[0] == "2":
        compare_media(diff, "receive", place, old, new)
        return
    before, after = content_schemas(old), content_schemas(new)
    if before.keys() != after.keys():
        diff.add("receive", "error-media", place)
    for name in sorted(before.keys() & after.keys()):
        diff.walk("receive", place, before[name], after[name])
