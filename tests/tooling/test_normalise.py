"""Constructs that are rewritten before the generator reads the document."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from scripts.regenerate.document import load, walk
from scripts.regenerate.normalise import normalise
from scripts.regenerate.project import ROOT
from tests.tooling.small_documents import TEXT, Doc, ref

REWRITTEN: list[tuple[str, Doc, Doc]] = [
    ("a bare $ref", ref("A"), ref("A")),
    ("a description beside a $ref", {**ref("A"), "description": "D."}, {"allOf": [ref("A")], "description": "D."}),
    ("null beside a $ref", {**ref("A"), "nullable": True}, {"allOf": [ref("A")], "nullable": True}),
    ("a type beside a $ref", {**ref("A"), "type": "string"}, {"allOf": [ref("A")]}),
    (
        "a default",
        {"type": "integer", "default": 100, "description": "DecodedRows."},
        {"type": "integer", "description": "DecodedRows. The exchange's default is 100."},
    ),
    ("a default alone", {**TEXT, "default": "x"}, {**TEXT, "description": "The exchange's default is x."}),
    (
        "a default that is named already",
        {**TEXT, "default": "x", "description": "As a rule x."},
        {**TEXT, "description": "As a rule x."},
    ),
    (
        "a default that other words contain",
        {"type": "integer", "default": 0, "description": "At most 10 rows, 0.5 s each."},
        {"type": "integer", "description": "At most 10 rows, 0.5 s each. The exchange's default is 0."},
    ),
    (
        "a boolean default",
        {"type": "boolean", "default": False, "description": "When omitted, false."},
        {"type": "boolean", "description": "When omitted, false."},
    ),
    ("an empty default", {**TEXT, "default": ""}, {**TEXT, "description": "The exchange's default is empty."}),
    ("a null default", {**TEXT, "default": None}, TEXT),
    (
        "a default beside a $ref",
        {**ref("A"), "default": "x"},
        {"allOf": [ref("A")], "description": "The exchange's default is x."},
    ),
    (
        "a default of an enum",
        {"enum": ["x"], "default": "x"},
        {"enum": ["x"], "x-enum-varnames": ["X"], "description": "The exchange's default is x."},
    ),
    (
        "member names of another language",
        {**TEXT, "enum": ["a", None, "b c"], "x-enum-varnames": ["OrderStatusA", "OrderStatusNone", "OrderStatusBC"]},
        {**TEXT, "enum": ["a", None, "b c"], "x-enum-varnames": ["A", "B_C"]},
    ),
    ("null among the types", {"type": ["integer", "null"]}, {"type": "integer", "nullable": True}),
    (
        "null among values of any type",
        {"anyOf": [{"enum": ["a", None]}]},
        {"anyOf": [{"enum": ["a"], "x-enum-varnames": ["A"], "nullable": True}]},
    ),
    ("null in a query", {"in": "query", "schema": {**TEXT, "nullable": True}}, {"in": "query", "schema": TEXT}),
    (
        "a duplicate value",
        {**TEXT, "enum": ["a", "b", "a"]},
        {**TEXT, "enum": ["a", "b"], "x-enum-varnames": ["A", "B"]},
    ),
    ("a constant", {**TEXT, "const": "a"}, {**TEXT, "enum": ["a"], "x-enum-varnames": ["A"]}),
    ("a constant truth", {"const": True}, {"const": True}),
    ("several types", {"type": ["string", "integer", "null"]}, {"type": ["string", "integer", "null"]}),
    ("one type in a list", {"type": ["string"]}, {"type": ["string"]}),
    ("a list of anything", {"type": "array"}, {"type": "array", "items": {}}),
    ("a list", {"type": "array", "items": TEXT}, {"type": "array", "items": TEXT}),
    (
        "fields called like keywords",
        {"properties": {"default": TEXT, "type": TEXT, "$ref": TEXT, "x-enum-varnames": TEXT}},
        {"properties": {"default": TEXT, "type": TEXT, "$ref": TEXT, "x-enum-varnames": TEXT}},
    ),
    ("a server's variable", {"default": "demo"}, {"default": "demo"}),
]


@pytest.mark.parametrize(("given", "expected"), [row[1:] for row in REWRITTEN], ids=[row[0] for row in REWRITTEN])
@pytest.mark.parametrize(
    "place",
    [
        lambda node: {"components": {"schemas": {"X": node}}},
        lambda node: {"properties": {"x": node}},
        lambda node: {"anyOf": [TEXT, {"items": node}]},
        lambda node: {"responses": {"default": {"content": {"application/json": {"schema": node}}}}},
    ],
)
def test_the_generator_reads_what_the_document_means(given: Doc, expected: Doc, place: Any) -> None:
    """Constructs that the generator misreads are rewritten wherever a schema may be."""
    assert normalise(place(given)) == place(expected)


def test_the_document_given_is_left_as_it_was() -> None:
    """The result is a copy."""
    tree = {"x": [{**ref("A"), "default": 1}]}
    before = copy.deepcopy(tree)
    normalise(tree)
    assert tree == before


def test_nothing_is_left_to_misread_in_our_document() -> None:
    """No default and no key beside a $ref remains; a second run changes nothing."""
    tree = normalise(load(ROOT / "openapi.yaml", "test"))
    for at, node in walk(tree):
        inside = at.endswith("/properties")
        assert inside or "default" not in node or "type" not in node, at
        assert inside or "$ref" not in node or len(node) == 1, at
    assert normalise(tree) == tree


@pytest.mark.parametrize("null", [{**TEXT, "nullable": True}, {"type": ["string", "null"]}], ids=["3.0", "3.1"])
def test_a_schema_with_a_name_is_null_where_it_is_referred_to(null: Doc) -> None:
    """It stays one class: `nullable` moves to each reference, unless one is there already."""
    schemas = {
        "Side": {**null, "enum": ["a", None]},
        "Order": {"type": "object", "nullable": True, "properties": {
            "side": ref("Side"),
            "other": {"allOf": [ref("Side")], "description": "D."},
            "sure": {"allOf": [ref("Side")], "nullable": False},
            "all": {"type": "array", "items": ref("Order")},
        }},
    }  # fmt: skip
    assert normalise({"components": {"schemas": schemas}})["components"]["schemas"] == {
        "Side": {**TEXT, "enum": ["a"], "x-enum-varnames": ["A"]},
        "Order": {"type": "object", "properties": {
            "side": {"allOf": [ref("Side")], "nullable": True},
            "other": {"allOf": [ref("Side")], "description": "D.", "nullable": True},
            "sure": {"allOf": [ref("Side")], "nullable": False},
            "all": {"type": "array", "items": {"allOf": [ref("Order")], "nullable": True}},
        }},
    }  # fmt: skip


def test_of_an_error_only_json_is_read_and_of_a_success_all() -> None:
    """A named response does not change for the success that refers to it."""
    plain: Doc = {"application/json; charset=utf-8": {"schema": TEXT}}
    problem: Doc = {"application/problem+json": {}}
    mixed = {"description": "", "content": {**plain, "application/xml": {}, **problem}}
    named = {"$ref": "#/components/responses/Mixed"}
    responses = {"200": mixed, "201": named, "404": {"content": plain}, "500": mixed, "502": named, "503": {}}
    tree = {"paths": {"/a": {"get": {"responses": responses}}}, "components": {"responses": {"Mixed": mixed}}}
    reduced = {"description": "", "content": {**plain, **problem}}
    found = normalise(tree)
    assert found["paths"]["/a"]["get"]["responses"] == {**responses, "500": reduced, "502": reduced}
    assert found["components"]["responses"] == {"Mixed": mixed}
