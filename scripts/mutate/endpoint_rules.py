"""Faults in the `OPERATION` of an endpoint module; each rule returns None if the module has no place for it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from scripts.mutate.edits import Edit, Source
from scripts.mutate.module_syntax import keyword, operation_of, parameters_in, string_argument, successes_of

_OTHER_METHOD = {"GET": "POST", "POST": "PUT", "PUT": "POST", "DELETE": "GET", "PATCH": "PUT"}
_OTHER_STATUS = {200: 201, 201: 200, 204: 200, 202: 200}
_OTHER_RESPONSE = ("get_balance_response", "GetBalanceResponse")
_OTHER_TYPE = {"int": "str", "str": "int", "bool": "str", "float": "int"}


def method(source: Source) -> Edit | None:
    return _constant(source, "method", lambda found: _OTHER_METHOD[found])


def path(source: Source) -> Edit | None:
    return _constant(source, "path", lambda found: found + "s" if not found.endswith("}") else f"/v2{found}")


def path_placeholders_swapped(source: Source) -> Edit | None:
    def swap(found: str) -> str:
        names = re.findall(r"{\w+}", found)
        return re.sub(r"{\w+}", lambda _: names.pop(), found) if len(names) == 2 else found

    return _constant(source, "path", swap)


def operation_id(source: Source) -> Edit | None:
    return _constant(source, "id", lambda found: f"{found}V9")


def status(source: Source) -> Edit | None:
    (key, _), *_ = successes_of(source)
    assert key is not None
    return source.replace(key, str(_OTHER_STATUS[int(source.text(key))]))


def success_type(source: Source) -> Edit | None:
    """Import another class under the name of the response class."""
    class_name = source.text(successes_of(source)[0][1])
    module, other = (
        _OTHER_RESPONSE if class_name != _OTHER_RESPONSE[1] else ("get_orders_response", "GetOrdersResponse")
    )
    for node in source.tree.body:
        if isinstance(node, ast.ImportFrom) and [each.name for each in node.names] == [class_name]:
            return source.replace(node, f"from ...models.{module} import {other} as {class_name}")
    return None


def success_without_body(source: Source) -> Edit | None:
    (_, kind), *_ = successes_of(source)
    return source.replace(kind, "None") if isinstance(kind, ast.Name) else None


def signed_dropped(source: Source) -> Edit | None:
    found = keyword(operation_of(source), "signed")
    return source.remove(found) if found else None


def signed_added(source: Source) -> Edit | None:
    call = operation_of(source)
    if keyword(call, "signed"):
        return None
    return source.insert_before(call.keywords[0], "signed=True, ")


def deprecated_dropped(source: Source) -> Edit | None:
    found = keyword(operation_of(source), "deprecated")
    return source.remove(found) if found else None


def wire_name(source: Source) -> Edit | None:
    return next(
        (source.replace(each.args[3], f'"{string_argument(each, 3)}s"') for each in parameters_in(source, "query")),
        None,
    )


def argument_name(source: Source) -> Edit | None:
    """Rename a parameter in the operation only: the value that a user passes is then ignored."""
    found = [each for each in parameters_in(source, "query") if not keyword(each, "required")]
    return source.replace(found[-1].args[0], f'"{string_argument(found[-1], 0)}_"') if found else None


def location(source: Source) -> Edit | None:
    return next((source.replace(each.args[1], '"header"') for each in parameters_in(source, "query")), None)


def argument_type(source: Source) -> Edit | None:
    found = [each for each in parameters_in(source, "query") if source.text(each.args[2]) in _OTHER_TYPE]
    return source.replace(found[0].args[2], _OTHER_TYPE[source.text(found[0].args[2])]) if found else None


def parameter_dropped(source: Source) -> Edit | None:
    found = [each for each in parameters_in(source, "query") if not keyword(each, "required")]
    return source.remove(found[len(found) // 2]) if found else None


def body_dropped(source: Source) -> Edit | None:
    return next((source.remove(each) for each in parameters_in(source, "body")), None)


def required_dropped(source: Source) -> Edit | None:
    for each in [*parameters_in(source, "query"), *parameters_in(source, "body")]:
        if found := keyword(each, "required"):
            return source.remove(found)
    return None


def required_added(source: Source) -> Edit | None:
    for each in parameters_in(source, "query"):
        if not keyword(each, "required"):
            return source.insert_after(each.args[3], ", required=True")
    return None


def explode_flipped(source: Source) -> Edit | None:
    for each in parameters_in(source, "query"):
        if source.text(each.args[2]).startswith("Sequence["):
            found = keyword(each, "explode")
            return source.remove(found) if found else source.insert_after(each.args[3], ", explode=False")
    return None


def _constant(source: Source, name: str, change: Callable[[str], str]) -> Edit | None:
    """Change the value of a keyword argument of the operation, if the change makes a difference."""
    found = keyword(operation_of(source), name)
    assert found is not None
    assert isinstance(found.value, ast.Constant)
    text = str(found.value.value)
    return source.replace(found.value, f'"{change(text)}"') if change(text) != text else None
