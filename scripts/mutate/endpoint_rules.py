"""Ways to break the `OPERATION` of an endpoint module; None where a module has no such place."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from scripts.mutate.edits import Edit, Source
from scripts.mutate.module_syntax import keyword, operation_of, placed, successes_of, word

_OTHER_METHOD = {"GET": "POST", "POST": "PUT", "PUT": "POST", "DELETE": "GET", "PATCH": "PUT"}
_OTHER_STATUS = {200: 201, 201: 200, 204: 200, 202: 200}
_OTHER_ANSWER = ("get_balance_response", "GetBalanceResponse")
_OTHER_KIND = {"int": "str", "str": "int", "bool": "str", "float": "int"}


def method(source: Source) -> Edit | None:
    return _constant(source, "method", lambda found: _OTHER_METHOD[found])


def path(source: Source) -> Edit | None:
    return _constant(source, "path", lambda found: found + "s" if not found.endswith("}") else f"/v2{found}")


def path_places_swapped(source: Source) -> Edit | None:
    def swapped(found: str) -> str:
        names = re.findall(r"{\w+}", found)
        return re.sub(r"{\w+}", lambda _: names.pop(), found) if len(names) == 2 else found

    return _constant(source, "path", swapped)


def operation_id(source: Source) -> Edit | None:
    return _constant(source, "id", lambda found: f"{found}V9")


def status(source: Source) -> Edit | None:
    (key, _), *_ = successes_of(source)
    assert key is not None
    return source.instead(key, str(_OTHER_STATUS[int(source.text(key))]))


def success_type(source: Source) -> Edit | None:
    """Give the promised class's name to another class, by its import."""
    wanted = source.text(successes_of(source)[0][1])
    module, other = _OTHER_ANSWER if wanted != _OTHER_ANSWER[1] else ("get_orders_response", "GetOrdersResponse")
    for node in source.tree.body:
        if isinstance(node, ast.ImportFrom) and [each.name for each in node.names] == [wanted]:
            return source.instead(node, f"from ...models.{module} import {other} as {wanted}")
    return None


def success_without_body(source: Source) -> Edit | None:
    (_, kind), *_ = successes_of(source)
    return source.instead(kind, "None") if isinstance(kind, ast.Name) else None


def signed_dropped(source: Source) -> Edit | None:
    found = keyword(operation_of(source), "signed")
    return source.without(found) if found else None


def signed_added(source: Source) -> Edit | None:
    call = operation_of(source)
    if keyword(call, "signed"):
        return None
    return source.before(call.keywords[0], "signed=True, ")


def deprecated_dropped(source: Source) -> Edit | None:
    found = keyword(operation_of(source), "deprecated")
    return source.without(found) if found else None


def wire(source: Source) -> Edit | None:
    return next((source.instead(each.args[3], f'"{word(each, 3)}s"') for each in placed(source, "query")), None)


def name(source: Source) -> Edit | None:
    """Rename an argument for the operation only: whatever a user passes is then not seen."""
    found = [each for each in placed(source, "query") if not keyword(each, "required")]
    return source.instead(found[-1].args[0], f'"{word(found[-1], 0)}_"') if found else None


def place(source: Source) -> Edit | None:
    return next((source.instead(each.args[1], '"header"') for each in placed(source, "query")), None)


def kind(source: Source) -> Edit | None:
    found = [each for each in placed(source, "query") if source.text(each.args[2]) in _OTHER_KIND]
    return source.instead(found[0].args[2], _OTHER_KIND[source.text(found[0].args[2])]) if found else None


def parameter_dropped(source: Source) -> Edit | None:
    found = [each for each in placed(source, "query") if not keyword(each, "required")]
    return source.without(found[len(found) // 2]) if found else None


def body_dropped(source: Source) -> Edit | None:
    return next((source.without(each) for each in placed(source, "body")), None)


def required_dropped(source: Source) -> Edit | None:
    for each in [*placed(source, "query"), *placed(source, "body")]:
        if found := keyword(each, "required"):
            return source.without(found)
    return None


def required_added(source: Source) -> Edit | None:
    for each in placed(source, "query"):
        if not keyword(each, "required"):
            return source.behind(each.args[3], ", required=True")
    return None


def explode_flipped(source: Source) -> Edit | None:
    for each in placed(source, "query"):
        if source.text(each.args[2]).startswith("Sequence["):
            found = keyword(each, "explode")
            return source.without(found) if found else source.behind(each.args[3], ", explode=False")
    return None


def _constant(source: Source, wanted: str, other: Callable[[str], str]) -> Edit | None:
    found = keyword(operation_of(source), wanted)
    assert found is not None
    assert isinstance(found.value, ast.Constant)
    text = str(found.value.value)
    return source.instead(found.value, f'"{other(text)}"') if other(text) != text else None
