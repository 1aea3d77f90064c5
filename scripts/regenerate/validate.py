"""Reject a document from which the generator would make a wrong client."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from scripts.regenerate.document import Json, operations, reference, resolve, walk
from scripts.regenerate.document_view import DocumentView, Operation
from scripts.regenerate.errors import StepError
from scripts.regenerate.node_access import mapping, path_without_names

_MOST_SHOWN = 10


def validate(document: Json) -> str:
    """
    Check a document, and return a line with the numbers of operations and schemas.

    Raises:
        StepError: The document has faults; the first ten are named with their places.
    """
    faults = list(_faults(document))
    if faults:
        more = f"\n  ... and {len(faults) - _MOST_SHOWN} more" if len(faults) > _MOST_SHOWN else ""
        raise StepError(
            "validate",
            "\n  ".join(["the document is not valid:", *faults[:_MOST_SHOWN]]) + more,
            "correct the document, or amend it in an overlay",
        )
    view = DocumentView(document)
    return f"{len(list(view.operations()))} operations, {len(view.schemas)} schemas"


def _faults(document: Json) -> Iterator[str]:
    version = str(document.get("openapi", ""))
    if not version.startswith("3."):
        yield f"/openapi: version 3.x expected, found {version or 'nothing'}"
    if not isinstance(document.get("info"), dict) or "version" not in document["info"]:
        yield "/info: title and version expected"
    if not isinstance(document.get("paths"), dict) or not document["paths"]:
        yield "/paths: at least one path expected"
        return
    wrong_types = [
        f"{at}: {kind.__name__} expected, found {type(value).__name__}"
        for at, value, kind in _typed_nodes(document)
        if value is not None and not isinstance(value, kind)
    ]
    yield from wrong_types
    if not wrong_types:
        yield from _node_faults(document)
        yield from _operation_faults(DocumentView(document))


def _typed_nodes(document: Json) -> Iterator[tuple[str, Any, type]]:
    """Yield the nodes that the other checks read, with their places and the types that they must have."""
    components = document.get("components")
    yield "/components", components, dict
    for name in ("schemas", "securitySchemes"):
        yield f"/components/{name}", mapping(components).get(name), dict
    security = document.get("security")
    yield "/security", security, list
    for each in security if isinstance(security, list) else []:
        yield "/security", each, dict
    for path, item in document["paths"].items():
        yield f"/paths {path}", {} if item is None else item, dict
        yield f"{path}: parameters", mapping(item).get("parameters"), list
    for path, method, operation in operations(document):
        for name in ("parameters", "security"):
            yield f"{method.upper()} {path}: {name}", operation.get(name), list
            for each in operation[name] if isinstance(operation.get(name), list) else []:
                yield f"{method.upper()} {path}: {name}", each, dict


def _node_faults(document: Json) -> Iterator[str]:
    for at, node in walk(document):
        pointer = reference(node)
        if pointer is not None and resolve(document, node) is None:
            yield f"{at}: $ref {pointer} cannot be resolved"
        if node.get("type") == "string" and node.get("format") == "binary":
            yield f"{at}: a file (format: binary); the client supports JSON only"


def _operation_faults(view: DocumentView) -> Iterator[str]:
    for path, item in view.tree["paths"].items():
        if item and "$ref" in item:
            yield f"{path}: a $ref instead of the operations of a path is not supported"
    labels_by_id: dict[str, str] = {}
    labels_by_route: dict[tuple[str, str], str] = {}
    for operation in view.operations():
        at = operation.label
        twin = labels_by_route.setdefault((path_without_names(operation.path), operation.method), at)
        if twin != at:
            yield f"{at}: the same path as {twin}"
        name = operation.id
        if not isinstance(name, str) or not name:
            yield f"{at}: operationId missing"
        elif name in labels_by_id:
            yield f"{at}: operationId {name} is already used by {labels_by_id[name]}"
        else:
            labels_by_id[name] = at
        for alternative in operation.security:
            for scheme in alternative:
                if scheme not in view.security_schemes:
                    yield f"{at}: security scheme {scheme} is not defined"
        if not any(status.startswith("2") for status in operation.responses):
            yield f"{at}: no success response"
        yield from _parameter_faults(operation)


def _parameter_faults(operation: Operation) -> Iterator[str]:
    in_path = []
    for index, parameter in enumerate(operation.declared):
        if not all(isinstance(parameter.get(key), str) for key in ("name", "in")):
            yield f"{operation.label}: parameter {index} has no name or no location"
            continue
        if not isinstance(parameter.get("schema"), dict):
            yield f"{operation.label}: parameter {parameter['name']} has no schema"
        if parameter["in"] == "path":
            in_path.append(parameter["name"])
    template = re.findall(r"{([^}]+)}", operation.path)
    for name in sorted(set(template) ^ set(in_path)):
        missing, present = ("parameters", "path") if name in template else ("path", "parameters")
        yield f"{operation.label}: path parameter {name} is in the {present} but not in the {missing}"
