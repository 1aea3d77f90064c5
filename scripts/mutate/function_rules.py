"""Ways to break the functions of an endpoint module; None where a module has no such place."""

from __future__ import annotations

import ast
from collections.abc import Callable
from itertools import pairwise

from scripts.mutate.edits import Edit, Source
from scripts.mutate.module_syntax import functions_of, outer, passed

Rule = Callable[[Source], Edit | None]


def swapped_in(function: str) -> Rule:
    """Hand on the first two neighbours of one type as each other."""

    def rule(source: Source) -> Edit | None:
        given = passed(source, function)
        found = functions_of(source).get(function)
        if found is None:
            return None
        arguments = (*found.args.args, *found.args.kwonlyargs)
        kinds = {each.arg: source.text(each.annotation) for each in arguments if each.annotation}
        for first, second in pairwise(given):
            if kinds.get(str(first.arg)) == kinds.get(str(second.arg)):
                return source.swapped(first.value, second.value)
        return None

    return rule


def forgotten_in(function: str) -> Rule:
    """Hand on all arguments but the last."""

    def rule(source: Source) -> Edit | None:
        given = passed(source, function)
        return source.without(given[-1]) if given and given[-1].arg != "client" else None

    return rule


def other_text_in(function: str, index: int, text: str) -> Rule:
    """Hand on another text for an argument that is one, such as the name of a page's field."""

    def rule(source: Source) -> Edit | None:
        found = outer(source, function)
        return source.instead(found.args[index], text) if found else None

    return rule


def other_call_in(function: str, called: str) -> Rule:
    """Call another method of the operation."""

    def rule(source: Source) -> Edit | None:
        found = outer(source, function)
        return source.instead(found.func, f"OPERATION.{called}") if found else None

    return rule


def row_type_in(function: str) -> Rule:
    """Promise another type of rows."""

    def rule(source: Source) -> Edit | None:
        found = functions_of(source).get(function)
        returns = found.returns if found else None
        return source.instead(returns.slice, "int") if isinstance(returns, ast.Subscript) else None

    return rule


def default_sent(source: Source) -> Edit | None:
    """Give `limit` a default in `sync`."""
    found = functions_of(source)["sync"].args
    for argument, default in zip(found.kwonlyargs, found.kw_defaults, strict=True):
        if argument.arg == "limit" and default:
            return source.instead(default, "100")
    return None
