"""Python types of the properties in the document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.tooling.small_documents import TEXT, Doc, Package, body, build_and_import, document, model, operation, ref

CAT = model({"meow": TEXT}, ["meow"])
DOG = model({"bark": TEXT}, ["bark"])
KIND = {**TEXT, "enum": ["a", "b"]}
LEVEL = {"type": "integer", "enum": [1, 2]}
PRICE = {**TEXT, "format": "fixed-point-4"}


def many(schema: Doc) -> Doc:
    return {"type": "array", "items": schema}


def either(*schemas: Doc) -> Doc:
    return {"oneOf": list(schemas)}


# Field, schema, annotation in responses, and annotation in requests if that differs.
FIELDS: list[tuple[str, Doc, str, str]] = [
    ("text", TEXT, "str", ""),
    ("number", {"type": "number"}, "float", ""),
    ("integer", {"type": "integer", "format": "int64"}, "int", ""),
    ("flag", {"type": "boolean"}, "bool", ""),
    ("anything", {}, "Any", ""),
    ("moment", {**TEXT, "format": "date-time"}, "datetime.datetime", ""),
    ("day", {**TEXT, "format": "date"}, "datetime.date", ""),
    ("uuid", {**TEXT, "format": "uuid"}, "UUID", "UUID | str"),
    ("email", {**TEXT, "format": "email"}, "str", ""),
    ("decimal", {**TEXT, "format": "fixed-point"}, "Decimal", "Decimal | int | str"),
    ("price", PRICE, "Decimal", "Annotated[Decimal | int | str, DecimalPlaces(4)]"),
    ("prices", many(PRICE), "list[Decimal]", "Sequence[Annotated[Decimal | int | str, DecimalPlaces(4)]]"),
    ("kind", ref("Kind"), "Kind", "Kind | str"),
    ("level", ref("Level"), "Level", "Level | int"),
    ("kinds", many(ref("Kind")), "list[Kind]", "Sequence[Kind | str]"),
    ("words", many(TEXT), "list[str]", "Sequence[str]"),
    ("rows", many(many(TEXT)), "list[list[str]]", "Sequence[Sequence[str]]"),
    ("bare_list", {"type": "array"}, "list[Any]", "Sequence[Any]"),
    ("maybe", {**TEXT, "nullable": True}, "str | None", ""),
    ("maybe_list", {**many(TEXT), "nullable": True}, "list[str] | None", "Sequence[str] | None"),
    ("maybe_kind", {**ref("Kind"), "nullable": True}, "Kind | None", "Kind | str | None"),
    ("maybe_cat", {"allOf": [ref("Cat")], "nullable": True}, "Cat | None", ""),
    (
        "maybe_price", {**PRICE, "nullable": True},
        "Decimal | None", "Annotated[Decimal | int | str, DecimalPlaces(4)] | None",
    ),
    ("cat", ref("Cat"), "Cat", ""),
    ("cats", many(ref("Cat")), "list[Cat]", "Sequence[Cat]"),
    ("cat_or_dog", either(ref("Cat"), ref("Dog")), "Cat | Dog", ""),
    ("text_or_number", either(TEXT, {"type": "integer"}), "str | int", ""),
    ("two_words", either(TEXT, {**TEXT, "format": "email"}), "str", ""),
    ("many_or_one", either(many(ref("Cat")), ref("Cat")), "list[Cat] | Cat", "Sequence[Cat] | Cat"),
    ("null_or_cat", {"anyOf": [{"type": "null"}, ref("Cat")]}, "Cat | None", ""),
    ("null_or_text", {"type": ["null", "string"]}, "str | None", ""),
    ("truth", {"const": True}, "Literal[True]", ""),
]  # fmt: skip
# Field, schema, class that is generated for it, and its base class.
CLASSES: list[tuple[str, Doc, str, str]] = [
    ("counts", {"type": "object", "additionalProperties": {"type": "integer"}}, "Counts", "OpenModel[int]"),
    ("cats_by_name", {"type": "object", "additionalProperties": ref("Cat")}, "CatsByName", "OpenModel[Cat]"),
    ("lists", {"type": "object", "additionalProperties": many(ref("Dog"))}, "Lists", "OpenModel[list[Dog]]"),
    ("prices_by_day", {"type": "object", "additionalProperties": PRICE}, "PricesByDay", "OpenModel[Decimal]"),
    ("free", {"type": "object"}, "Free", "OpenModel[Any]"),
    ("nested", model({"deep": model({"x": TEXT})}), "Nested", "Model"),
    ("closed", model({"x": TEXT}, additionalProperties=False), "Closed", "Model"),
    ("half", model({"x": TEXT}, additionalProperties={"type": "integer"}), "Half", "OpenModel[int]"),
]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Package:
    fields = {name: schema for name, schema, *_ in (*FIELDS, *CLASSES)}
    schemas = {
        "Cat": CAT,
        "Dog": DOG,
        "Kind": KIND,
        "Level": LEVEL,
        "Received": model(fields, fields),
        "Sent": model(fields, fields),
        "Optional": model(fields),
    }
    paths = {
        "/received": {"get": operation("GetReceived", ref("Received"))},
        "/optional": {"get": operation("GetOptional", ref("Optional"))},
        "/sent": {"put": operation("PutSent", requestBody={"required": True, **body(ref("Sent"))})},
    }
    return build_and_import(document(paths, schemas), tmp_path_factory.mktemp("annotations"), "annotated")


@pytest.mark.parametrize(("name", "received"), [row[::2] for row in FIELDS], ids=[row[0] for row in FIELDS])
def test_a_field_that_is_received_has_one_type(small: Package, name: str, received: str) -> None:
    """A field of a response has the type in the document, or a union of the types; null is None."""
    assert small.model("Received").__annotations__[name] == received


@pytest.mark.parametrize(
    ("name", "sent"), [(row[0], row[3] or row[2]) for row in FIELDS], ids=[row[0] for row in FIELDS]
)
def test_a_field_that_is_sent_takes_plain_values_too(small: Package, name: str, sent: str) -> None:
    """An enum's value, a number for a decimal, the text of a UUID and any sequence are accepted."""
    assert small.model("Sent").__annotations__[name] == sent


@pytest.mark.parametrize("name", [row[0] for row in (*FIELDS, *CLASSES)])
def test_a_field_that_is_not_required_may_be_unset(small: Package, name: str) -> None:
    """The type ends with `| Unset`, after None, and UNSET is the default."""
    required = small.model("Received").__annotations__[name].replace("Received", "Optional")
    assert small.model("Optional").__annotations__[name] == f"{required} | Unset"
    assert getattr(small.model("Optional")(), name) is small.module("types").UNSET


@pytest.mark.parametrize(("name", "made", "base"), [(row[0], *row[2:]) for row in CLASSES])
def test_an_object_inside_gets_a_class_of_its_own(small: Package, name: str, made: str, base: str) -> None:
    """The class is named after its place; a map has the type of its values."""
    assert small.model("Received").__annotations__[name] == f"Received{made}"
    assert f"class Received{made}({base}):" in small.text(f"models/received_{name}.py")


@pytest.mark.parametrize("values", [["a", "b"], ["a", "b", None]], ids=["null left out", "null as a value"])
@pytest.mark.parametrize("null", [{**TEXT, "nullable": True}, {"type": ["string", "null"]}], ids=["3.0", "3.1"])
def test_an_enum_written_in_its_place_may_be_null(tmp_path: Path, null: Doc, values: list[Any]) -> None:
    """It has one class and null is not drift; a parameter has the same class, without null."""
    schema = {**null, "enum": values}
    parameters = [{"name": "side", "in": "query", "schema": schema}]
    paths = {"/a": {"get": operation("GetA", ref("Row"), parameters=parameters)}}
    fields = {"side": schema, "sides": many(schema)}
    found = build_and_import(
        document(paths, {"Row": model(fields, fields)}), tmp_path, f"null_{len(null)}_{len(values)}"
    )
    row = found.model("Row")
    assert row.__annotations__ == {"side": "RowSide | None", "sides": "list[RowSidesItem | None]"}
    assert found.operation("get_a").sync.__annotations__["side"] == "GetASide | str | Unset"
    for value in ({"side": None, "sides": ["a", None]}, {"side": "b", "sides": []}):
        assert row.from_dict(value).to_dict() == value


VALUES: list[tuple[str, object]] = [
    ("kind", "b"),
    ("uuid", "6f1f2b0e-0c39-4e3c-9d4e-6e1d3e2b7a10"),
    ("price", "0.5600"),
    ("maybe_price", None),
    ("day", "2026-11-23"),
    ("moment", "2026-11-23T10:00:00.123456789Z"),
    ("kinds", ["a", "newer"]),
    ("rows", [["x"], []]),
    ("cat_or_dog", {"bark": "wow"}),
    ("text_or_number", 3),
    ("many_or_one", [{"meow": "mew"}]),
    ("null_or_cat", None),
    ("truth", True),
    ("counts", {"a": 1}),
    ("cats_by_name", {"Tom": {"meow": "mew"}}),
    ("lists", {"x": [{"bark": "wow"}]}),
    ("prices_by_day", {"x": "0.10"}),
    ("free", {"x": [1, None]}),
    ("nested", {"deep": {"x": "y"}}),
    ("half", {"x": "y", "z": 1}),
]


@pytest.mark.parametrize(("name", "value"), VALUES, ids=[row[0] for row in VALUES])
def test_values_go_through_the_built_models_unchanged(small: Package, name: str, value: object) -> None:
    """A decoded value encodes to the same JSON, digit by digit."""
    assert small.model("Optional").from_dict({name: value}).to_dict() == {name: value}


def test_recursion_reaches_any_depth(tmp_path: Path) -> None:
    """A model may contain itself: in a list, as a field that may be null, and inside another model."""
    tree = model({"children": many(ref("Tree")), "parent": {**ref("Tree"), "nullable": True}, "nest": ref("Nest")})
    schemas = {"Tree": tree, "Nest": model({"tree": ref("Tree")})}
    found = build_and_import(document({"/a": {"get": operation("GetA", ref("Tree"))}}, schemas), tmp_path, "recursive")
    value = {"children": [{"children": [{"parent": {"nest": {"tree": {"parent": None}}}}]}]}
    read = found.model("Tree").from_dict(value)
    assert isinstance(read.children[0].children[0].parent.nest.tree, found.model("Tree"))
    assert read.to_dict() == value


def test_parameters_take_plain_values(tmp_path: Path) -> None:
    """A parameter has the same annotation as a field of a request."""
    parameters = [{"name": name, "in": "query", "schema": schema} for name, schema, *_ in FIELDS[:14]]
    paths = {"/a": {"get": operation("GetA", parameters=parameters)}}
    found = build_and_import(document(paths, {"Kind": KIND, "Level": LEVEL}), tmp_path, "parameters").operation("get_a")
    annotations = found.sync.__annotations__
    for name, _, received, sent in FIELDS[:14]:
        assert annotations[name] == f"{sent or received} | Unset"
