"""Summary and comparison: which changes are found, and which of them break."""

from copy import deepcopy
from typing import Any

import pytest

from scripts.regenerate.comparison.document_diff import Change, compare, reworded
from scripts.regenerate.comparison.rules import RULES
from scripts.regenerate.summarise import headline, markdown
from tests.tooling.change_tables import (
    AB,
    FIELDS,
    JSON,
    OPERATIONS,
    PLACES,
    REF,
    RESPONSES,
    TEXT,
    THING,
    A,
    Doc,
    content,
    document,
    param,
    received,
    sent,
    thing,
)


def rows(changes: list[Change]) -> set[tuple[str, bool, str, str]]:
    """Return the parts of the changes that the tables have."""
    return {(change.direction, change.breaking, change.kind, change.where) for change in changes}


@pytest.mark.parametrize(("old", "new", "direction", "breaking", "kind", "where"), OPERATIONS)
def test_operation_change_is_judged(old: Doc, new: Doc, direction: str, breaking: bool, kind: str, where: str) -> None:
    """A change of an operation gives exactly one change."""
    assert rows(compare(old, new)) == {(direction, breaking, kind, where)}


@pytest.mark.parametrize(("old", "new", "direction", "breaking", "kind", "where"), PLACES)
def test_parameter_or_body_change_is_judged(
    old: Doc, new: Doc, direction: str, breaking: bool, kind: str, where: str
) -> None:
    """A change of a parameter or body gives exactly one change."""
    assert rows(compare(document(old), document(new))) == {(direction, breaking, kind, where)}


@pytest.mark.parametrize(("old", "new", "breaking", "kind", "where"), RESPONSES)
def test_response_change_is_judged(old: Doc, new: Doc, breaking: bool, kind: str, where: str) -> None:
    """A change of a response gives exactly one change."""
    found = compare(document({"responses": old}), document({"responses": new}))
    assert rows(found) == {("receive", breaking, kind, where)}


@pytest.mark.parametrize(("sending", "receiving", "where", "old", "new"), FIELDS)
def test_field_change_is_judged_by_direction(
    sending: tuple[str, bool], receiving: tuple[str, bool], where: str, old: Doc, new: Doc
) -> None:
    """A change of a field is judged for requests, for responses, and for both if it is used in both."""
    as_sent = ("send", sending[1], sending[0], where)
    as_received = ("receive", receiving[1], receiving[0], where)
    both = {"requestBody": content(REF), "responses": {"200": content(REF)}}
    docs = (document(both, schemas={"Thing": schema}) for schema in (old, new))
    assert rows(compare(sent(old), sent(new))) == {as_sent}
    assert rows(compare(received(old), received(new))) == {as_received}
    assert rows(compare(*docs)) == {as_sent, as_received}


INNER = {"Inner": thing(TEXT)}
AT_INNER = thing({"$ref": "#/components/schemas/Inner"})
AT_OTHER = thing({"$ref": "#/components/schemas/Other"})


@pytest.mark.parametrize(
    ("old", "new", "breaking", "kind", "where"),
    [
        (sent(THING), sent(THING, More=THING), False, "schema-added", "More"),
        (sent(THING, More=THING), sent(THING), True, "schema-removed", "More"),
        (sent(THING, More=TEXT), sent(THING), False, "alias-removed", "More"),
        (sent(THING, More=TEXT), sent(THING, Less=TEXT), False, "alias-renamed", "Less"),
        (sent(THING, More=thing(TEXT)), sent(THING, More=thing(AB)), False, "schema-changed", "More"),
        (sent(AT_INNER, **INNER), sent(AT_OTHER, Other=thing(TEXT)), True, "schema-renamed", "Other"),
        (sent(thing(thing(TEXT)), **INNER), sent(AT_INNER, **INNER), True, "class-changed", "Thing.x"),
        (
            received(AT_INNER, **INNER, Other=thing(TEXT)),
            received(AT_OTHER, **INNER, Other=thing(TEXT)),
            True,
            "class-changed",
            "Thing.x",
        ),
        (
            received({"enum": ["a-b", "a_b"]}),
            received({"enum": ["a_b", "a-b"]}),
            True,
            "enum-members",
            "Thing",
        ),
    ],
)
def test_change_of_names_is_judged(old: Doc, new: Doc, breaking: bool, kind: str, where: str) -> None:
    """A change that affects names in Python only gives exactly one change."""
    assert rows(compare(old, new)) == {("api", breaking, kind, where)}


@pytest.mark.parametrize(
    ("old", "new", "renamed"),
    [
        (["a_b", "c"], ["a_b", "c", "d"], False),
        (["1h", "1d"], ["1h", "1d", "a"], False),
        (["1h", "1d"], ["a", "1h", "1d"], False),
        ([1, -1], [0, 1, -1], False),
        (["a_b", "c"], ["a-b", "a_b", "c"], True),
    ],
)
def test_enum_members_keep_their_names(old: list[Any], new: list[Any], renamed: bool) -> None:
    """Only a value with the same name as a new one before it gets another name in Python."""
    kinds = {change.kind for change in compare(received({"enum": old}), received({"enum": new}))}
    assert kinds == {"enum-value-added"} | ({"enum-members"} if renamed else set())


def test_a_charset_makes_no_other_media_type() -> None:
    """JSON with a charset is the same media type as JSON without."""
    plain, said = (
        document({"responses": {"200": {"content": {kind: {"schema": TEXT}}}}})
        for kind in (JSON, f"{JSON}; charset=utf-8")
    )
    assert compare(plain, said) == []


def test_a_constant_is_an_enum_of_one() -> None:
    """A constant is compared as an enum with one value."""
    one, other = received({**TEXT, "const": "a"}), received({**TEXT, "const": "b"})
    assert {change.kind for change in compare(one, other)} == {"enum-value-added", "enum-value-removed"}
    assert {change.kind for change in compare(one, received({**TEXT, "enum": ["a", "b"]}))} == {"enum-value-added"}


def test_a_duplicate_value_is_no_change() -> None:
    """It counts once, and its member keeps its name."""
    assert compare(received({"enum": ["a", "b"]}), received({"enum": ["a", "b", "a"]})) == []


def test_names_for_another_language_are_no_change() -> None:
    """`x-enum-varnames` change nothing."""
    assert compare(received(AB), received({**AB, "x-enum-varnames": ["A", "C"]})) == []


def test_every_rule_is_in_a_table() -> None:
    """Each kind of change is in a table or a test."""
    tables = [*(row[4] for row in OPERATIONS + PLACES), *(row[3] for row in RESPONSES)]
    tables += [kind for row in FIELDS for kind, _ in row[:2]]
    names = {"schema-added", "schema-removed", "alias-removed", "alias-renamed", "schema-changed",
             "schema-renamed", "class-changed", "enum-members"}  # fmt: skip
    assert {*tables} | names == RULES.keys()


def test_inline_object_that_gets_a_name_does_not_change_the_wire() -> None:
    """The description has both classes, and says that requests and responses do not change."""
    (change,) = compare(sent(thing(thing(TEXT)), **INNER), sent(AT_INNER, **INNER))
    expected = "The Python class was one named after its place and is now `Inner`; nothing changes on the wire."
    assert change.text == expected


def test_references_outside_schemas_are_followed() -> None:
    """Shared parameters, bodies and responses are compared like those in the operation itself."""
    shared = {
        "parameters": [{"$ref": "#/components/parameters/P"}],
        "requestBody": {"$ref": "#/components/requestBodies/B"},
        "responses": {"200": {"$ref": "#/components/responses/R"}},
    }
    docs = [
        document(shared, parameters={"P": {"name": "p", "in": "query", "schema": schema}},
                 requestBodies={"B": content(schema)}, responses={"R": content(schema)})
        for schema in (TEXT, {"type": "integer"})
    ]  # fmt: skip
    places = [("send", f"{A} › p"), ("send", f"{A} › body"), ("receive", "responses.R")]
    assert rows(compare(*docs)) == {(way, True, "retyped", where) for way, where in places}


def test_recursive_schemas_end() -> None:
    """Schemas that contain themselves, by reference or as objects, are compared once."""
    loop: Doc = {"type": "object", "properties": {}}
    loop["properties"]["self"] = loop
    again = {"x": REF, "all": {"allOf": [REF, THING]}, "loop": loop, "y": TEXT}
    old, new = received({"type": "object", "properties": again}), received({"properties": {**again, "y": AB}})
    both = {("receive", True, "retyped", "Thing.y"), ("receive", True, "retyped", "Thing.all.y")}
    assert rows(compare(old, new)) == both
    assert compare(received({"allOf": [REF]}), received(REF)) == []


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"info": None, "paths": None, "components": None, "security": None},
        {"paths": {"/a": None, "/b": {"get": None, "post": {"parameters": None, "responses": {200: None}}}}},
        {"paths": {"/a": {"get": {"tags": None, "parameters": [None, {"$ref": "#/no"}], "requestBody": 3}}}},
        received({"type": "object", "properties": None, "required": True, "enum": None, "allOf": [None]}),
        received({"$ref": "#/components/schemas/Missing"}),
        received({"$ref": "other.yaml#/A"}),
        received({"type": ["string", "null"], "items": [], "minimum": "0", "default": {1: 2}, "enum": [{}, None]}),
    ],
)
def test_odd_document_is_no_error(odd: Doc) -> None:
    """A document with missing, null or broken sections can be compared."""
    assert compare(odd, deepcopy(odd)) == []
    assert compare(odd, sent(THING)) != compare(sent(THING), odd)
    assert markdown(odd, received(THING)).startswith("# ")


def test_same_document_gives_nothing() -> None:
    """A copy has no changes, and the summary says so."""
    both = {"requestBody": content(REF), "responses": {"200": content(REF)}, **param()}
    same = document(both, schemas={"Thing": AT_INNER, **INNER})
    assert compare(same, deepcopy(same)) == []
    assert markdown(same, deepcopy(same)) == "# 0 breaking, 0 other changes (1.0 -> 1.0)\n\nNothing changed.\n"


def test_prose_is_counted_and_a_field_called_title_is_not_prose() -> None:
    """The summary has the number of places with other prose; names of fields are not prose."""
    old = received({"type": "object", "properties": {"title": TEXT}, "description": "One."})
    new = received({"type": "object", "properties": {"title": AB}, "description": "Two.", "title": "T"})
    assert reworded(old, new) == 2
    assert rows(compare(old, new)) == {("receive", True, "retyped", "Thing.title")}
    assert "Prose differs in 2 places." in markdown(old, new)


def test_markdown_is_laid_out_by_severity_and_direction() -> None:
    """The text has a title, breaking and other changes by direction, and the operations with pagination."""
    old = document({"responses": {"200": content(THING)}, **param()})
    new = document({"responses": {"200": content(thing(AB))}, "deprecated": True})
    new["info"]["version"] = "1.1"
    lines = [line for line in markdown(old, new, paged=["B", "A", "B"]).splitlines() if line]
    assert lines == [
        "# 2 breaking, 1 other change (1.0 -> 1.1)",
        "## Breaking",
        "### Send",
        "- `GET /a › p` (param-removed): The query parameter is gone.",
        "### Receive",
        "- `GET /a › 200.x` (retyped): The type was string and is now enum of string.",
        "## Not breaking",
        "### API",
        "- `GET /a` (operation-deprecated): The operation is now deprecated.",
        "## Operations with pagination",
        "- `A`",
        "- `B`",
    ]
    assert f"# {headline(old, new)}" == lines[0]
