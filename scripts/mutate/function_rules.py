"""Faults in the functions of an endpoint module; each rule returns None if the module has no place for it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from itertools import pairwise

from scripts.mutate.edits import Edit, Source
from scripts.mutate.module_syntax import functions_of, keywords_passed, outermost_call

Rule = Callable[[Source], Edit | None]
"""Returns the edit that makes the fault, or None if the source has no place for it."""


def arguments_swapped_in(function: str) -> Rule:
    """Swap the values of the first two neighbouring arguments of the same type."""

    def rule(source: Source) -> Edit | None:
        given = keywords_passed(source, function)
        found = functions_of(source).get(function)
        if found is None:
            return None
        arguments = (*found.args.args, *found.args.kwonlyargs)
        kinds = {each.arg: source.text(each.annotation) for each in arguments if each.annotation}
        for first, second in pairwise(given):
            if kinds.get(str(first.arg)) == kinds.get(str(second.arg)):
                return source.swap(first.value, second.value)
        return None

    return rule


def argument_forgotten_in(function: str) -> Rule:
    """Pass all arguments but the last."""

    def rule(source: Source) -> Edit | None:
        given = keywords_passed(source, function)
        return source.remove(given[-1]) if given and given[-1].arg != "client" else None

    return rule


def argument_replaced_in(function: str, index: int, text: str) -> Rule:
    """Replace a positional argument, such as the name of a field of the page."""

    def rule(source: Source) -> Edit | None:
        found = outermost_call(source, function)
        return source.replace(found.args[index], text) if found else None

    return rule


def method_replaced_in(function: str, called: str) -> Rule:
    """Call another method of the operation."""

    def rule(source: Source) -> Edit | None:
        found = outermost_call(source, function)
        return source.replace(found.func, f"OPERATION.{called}") if found else None

    return rule


def row_type_replaced_in(function: str) -> Rule:
    """Annotate another type of rows."""

    def rule(source: Source) -> Edit | None:
        found = functions_of(source).get(function)
        returns = found.returns if found else None
        return source.replace(returns.slice, "int") if isinstance(returns, ast.Subscript) else None

    return rule


def default_sent(source: Source) -> Edit | None:
    """Give `limit` a default in `sync`."""
    found = functions_of(source)["sync"].args
    for argument, default in zip(found.kwonlyargs, found.kw_defaults, strict=True):
        if argument.arg == "limit" and default:
            return source.replace(default, "100")
    return None
