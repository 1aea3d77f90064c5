"""Base classes of all models. A generated model is its annotated fields and a docstring, nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Self, TypeVar

from kalshi_core.errors import MissingFieldError
from kalshi_core.models.compiled_decoder import NO_VALUE
from kalshi_core.models.layout import field_or_absent, layout_of, unknown_fields
from kalshi_core.models.scalars import excerpt
from kalshi_core.types import UNSET

V = TypeVar("V")

_MOST_SHOWN: Final = 3
"""Rows of a list, and unknown fields, that a repr shows in full."""


class Model:
    """
    A JSON object with known fields.

    Decoding is lenient: a missing field stays missing (reading it raises `MissingFieldError`), null is None, an unknown
    field is kept in `additional_properties`. Construction is strict, and `attrs.evolve` and `copy.replace` construct:
    they fail on missing fields and drop unknown ones. `copy.copy` copies everything.
    """

    __slots__ = ("_unknown",)
    __hash__: ClassVar[None]  # type: ignore[assignment]
    has_data_keys: ClassVar[bool] = False
    """Whether its keys are data: true of `OpenModel`."""
    _unknown: dict[str, Any] | None
    """None in a model that a user built."""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """
        Decode a JSON object.

        Raises:
            DecodeError: A value does not match the document.
        """
        decoded: Self = layout_of(cls).decode(data)
        return decoded

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object: what was set or received, unknown fields included."""
        return layout_of(type(self)).encode(self)

    @property
    def additional_properties(self) -> dict[str, Any]:
        """Fields of the response that the document does not know; a copy, which is not sent."""
        return {**unknown_fields(self)}

    def __attrs_post_init__(self) -> None:
        layout_of(type(self)).accept_fields(self)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return _present_fields(self) == _present_fields(other) and unknown_fields(self) == unknown_fields(other)

    def __repr__(self) -> str:
        present, unknown = _present_fields(self), unknown_fields(self)
        most = len(layout_of(type(self)).fields) + _MOST_SHOWN
        items = islice(chain(present.items(), unknown.items()), most)
        shown = [f"{name!s:.60}={_short_repr(value)}" for name, value in items]
        if len(present) + len(unknown) > most:
            shown.append(f"… {len(present) + len(unknown)} in all")
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
    has_data_keys = True

    def __getitem__(self, key: str) -> V:
        value: V = unknown_fields(self)[key]
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(unknown_fields(self))

    def __len__(self) -> int:
        return len(unknown_fields(self))

    def __contains__(self, key: object) -> bool:
        return key in unknown_fields(self)

    def keys(self) -> list[str]:
        """Return the keys; with indexing, this makes `dict(model)` work."""
        return list(unknown_fields(self))


def _present_fields(model: Model) -> dict[str, Any]:
    """Return the fields that are neither missing nor UNSET."""
    found = {field.name: field_or_absent(model, field.name) for field in layout_of(type(model)).fields}
    return {name: value for name, value in found.items() if value is not NO_VALUE and value is not UNSET}


def _short_repr(value: Any) -> str:
    if isinstance(value, list) and len(value) > _MOST_SHOWN:
        return f"[{_short_repr(value[0])}, … {len(value)} in all]"
    return excerpt(value, 80)
