"""
Straight-line decoding of a model, compiled from its fields when the class is first decoded.

The compiled code stores what needs no thought: a string where a string belongs, a price, a time or an enum
value that was seen before. Whatever else comes, field by field, goes to the layout, which knows the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol

from .codec import Choice, FixedPoint, Moment, Scalar
from .types import UNSET

ABSENT: Final = object()
"""A field that the object does not have."""


class Field(Protocol):
    """What compiling needs to know of a model's field."""

    @property
    def name(self) -> str: ...
    @property
    def wire(self) -> str: ...
    @property
    def codec(self) -> Any: ...
    @property
    def required(self) -> bool: ...
    @property
    def silent(self) -> bool: ...


def compiled(
    kind: type, fields: Iterable[Field], odd: Callable[[Any, Any, Any], int], finish: Callable[[Any, Any, int], None]
) -> Callable[[dict[str, Any]], Any]:
    """
    Compile the decoder of a model class.

    Args:
        kind: The class.
        fields: Its fields.
        odd: Takes model, field and value, stores what is to be stored, and returns 1 if the value is ABSENT.
        finish: Takes model, object and the number of absent fields.

    Returns:
        A function from a JSON object to a model.
    """
    names: dict[str, Any] = {
        "new": object.__new__, "kind": kind, "ABSENT": ABSENT, "UNSET": UNSET, "odd": odd, "finish": finish
    }  # fmt: skip
    lines = ["def decode(data):", "    get = data.get", "    absent = 0", "    model = new(kind)"]
    for index, field in enumerate(fields):
        names[f"field_{index}"] = field
        lines += [f"    {line}" for line in _lines(field, index, names)]
    lines += ["    finish(model, data, absent)", "    return model"]
    # Field names were made identifiers by the generator, and wire names are written as literals.
    exec(compile("\n".join(lines), f"<decoder of {kind.__name__}>", "exec"), names)  # noqa: S102
    decoder: Callable[[dict[str, Any]], Any] = names["decode"]
    return decoder


def _lines(field: Field, index: int, names: dict[str, Any]) -> list[str]:
    store, codec = f"model.{field.name}", field.codec
    lines = [f"value = get({field.wire!r}, ABSENT)"]
    if isinstance(codec, Scalar) and codec.kind is not float:
        lines += [f"if type(value) is {codec.kind.__name__}:", f"    {store} = value"]
    elif isinstance(codec, FixedPoint | Moment | Choice):
        names[f"known_{index}"] = codec.known.get
        lines += [
            f"known = known_{index}(value) if type(value) is {codec.plain.__name__} else None",
            "if known is not None:",
            f"    {store} = known",
        ]
    else:
        return [*lines, f"absent += odd(model, field_{index}, value)"]
    if not field.required and not field.silent:
        lines += ["elif value is ABSENT:", f"    {store} = UNSET", "    absent += 1"]
    return [*lines, "else:", f"    absent += odd(model, field_{index}, value)"]
