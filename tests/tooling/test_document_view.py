"""The view of a document that validation, templates and comparison share."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.regenerate.document_view import DocumentView, Operation
from scripts.regenerate.node_access import content_schemas, nullable, path_without_names, variants
from tests.tooling.small_documents import JSON, TEXT, Doc, body, document, model, operation, ref, response

Q, ID = {"name": "q", "in": "query", "schema": TEXT}, {"name": "id", "in": "path", "required": True, "schema": TEXT}


def only(**keys: Any) -> Operation:
    """Return the operation of a document with one path."""
    root: Doc = {key: keys.pop(key) for key in ("security", "components") if key in keys}
    item = {"parameters": keys.pop("shared", []), "get": operation(**{**keys.pop("own", {}), **keys})}
    return next(DocumentView({**document({"/a/{id}": item}), **root}).operations())


def test_an_operation_inherits_the_parameters_of_its_path() -> None:
    """References are followed, and a parameter of the operation replaces one of the same location and name."""
    own = {**Q, "description": "Own."}
    components = {"parameters": {"Q": own}}
    found = only(shared=[ID, Q], parameters=[{"$ref": "#/components/parameters/Q"}], components=components)
    assert found.declared == [ID, Q, own]
    assert found.parameters == {("path", "id"): ID, ("query", "q"): own}


@pytest.mark.parametrize(
    ("own", "inherited", "signed"),
    [
        (None, None, False),
        (None, [{"key": []}], True),
        ([], [{"key": []}], False),
        ([{"key": []}], [], True),
        ([{"key": []}, {}], None, False),
        ([{"key": []}, {"token": []}], None, True),
    ],
)
def test_an_operation_is_signed_unless_an_alternative_is_empty(own: Any, inherited: Any, signed: bool) -> None:
    """Its own security replaces that of the document, also when it is an empty list."""
    keys = {name: value for name, value in (("own", own), ("security", inherited)) if value is not None}
    if "own" in keys:
        keys["own"] = {"security": own}
    assert only(**keys).signed is signed


def test_an_operation_has_label_tag_body_and_responses() -> None:
    """A referenced body is followed; responses keep their references, and every status is a string."""
    tree = document({"/a": {"$ref": "#/components/pathItems/A"}})
    tree["components"]["requestBodies"] = {"B": body(TEXT)}
    node = {"requestBody": {"$ref": "#/components/requestBodies/B"}, "responses": {200: ref("X")}}
    tree["components"]["pathItems"] = {"A": {"post": node}}
    (found,) = DocumentView(tree).operations()
    assert (found.label, found.tag, found.id) == ("POST /a", "default", None)
    assert (found.body, found.responses) == (body(TEXT), {"200": ref("X")})


@pytest.mark.parametrize(
    ("pointer", "found"),
    [
        ("#/components/schemas/A", {"x": 1}),
        ("#/components/schemas/B", {"x": 1}),
        ("#/components/schemas/a%20b~1c", {"y": 1}),
        ("#/components/schemas/Gone", {}),
        ("#/components/schemas/Loop", {}),
        ("#/components/schemas/Text", {}),
        ("other.yaml#/components/schemas/A", {}),
    ],
)
def test_a_reference_leads_to_a_mapping_or_nowhere(pointer: str, found: Doc) -> None:
    """Chains, percent-encoding and JSON-pointer escapes are followed; anything broken gives an empty mapping."""
    schemas = {"A": {"x": 1}, "B": ref("A"), "a b/c": {"y": 1}, "Loop": ref("Loop"), "Text": "x"}
    assert DocumentView(document(schemas=schemas)).resolve({"$ref": pointer}) == found


@pytest.mark.parametrize(
    ("schema", "name"),
    [
        (ref("A"), "A"),
        ({"allOf": [ref("A")], "nullable": True}, "A"),
        ({"anyOf": [ref("A"), {"type": "null"}]}, "A"),
        ({"allOf": [{"oneOf": [ref("A")]}]}, "A"),
        ({"allOf": [ref("A")], "properties": {}}, None),
        ({"oneOf": [ref("A"), ref("B")]}, None),
        ({"$ref": "#/components/responses/A"}, None),
        (TEXT, None),
    ],
)
def test_a_schema_has_the_name_of_the_one_component_it_refers_to(schema: Doc, name: str | None) -> None:
    """A wrapper of one part is looked through, unless it adds fields."""
    assert DocumentView({}).schema_name(schema) == name


def test_a_merged_schema_has_the_fields_of_all_its_parts() -> None:
    """The fields of references and of `allOf` come together, and keys beside a reference count."""
    schemas = {
        "A": model({"a": TEXT, "b": TEXT}, ["a"]),
        "B": {"allOf": [ref("A"), model({"b": {}, "c": TEXT}, ["c"])]},
    }
    merged = DocumentView(document(schemas=schemas)).merged({**ref("B"), "nullable": True})
    assert merged == {
        "type": "object", "properties": {"a": TEXT, "b": {}, "c": TEXT}, "required": ["a", "c"], "nullable": True,
    }  # fmt: skip


def test_schemas_of_requests_and_of_responses_are_separate() -> None:
    """Each direction reaches the schemas inside its own, through fields, lists, maps, unions and references."""
    schemas = {
        "Sent": model(
            {"inner": {"type": "array", "items": ref("Item")}, "map": {"additionalProperties": ref("Value")}}
        ),
        "Received": {"oneOf": [ref("Item"), {"allOf": [ref("Part")]}]},
        **dict.fromkeys(["Item", "Value", "Part", "Filter", "Unused", "Failure"], TEXT),
    }
    node = operation(
        parameters=[{"name": "q", "in": "query", "content": {JSON: {"schema": ref("Filter")}}}],
        requestBody=body(ref("Sent")),
        responses={"200": {"$ref": "#/components/responses/Ok"}, "400": response(ref("Failure"))},
    )
    tree = document({"/a": {"post": node}}, schemas)
    tree["components"]["responses"] = {"Ok": response(ref("Received"))}
    view = DocumentView(tree)
    assert view.request_schemas() == {"Sent", "Item", "Value", "Filter"}
    assert view.response_schemas() == {"Received", "Item", "Part", "Failure"}


def test_nodes_of_any_type_can_be_read() -> None:
    """Media types lose their parameters, null is no alternative, and null or a number is read as empty."""
    assert content_schemas({"content": {f"{JSON}; charset=utf-8": {"schema": TEXT}, "x": None}}) == {
        JSON: TEXT,
        "x": {},
    }
    assert content_schemas({"content": 3}) == {}
    union = {"anyOf": [TEXT, {"type": "null"}, None]}
    assert (variants(union), nullable(union), nullable({"type": ["null"]}), nullable(TEXT)) == (
        [TEXT, {}],
        True,
        True,
        False,
    )
    assert path_without_names("/a/{x}/{y}b") == "/a/{}/{}b"
