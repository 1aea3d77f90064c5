"""
Decoders compiled for objects with a known sequence of keys.

The rows of a page have the same keys in the same order. For such a sequence, straight-line code is compiled that stores
values of the expected type directly: strings, and prices, times and enum values that are cached. Values that need
special handling (null, missing, unknown, of another type) are passed to the layout, which has the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol

from kalshi_core.errors import DecodeError
from kalshi_core.models.codecs import ListCodec
from kalshi_core.models.scalars import DateTimeCodec, EnumCodec, FixedPointCodec, ScalarCodec
from kalshi_core.types import UNSET

NO_VALUE: Final = object()
"""A field that the object does not have."""
NOTHING_UNKNOWN: Final[dict[str, Any]] = {}
"""The unknown fields of models that have none."""
Decode = Callable[[Any], Any]
_NONE: Final[Mapping[str, Decode]] = {}
_REJECTS_ABSENT: Final = ScalarCodec | FixedPointCodec | DateTimeCodec | EnumCodec | ListCodec
"""Codecs whose compiled code treats NO_VALUE like any value of another type."""


class Field(Protocol):
    """What the compiler needs of a model's field."""

    @property
    def name(self) -> str: ...
    @property
    def wire(self) -> str: ...
    @property
    def codec(self) -> Any: ...
    @property
    def required(self) -> bool: ...
    @property
    def drift_exempt(self) -> bool: ...


class Rules(Protocol):
    """What the compiled code calls where it cannot decide."""

    def decode_special(self, model: Any, field: Any, value: Any, /) -> None:
        """Decode and store a value that needs special handling; NO_VALUE where there is none."""

    def store_unknown(self, model: Any, data: Any) -> None:
        """Store the keys that are not fields."""

    def decode_plain(self, data: Any) -> Any:
        """Decode an object field by field."""


def compile_decoder(
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
        rules: Called where the compiled code cannot decide.
        values: Returns an object's values.
        inner: Decoders of the objects in a field, or in its list, by its name on the wire, that replace its codec's.
        absent: Whether a value may be NO_VALUE.
    """
    names: dict[str, Any] = {
        "NO_VALUE": NO_VALUE, "DecodeError": DecodeError, "UNSET": UNSET, "kind": kind, "new": object.__new__,
        "nothing": NOTHING_UNKNOWN, "plain": rules.decode_plain, "special": rules.decode_special,
        "store_unknown": rules.store_unknown, "values": values,
    }  # fmt: skip
    body = ["model = new(kind)"]
    for index, key in enumerate(keys):
        if key in fields:
            stored = _code_storing(fields[key], index, names, inner)
            if absent and not (fields[key].required and isinstance(fields[key].codec, _REJECTS_ABSENT)):
                stored = [
                    f"if value_{index} is NO_VALUE:",
                    f"    {_code_missing(fields[key], index, names)}",
                    "else:",
                    *(f"    {line}" for line in stored),
                ]
            body += stored
    left = [field for wire, field in fields.items() if wire not in keys]
    body += [_code_missing(field, index, names) for index, field in enumerate(left, len(keys))]
    body.append("model._unknown = nothing" if fields.keys() >= set(keys) else "store_unknown(model, data)")
    # Keys are never written into the code, and field names were made identifiers by the generator.
    lines = [
        "def decode(data):",
        f"    {''.join(f'value_{index}, ' for index in range(len(keys)))}= values(data)",
        "    try:",
        *(f"        {line}" for line in body),
        "        return model",
        # A list is not hashable, so the lookup of a cached value raises.
        "    except TypeError:",
        "        return plain(data)",
    ]
    exec(compile("\n".join(lines), f"<decoder of {kind.__name__}>", "exec"), names)  # noqa: S102
    decoder: Decode = names["decode"]
    return decoder


def _code_missing(field: Field, index: int, names: dict[str, Any]) -> str:
    names[f"field_{index}"] = field
    plain = not field.required and not field.drift_exempt
    return f"model.{field.name} = UNSET" if plain else f"special(model, field_{index}, NO_VALUE)"


def _code_storing(field: Field, index: int, names: dict[str, Any], inner: Mapping[str, Decode]) -> list[str]:
    value, store, codec = f"value_{index}", f"model.{field.name}", field.codec
    names[f"field_{index}"] = field
    special = f"    special(model, field_{index}, {value})"
    if isinstance(codec, ScalarCodec) and codec.kind is not float:
        return [f"if type({value}) is {codec.kind.__name__}:", f"    {store} = {value}", "else:", special]
    if isinstance(codec, FixedPointCodec | DateTimeCodec):
        names[f"known_{index}"], names[f"read_{index}"] = codec.known.get, codec.read
        return [
            f"known = known_{index}({value})",
            "if known is not None:",
            f"    {store} = known",
            f"elif (known := read_{index}({value})) is not None:",
            f"    {store} = known",
            "else:",
            special,
        ]
    if isinstance(codec, EnumCodec) and codec.plain is str:
        names[f"known_{index}"] = codec.known.get
        return [f"known = known_{index}({value})", "if known is not None:", f"    {store} = known", "else:", special]
    if isinstance(codec, ListCodec):
        names[f"item_{index}"] = inner.get(field.wire, codec.item.decode)
        return [
            f"if type({value}) is list:",
            "    try:",
            f"        {store} = [item_{index}(item) for item in {value}]",
            "    except DecodeError:",
            f"    {special}",
            "else:",
            special,
        ]
    names[f"decode_{index}"] = inner.get(field.wire, codec.decode)
    if field.wire in inner:
        return [f"if {value} is None:", special, "else:", f"    {store} = decode_{index}({value})"]
    return ["try:", f"    {store} = decode_{index}({value})", "except DecodeError:", special]
