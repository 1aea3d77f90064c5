"""Objects that are passed to the templates: models, fields, operations, parameters."""

from __future__ import annotations

import attrs
from openapi_python_client import strings


@attrs.frozen
class FieldView:
    """
    A field of a model.

    Attributes:
        name: Name in Python.
        wire: Name in JSON.
        annotation: Type.
        required: Whether the document requires it.
        drift_exempt: Whether its absence is not logged as drift (`x-either`).
        text: Description.
    """

    name: str
    wire: str
    annotation: str
    required: bool
    drift_exempt: bool
    text: str

    @property
    def declaration(self) -> str:
        """The line that declares the field in its class."""
        metadata = {
            key: value
            for key, value in (("wire", self.wire), ("drift_exempt", self.drift_exempt))
            if value not in (self.name, False)
        }
        arguments = [] if self.required else [f"default={'ABSENT' if self.drift_exempt else 'UNSET'}"]
        if metadata:
            pairs = ", ".join(f'"{key}": {_literal(value)}' for key, value in metadata.items())
            arguments.append(f"metadata={{{pairs}}}")
        if not arguments:
            return f"{self.name}: {self.annotation}"
        value = "UNSET" if arguments == ["default=UNSET"] else f"field({', '.join(arguments)})"
        return f"{self.name}: {self.annotation} = {value}"


@attrs.frozen
class ModelView:
    """
    A model.

    Attributes:
        base: Base class.
        fields: Fields, required ones first.
        imports: Import lines that run.
        type_imports: Import lines for type checkers only.
        doc: Docstring.
    """

    base: str
    fields: list[FieldView]
    imports: list[str]
    type_imports: list[str]
    doc: str


@attrs.frozen
class ParameterView:
    """
    A parameter of an operation, or its body.

    Attributes:
        name: Name in Python.
        place: Location: `path`, `query`, `header`, `cookie` or `body`.
        kind: Type.
        annotation: Type, with `Unset` if the parameter is optional.
        wire: Name in the request.
        required: Whether the document requires it.
        explode: Whether a list repeats the name; else its items are joined by commas.
        text: Description.
    """

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
    """
    An operation.

    Attributes:
        id: The operationId.
        path: Path, with `{parameters}`.
        module_doc: Docstring of the module.
        summary: First line of the docstrings.
        arguments_doc: `Args` section of the docstrings.
        deprecated: Reason of the deprecation; empty if there is none.
        signed: Whether requests must be signed.
        success: Types of the success responses by status.
        returns: Type of the result.
        parameters: Parameters and body.
        imports: Import lines of the parameters and the result.
        cursor_field: Field of the response with the next cursor; empty without pagination.
        rows_field: Field of the response with the rows; empty unless there is exactly one list.
        row: Type of a row.
        row_imports: Import lines of that type, if not among `imports`.
    """

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
