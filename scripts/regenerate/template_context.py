"""Compute what the templates print; a template only arranges it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from openapi_python_client import Project, strings
from openapi_python_client.parser.properties import EnumProperty, ModelProperty

from scripts.regenerate.annotations import annotation, imports, inner_properties
from scripts.regenerate.docstrings import (
    arguments_doc,
    model_doc,
    one_line,
    paragraphs,
    sentence_on_deprecation,
    with_deprecation,
)
from scripts.regenerate.document import Json
from scripts.regenerate.document_view import DocumentView, Operation
from scripts.regenerate.errors import StepError
from scripts.regenerate.node_access import mapping, path_without_names
from scripts.regenerate.template_types import FieldView, ModelView, OperationView, ParameterView

_IMPORT_ANY = "from typing import Any"
_TAKEN = frozenset({"from_dict", "to_dict", "additional_properties", "keys", "field"})
"""Names that the base class of models uses, and `field`, which the class body calls."""
_TAKEN_BY_CALLS = frozenset(
    {"body", "cursor_field", "max_items", "max_pages", "operation", "pagination", "pages", "apages", "self"}
)
"""Names that the functions of an endpoint module define or call."""
_TAKEN_BY_IMPORTS = frozenset(
    {
        *("ABSENT", "Annotated", "Any", "AsyncIterator", "AuthenticatedClient", "Client", "Decimal", "Final"),
        *("Iterator", "Literal", "Model", "OPERATION", "OpenIntEnum", "OpenModel", "OpenStrEnum", "Operation"),
        *("Parameter", "DecimalPlaces", "Response", "Sequence", "TYPE_CHECKING", "UNSET", "UUID", "Unset"),
    }
)
"""Names that generated modules import, so no class of the document may have them."""
_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
"""Default serialization style by location."""


class TemplateContext:
    """
    Data for the templates, for one run of the generator.

    Args:
        project: The generator's project.
        document: The normalised document that the project was made from.

    Attributes:
        paged: operationIds of the operations with pagination that were seen so far.

    Raises:
        StepError: A class would have a name that the client needs, or contain itself as a map.
    """

    def __init__(self, project: Project, document: Json) -> None:
        self._view = DocumentView(document)
        # The generator renames path parameters, also inside the path: operations are found without those names.
        self._operations = {(path_without_names(each.path), each.method): each for each in self._view.operations()}
        self._models = {model.class_info.name: model for model in project.openapi.models}
        self._sent = self._reached_by_bodies(project)
        self._modules: dict[tuple[str, str], str] = {}
        self.paged: list[str] = []
        for each in (*project.openapi.models, *project.openapi.enums):
            if each.class_info.name in _TAKEN_BY_IMPORTS:
                raise StepError(
                    "generate",
                    f"a class named {each.class_info.name} would hide one that the client needs",
                    "rename it with `class_overrides` in scripts/regenerate/generator.yaml",
                )
        for model in project.openapi.models:
            self._check_map(model)

    def model(self, model: ModelProperty) -> ModelView:
        """Return the data of a model."""
        sent = model.class_info.name in self._sent
        schema = self._view.merged(model.data.model_dump(mode="json", by_alias=True, exclude_none=True))
        nodes = mapping(schema.get("properties"))
        fields: list[FieldView] = []
        plain, typed = set(), set()
        for prop in [*(model.required_properties or []), *(model.optional_properties or [])]:
            wire = prop.name.get_untrusted_value()
            node = nodes.get(wire) or {}
            fields.append(
                FieldView(
                    name=_free(prop.python_name, _TAKEN, (each.name for each in fields)),
                    wire=wire,
                    annotation=annotation(prop, sent=sent, optional=not node.get("x-either")),
                    required=prop.required,
                    drift_exempt=bool(node.get("x-either")),
                    text=with_deprecation(one_line(prop.description), node),
                )
            )
            plain |= imports(prop, sent=sent)
            typed |= self._class_imports(inner_properties(prop), "models", model.class_info.name)
        base = "Model"
        # The generator annotates this as a property, but it is True where values may be of any type.
        rest: Any = model.additional_properties
        if rest and (not fields or not _is_any(rest)):
            base = f"OpenModel[{annotation(rest, sent=False, optional=False) if rest is not True else 'Any'}]"
            # A base class is evaluated at import, so its names cannot be imported for type checkers only.
            plain |= imports(rest, sent=False) if rest is not True else {_IMPORT_ANY}
            plain |= self._class_imports(inner_properties(rest), "models", None)
        return ModelView(
            base=base,
            fields=sorted(fields, key=lambda each: not each.required),
            imports=sorted(plain),
            type_imports=sorted(typed),
            doc=model_doc(one_line(model.description), fields),
        )

    def operation(self, endpoint: Any) -> OperationView:
        """
        Return the data of an operation.

        Raises:
            StepError: Another operation has the same module, or the client cannot send or read something of it.
        """
        operation = self._operations[path_without_names(endpoint.path.get_untrusted_value()), endpoint.method]
        name, path, node = str(operation.id), operation.path, operation.node
        module = endpoint.tags[0], strings.PythonIdentifier(endpoint.name, "")
        if self._modules.setdefault(module, name) != name:
            raise StepError(
                "generate",
                f"{name} and {self._modules[module]} would have the same module, {'.'.join(module)}",
                "rename one of them in an overlay",
            )
        parameters = [*self._parameters(endpoint, operation), *self._body(endpoint, operation)]
        success, classes = self._success(endpoint, name)
        summary, description = node.get("summary") or name, node.get("description") or ""
        cursor_field, rows_field, row, row_imports = self._paging(endpoint, parameters)
        if cursor_field:
            self.paged.append(name)
        needed = {line for _, lines in parameters for line in lines} | classes
        return OperationView(
            id=name,
            path=path,
            module_doc=paragraphs(f"{endpoint.method.upper()} {path}: {summary}.", description),
            summary=f"{summary.rstrip('.')}.",
            arguments_doc=arguments_doc([each for each, _ in parameters]),
            deprecated=sentence_on_deprecation(description) if node.get("deprecated") else "",
            signed=operation.signed,
            success=success,
            returns=" | ".join(dict.fromkeys(success.values())) or "None",
            parameters=[each for each, _ in parameters],
            imports=sorted(needed),
            cursor_field=cursor_field,
            rows_field=rows_field,
            row=row,
            row_imports=sorted(row_imports - needed),
        )

    def _parameters(self, endpoint: Any, operation: Operation) -> Iterable[tuple[ParameterView, set[str]]]:
        """Yield the parameters, each with the import lines of its type."""
        names: list[str] = []
        for place in ("path", "query", "header", "cookie"):
            for prop in getattr(endpoint, f"{place}_parameters"):
                wire = prop.name.get_untrusted_value()
                parameter = operation.parameters[place, wire]
                style, kind = parameter.get("style", _STYLES[place]), annotation(prop, sent=True, optional=False)
                is_object = any(isinstance(part, ModelProperty) for part in inner_properties(prop))
                if style != _STYLES[place] or is_object or ("Sequence[" in kind and place != "query"):
                    raise StepError(
                        "generate",
                        f"{operation.id} has the {place} parameter {wire} of type {kind} in the style {style}",
                        "change it in an overlay: the client supports plain values, and lists of them in the query",
                    )
                names.append(_free(prop.python_name, _TAKEN_BY_CALLS, names))
                yield (
                    ParameterView(
                        name=names[-1], place=place, wire=wire, required=prop.required,
                        kind=kind, annotation=annotation(prop, sent=True), explode=parameter.get("explode", True),
                        text=with_deprecation(" ".join((parameter.get("description") or "").split()), parameter),
                    ),
                    imports(prop, sent=True) | self._class_imports(inner_properties(prop), "...models", None),
                )  # fmt: skip

    def _body(self, endpoint: Any, operation: Operation) -> Iterable[tuple[ParameterView, set[str]]]:
        """Yield the request body, if there is one, with the import lines of its type."""
        if len(endpoint.bodies) > 1 or any(body.body_type != "json" for body in endpoint.bodies):
            raise StepError(
                "generate",
                f"{operation.id} takes a body that is not JSON",
                "remove it in an overlay: the client supports JSON only",
            )
        for body in endpoint.bodies:
            yield (
                ParameterView(
                    name="body", place="body", wire="body", required=body.prop.required, explode=True,
                    kind=annotation(body.prop, sent=True, optional=False), annotation=annotation(body.prop, sent=True),
                    text=" ".join((operation.body.get("description") or "").split()),
                ),
                imports(body.prop, sent=True) | self._class_imports(inner_properties(body.prop), "...models", None),
            )  # fmt: skip

    def _success(self, endpoint: Any, name: str) -> tuple[dict[int, str], set[str]]:
        """Return the types of the success responses by status, and the import lines of those types."""
        success: dict[int, str] = {}
        classes: set[str] = set()
        for response in endpoint.responses:
            low, high = response.status_code.range or (0, 0)
            if not 200 <= low <= 299:
                continue
            empty = response.source["return_type"] == "None"
            if not empty and response.source["attribute"] != "response.json()":
                raise StepError(
                    "generate",
                    f"{name} has a success response that is not JSON",
                    "remove it in an overlay: the client supports JSON only",
                )
            for status in range(low, min(high, 206) + 1):
                # The generator sorts single statuses before ranges such as 2XX.
                success.setdefault(status, "None" if empty else annotation(response.prop, sent=False, optional=False))
            if not empty:
                classes |= imports(response.prop, sent=False)
                classes |= self._class_imports(inner_properties(response.prop), "...models", None)
        return success, classes

    def _paging(
        self, endpoint: Any, parameters: list[tuple[ParameterView, set[str]]]
    ) -> tuple[str, str, str, set[str]]:
        """Return cursor field, rows field, type of a row and its imports; empty if the operation has no pagination."""
        if not any(each.wire == "cursor" and each.place == "query" for each, _ in parameters):
            return "", "", "", set()
        for response in endpoint.responses:
            low, _ = response.status_code.range or (0, 0)
            if not 200 <= low <= 299 or not isinstance(response.prop, ModelProperty):
                continue
            model = self._models[response.prop.class_info.name]
            props = [*(model.required_properties or []), *(model.optional_properties or [])]
            names = {prop.name.get_untrusted_value(): prop for prop in props}
            cursor = next((name for name in ("cursor", "next_cursor") if name in names), None)
            rows = [(prop, annotation(prop, sent=False, optional=False)) for prop in props]
            rows = [(prop, text.removesuffix(" | None")) for prop, text in rows if text.startswith("list[")]
            if cursor and len(rows) == 1:
                prop, text = rows[0]
                needed = imports(prop, sent=False) | self._class_imports(inner_properties(prop), "...models", None)
                return str(names[cursor].python_name), str(prop.python_name), text[5:-1], needed
            if cursor:
                return str(names[cursor].python_name), "", "", set()
        return "", "", "", set()

    def _check_map(self, model: ModelProperty) -> None:
        """Reject a map that contains itself, also through other maps: its base class would need the class itself."""
        reached: set[str] = set()
        waiting: list[Any] = [model]
        while waiting:
            rest: Any = waiting.pop().additional_properties
            for prop in inner_properties(rest) if rest and rest is not True else []:
                if isinstance(prop, ModelProperty) and prop.class_info.name not in reached:
                    reached.add(prop.class_info.name)
                    waiting.append(self._models[prop.class_info.name])
        if model.class_info.name in reached:
            raise StepError(
                "generate",
                f"{model.class_info.name} is a map that contains itself",
                "name its fields, or allow values of any type",
            )

    def _class_imports(self, props: list[Any], package: str, own: str | None) -> set[str]:
        prefix = "." if package == "models" else f"{package}."
        return {
            f"from {prefix}{prop.class_info.module_name} import {prop.class_info.name}"
            for prop in props
            if isinstance(prop, ModelProperty | EnumProperty) and prop.class_info.name != own
        }

    def _reached_by_bodies(self, project: Project) -> set[str]:
        reached: set[str] = set()
        waiting = [
            prop
            for collection in project.openapi.endpoint_collections_by_tag.values()
            for endpoint in collection.endpoints
            for body in endpoint.bodies
            for prop in inner_properties(body.prop)
        ]
        while waiting:
            prop = waiting.pop()
            if not isinstance(prop, ModelProperty) or prop.class_info.name in reached:
                continue
            reached.add(prop.class_info.name)
            model = self._models[prop.class_info.name]
            for part in [
                *(model.required_properties or []),
                *(model.optional_properties or []),
                model.additional_properties,
            ]:
                waiting.extend(inner_properties(part) if part else [])
        return reached


def _free(name: str, taken: Iterable[str], used: Iterable[str]) -> str:
    """Return the name, with underscores appended until it is neither taken nor used."""
    unavailable = {*taken, *used}
    while name in unavailable:
        name = f"{name}_"
    return str(name)


def _is_any(prop: Any) -> bool:
    return prop is True or annotation(prop, sent=False, optional=False) == "Any"
