"""Documents that are rejected, and the faults in the message."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from scripts.regenerate.document import load
from scripts.regenerate.errors import StepError
from scripts.regenerate.project import ROOT
from scripts.regenerate.validate import validate
from tests.tooling.small_documents import TEXT, Doc, document, operation, ref

P = {"name": "id", "in": "path", "required": True, "schema": TEXT}


def get(path: str = "/a", *, shared: Any = None, **keys: Any) -> Doc:
    """Build a document of one path."""
    item = {"get": operation(**keys), **({} if shared is None else {"parameters": shared})}
    return document({path: item})


FAULTS: list[tuple[Doc, str]] = [
    ({"swagger": "2.0", "info": {}, "paths": {}}, "/openapi: version 3.x expected, found nothing"),
    (document(openapi="2.0"), "/openapi: version 3.x expected, found 2.0"),
    (document(info={"title": "Small"}), "/info: title and version expected"),
    (document(info=None), "/info: title and version expected"),
    (document(paths={}) | {"paths": {}}, "/paths: at least one path expected"),
    (document() | {"paths": []}, "/paths: at least one path expected"),
    (get(name=""), "GET /a: operationId missing"),
    (
        document({"/a": {"get": operation("X")}, "/b": {"put": operation("X")}}),
        "PUT /b: operationId X is already used by GET /a",
    ),
    (
        document({"/a/{x}": {"parameters": [{**P, "name": "x"}], "get": operation("X")},
                  "/a/{y}": {"parameters": [{**P, "name": "y"}], "get": operation("Y")}}),
        "GET /a/{y}: the same path as GET /a/{x}",
    ),
    (document({"/a": {"$ref": "#/paths/b"}, "/b": {"get": operation()}}), "/a: a $ref instead of the operations"),
    (get(security=[{"other": []}]), "GET /a: security scheme other is not defined"),
    (document(security=[{"other": []}]), "GET /things: security scheme other is not defined"),
    (get(responses={}), "GET /a: no success response"),
    (get(responses={"400": {"description": ""}, "default": {"description": ""}}), "GET /a: no success response"),
    (get("/a/{id}"), "GET /a/{id}: path parameter id is in the path but not in the parameters"),
    (get(parameters=[P]), "GET /a: path parameter id is in the parameters but not in the path"),
    (get(shared=[P]), "GET /a: path parameter id is in the parameters but not in the path"),
    (get(parameters=[{"name": "q"}]), "GET /a: parameter 0 has no name or no location"),
    (get(shared=[{"name": "q", "in": "query", "schema": TEXT}], parameters=[{}]), "GET /a: parameter 1 has no name"),
    (get(parameters=[ref("Nowhere")]), "GET /a: parameter 0 has no name or no location"),
    (get(parameters=[{"name": "q", "in": "query", "content": {}}]), "GET /a: parameter q has no schema"),
    (get(returns=ref("Nowhere")), "$ref #/components/schemas/Nowhere cannot be resolved"),
    (get(returns={"$ref": "other.yaml#/X"}), "$ref other.yaml#/X cannot be resolved"),
    (document(schemas={"A": ref("B"), "B": ref("A")}), "/schemas/A: $ref #/components/schemas/B cannot be resolved"),
    (
        document(schemas={"A": {"type": "object", "properties": {"x": {**TEXT, "format": "binary"}}}}),
        "/components/schemas/A/properties/x: a file (format: binary); the client supports JSON only",
    ),
    (get(parameters={}), "GET /a: parameters: list expected, found dict"),
    (get(shared="x"), "/a: parameters: list expected, found str"),
    (get(parameters=[1]), "GET /a: parameters: dict expected, found int"),
    (get(security={}), "GET /a: security: list expected, found dict"),
    (document(security=["key"]), "/security: dict expected, found str"),
    (document({"/a": []}), "/paths /a: dict expected, found list"),
    (document(components=[]), "/components: dict expected, found list"),
    (document(components={"schemas": []}), "/components/schemas: dict expected, found list"),
]  # fmt: skip


@pytest.mark.parametrize(("tree", "fault"), FAULTS, ids=[fault for _, fault in FAULTS])
def test_a_document_that_would_make_a_wrong_client_is_refused(tree: Doc, fault: str) -> None:
    """The error has the place and the fault."""
    with pytest.raises(StepError) as stop:
        validate(tree)
    assert fault in stop.value.why
    assert stop.value.step == "validate"


def test_up_to_ten_faults_are_reported_at_once() -> None:
    """Several faults can be corrected after one run, and a long list is cut."""
    paths = {f"/a{number}": {"get": operation("")} for number in range(13)}
    with pytest.raises(StepError) as stop:
        validate(document(paths))
    assert stop.value.why.count("operationId missing") == 10
    assert stop.value.why.endswith("... and 3 more")


SOUND: list[tuple[Doc, str]] = [
    (get("/a/{id}", parameters=[P]), "1 operations, 0 schemas"),
    (get("/a/{id}", shared=[P], parameters=[P]), "1 operations, 0 schemas"),
    (get(responses={"2XX": {"description": ""}}), "1 operations, 0 schemas"),
    (get(security=[{"key": []}, {}]), "1 operations, 0 schemas"),
    (get(parameters=None, security=None), "1 operations, 0 schemas"),
    (document(schemas={"A": TEXT, "B": ref("A")}), "1 operations, 2 schemas"),
    (document(openapi="3.1.0", components=None), "1 operations, 0 schemas"),
    (document({"/a": {"get": operation()}, "/b": None}), "1 operations, 0 schemas"),
    (document(schemas={"A": {"properties": {"$ref": TEXT}}}), "1 operations, 1 schemas"),
]


@pytest.mark.parametrize(("tree", "line"), SOUND)
def test_a_sound_document_is_counted(tree: Doc, line: str) -> None:
    """A document that the specification allows passes; the line has the numbers of operations and schemas."""
    assert validate(tree) == line


def test_our_document_is_sound() -> None:
    """The document in the repository passes without the overlay."""
    tree = load(ROOT / "openapi.yaml", "test")
    before = copy.deepcopy(tree)
    assert validate(tree).startswith("128 operations")
    assert tree == before
