"""Refuse a document that would make a wrong client, naming the place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from scripts.regenerate.document import Json, operations, resolve, walk
from scripts.regenerate.errors import StepError

_MOST_SHOWN = 10


def checked(document: Json) -> str:
    """
    Check a document, and return a line that counts what was seen.

    Raises:
        StepError: Something is missing, doubled or leads nowhere.
    """
    faults = list(_faults(document))
    if faults:
        more = f"\n  ... and {len(faults) - _MOST_SHOWN} more" if len(faults) > _MOST_SHOWN else ""
        raise StepError(
            "validate",
            "\n  ".join(["the document is not sound:", *faults[:_MOST_SHOWN]]) + more,
            "repair the document, or amend it in an overlay",
        )
    schemas = (document.get("components") or {}).get("schemas") or {}
    return f"{len(list(operations(document)))} operations, {len(schemas)} schemas"


def _faults(document: Json) -> Iterator[str]:
    version = str(document.get("openapi", ""))
    if not version.startswith("3."):
        yield f"/openapi: version 3.x expected, found {version or 'nothing'}"
    if not isinstance(document.get("info"), dict) or "version" not in document["info"]:
        yield "/info: title and version expected"
    if not isinstance(document.get("paths"), dict) or not document["paths"]:
        yield "/paths: at least one path expected"
        return
    misshapen = [
        f"{at}: {kind.__name__} expected, found {type(value).__name__}"
        for at, value, kind in _shapes(document)
        if value is not None and not isinstance(value, kind)
    ]
    yield from misshapen
    if not misshapen:
        yield from _unresolved(document)
        yield from _operation_faults(document)


def _shapes(document: Json) -> Iterator[tuple[str, Any, type]]:
    """Yield what the checks below go through, with its place and the type it must have."""
    components = document.get("components")
    yield "/components", components, dict
    for name in ("schemas", "securitySchemes"):
        yield f"/components/{name}", components.get(name) if isinstance(components, dict) else None, dict
    security = document.get("security")
    yield "/security", security, list
    for each in security if isinstance(security, list) else []:
        yield "/security", each, dict
    for path, item in document["paths"].items():
        yield f"/paths {path}", {} if item is None else item, dict
        yield f"{path}: parameters", item.get("parameters") if isinstance(item, dict) else None, list
    for path, method, operation in operations(document):
        for name in ("parameters", "security"):
            yield f"{method.upper()} {path}: {name}", operation.get(name), list
            for each in operation[name] if isinstance(operation.get(name), list) else []:
                yield f"{method.upper()} {path}: {name}", each, dict


def _unresolved(document: Json) -> Iterator[str]:
    for at, node in walk(document):
        reference = node.get("$ref")
        if isinstance(reference, str) and resolve(document, {"$ref": reference}) is None:
            yield f"{at}: $ref {reference} leads nowhere"
        if node.get("type") == "string" and node.get("format") == "binary":
            yield f"{at}: a file (format: binary), and the client speaks JSON only"


def _operation_faults(document: Json) -> Iterator[str]:
    schemes = (document.get("components") or {}).get("securitySchemes") or {}
    for path, item in document["paths"].items():
        if item and "$ref" in item:
            yield f"{path}: a $ref in place of a path's operations is not followed"
    first: dict[str, str] = {}
    places: dict[tuple[str, str], str] = {}
    for path, method, operation in operations(document):
        at = f"{method.upper()} {path}"
        twin = places.setdefault((re.sub(r"{[^}]*}", "{}", path), method), at)
        if twin != at:
            yield f"{at}: the same place as {twin}"
        name = operation.get("operationId")
        if not isinstance(name, str) or not name:
            yield f"{at}: operationId missing"
        elif name in first:
            yield f"{at}: operationId {name} is that of {first[name]} too"
        else:
            first[name] = at
        for alternative in operation.get("security", document.get("security")) or []:
            for scheme in alternative or ():
                if scheme not in schemes:
                    yield f"{at}: security scheme {scheme} is not defined"
        responses = operation.get("responses")
        if not isinstance(responses, dict) or not any(str(status).startswith("2") for status in responses):
            yield f"{at}: no success response"
        yield from _path_faults(document, path, method, operation)


def _path_faults(document: Json, path: str, method: str, operation: Json) -> Iterator[str]:
    at = f"{method.upper()} {path}"
    declared = []
    shared = document["paths"][path].get("parameters") or []
    for index, raw in enumerate([*shared, *(operation.get("parameters") or [])]):
        parameter = resolve(document, raw)
        if not isinstance(parameter, dict) or not all(isinstance(parameter.get(key), str) for key in ("name", "in")):
            yield f"{at}: parameter {index} has no name or no place"
            continue
        if not isinstance(parameter.get("schema"), dict):
            yield f"{at}: parameter {parameter['name']} has no schema"
        if parameter["in"] == "path":
            declared.append(parameter["name"])
    template = re.findall(r"{([^}]+)}", path)
    for name in sorted(set(template) ^ set(declared)):
        yield f"{at}: path parameter {name} is in the {'path' if name in template else 'parameters'} only"
