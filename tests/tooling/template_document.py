"""A document with every construct that the templates handle."""

from __future__ import annotations

from typing import Any

from tests.tooling.small_documents import TEXT, Doc, body, document, model, operation, ref, response

NUMBERS = {"type": "array", "items": {"type": "integer"}}
RESERVED = [
    *("type", "from", "class", "self", "None", "list", "str", "datetime", "field", "define", "id", "print"),
    *("to_dict", "from_dict", "additional_properties", "keys", "_unknown", "UNSET", "Decimal", "UUID", "Any"),
    *("odd name", "odd-name-2", "1st", "wörter", "$ref-like", "x.y", "camelCase", "to_dict_", "__init__"),
]


def query(name: str, **keys: Any) -> Doc:
    return {"name": name, "in": "query", "schema": TEXT, **keys}


def header(name: str, **keys: Any) -> Doc:
    return {"name": name, "in": "header", "schema": TEXT, **keys}


CURSOR = query("cursor")
THING = model(
    {
        "name": {**TEXT, "description": "What it is called.\nIn one word."},
        "kind": {**ref("Kind"), "description": "Which kind this one is of."},
        "plain_kind": ref("Kind"),
        "limit": {"type": "integer", "default": 100, "description": "DecodedRows in all."},
        "gone": {**TEXT, "deprecated": True, "description": "What it was called."},
        "gone_kind": {**ref("Kind"), "deprecated": True},
        "told": {**TEXT, "deprecated": True, "description": "Deprecated: use `name` instead."},
        "either": {**TEXT, "x-either": True},
        "nested": model({"gone": {**TEXT, "deprecated": True}, "either": {**TEXT, "x-either": True}}),
    },
    ["name", "either"],
    description="A thing.",
)
SCHEMAS: Doc = {
    "Kind": {**TEXT, "enum": ["a", "b"], "description": "A kind of thing."},
    "Thing": THING,
    "Titled": {**model({"either": {**TEXT, "x-either": True}}), "title": "Other Name"},
    "Whole": {"allOf": [ref("Thing"), model({"more": {**TEXT, "deprecated": True}})]},
    "Reserved": model(dict.fromkeys(RESERVED, TEXT)),
    "Empty": model({}),
    "Page": model({"things": {"type": "array", "items": ref("Thing")}, "cursor": TEXT}, ["things"]),
    "NextPage": model({"next_cursor": TEXT, "kinds": {"type": "array", "items": ref("Kind"), "nullable": True}}),
    "TwoLists": model({"cursor": TEXT, "a": NUMBERS, "b": NUMBERS}),
    "Mixed": model({
        "cursor": TEXT,
        "rows": {"type": "array", "items": {"oneOf": [ref("Thing"), ref("Whole"), {**TEXT, "format": "uuid"}]}},
    }),
    "NoCursor": model({"things": {"type": "array", "items": ref("Thing")}}),
}  # fmt: skip
LONG = "A sentence that goes on and on, longer than a line of the package may be, and then on again to its end."
PROSE = f"{LONG}\n\n- one\n- two\n"
PATHS: Doc = {
    "/things": {
        "get": operation("GetThings", ref("Page"), summary="List things", description=PROSE, parameters=[
            CURSOR,
            query("limit", description="How many.", schema={"type": "integer", "default": 100}),
            query("ids", schema=NUMBERS),
            query("flat", schema=NUMBERS, explode=False),
            query("old", deprecated=True, description="Which old ones."),
            query("told", deprecated=True, description="Deprecated: no effect."),
            header("X-Trace-Id"),
            header("X-Count", required=True, schema={"type": "integer"}),
            {"name": "session", "in": "cookie", "schema": TEXT},
        ]),
        "put": operation("PutThing", ref("Thing"), requestBody={"required": True, **body(ref("Thing"))}),
        "post": operation(
            "PostThing", responses={"200": response(ref("Thing")), "204": response(), "default": response(ref("Kind"))}
        ),
        "patch": operation("PatchThing", responses={"204": response()}, requestBody=body(ref("Thing"))),
        "delete": operation("DeleteThings", deprecated=True, summary="Drop things.",
                            description="Drops all of them. Deprecated: drop one at a time. Nothing is asked."),
    },
    "/things/{thing-id}/{from}": {
        "parameters": [
            {"name": "from", "in": "path", "required": True, "schema": TEXT},
            {"name": "thing-id", "in": "path", "required": True, "schema": TEXT},
            query("shared", description="From the path."),
        ],
        "get": operation("getThing", ref("Thing"), parameters=[query("shared", description="From the operation.")]),
        "put": operation("GetRFQs", ref("Whole"), tags=["order-groups", "things"]),
        "delete": operation("import", deprecated=True, tags=[]),
    },
    "/clashes/{client}": {
        "get": operation("GetClashes", ref("Page"), parameters=[
            {"name": "client", "in": "path", "required": True, "schema": TEXT}, CURSOR,
            *map(query, ["self", "body", "operation", "cursor_field", "max_pages", "max_items", "paging", "pages",
                         "apages", "max_pages_", "from", "url", "sync"]),
        ]),
    },
    "/next": {"get": operation("GetNext", ref("NextPage"), parameters=[CURSOR])},
    "/two": {"get": operation("GetTwo", ref("TwoLists"), parameters=[CURSOR])},
    "/mixed": {"get": operation("GetMixed", ref("Mixed"), parameters=[CURSOR])},
    "/none": {"get": operation("GetNone", ref("NoCursor"), parameters=[CURSOR])},
    "/unasked": {"get": operation("GetUnasked", ref("Page"))},
    "/headed": {"get": operation("GetHeaded", ref("Page"), parameters=[header("cursor")])},
    "/signed": {"get": operation("GetSigned", security=[{"key": []}])},
    "/public": {"get": operation("GetPublic", security=[])},
    "/optional": {"get": operation("GetOptional", security=[{"key": []}, {}])},
    "/others": {"get": operation("GetOthers", ref("Titled")), "put": operation("PutEmpty", ref("Empty")),
                "post": operation("PostReserved", requestBody=body(ref("Reserved")))},
    "/range": {
        "get": operation(
            "GetRange", responses={"2XX": response(ref("Thing")), "4XX": response(), "200": response(TEXT)}
        ),
    },
}  # fmt: skip


def template_document() -> Doc:
    """Return the document."""
    tree = document(PATHS, SCHEMAS, security=[{"key": []}])
    # The security of the whole document applies to /unasked; the operations that tests call are public.
    for path, item in tree["paths"].items():
        for name, each in item.items():
            if name != "parameters" and path not in ("/signed", "/public", "/optional", "/unasked"):
                each["security"] = []
    return tree
