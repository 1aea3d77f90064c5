"""What the summary of a regeneration calls breaking, rule by rule."""

from copy import deepcopy
from typing import Any

import pytest

from scripts.regenerate.comparison.document_diff import Change, compare, reworded
from scripts.regenerate.comparison.rules import RULES
from scripts.regenerate.summarise import headline, markdown

Doc = dict[str, Any]
JSON = "application/json"
TEXT = {"type": "string"}
AB, ABC = {"type": "string", "enum": ["a", "b"]}, {"type": "string", "enum": ["a", "b", "c"]}
THING = {"type": "object", "properties": {"x": TEXT}}
REF = {"$ref": "#/components/schemas/Thing"}
SIGNED: list[Doc] = [{"key": []}]


def document(operation: Doc | None = None, at: str = "get /a", schemas: Doc | None = None, **components: Doc) -> Doc:
    """Build a document of one operation."""
    method, path = at.split(" ")
    node = {"operationId": "GetA", "tags": ["t"], "responses": {}, **(operation or {})}
    return {
        "openapi": "3.0.0",
        "info": {"version": "1.0"},
        "paths": {path: {method: node}},
        "components": {"schemas": schemas or {}, **components},
    }


def at(*urls: str) -> Doc:
    """Build a document that says where the API lives."""
    return {**document(), "servers": [{"url": url} for url in urls]}


def content(schema: Doc) -> Doc:
    """Build the part that a body and a response share."""
    return {"content": {JSON: {"schema": schema}}}


def param(**keys: Any) -> Doc:
    """Build an operation with one parameter."""
    return {"parameters": [{"name": "p", "in": "query", "schema": TEXT, **keys}]}


def sent(schema: Doc, **schemas: Doc) -> Doc:
    """Build a document whose operation sends the schema, as the component `Thing`."""
    return document({"requestBody": content(REF)}, schemas={"Thing": schema, **schemas})


def received(schema: Doc, **schemas: Doc) -> Doc:
    """Build a document whose operation answers with the schema, as the component `Thing`."""
    return document({"responses": {"200": content(REF)}}, schemas={"Thing": schema, **schemas})


def thing(field: Doc | None, **keys: Any) -> Doc:
    """Build an object with the field `x`."""
    return {"type": "object", "properties": {"x": field} if field else {}, **keys}


def rows(changes: list[Change]) -> set[tuple[str, bool, str, str]]:
    """Keep what the tables state."""
    return {(change.direction, change.breaking, change.kind, change.where) for change in changes}


A = "GET /a"
OPERATIONS = [
    (document(at="get /b"), document(), "api", False, "operation-moved", A),
    (document({"operationId": "Old"}), document(), "api", True, "operation-renamed", A),
    (document({"tags": ["s", "t"]}), document(), "api", True, "tag-changed", A),
    (document(), {"paths": {}}, "api", True, "operation-removed", A),
    ({}, document(), "api", False, "operation-added", A),
    (document(), document({"deprecated": True}), "api", False, "operation-deprecated", A),
    (document({"deprecated": True}), document(), "api", False, "operation-undeprecated", A),
    (document(), document({"security": SIGNED}), "api", True, "security-added", A),
    (at("/v2"), at("/v2", "/v3"), "api", False, "server-added", "/v3"),
    (at("/v2", "/v3"), at("/v3"), "api", True, "server-removed", "/v2"),
    (document({"security": SIGNED}), document({"security": []}), "api", False, "security-removed", A),
    (document({"security": SIGNED}), document({"security": [{"k": []}]}), "api", True, "security-changed", A),
    (
        document({"security": SIGNED}),
        document({"security": [*SIGNED, {"k": []}]}),
        "api",
        False,
        "security-widened",
        A,
    ),
]
PLACES: list[tuple[Doc, Doc, str, bool, str, str]] = [
    (param(), {}, "send", True, "param-removed", f"{A} › p"),
    ({}, param(), "send", False, "param-added", f"{A} › p"),
    ({}, param(required=True), "send", True, "param-added-required", f"{A} › p"),
    (param(), param(required=True), "send", True, "param-required", f"{A} › p"),
    (param(required=True), param(), "send", False, "param-optional", f"{A} › p"),
    (param(), param(schema={"type": "integer"}), "send", True, "retyped", f"{A} › p"),
    (param(schema=ABC), param(schema=AB), "send", True, "enum-value-removed", f"{A} › p"),
    (param(schema=AB), param(schema=ABC), "send", False, "enum-value-added", f"{A} › p"),
    (param(), param(deprecated=True), "send", False, "param-deprecated", f"{A} › p"),
    (param(deprecated=True), param(), "send", False, "param-undeprecated", f"{A} › p"),
    (param(), param(**{"in": "header"}), "send", True, "param-moved", f"{A} › p"),
    (param(), param(explode=False), "send", True, "param-style", f"{A} › p"),
    (param(), param(style="deepObject", explode=True), "send", True, "param-style", f"{A} › p"),
    (param(**content(TEXT)), param(**content({"type": "integer"})), "send", True, "retyped", f"{A} › p"),
    ({}, {"requestBody": content(TEXT)}, "send", False, "body-added", f"{A} › body"),
    (
        {},
        {"requestBody": {"required": True, **content(TEXT)}},
        "send",
        True,
        "body-added-required",
        f"{A} › body",
    ),
    ({"requestBody": content(TEXT)}, {}, "send", True, "body-removed", f"{A} › body"),
    (
        {"requestBody": content(TEXT)},
        {"requestBody": {"required": True, **content(TEXT)}},
        "send",
        True,
        "body-required",
        f"{A} › body",
    ),
    (
        {"requestBody": {"required": True, **content(TEXT)}},
        {"requestBody": content(TEXT)},
        "send",
        False,
        "body-optional",
        f"{A} › body",
    ),
    (
        {"requestBody": content(thing(TEXT))},
        {"requestBody": content(thing(None))},
        "send",
        True,
        "field-removed",
        f"{A} › body.x",
    ),
]
RESPONSES: list[tuple[Doc, Doc, bool, str, str]] = [
    ({"200": content(TEXT)}, {"200": content({"type": "integer"})}, True, "retyped", f"{A} › 200"),
    ({"200": content(TEXT)}, {"201": content(TEXT)}, True, "success-changed", A),
    ({"200": {}}, {"200": {}, "204": {}}, False, "success-added", A),
    ({"200": {}}, {"200": {}, "201": content(TEXT)}, True, "success-widened", A),
    ({"200": {}, "204": {}}, {"200": {}}, True, "success-removed", A),
    ({"200": {}}, {"200": content(TEXT)}, False, "media-added", f"{A} › 200"),
    ({"200": content(TEXT)}, {"200": {}}, True, "media-removed", f"{A} › 200"),
    ({}, {"404": {}}, False, "error-added", A),
    ({"404": {}}, {}, False, "error-removed", A),
    ({"404": {}}, {"404": content(TEXT)}, False, "error-media", f"{A} › 404"),
]
# Kind; whether it breaks when sent, when received; the field before, after.
VALUES: list[tuple[str, tuple[bool, bool], Doc, Doc]] = [
    ("retyped", (True, True), TEXT, {"type": "integer"}),
    ("retyped", (True, True), TEXT, {**TEXT, "format": "date-time"}),
    ("retyped", (True, True), TEXT, AB),
    ("nullable-dropped", (True, False), {**TEXT, "nullable": True}, TEXT),
    ("nullable-added", (False, True), TEXT, {**TEXT, "nullable": True}),
    ("nullable-added", (False, True), TEXT, {"anyOf": [TEXT, {"type": "null"}]}),
    ("enum-value-removed", (True, False), ABC, AB),
    ("enum-value-added", (False, False), AB, ABC),
    ("bound-tightened", (True, False), {**TEXT, "maxLength": 9}, {**TEXT, "maxLength": 5}),
    ("bound-tightened", (True, False), {"type": "integer"}, {"type": "integer", "minimum": 0}),
    ("bound-tightened", (True, False), TEXT, {**TEXT, "pattern": "a"}),
    ("bound-loosened", (False, False), {**TEXT, "minLength": 5}, {**TEXT, "minLength": 1}),
    ("bound-loosened", (False, False), {"type": "integer", "maximum": 0}, {"type": "integer"}),
    ("default-changed", (False, False), {**TEXT, "default": "a"}, {**TEXT, "default": "b"}),
    ("deprecated", (False, False), TEXT, {**TEXT, "deprecated": True}),
    ("undeprecated", (False, False), {**TEXT, "deprecated": True}, TEXT),
    (
        "variant-added",
        (False, True),
        {"oneOf": [AB, TEXT]},
        {"oneOf": [AB, TEXT, {"type": "integer"}]},
    ),
    ("variant-removed", (True, False), {"anyOf": [AB, TEXT, ABC]}, {"anyOf": [AB, ABC]}),
    ("extras-closed", (True, True), thing(TEXT), thing(TEXT, additionalProperties=False)),
    ("extras-opened", (False, False), thing(TEXT, additionalProperties=False), thing(TEXT)),
]
# Kind and whether it breaks when sent; the same when received; place; the schema before, after.
FIELDS: list[tuple[tuple[str, bool], tuple[str, bool], str, Doc, Doc]] = [
    (("field-removed", True), ("field-removed", True), "Thing.x", thing(TEXT), thing(None)),
    (("field-added", False), ("field-added", False), "Thing.x", thing(None), thing(TEXT)),
    (
        ("field-added-required", True),
        ("field-added", False),
        "Thing.x",
        thing(None),
        thing(TEXT, required=["x"]),
    ),
    (
        ("field-required", True),
        ("field-required", False),
        "Thing.x",
        thing(TEXT),
        thing(TEXT, required=["x"]),
    ),
    (
        ("field-optional", False),
        ("field-optional", True),
        "Thing.x",
        thing(TEXT, required=["x"]),
        thing(TEXT),
    ),
    *(((kind, breaks[0]), (kind, breaks[1]), "Thing.x", thing(old), thing(new)) for kind, breaks, old, new in VALUES),
    (
        ("retyped", True),
        ("retyped", True),
        "Thing.x[]{}",
        thing({"type": "array", "items": {"type": "object", "additionalProperties": TEXT}}),
        thing({"type": "array", "items": {"type": "object", "additionalProperties": {"type": "number"}}}),
    ),
    (
        ("field-removed", True),
        ("field-removed", True),
        "Thing.y",
        {"allOf": [thing(TEXT), {"properties": {"y": TEXT}}]},
        {"allOf": [thing(TEXT), {"properties": {}}]},
    ),
]


@pytest.mark.parametrize(("old", "new", "direction", "breaking", "kind", "where"), OPERATIONS)
def test_operation_change_is_judged(old: Doc, new: Doc, direction: str, breaking: bool, kind: str, where: str) -> None:
    """A change of an operation gives exactly its row."""
    assert rows(compare(old, new)) == {(direction, breaking, kind, where)}


@pytest.mark.parametrize(("old", "new", "direction", "breaking", "kind", "where"), PLACES)
def test_parameter_or_body_change_is_judged(
    old: Doc, new: Doc, direction: str, breaking: bool, kind: str, where: str
) -> None:
    """A change of what an operation takes gives exactly its row."""
    assert rows(compare(document(old), document(new))) == {(direction, breaking, kind, where)}


@pytest.mark.parametrize(("old", "new", "breaking", "kind", "where"), RESPONSES)
def test_response_change_is_judged(old: Doc, new: Doc, breaking: bool, kind: str, where: str) -> None:
    """A change of what an operation answers gives exactly its row."""
    found = compare(document({"responses": old}), document({"responses": new}))
    assert rows(found) == {("receive", breaking, kind, where)}


@pytest.mark.parametrize(("sending", "receiving", "where", "old", "new"), FIELDS)
def test_field_change_is_judged_by_direction(
    sending: tuple[str, bool], receiving: tuple[str, bool], where: str, old: Doc, new: Doc
) -> None:
    """A change of a field is judged by the way it travels, and in both ways where it travels both."""
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
    """A change that Python names feel and the wire does not gives exactly its row."""
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
    """Only a value that is spelt like a new one before it gets another Python name."""
    kinds = {change.kind for change in compare(received({"enum": old}), received({"enum": new}))}
    assert kinds == {"enum-value-added"} | ({"enum-members"} if renamed else set())


def test_a_charset_makes_no_other_media_type() -> None:
    """JSON is JSON, with the charset said or unsaid."""
    plain, said = (
        document({"responses": {"200": {"content": {kind: {"schema": TEXT}}}}})
        for kind in (JSON, f"{JSON}; charset=utf-8")
    )
    assert compare(plain, said) == []


def test_a_constant_is_an_enum_of_one() -> None:
    """Another constant is another value, and a second value is one more."""
    one, other = received({**TEXT, "const": "a"}), received({**TEXT, "const": "b"})
    assert {change.kind for change in compare(one, other)} == {"enum-value-added", "enum-value-removed"}
    assert {change.kind for change in compare(one, received({**TEXT, "enum": ["a", "b"]}))} == {"enum-value-added"}


def test_a_value_that_stands_twice_is_no_change() -> None:
    """It is one value, and its member keeps its name."""
    assert compare(received({"enum": ["a", "b"]}), received({"enum": ["a", "b", "a"]})) == []


def test_names_for_another_language_are_no_change() -> None:
    """Names that the document gives for another compiler change nothing."""
    assert compare(received(AB), received({**AB, "x-enum-varnames": ["A", "C"]})) == []


def test_every_rule_is_in_a_table() -> None:
    """Each kind of change has a row here."""
    tables = [*(row[4] for row in OPERATIONS + PLACES), *(row[3] for row in RESPONSES)]
    tables += [kind for row in FIELDS for kind, _ in row[:2]]
    names = {"schema-added", "schema-removed", "alias-removed", "alias-renamed", "schema-changed",
             "schema-renamed", "class-changed", "enum-members"}  # fmt: skip
    assert {*tables} | names == RULES.keys()


def test_inline_object_that_gets_a_name_does_not_change_the_wire() -> None:
    """The sentence says that the class is another one and the wire the same."""
    (change,) = compare(sent(thing(thing(TEXT)), **INNER), sent(AT_INNER, **INNER))
    expected = "The Python class was one named after its place and is now `Inner`; nothing changes on the wire."
    assert change.text == expected


def test_references_outside_schemas_are_followed() -> None:
    """Shared parameters, bodies and responses count as if they stood in the operation."""
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
    """Schemas that hold themselves, by reference or as objects, are compared once."""
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
    """A document with sections missing, null or broken compares with itself and with a sound one."""
    assert compare(odd, deepcopy(odd)) == []
    assert compare(odd, sent(THING)) != compare(sent(THING), odd)
    assert markdown(odd, received(THING)).startswith("# ")


def test_same_document_gives_nothing() -> None:
    """A document compared with its copy has no change, and one line says so."""
    both = {"requestBody": content(REF), "responses": {"200": content(REF)}, **param()}
    same = document(both, schemas={"Thing": AT_INNER, **INNER})
    assert compare(same, deepcopy(same)) == []
    assert markdown(same, deepcopy(same)) == "# 0 breaking, 0 other changes (1.0 -> 1.0)\n\nNothing changed.\n"


def test_prose_is_counted_and_a_field_called_title_is_not_prose() -> None:
    """Wording is told in one line, by the number of places; names are never taken for wording."""
    old = received({"type": "object", "properties": {"title": TEXT}, "description": "One."})
    new = received({"type": "object", "properties": {"title": AB}, "description": "Two.", "title": "T"})
    assert reworded(old, new) == 2
    assert rows(compare(old, new)) == {("receive", True, "retyped", "Thing.title")}
    assert "Prose differs in 2 places." in markdown(old, new)


def test_markdown_is_laid_out_by_severity_and_direction() -> None:
    """The text has a title, both severities split by direction, and the paged operations."""
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
