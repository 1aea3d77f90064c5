"""What all models share. A generated model is its annotated fields and a docstring, nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import import_module
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Self, TypeVar, get_args, get_type_hints

import attrs

from . import drift
from .codec import Codec, codec_for
from .errors import ArgumentError, DecodeError, MissingFieldError
from .fastpath import ABSENT, NOTHING_UNKNOWN, Decode, compiled
from .scalars import Anything, excerpt, refuse
from .types import UNSET

V = TypeVar("V")

_MOST_SHOWN: Final = 3
"""Rows of a list, and fields beyond the document's, that a repr shows in full."""


class Model:
    """
    A JSON object with known fields.

    Decoding is kind: a missing field is missing (reading it raises `MissingFieldError`), a null is None,
    an unknown field is kept in `additional_properties`. Building one is strict, and `attrs.evolve` and `copy.replace`
    build one: what is missing stops them, and unknown fields don't come along. `copy.copy` takes all as it is.
    """

    __slots__ = ("_unknown",)
    __hash__: ClassVar[None]  # type: ignore[assignment]
    _unknown: dict[str, Any] | None
    """None in a model that a user built."""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """
        Read a JSON object.

        Raises:
            DecodeError: A value is of another kind than the document says.
        """
        decoded: Self = layout_of(cls).decode(data)
        return decoded

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object: what was set or received, unknown fields included."""
        return layout_of(type(self)).encode(self)

    @property
    def additional_properties(self) -> dict[str, Any]:
        """Fields of the response that the document does not know: a copy, and what is written into it is not sent."""
        return {**_beyond(self)}

    def __attrs_post_init__(self) -> None:
        layout_of(type(self)).accept_fields(self)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return _state(self) == _state(other) and _beyond(self) == _beyond(other)

    def __repr__(self) -> str:
        state, beyond = _state(self), _beyond(self)
        most = len(layout_of(type(self)).fields) + _MOST_SHOWN
        items = islice(chain(state.items(), beyond.items()), most)
        shown = [f"{name!s:.60}={_short(value)}" for name, value in items]
        if len(state) + len(beyond) > most:
            shown.append(f"… {len(state) + len(beyond)} in all")
        return f"{type(self).__name__}({', '.join(shown)})"

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            field = layout_of(type(self)).by_name.get(name)
            if field is None:
                raise AttributeError(f"{type(self).__name__!r} has no field {name!r}", name=name, obj=self)
            raise MissingFieldError(type(self).__name__, field.wire)


class OpenModel(Model, Generic[V]):
    """A JSON object whose keys are data: read it like a mapping."""

    __slots__ = ()

    def __getitem__(self, key: str) -> V:
        value: V = _beyond(self)[key]
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(_beyond(self))

    def __len__(self) -> int:
        return len(_beyond(self))

    def __contains__(self, key: object) -> bool:
        return key in _beyond(self)

    def keys(self) -> list[str]:
        """Return the keys; with indexing, this makes `dict(model)` work."""
        return list(_beyond(self))


_MOST_SHAPES: Final = 64
_MOST_UNKNOWN: Final = 64
"""Beyond these, a server that sends ever other keys would have ever more code compiled, and kept."""


class Field:
    """
    One field of a model: its names, its codec, and what the document says of its absence.

    Silent is a field that is absent without a word of drift, and yet never UNSET: servers send it or its successor.
    """

    __slots__ = ("codec", "name", "nullable", "required", "silent", "wire")

    def __init__(self, *, name: str, wire: str, codec: Codec, required: bool, nullable: bool, silent: bool) -> None:
        self.name: str = name
        self.wire: str = wire
        self.codec: Codec = codec
        self.required: bool = required
        self.nullable: bool = nullable
        self.silent: bool = silent


class Layout:
    """
    How one model class is read and written; built when the class is first used.

    Attributes:
        kind: The class.
        newer: Keys that came and that the document does not know; not all, if there are many.
    """

    def __init__(self, kind: type[Model]) -> None:
        self.kind = kind
        self._decoders: dict[tuple[str, ...], Decode] = {}
        self._last: tuple[list[str] | None, Decode] = (None, self.plain)
        self.newer: dict[str, None] = {}  # threads may add the same key at once

    @cached_property
    def fields(self) -> list[Field]:
        # Not before it is needed: a model may hold models of its own kind.
        hints = get_type_hints(self.kind, localns=_Names(self.kind), include_extras=True)
        attributes: Any = attrs.fields(self.kind)  # type: ignore[arg-type]
        return [_field(self.kind, attribute, hints[attribute.name]) for attribute in attributes]

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
    def lists(self) -> dict[str, Layout]:
        """How rows are read, by the wire name of the list that holds them."""
        found = {field.wire: getattr(field.codec, "item", None) for field in self.fields}
        return {wire: item for wire, item in found.items() if isinstance(item, Layout)}

    @cached_property
    def parts(self) -> list[Codec]:
        """How the values of its fields are read, and those of other keys where the document speaks of any."""
        return [field.codec for field in self.fields] + ([self._rest] if self._rest else [])

    @cached_property
    def required(self) -> frozenset[str]:
        return frozenset(field.wire for field in self.fields if field.required)

    @cached_property
    def _rest(self) -> Codec | None:
        """How values of keys beyond the fields are read, where the document speaks of any."""
        if issubclass(self.kind, OpenModel):
            (inner,) = get_args(self.kind.__orig_bases__[0])  # type: ignore[attr-defined]
            return codec_for(inner, (self.kind.__name__, "*"), layout_of)
        return None if self.fields else Anything()

    def fits(self, data: Any) -> bool:
        """Tell whether an object has every field that the document requires."""
        return type(data) is dict and self.required <= data.keys()

    def decode(self, data: Any) -> Any:
        if type(data) is not dict:
            if not isinstance(data, Mapping):
                refuse(data, f"an object ({self.kind.__name__})")
            data = dict(data)
        keys = [*data]  # sooner made than a tuple
        # The rows of a page share their keys, so they are alike before a single character is compared.
        last, decoder = self._last
        if keys != last:
            shape = tuple(keys)
            found = self._decoders.get(shape)
            if found is None:
                return self._first(shape, data)
            self._last, decoder = (keys, found), found
        return decoder(data)

    def start(self) -> None:
        """Get ready for another text: its keys are other strings, which would be compared letter by letter."""
        self._last = None, self.plain

    def _first(self, keys: tuple[str, ...], data: dict[str, Any]) -> Any:
        few = 0 < len(keys) <= len(self.fields) + _MOST_UNKNOWN and len(self._decoders) < _MOST_SHAPES
        if few and self.fields:
            self._decoders[keys] = lambda data: self._second(keys, data)
        return self.plain(data)

    def _second(self, keys: tuple[str, ...], data: dict[str, Any]) -> Any:
        decoder = compiled(self.kind, self.by_wire, keys, self)
        self._decoders[keys] = decoder
        self._last = [*keys], decoder
        return decoder(data)

    def plain(self, data: dict[str, Any]) -> Any:
        """Make a model, field by field."""
        model: Any = object.__new__(self.kind)
        for wire, field in self.by_wire.items():
            self.odd(model, field, data.get(wire, ABSENT))
        self.finish(model, data)
        return model

    def odd(self, model: Model, field: Field, value: Any) -> None:
        """Decode a field that takes a thought, if it is there."""
        if value is ABSENT:
            self._absent(model, field)
            return
        if value is None:
            if not field.nullable:
                drift.report(self.kind.__name__, field.wire, "is null")
        else:
            try:
                value = field.codec.decode(value)
            except DecodeError as error:
                error.inside(field.wire)
                raise
        setattr(model, field.name, value)

    def finish(self, model: Model, data: dict[str, Any]) -> None:
        """Keep what is no field."""
        model._unknown = NOTHING_UNKNOWN if self.wires >= data.keys() else self._unknown(data)

    def _absent(self, model: Model, field: Field) -> None:
        if field.required and not field.silent:
            drift.report(self.kind.__name__, field.wire, "is missing")
        elif not field.silent:
            setattr(model, field.name, UNSET)

    def _unknown(self, data: Mapping[str, Any]) -> dict[str, Any]:
        rest = {key: value for key, value in data.items() if key not in self.wires}
        if self._rest is None:
            for key in rest:
                drift.report(self.kind.__name__, key, "is not in the document")
                if len(self.newer) < _MOST_UNKNOWN:
                    self.newer[key] = None
            return rest
        for key, value in rest.items():
            try:
                rest[key] = None if value is None else self._rest.decode(value)
            except DecodeError as error:
                error.inside(key)
                raise
        return rest

    def encode(self, model: Model) -> dict[str, Any]:
        data: dict[str, Any] = {}
        built = getattr(model, "_unknown", None) is None
        for field in self.fields:
            value = _peek(model, field.name)
            # Fields can be assigned to after construction, so what is written is checked again; what a server left
            # out or sent as null stays so.
            if built or not (value is None or value is UNSET or value is ABSENT):
                value = self._checked(field, value)
            if value is not UNSET and value is not ABSENT:
                data[field.wire] = None if value is None else field.codec.encode(value)
        rest = _beyond(model)
        encode = self._rest.encode if self._rest else Anything().encode
        data.update((key, None if value is None else encode(value)) for key, value in rest.items())
        return data

    def _checked(self, field: Field, value: Any) -> Any:
        """Return a user's value in its canonical type; UNSET where it may be left out."""
        name = f"{self.kind.__name__}.{field.wire}"
        if value is UNSET or value is ABSENT:
            if field.required and not field.silent:
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
        if isinstance(value, self.kind):
            return value
        raise ArgumentError(f"expected {self.kind.__name__}, not {type(value).__name__}")

    def accept_fields(self, model: Model) -> None:
        """Check and settle every field of a model that a user built."""
        model._unknown = None
        for field in self.fields:
            value = self._checked(field, getattr(model, field.name))
            if value is UNSET and field.silent:
                delattr(model, field.name)
            else:
                setattr(model, field.name, value)


_layouts: dict[type, Layout] = {}


def layout_of(kind: type) -> Layout:
    """Return the layout of a model class."""
    found = _layouts.get(kind)
    if found is None:
        found = _layouts[kind] = Layout(kind)
    return found


class _Names(Mapping[str, Any]):
    """The names an annotation may use beyond its module's own: the package's models, loaded when asked for."""

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


def _field(kind: type, attribute: Any, hint: Any) -> Field:
    wire = attribute.metadata.get("wire", attribute.name)
    return Field(
        name=attribute.name,
        wire=wire,
        codec=codec_for(hint, (kind.__name__, wire), layout_of),
        required=attribute.default is attrs.NOTHING,
        nullable=hint is Any or type(None) in get_args(hint),
        silent=attribute.metadata.get("silent", False),
    )


def _peek(model: Model, name: str) -> Any:
    try:
        return object.__getattribute__(model, name)
    except AttributeError:
        return ABSENT


def _beyond(model: Model) -> dict[str, Any]:
    """Return the fields that the document does not know, themselves; nobody writes into them."""
    return getattr(model, "_unknown", None) or NOTHING_UNKNOWN


def _state(model: Model) -> dict[str, Any]:
    """Return what is there of its fields: neither missing nor unset."""
    found = {field.name: _peek(model, field.name) for field in layout_of(type(model)).fields}
    return {name: value for name, value in found.items() if value is not ABSENT and value is not UNSET}


def _short(value: Any) -> str:
    if isinstance(value, list) and len(value) > _MOST_SHOWN:
        return f"[{_short(value[0])}, … {len(value)} in all]"
    return excerpt(value, 80)
