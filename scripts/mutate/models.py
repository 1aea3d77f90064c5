"""Ways to break a model or an enum; None where a module has no such place."""

from __future__ import annotations

import ast

from scripts.mutate.edits import Edit, Source
from scripts.mutate.functions import Rule
from scripts.mutate.syntax import class_of, fields_of, members_of

_OPTIONAL = " | Unset"
_NULLABLE = " | None"


def field_dropped(source: Source) -> Edit | None:
    """Leave out a field; what a server sends of it is then unknown."""
    found = [each for each in fields_of(source).values() if _OPTIONAL in source.text(each.annotation)]
    return source.instead(found[0], "pass") if found else None


def required_field_dropped(source: Source) -> Edit | None:
    found = [each for each in fields_of(source).values() if each.value is None]
    return source.instead(found[-1], "pass") if len(found) > 1 else None


def field_renamed(source: Source) -> Edit | None:
    """Give a field another name, in Python and on the wire."""
    found = [each for each in fields_of(source).values() if each.value is None]
    return source.instead(found[0].target, f"{source.text(found[0].target)}_id") if found else None


def field_added(source: Source) -> Edit | None:
    """Add a field that the document does not have."""
    if "from kalshi_core.types import UNSET, Unset" not in source.content.decode() or not fields_of(source):
        return None
    return source.behind(list(fields_of(source).values())[-1], "\n    invented: str | Unset = UNSET")


def retyped(old: str, new: str) -> Rule:
    """Give the first field of one type another type."""

    def rule(source: Source) -> Edit | None:
        for each in fields_of(source).values():
            if source.text(each.annotation) == old:
                return source.instead(each.annotation, new)
        return None

    return rule


def wire_name_dropped(source: Source) -> Edit | None:
    """Send and expect `type_` where the document says `type`."""
    each = fields_of(source).get("type_")
    if each is None or not isinstance(each.value, ast.Call):
        return None
    start, end = source.span(each.annotation)[1], source.span(each)[1]
    return Edit(start, end, " = UNSET" if _OPTIONAL in source.text(each.annotation) else "")


def required_made_optional(source: Source) -> Edit | None:
    if "from kalshi_core.types import UNSET" not in source.content.decode():
        return None
    found = [each for each in fields_of(source).values() if each.value is None]
    return source.behind(found[0], " | Unset = UNSET") if found else None


def optional_made_required(source: Source) -> Edit | None:
    for each in fields_of(source).values():
        annotation = source.text(each.annotation)
        if each.value is not None and source.text(each.value) == "UNSET":
            return source.instead(each, f"{source.text(each.target)}: {annotation.removesuffix(_OPTIONAL)}")
    return None


def absent_is_none(source: Source) -> Edit | None:
    """Make None of what a user leaves out."""
    for each in fields_of(source).values():
        if each.value is not None and source.text(each.value) == "UNSET":
            return source.instead(each.value, "None")
    return None


def by_position(source: Source) -> Edit | None:
    """Let fields be given by position: their order is the document's."""
    fields = list(fields_of(source).values())
    for decorator in class_of(source).decorator_list:
        for each in decorator.keywords if isinstance(decorator, ast.Call) and fields else []:
            if each.arg == "kw_only":
                return source.instead(each.value, "False")
    return None


def nullable_dropped(source: Source) -> Edit | None:
    for each in fields_of(source).values():
        annotation = source.text(each.annotation)
        if _NULLABLE in annotation:
            return source.instead(each.annotation, annotation.replace(_NULLABLE, ""))
    return None


def nullable_added(source: Source) -> Edit | None:
    found = [each for each in fields_of(source).values() if source.text(each.annotation) in ("str", "int", "Decimal")]
    return source.behind(found[0].annotation, _NULLABLE) if found else None


def more_places(source: Source) -> Edit | None:
    """Let a number through that the exchange refuses."""
    for each in fields_of(source).values():
        annotation = source.text(each.annotation)
        if "Places(2)" in annotation:
            return source.instead(each.annotation, annotation.replace("Places(2)", "Places(3)"))
    return None


def member_value(source: Source) -> Edit | None:
    found = members_of(source)
    if not found or not isinstance(found[-1].value, ast.Constant):
        return None
    value = found[-1].value.value
    return source.instead(found[-1].value, f'"{value}s"' if isinstance(value, str) else f"{value!r}0")


def member_dropped(source: Source) -> Edit | None:
    found = members_of(source)
    return source.instead(found[0], "pass") if len(found) > 1 else None


def member_added(source: Source) -> Edit | None:
    found = members_of(source)
    if not found or not isinstance(found[-1].value, ast.Constant) or not isinstance(found[-1].value.value, str):
        return None
    return source.behind(found[-1], '\n    INVENTED = "invented"')


def members_swapped(source: Source) -> Edit | None:
    """Give two members each other's value: the enum as a whole stays the same."""
    found = members_of(source)
    return source.swapped(found[0].value, found[1].value) if len(found) > 1 else None
