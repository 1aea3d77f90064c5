"""Extensions of the generator's property types; a test pins the upstream code that they replace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, ClassVar

import attrs
from openapi_python_client.parser import properties as upstream
from openapi_python_client.parser.errors import PropertyError
from openapi_python_client.parser.properties.enum_property import EnumProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol, Value, convert_example
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.schema.untrusted_string import UntrustedString

_FORMAT = "fixed-point"


@attrs.define
class FixedPointProperty(PropertyProtocol):
    """
    A decimal string: `format: fixed-point`, or `fixed-point-4` if requests may have at most 4 decimal places.
    """

    name: Any
    required: bool
    default: Value | None
    python_name: Any
    description: Any
    example: Any = attrs.field(converter=convert_example)
    places: int | None = None

    _type_string: ClassVar[str] = "Decimal"
    _json_type_string: ClassVar[str] = "str"

    def convert_value(self, value: Any) -> Value | PropertyError | None:
        return (
            None
            if value is None
            else PropertyError(detail="the default of a fixed-point string belongs in its description")
        )

    def get_imports(self, *, prefix: str) -> set[str]:
        return super().get_imports(prefix=prefix) | {"from decimal import Decimal"}


@contextmanager
def property_hooks() -> Iterator[None]:
    """Make the generator support fixed-point strings, descriptions beside a `$ref`, and enums that allow null."""
    build_string: Any = upstream._string_based_property
    build_reference: Any = upstream._property_from_ref
    enums: Any = upstream.EnumProperty

    def string_property(*, name: Any, required: bool, data: Any, config: Any) -> Any:
        plain = build_string(name=name, required=required, data=data, config=config)
        form = _plain(data.schema_format)
        if not form.startswith(_FORMAT) or isinstance(plain, PropertyError):
            return plain
        places = form.removeprefix(_FORMAT).lstrip("-")
        return FixedPointProperty(
            name=name, required=required, default=None, python_name=plain.python_name,
            description=data.description, example=data.example, places=int(places) if places else None,
        )  # fmt: skip

    def reference_property(*, parent: Any, **rest: Any) -> Any:
        prop, schemas = build_reference(parent=parent, **rest)
        if parent is not None and parent.description and not isinstance(prop, PropertyError):
            prop = attrs.evolve(prop, description=parent.description)
        return prop, schemas

    def enum_property(*, data: Any, **rest: Any) -> Any:
        prop, schemas = enums.build(data=data, **rest)
        if data.nullable and isinstance(prop, EnumProperty):
            shared: Any = {"name": prop.name, "python_name": prop.python_name, "default": None}
            none = NoneProperty(**shared, required=True, description=None, example=None)
            parts: list[PropertyProtocol] = [attrs.evolve(prop, required=True), none]
            prop = UnionProperty(
                **shared, required=prop.required, description=prop.description, example=prop.example,
                inner_properties=parts,
            )  # fmt: skip
        return prop, schemas

    module: Any = upstream
    module._string_based_property, module._property_from_ref = string_property, reference_property
    module.EnumProperty = SimpleNamespace(build=enum_property)
    try:
        yield
    finally:
        module._string_based_property, module._property_from_ref = build_string, build_reference
        module.EnumProperty = enums


def _plain(text: Any) -> str:
    return text.get_untrusted_value() if isinstance(text, UntrustedString) else text or ""
