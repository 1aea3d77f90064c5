"""Pairs of documents that differ in one place, with the change that the comparison has to find."""

from typing import Any

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
    """Build a document with these base URLs."""
    return {**document(), "servers": [{"url": url} for url in urls]}


def content(schema: Doc) -> Doc:
    """Build the `content` of a request body or a response."""
    return {"content": {JSON: {"schema": schema}}}


def param(**keys: Any) -> Doc:
    """Build an operation with one parameter."""
    return {"parameters": [{"name": "p", "in": "query", "schema": TEXT, **keys}]}


def sent(schema: Doc, **schemas: Doc) -> Doc:
    """Build a document whose operation sends the schema, as the component `Thing`."""
    return document({"requestBody": content(REF)}, schemas={"Thing": schema, **schemas})


def received(schema: Doc, **schemas: Doc) -> Doc:
    """Build a document whose operation returns the schema, as the component `Thing`."""
    return document({"responses": {"200": content(REF)}}, schemas={"Thing": schema, **schemas})


def thing(field: Doc | None, **keys: Any) -> Doc:
    """Build an object with the field `x`."""
    return {"type": "object", "properties": {"x": field} if field else {}, **keys}


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
# Kind of change; whether it breaks requests and responses; old field, new field.
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
# Kind of change and whether it breaks, for requests and for responses; place; old schema, new schema.
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
