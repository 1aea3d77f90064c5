"""How model classes are decoded, checked and encoded: one `Layout` per class, built from its annotations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import import_module
from typing import Any, Final, get_args, get_type_hints

import attrs

from kalshi_core.errors import ArgumentError, DecodeError
from kalshi_core.models import schema_drift
from kalshi_core.models.codecs import Codec, codec_for
from kalshi_core.models.compiled_decoder import NO_VALUE, NOTHING_UNKNOWN, Decode, compile_decoder
from kalshi_core.models.scalars import JsonCodec, reject
from kalshi_core.models.schema_drift import Owner
from kalshi_core.types import UNSET

_MOST_SHAPES: Final = 64
_MOST_UNKNOWN: Final = 64
"""Beyond these, a server that keeps sending other keys would have ever more code compiled and kept."""


class Field:
    """
    One field of a model.

    Attributes:
        name: Its name in Python.
        wire: Its name on the wire.
        codec: Codec of its value.
        required: Whether the document requires it.
        nullable: Whether the document allows null.
        drift_exempt: A missing field is not logged as drift, and reading it raises MissingFieldError instead of
            returning UNSET: servers send either this field or its successor.
    """

    __slots__ = ("codec", "drift_exempt", "name", "nullable", "required", "wire")

    def __init__(
        self, *, name: str, wire: str, codec: Codec, required: bool, nullable: bool, drift_exempt: bool
    ) -> None:
        self.name: str = name
        self.wire: str = wire
        self.codec: Codec = codec
        self.required: bool = required
        self.nullable: bool = nullable
        self.drift_exempt: bool = drift_exempt


class Layout:
    """
    Codec of one model class; its parts are built when first used, because a model may contain its own class.

    Args:
        kind: The class.

    Attributes:
        kind: The class.
        package: The generated package that it is from.
        unknown_keys: Keys that were received and are not in the document; limited in number.
    """

    def __init__(self, kind: type[Any]) -> None:
        self.kind: type[Any] = kind
        self.package: str = kind.__module__.partition(".")[0]
        self._decoders: dict[tuple[str, ...], Decode | None] = {}
        self.unknown_keys: dict[str, None] = {}  # a dict: threads may add the same key at once

    @cached_property
    def fields(self) -> list[Field]:
        hints = get_type_hints(self.kind, localns=_ModelNames(self.kind), include_extras=True)
        return [self._field(attribute, hints[attribute.name]) for attribute in attrs.fields(self.kind)]

    @cached_property
    def by_name(self) -> dict[str, Field]:
        return {field.name: field for field in self.fields}

    @cached_property
    def by_wire(self) -> dict[str, Field]:
        return {field.wire: field for field in self.fields}

    @cached_property
    def wires(self) -> frozenset[str]:
        return frozenset(field.wire for field in self.fields)

    @cached_property
    def required(self) -> frozenset[str]:
        """Wire names of the required fields."""
        return frozenset(field.wire for field in self.fields if field.required)

    @cached_property
    def lists(self) -> dict[str, Layout]:
        """Layouts of the models in its lists, by the list's wire name."""
        found = {field.wire: getattr(field.codec, "item", None) for field in self.fields}
        return {wire: item for wire, item in found.items() if isinstance(item, Layout)}

    @cached_property
    def parts(self) -> list[Codec]:
        """Codecs of its fields, and of additional properties where the document types them."""
        return [field.codec for field in self.fields] + ([self._additional] if self._additional else [])

    @cached_property
    def _additional(self) -> Codec | None:
        """Codec of additional properties, where the document allows them."""
        if self.kind.has_data_keys:
            (inner,) = get_args(self.kind.__orig_bases__[0])
            return codec_for(inner, self.owner("*"), layout_of)
        return None if self.fields else JsonCodec()

    def owner(self, wire: str) -> Owner:
        """Return a field's place, for the drift log."""
        return Owner(self.package, self.kind.__name__, wire)

    def fits(self, data: Any) -> bool:
        """Return whether an object has every required field."""
        return type(data) is dict and self.required <= data.keys()

    def decode(self, data: Any) -> Any:
        """Decode an object, by compiled code once its keys have been seen before."""
        if type(data) is not dict:
            if not isinstance(data, Mapping):
                reject(data, f"an object ({self.kind.__name__})")
            data = dict(data)
        keys = tuple(data)
        decoder = self._decoders.get(keys)
        return self._decode_new(keys, data) if decoder is None else decoder(data)

    def compiled_for(self, keys: list[str]) -> Decode | None:
        """Return the compiled decoder of objects with these keys, in their order; None while there is none."""
        return self._decoders.get(tuple(keys))

    def _decode_new(self, keys: tuple[str, ...], data: dict[str, Any]) -> Any:
        """Decode an object whose keys have come once, and are worth compiling for, or never."""
        if keys in self._decoders:
            decoder = self._decoders[keys] = compile_decoder(self.kind, self.by_wire, keys, self)
            return decoder(data)
        few = 0 < len(keys) <= len(self.fields) + _MOST_UNKNOWN and len(self._decoders) < _MOST_SHAPES
        if few and self.fields:
            self._decoders[keys] = None
        return self.decode_plain(data)

    def decode_plain(self, data: dict[str, Any]) -> Any:
        """Decode an object field by field."""
        model: Any = object.__new__(self.kind)
        for wire, field in self.by_wire.items():
            self.decode_special(model, field, data.get(wire, NO_VALUE))
        self.store_unknown(model, data)
        return model

    def decode_special(self, model: Any, field: Field, value: Any) -> None:
        """Decode and store one field, which may be missing, null or of another type."""
        if value is NO_VALUE:
            if field.required and not field.drift_exempt:
                schema_drift.report(self.owner(field.wire), "is missing")
            elif not field.drift_exempt:
                setattr(model, field.name, UNSET)
            return
        if value is None:
            if not field.nullable:
                schema_drift.report(self.owner(field.wire), "is null")
        else:
            try:
                value = field.codec.decode(value)
            except DecodeError as error:
                error.inside(field.wire)
                raise
        setattr(model, field.name, value)

    def store_unknown(self, model: Any, data: dict[str, Any]) -> None:
        """Store the keys that are not fields."""
        model._unknown = NOTHING_UNKNOWN if self.wires >= data.keys() else self._unknown(data)

    def _unknown(self, data: Mapping[str, Any]) -> dict[str, Any]:
        unknown = {key: value for key, value in data.items() if key not in self.wires}
        if self._additional is None:
            for key in unknown:
                schema_drift.report(self.owner(key), "is not in the document")
                if len(self.unknown_keys) < _MOST_UNKNOWN:
                    self.unknown_keys[key] = None
            return unknown
        for key, value in unknown.items():
            try:
                unknown[key] = None if value is None else self._additional.decode(value)
            except DecodeError as error:
                error.inside(key)
                raise
        return unknown

    def encode(self, model: Any) -> dict[str, Any]:
        """Return the JSON object of a model; ArgumentError where a field that the user set is not allowed."""
        data: dict[str, Any] = {}
        built_by_user = getattr(model, "_unknown", None) is None
        for field in self.fields:
            value = field_or_absent(model, field.name)
            # Fields can be assigned to after construction, so they are checked again; what a server left out or sent
            # as null stays so.
            if built_by_user or not (value is None or value is UNSET or value is NO_VALUE):
                value = self._checked(field, value)
            if value is not UNSET and value is not NO_VALUE:
                data[field.wire] = None if value is None else field.codec.encode(value)
        unknown = unknown_fields(model)
        encode = self._additional.encode if self._additional else JsonCodec().encode
        data.update((key, None if value is None else encode(value)) for key, value in unknown.items())
        return data

    def _checked(self, field: Field, value: Any) -> Any:
        """Return a user's value in its canonical type; UNSET where it may be omitted."""
        name = f"{self.kind.__name__}.{field.wire}"
        if value is UNSET or value is NO_VALUE:
            if field.required and not field.drift_exempt:
                raise ArgumentError(f"{name}: the field is required")
            return UNSET
        if value is None:
            if not field.nullable:
                raise ArgumentError(f"{name}: None is not allowed")
            return None
        try:
            return field.codec.accept(value)
        except ArgumentError as error:
            raise ArgumentError(f"{name}: {error}") from None

    def accept(self, value: Any) -> Any:
        """Return a model of this class; ArgumentError for anything else."""
        if isinstance(value, self.kind):
            return value
        raise ArgumentError(f"expected {self.kind.__name__}, not {type(value).__name__}")

    def accept_fields(self, model: Any) -> None:
        """Check every field of a model that a user built, and store it in its canonical type."""
        model._unknown = None
        for field in self.fields:
            value = self._checked(field, getattr(model, field.name))
            if value is UNSET and field.drift_exempt:
                delattr(model, field.name)
            else:
                setattr(model, field.name, value)

    def _field(self, attribute: Any, hint: Any) -> Field:
        wire = attribute.metadata.get("wire", attribute.name)
        return Field(
            name=attribute.name,
            wire=wire,
            codec=codec_for(hint, self.owner(wire), layout_of),
            required=attribute.default is attrs.NOTHING,
            nullable=hint is Any or type(None) in get_args(hint),
            drift_exempt=attribute.metadata.get("drift_exempt", False),
        )


_layouts: Final[dict[type, Layout]] = {}


def layout_of(kind: type) -> Layout:
    """Return the layout of a model class."""
    found = _layouts.get(kind)
    if found is None:
        found = _layouts[kind] = Layout(kind)
    return found


def field_or_absent(model: Any, name: str) -> Any:
    """Return a field's value, or NO_VALUE where it is missing, without raising MissingFieldError."""
    try:
        return object.__getattribute__(model, name)
    except AttributeError:
        return NO_VALUE


def unknown_fields(model: Any) -> dict[str, Any]:
    """Return the fields that the document does not know; not a copy, and not to be changed."""
    return getattr(model, "_unknown", None) or NOTHING_UNKNOWN


class _ModelNames(Mapping[str, Any]):
    """The names that annotations may use beyond their own module's: the package's models, loaded when looked up."""

    def __init__(self, kind: type) -> None:
        self._package = import_module(kind.__module__.rpartition(".")[0])

    def __getitem__(self, name: str) -> Any:
        try:
            return getattr(self._package, name)
        except AttributeError:
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[str]:
        return iter(dir(self._package))

    def __len__(self) -> int:
        return len(dir(self._package))
