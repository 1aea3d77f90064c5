"""What the templates print, computed here: a template only lays it out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from openapi_python_client import Project, strings
from openapi_python_client.parser.properties import EnumProperty, ModelProperty

from scripts.regenerate.annotations import annotation, imports, inner_properties
from scripts.regenerate.docstrings import (
    arguments_doc,
    model_doc,
    paragraphs,
    sentence_on_deprecation,
    with_deprecation,
    words,
)
from scripts.regenerate.document import Json, operations, resolve
from scripts.regenerate.errors import StepError
from scripts.regenerate.template_types import FieldView, ModelView, OperationView, ParameterView

_IMPORT_ANY = "from typing import Any"
_TAKEN = frozenset({"from_dict", "to_dict", "additional_properties", "keys", "field"})
"""Names that a model has for itself, and the function that its class body calls."""
_TAKEN_BY_CALLS = frozenset(
    {"body", "cursor_field", "max_items", "max_pages", "operation", "paging", "pages", "apages", "self"}
)
"""Names that the functions of an endpoint module have for themselves, or call."""
_TAKEN_BY_IMPORTS = frozenset(
    {
        *("ABSENT", "Annotated", "Any", "AsyncIterator", "AuthenticatedClient", "Client", "Decimal", "Final"),
        *("Iterator", "Literal", "Model", "OPERATION", "OpenIntEnum", "OpenModel", "OpenStrEnum", "Operation"),
        *("Parameter", "Places", "Response", "Sequence", "TYPE_CHECKING", "UNSET", "UUID", "Unset"),
    }
)
"""Names that a generated module imports, which a class of the document can't have."""
_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
"""How each place is written where the document names no style."""


class Views:
    """Every view of one document, for one run of the generator."""

    def __init__(self, project: Project, document: Json) -> None:
        self._document = document
        # The generator renames path parameters, and the path with them.
        self._operations = {(_bare(path), method): (path, each) for path, method, each in operations(document)}
        self._models = {model.class_info.name: model for model in project.openapi.models}
        self._sent = self._reached_by_bodies(project)
        self._modules: dict[tuple[str, str], str] = {}
        self.paged: list[str] = []
        for each in (*project.openapi.models, *project.openapi.enums):
            if each.class_info.name in _TAKEN_BY_IMPORTS:
                raise StepError(
                    "generate",
                    f"a class called {each.class_info.name} would hide one that the client needs",
                    "rename it with `class_overrides` in scripts/regenerate/generator.yaml",
                )
        for model in project.openapi.models:
            self._check_map(model)

    def model(self, model: ModelProperty) -> ModelView:
        """Lay out a model."""
        sent = model.class_info.name in self._sent
        told = self._fields(model.data.model_dump(mode="json", by_alias=True, exclude_none=True))
        fields: list[FieldView] = []
        plain, typed = set(), set()
        for prop in [*(model.required_properties or []), *(model.optional_properties or [])]:
            wire = prop.name.get_untrusted_value()
            extra = told.get(wire) or {}
            fields.append(
                FieldView(
                    name=_free(prop.python_name, _TAKEN, (each.name for each in fields)),
                    wire=wire,
                    annotation=annotation(prop, sent=sent, optional=not extra.get("x-either")),
                    required=prop.required,
                    silent=bool(extra.get("x-either")),
                    text=with_deprecation(words(prop.description), extra),
                )
            )
            plain |= imports(prop, sent=sent)
            typed |= self._class_imports(inner_properties(prop), "models", model.class_info.name)
        base = "Model"
        # True stands for free values, whatever the generator's annotation says.
        rest: Any = model.additional_properties
        if rest and (not fields or not _is_any(rest)):
            base = f"OpenModel[{annotation(rest, sent=False, optional=False) if rest is not True else 'Any'}]"
            # A base class is evaluated at once, so what it names is imported for good.
            plain |= imports(rest, sent=False) if rest is not True else {_IMPORT_ANY}
            plain |= self._class_imports(inner_properties(rest), "models", None)
        return ModelView(
            base=base,
            fields=sorted(fields, key=lambda each: not each.required),
            imports=sorted(plain),
            type_imports=sorted(typed),
            doc=model_doc(words(model.description), fields),
        )

    def _fields(self, schema: Json) -> Json:
        """Collect the fields of an object as the document writes them, through `$ref` and `allOf`."""
        schema = resolve(self._document, schema)
        found: Json = {}
        for part in schema.get("allOf") or []:
            found |= self._fields(part)
        return found | (schema.get("properties") or {})

    def operation(self, endpoint: Any) -> OperationView:
        """Lay out an operation."""
        path, node = self._operations[_bare(endpoint.path.get_untrusted_value()), endpoint.method]
        module = endpoint.tags[0], strings.PythonIdentifier(endpoint.name, "")
        if self._modules.setdefault(module, node["operationId"]) != node["operationId"]:
            raise StepError(
                "generate",
                f"{node['operationId']} and {self._modules[module]} would be one module, {'.'.join(module)}",
                "rename one of them in an overlay",
            )
        parameters = [*self._parameters(endpoint, path, node), *self._body(endpoint, node)]
        success, classes = self._success(endpoint, node)
        summary, description = node.get("summary") or node["operationId"], node.get("description") or ""
        cursor_field, rows_field, row, row_imports = self._paging(endpoint, parameters)
        if cursor_field:
            self.paged.append(node["operationId"])
        needed = {line for _, lines in parameters for line in lines} | classes
        return OperationView(
            id=node["operationId"],
            path=path,
            module_doc=paragraphs(f"{endpoint.method.upper()} {path}: {summary}.", description),
            summary=f"{summary.rstrip('.')}.",
            arguments_doc=arguments_doc([each for each, _ in parameters]),
            deprecated=sentence_on_deprecation(description) if node.get("deprecated") else "",
            signed=self._is_signed(node),
            success=success,
            returns=" | ".join(dict.fromkeys(success.values())) or "None",
            parameters=[each for each, _ in parameters],
            imports=sorted(needed),
            cursor_field=cursor_field,
            rows_field=rows_field,
            row=row,
            row_imports=sorted(row_imports - needed),
        )

    def _is_signed(self, node: Json) -> bool:
        """Tell whether an operation has to be signed; the generator knows nothing of security set for all at once."""
        ways = node.get("security", self._document.get("security")) or []
        return bool(ways) and all(ways)

    def _parameters(self, endpoint: Any, path: str, node: Json) -> Iterable[tuple[ParameterView, set[str]]]:
        shared = self._document["paths"][path].get("parameters") or []
        told = {}
        names: list[str] = []
        for raw in [*shared, *(node.get("parameters") or [])]:
            parameter = resolve(self._document, raw)
            told[parameter["in"], parameter["name"]] = parameter
        for place in ("path", "query", "header", "cookie"):
            for prop in getattr(endpoint, f"{place}_parameters"):
                wire = prop.name.get_untrusted_value()
                parameter = told[place, wire]
                style, kind = parameter.get("style", _STYLES[place]), annotation(prop, sent=True, optional=False)
                is_object = any(isinstance(part, ModelProperty) for part in inner_properties(prop))
                if style != _STYLES[place] or is_object or ("Sequence[" in kind and place != "query"):
                    raise StepError(
                        "generate",
                        f"{node['operationId']} wants {wire} in the {place} in the style {style}, as {kind}",
                        "the client writes plain values, and lists of them in the query",
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

    def _body(self, endpoint: Any, node: Json) -> Iterable[tuple[ParameterView, set[str]]]:
        if len(endpoint.bodies) > 1 or any(body.body_type != "json" for body in endpoint.bodies):
            raise StepError(
                "generate", f"{node['operationId']} takes a body that is not JSON", "the client speaks JSON only"
            )
        body_node = resolve(self._document, node.get("requestBody")) or {}
        for body in endpoint.bodies:
            yield (
                ParameterView(
                    name="body", place="body", wire="body", required=body.prop.required, explode=True,
                    kind=annotation(body.prop, sent=True, optional=False), annotation=annotation(body.prop, sent=True),
                    text=" ".join((body_node.get("description") or "").split()),
                ),
                imports(body.prop, sent=True) | self._class_imports(inner_properties(body.prop), "...models", None),
            )  # fmt: skip

    def _success(self, endpoint: Any, node: Json) -> tuple[dict[int, str], set[str]]:
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
                    f"{node['operationId']} answers with something else than JSON",
                    "the client speaks JSON only",
                )
            for status in range(low, min(high, 206) + 1):
                # Statuses of their own come before ranges.
                success.setdefault(status, "None" if empty else annotation(response.prop, sent=False, optional=False))
            if not empty:
                classes |= imports(response.prop, sent=False)
                classes |= self._class_imports(inner_properties(response.prop), "...models", None)
        return success, classes

    def _paging(
        self, endpoint: Any, parameters: list[tuple[ParameterView, set[str]]]
    ) -> tuple[str, str, str, set[str]]:
        """Recognise paging: a `cursor` goes in, a cursor comes back."""
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
        """Refuse a map whose values are, in the end, maps of itself: its class would need itself as its base."""
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
                "generate", f"{model.class_info.name} is a map of itself", "name its fields, or allow free values"
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


def _bare(path: str) -> str:
    return re.sub(r"{[^}]*}", "{}", path)


def _free(name: str, taken: Iterable[str], used: Iterable[str]) -> str:
    """Return a name that is neither taken nor used: with as many underscores behind it as that needs."""
    gone = {*taken, *used}
    while name in gone:
        name = f"{name}_"
    return str(name)


def _is_any(prop: Any) -> bool:
    return prop is True or annotation(prop, sent=False, optional=False) == "Any"
