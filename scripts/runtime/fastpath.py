"""
Straight-line decoding of objects that have the same keys, or of what has a place for every field.

The rows of a page have the same keys in the same order. Where that is so, which fields are there is known before
looking, and the compiled code stores what needs no thought: a string where a string belongs, a price, a time or an
enum value that was seen before. Whatever else comes, field by field, goes to the layout, which knows the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol

from .codec import Many
from .errors import DecodeError
from .scalars import Choice, FixedPoint, Moment, Scalar
from .types import UNSET

ABSENT: Final = object()
"""A field that the object does not have."""
NOTHING_UNKNOWN: Final[dict[str, Any]] = {}
"""What models have of fields that are unknown, where there are none."""
Decode = Callable[[Any], Any]
_NONE: Final[Mapping[str, Decode]] = {}
_EXACT: Final = Scalar | FixedPoint | Moment | Choice | Many
"""What takes ABSENT for no value of its own, in the compiled code."""


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


class Rules(Protocol):
    """What the compiled code leaves to others."""

    def odd(self, model: Any, field: Any, value: Any, /) -> None:
        """Store what is to be stored of a value (ABSENT where there is none) that takes a thought."""

    def finish(self, model: Any, data: Any) -> None:
        """Keep what is no field."""

    def plain(self, data: Any) -> Any:
        """Make a model, field by field."""


def compiled(
    kind: type,
    fields: Mapping[str, Field],
    keys: tuple[str, ...],
    rules: Rules,
    *,
    values: Callable[[Any], Iterable[Any]] = dict.values,
    inner: Mapping[str, Decode] = _NONE,
    absent: bool = False,
) -> Decode:
    """
    Compile the decoder of a model class for objects with certain keys, in their order.

    Args:
        kind: The class.
        fields: Its fields, by their names on the wire.
        keys: The keys, at least one.
        rules: What is done where the compiled code stops thinking.
        values: Returns an object's values.
        inner: What reads the objects in a field, or in its list, by its name on the wire, where its codec does not.
        absent: Whether a value may be ABSENT.
    """
    names: dict[str, Any] = {
        "ABSENT": ABSENT, "DecodeError": DecodeError, "UNSET": UNSET, "finish": rules.finish, "kind": kind,
        "new": object.__new__, "nothing": NOTHING_UNKNOWN, "odd": rules.odd, "plain": rules.plain, "values": values,
    }  # fmt: skip
    body = ["model = new(kind)"]
    for index, key in enumerate(keys):
        if key in fields:
            stored = _stored(fields[key], index, names, inner)
            if absent and not (fields[key].required and isinstance(fields[key].codec, _EXACT)):
                stored = [
                    f"if value_{index} is ABSENT:",
                    f"    {_missing(fields[key], index, names)}",
                    "else:",
                    *(f"    {line}" for line in stored),
                ]
            body += stored
    left = [field for wire, field in fields.items() if wire not in keys]
    body += [_missing(field, index, names) for index, field in enumerate(left, len(keys))]
    body.append("model._unknown = nothing" if fields.keys() >= set(keys) else "finish(model, data)")
    # Keys are never written into the code, and field names were made identifiers by the generator.
    lines = [
        "def decode(data):",
        f"    {''.join(f'value_{index}, ' for index in range(len(keys)))}= values(data)",
        "    try:",
        *(f"        {line}" for line in body),
        "        return model",
        # A list has no hash, so no dictionary of known values takes it.
        "    except TypeError:",
        "        return plain(data)",
    ]
    exec(compile("\n".join(lines), f"<decoder of {kind.__name__}>", "exec"), names)  # noqa: S102
    decoder: Decode = names["decode"]
    return decoder


def _missing(field: Field, index: int, names: dict[str, Any]) -> str:
    names[f"field_{index}"] = field
    plain = not field.required and not field.silent
    return f"model.{field.name} = UNSET" if plain else f"odd(model, field_{index}, ABSENT)"


def _stored(field: Field, index: int, names: dict[str, Any], inner: Mapping[str, Decode]) -> list[str]:
    value, store, codec = f"value_{index}", f"model.{field.name}", field.codec
    names[f"field_{index}"] = field
    odd = f"    odd(model, field_{index}, {value})"
    if isinstance(codec, Scalar) and codec.kind is not float:
        return [f"if type({value}) is {codec.kind.__name__}:", f"    {store} = {value}", "else:", odd]
    if isinstance(codec, FixedPoint | Moment):
        names[f"known_{index}"], names[f"read_{index}"] = codec.known.get, codec.read
        return [
            f"known = known_{index}({value})",
            "if known is not None:",
            f"    {store} = known",
            f"elif (known := read_{index}({value})) is not None:",
            f"    {store} = known",
            "else:",
            odd,
        ]
    if isinstance(codec, Choice) and codec.plain is str:
        names[f"known_{index}"] = codec.known.get
        return [f"known = known_{index}({value})", "if known is not None:", f"    {store} = known", "else:", odd]
    if isinstance(codec, Many):
        names[f"item_{index}"] = inner.get(field.wire, codec.item.decode)
        return [
            f"if type({value}) is list:",
            "    try:",
            f"        {store} = [item_{index}(item) for item in {value}]",
            "    except DecodeError:",
            f"    {odd}",
            "else:",
            odd,
        ]
    names[f"decode_{index}"] = inner.get(field.wire, codec.decode)
    if field.wire in inner:
        return [f"if {value} is None:", odd, "else:", f"    {store} = decode_{index}({value})"]
    return ["try:", f"    {store} = decode_{index}({value})", "except DecodeError:", odd]
