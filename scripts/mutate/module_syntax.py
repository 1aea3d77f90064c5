"""Find the parts of a generated module in its syntax tree."""

from __future__ import annotations

import ast

from scripts.mutate.edits import Source

Function = ast.FunctionDef | ast.AsyncFunctionDef


def operation_of(source: Source) -> ast.Call:
    """Return the call that builds the `OPERATION` of an endpoint module."""
    for node in source.tree.body:
        if isinstance(node, ast.AnnAssign) and source.text(node.target) == "OPERATION":
            assert isinstance(node.value, ast.Call)
            return node.value
    raise AssertionError("the endpoint module has no OPERATION")


def keyword(call: ast.Call, name: str) -> ast.keyword | None:
    """Return a keyword argument by its name."""
    return next((each for each in call.keywords if each.arg == name), None)


def string_argument(call: ast.Call, index: int) -> str:
    """Return the value of a positional argument that is a string."""
    node = call.args[index]
    assert isinstance(node, ast.Constant)
    return str(node.value)


def successes_of(source: Source) -> list[tuple[ast.expr | None, ast.expr]]:
    """Return the success statuses of an operation, with their types."""
    found = keyword(operation_of(source), "success")
    assert found is not None
    assert isinstance(found.value, ast.Dict)
    return list(zip(found.value.keys, found.value.values, strict=True))


def parameters_in(source: Source, location: str) -> list[ast.Call]:
    """Return the parameters of an operation in one location, such as `query`."""
    found = keyword(operation_of(source), "parameters")
    elements = found.value.elts if found and isinstance(found.value, ast.Tuple) else []
    return [each for each in elements if isinstance(each, ast.Call) and string_argument(each, 1) == location]


def functions_of(source: Source) -> dict[str, Function]:
    """Return the functions of a module by name."""
    return {node.name: node for node in source.tree.body if isinstance(node, Function)}


def outermost_call(source: Source, function: str) -> ast.Call | None:
    """Return the outermost call of a function."""
    return next(iter(_calls(source, function)), None)


def keywords_passed(source: Source, function: str) -> list[ast.keyword]:
    """Return the keyword arguments that a function passes on."""
    return max((call.keywords for call in _calls(source, function)), key=len, default=[])


def class_of(source: Source) -> ast.ClassDef:
    """Return the class of a model or enum module."""
    return next(node for node in source.tree.body if isinstance(node, ast.ClassDef))


def fields_of(source: Source) -> dict[str, ast.AnnAssign]:
    """Return the fields of a model by name."""
    return {source.text(each.target): each for each in class_of(source).body if isinstance(each, ast.AnnAssign)}


def members_of(source: Source) -> list[ast.Assign]:
    """Return the members of an enum; empty for a model."""
    found = class_of(source)
    is_enum = any(source.text(base) in ("OpenStrEnum", "OpenIntEnum") for base in found.bases)
    return [each for each in found.body if isinstance(each, ast.Assign)] if is_enum else []


def _calls(source: Source, function: str) -> list[ast.Call]:
    found = functions_of(source).get(function)
    return [node for node in ast.walk(found) if isinstance(node, ast.Call)] if found else []
