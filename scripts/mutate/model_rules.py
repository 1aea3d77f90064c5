"""Faults in a model or an enum; each rule returns None if the module has no place for it."""

from __future__ import annotations

import ast

from scripts.mutate.edits import Edit, Source
from scripts.mutate.function_rules import Rule
from scripts.mutate.module_syntax import class_of, fields_of, members_of

_OPTIONAL = " | Unset"
_NULLABLE = " | None"


def field_dropped(source: Source) -> Edit | None:
    """Remove an optional field: a value that the server sends for it is then unknown."""
    found = [each for each in fields_of(source).values() if _OPTIONAL in source.text(each.annotation)]
    return source.replace(found[0], "pass") if found else None


def required_field_dropped(source: Source) -> Edit | None:
    found = [each for each in fields_of(source).values() if each.value is None]
    return source.replace(found[-1], "pass") if len(found) > 1 else None


def field_renamed(source: Source) -> Edit | None:
    """Rename a field, in Python and in JSON."""
    found = [each for each in fields_of(source).values() if each.value is None]
    return source.replace(found[0].target, f"{source.text(found[0].target)}_id") if found else None


def field_added(source: Source) -> Edit | None:
    """Add a field that the document does not have."""
    if "from kalshi_core.types import UNSET, Unset" not in source.content.decode() or not fields_of(source):
        return None
    return source.insert_after(list(fields_of(source).values())[-1], "\n    invented: str | Unset = UNSET")


def retyped(old: str, new: str) -> Rule:
    """Change the type of the first field that has the type `old`."""

    def rule(source: Source) -> Edit | None:
        for each in fields_of(source).values():
            if source.text(each.annotation) == old:
                return source.replace(each.annotation, new)
        return None

    return rule


def wire_name_dropped(source: Source) -> Edit | None:
    """Use `type_` in JSON where the document says `type`."""
    each = fields_of(source).get("type_")
    if each is None or not isinstance(each.value, ast.Call):
        return None
    start, end = source.span(each.annotation)[1], source.span(each)[1]
    return Edit(start, end, " = UNSET" if _OPTIONAL in source.text(each.annotation) else "")


def required_made_optional(source: Source) -> Edit | None:
    if "from kalshi_core.types import UNSET" not in source.content.decode():
        return None
    found = [each for each in fields_of(source).values() if each.value is None]
    return source.insert_after(found[0], " | Unset = UNSET") if found else None


def optional_made_required(source: Source) -> Edit | None:
    for each in fields_of(source).values():
        annotation = source.text(each.annotation)
        if each.value is not None and source.text(each.value) == "UNSET":
            return source.replace(each, f"{source.text(each.target)}: {annotation.removesuffix(_OPTIONAL)}")
    return None


def unset_is_none(source: Source) -> Edit | None:
    """Make None the default of an optional field."""
    for each in fields_of(source).values():
        if each.value is not None and source.text(each.value) == "UNSET":
            return source.replace(each.value, "None")
    return None


def positional_fields(source: Source) -> Edit | None:
    """Allow positional arguments: their order is an accident of the document."""
    fields = list(fields_of(source).values())
    for decorator in class_of(source).decorator_list:
        for each in decorator.keywords if isinstance(decorator, ast.Call) and fields else []:
            if each.arg == "kw_only":
                return source.replace(each.value, "False")
    return None


def nullable_dropped(source: Source) -> Edit | None:
    for each in fields_of(source).values():
        annotation = source.text(each.annotation)
        if _NULLABLE in annotation:
            return source.replace(each.annotation, annotation.replace(_NULLABLE, ""))
    return None


def nullable_added(source: Source) -> Edit | None:
    found = [each for each in fields_of(source).values() if source.text(each.annotation) in ("str", "int", "Decimal")]
    return source.insert_after(found[0].annotation, _NULLABLE) if found else None


def more_decimal_places(source: Source) -> Edit | None:
    """Accept a number that the exchange rejects."""
    for each in fields_of(source).values():
        annotation = source.text(each.annotation)
        if "DecimalPlaces(2)" in annotation:
            return source.replace(each.annotation, annotation.replace("DecimalPlaces(2)", "DecimalPlaces(3)"))
    return None


def member_value(source: Source) -> Edit | None:
    found = members_of(source)
    if not found or not isinstance(found[-1].value, ast.Constant):
        return None
    value = found[-1].value.value
    return source.replace(found[-1].value, f'"{value}s"' if isinstance(value, str) else f"{value!r}0")


def member_dropped(source: Source) -> Edit | None:
    found = members_of(source)
    return source.replace(found[0], "pass") if len(found) > 1 else None


def member_added(source: Source) -> Edit | None:
    found = members_of(source)
    if not found or not isinstance(found[-1].value, ast.Constant) or not isinstance(found[-1].value.value, str):
        return None
    return source.insert_after(found[-1], '\n    INVENTED = "invented"')


def members_swapped(source: Source) -> Edit | None:
    """Swap the values of two members: the set of values stays the same."""
    found = members_of(source)
    return source.swap(found[0].value, found[1].value) if len(found) > 1 else None
