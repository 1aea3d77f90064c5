"""
Straight-line decoding of objects that have the same keys, compiled when such an object comes a second time.

The rows of a page have the same keys in the same order. Where that is so, which fields are there is known before
looking, and the compiled code stores what needs no thought: a string where a string belongs, a price, a time or an
enum value that was seen before. Whatever else comes, field by field, goes to the layout, which knows the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from .codec import Many
from .errors import DecodeError
from .scalars import Choice, FixedPoint, Moment, Scalar
from .types import UNSET

ABSENT: Final = object()
"""A field that the object does not have."""
Decode = Callable[[dict[str, Any]], Any]


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
    """What the compiled code leaves to the layout."""

    def odd(self, model: Any, field: Any, value: Any) -> None:
        """Store what is to be stored of a value (ABSENT where there is none) that takes a thought."""

    def finish(self, model: Any, data: dict[str, Any]) -> None:
        """Keep what is no field."""

    def plain(self, data: dict[str, Any]) -> Any:
        """Make a model, field by field."""


def compiled(kind: type, fields: Mapping[str, Field], keys: tuple[str, ...], rules: Rules, nothing: Any) -> Decode:
    """
    Compile the decoder of a model class for objects with certain keys, in their order.

    Args:
        kind: The class.
        fields: Its fields, by their names on the wire.
        keys: The keys, at least one.
        rules: What is done where the compiled code stops thinking.
        nothing: What a model has of fields that are unknown, where there are none.
    """
    names: dict[str, Any] = {
        "ABSENT": ABSENT, "DecodeError": DecodeError, "UNSET": UNSET, "finish": rules.finish, "kind": kind,
        "new": object.__new__, "nothing": nothing, "odd": rules.odd, "plain": rules.plain,
    }  # fmt: skip
    body = ["model = new(kind)"]
    for index, key in enumerate(keys):
        if key in fields:
            body += _stored(fields[key], index, names)
    for index, field in enumerate(field for wire, field in fields.items() if wire not in keys):
        names[f"absent_{index}"] = field
        plain = not field.required and not field.silent
        body.append(f"model.{field.name} = UNSET" if plain else f"odd(model, absent_{index}, ABSENT)")
    body.append("model._unknown = nothing" if fields.keys() >= set(keys) else "finish(model, data)")
    # Keys are never written into the code, and field names were made identifiers by the generator.
    lines = [
        "def decode(data):",
        f"    {''.join(f'value_{index}, ' for index in range(len(keys)))}= data.values()",
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


def _stored(field: Field, index: int, names: dict[str, Any]) -> list[str]:
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
        names[f"item_{index}"] = codec.item.decode
        return [
            f"if type({value}) is list:",
            "    try:",
            f"        {store} = [item_{index}(item) for item in {value}]",
            "    except DecodeError:",
            f"    {odd}",
            "else:",
            odd,
        ]
    names[f"decode_{index}"] = codec.decode
    return ["try:", f"    {store} = decode_{index}({value})", "except DecodeError:", odd]
