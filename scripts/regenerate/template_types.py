"""What a template is handed: a model, an operation, and what they are made of."""

from __future__ import annotations

import attrs
from openapi_python_client import strings


@attrs.frozen
class FieldView:
    """A field of a model."""

    name: str
    wire: str
    annotation: str
    required: bool
    silent: bool
    text: str

    @property
    def declaration(self) -> str:
        metadata = {
            key: value
            for key, value in (("wire", self.wire), ("silent", self.silent))
            if value not in (self.name, False)
        }
        arguments = [] if self.required else [f"default={'ABSENT' if self.silent else 'UNSET'}"]
        if metadata:
            pairs = ", ".join(f'"{key}": {_literal(value)}' for key, value in metadata.items())
            arguments.append(f"metadata={{{pairs}}}")
        if not arguments:
            return f"{self.name}: {self.annotation}"
        value = "UNSET" if arguments == ["default=UNSET"] else f"field({', '.join(arguments)})"
        return f"{self.name}: {self.annotation} = {value}"


@attrs.frozen
class ModelView:
    """A model."""

    base: str
    fields: list[FieldView]
    imports: list[str]
    type_imports: list[str]
    doc: str


@attrs.frozen
class ParameterView:
    """A parameter of an operation."""

    name: str
    place: str
    kind: str
    annotation: str
    wire: str
    required: bool
    explode: bool
    text: str


@attrs.frozen
class OperationView:
    """An operation."""

    id: str
    path: str
    module_doc: str
    summary: str
    arguments_doc: str
    deprecated: str
    signed: bool
    success: dict[int, str]
    returns: str
    parameters: list[ParameterView]
    imports: list[str]
    cursor_field: str
    rows_field: str
    row: str
    row_imports: list[str]

    @property
    def path_parameters(self) -> list[ParameterView]:
        return [each for each in self.parameters if each.place == "path"]

    @property
    def named_parameters(self) -> list[ParameterView]:
        rest = [each for each in self.parameters if each.place != "path"]
        return sorted(rest, key=lambda each: not each.required)

    @property
    def paged(self) -> bool:
        return bool(self.cursor_field)


def _literal(value: object) -> str:
    return f'"{strings.in_double_quote_literal(value)}"' if isinstance(value, str) else repr(value)
