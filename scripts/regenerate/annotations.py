"""Python type annotations of the properties in the document."""

from __future__ import annotations

from typing import Any

from openapi_python_client.parser.properties import EnumProperty, ModelProperty
from openapi_python_client.parser.properties.const import ConstProperty
from openapi_python_client.parser.properties.file import FileProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.parser.properties.uuid import UuidProperty

from scripts.regenerate.errors import StepError
from scripts.regenerate.property_hooks import FixedPointProperty


def annotation(prop: Any, *, sent: bool, optional: bool = True) -> str:
    """
    Return the type of a property.

    Args:
        prop: The generator's property.
        sent: Whether users pass the value. Then an enum's plain value, a number for a decimal and any sequence are
            accepted too.
        optional: Whether to add `Unset` if the document does not require the property.

    Raises:
        StepError: The property is a file.
    """
    text = " | ".join(_kinds(prop, sent))
    return f"{text} | Unset" if optional and not prop.required else text


def inner_properties(prop: Any) -> list[Any]:
    """Return the properties inside a list or a union, or the property itself."""
    if isinstance(prop, ListProperty):
        return inner_properties(prop.inner_property)
    if isinstance(prop, UnionProperty):
        return [inner for part in prop.inner_properties for inner in inner_properties(part)]
    return [prop]


def imports(prop: Any, *, sent: bool) -> set[str]:
    """Return the import lines that the annotation needs, except those of models and enums."""
    found = set()
    text = annotation(prop, sent=sent)
    for name, line in _IMPORTS.items():
        if name in text:
            found.add(line)
    return found


_IMPORTS = {
    "Decimal": "from decimal import Decimal",
    "datetime.": "import datetime",
    "UUID": "from uuid import UUID",
    "Any": "from typing import Any",
    "Annotated[": "from typing import Annotated",
    "Literal[": "from typing import Literal",
    "Sequence[": "from collections.abc import Sequence",
}


def _kinds(prop: Any, sent: bool) -> list[str]:
    """Return the members of the union that a property is annotated with, None last."""
    if isinstance(prop, FileProperty):
        raise StepError(
            "generate",
            f"{prop.name.get_untrusted_value()} is a file",
            "remove it in an overlay: the client supports JSON only",
        )
    if isinstance(prop, UnionProperty):
        kinds = [kind for part in prop.inner_properties for kind in _kinds(part, sent)]
        unique = list(dict.fromkeys(kinds))
        return [kind for kind in unique if kind != "None"] + ["None"] * ("None" in unique)
    if isinstance(prop, NoneProperty):
        return ["None"]
    if isinstance(prop, ListProperty):
        return [f"{'Sequence' if sent else 'list'}[{' | '.join(_kinds(prop.inner_property, sent))}]"]
    if isinstance(prop, ModelProperty):
        return [str(prop.class_info.name)]
    if isinstance(prop, EnumProperty):
        return [str(prop.class_info.name)] + ([prop.value_type.__name__] if sent else [])
    if isinstance(prop, ConstProperty):
        return [str(prop.get_type_string(no_optional=True).as_unembedded_code())]
    if isinstance(prop, FixedPointProperty) and sent:
        plain = "Decimal | int | str"
        return [plain if prop.places is None else f"Annotated[{plain}, DecimalPlaces({prop.places})]"]
    code: str = prop.get_base_type_string().as_unembedded_code()
    return [code, "str"] if isinstance(prop, UuidProperty) and sent else [code]
