"""Docstrings, signatures and behaviour of generated modules."""

from __future__ import annotations

import inspect
import warnings
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.tooling.small_documents import (
    TEXT,
    Doc,
    Package,
    build_and_import,
    document,
    operation,
    response,
)
from tests.tooling.template_document import RESERVED, SCHEMAS, template_document


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Package:
    return build_and_import(template_document(), tmp_path_factory.mktemp("templates"), "templated")


def docstring(small: Package, name: str, tag: str = "things") -> str:
    """Return the docstring of an operation's `sync`, on one line."""
    return " ".join(small.operation(name, tag).sync.__doc__.split())


def sent(small: Package, call: str, *arguments: Any, **keys: Any) -> httpx.Request:
    """Return the request of one call."""
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"name": "x", "either": "y", "things": []})

    small.operation(call).sync(*arguments, client=small.client(handler), **keys)
    return seen[0]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", "What it is called. In one word."),
        ("kind", "Which kind this one is of."),
        ("plain_kind", "A kind of thing."),
        ("limit", "DecodedRows in all. The exchange's default is 100."),
        ("gone", "Deprecated. What it was called."),
        ("gone_kind", "Deprecated. A kind of thing."),
        ("told", "Deprecated: use `name` instead."),
    ],
)
def test_a_field_is_described_in_its_model_s_docstring(small: Package, field: str, text: str) -> None:
    """Its own description replaces that of the referenced schema; default and deprecation are named once."""
    lines = " ".join(small.model("Thing").__doc__.split())
    assert f" {field}: {text} " in f"{lines} "


def test_a_model_s_docstring_begins_with_its_description(small: Package) -> None:
    """A schema without a description gets a standard sentence, and one without fields has no list."""
    assert (inspect.getdoc(small.model("Thing")) or "").startswith("A thing.\n\nAttributes:\n    name:")
    assert inspect.getdoc(small.model("Empty")) == "An object of the API."


@pytest.mark.parametrize(("name", "field"), [("ThingNested", "gone"), ("Whole", "more"), ("Whole", "gone")])
def test_deprecation_is_named_wherever_the_field_is_defined(small: Package, name: str, field: str) -> None:
    """Also in nested objects and in those composed with allOf."""
    assert f" {field}: Deprecated." in " ".join(small.model(name).__doc__.split())


@pytest.mark.parametrize("name", ["Thing", "ThingNested", "OtherName", "Whole"])
def test_a_field_with_a_stand_in_never_reads_as_unset(small: Package, name: str) -> None:
    """`x-either` works in components, in nested objects, with a title and through allOf."""
    thing = small.model(name).from_dict({})
    with pytest.raises(small.module("errors").MissingFieldError):
        _ = thing.either
    assert "either" not in thing.to_dict()


def test_defaults_are_documented_and_not_sent(small: Package) -> None:
    """A call without a limit sends no limit: the exchange applies its default."""
    assert "limit: How many. The exchange's default is 100." in docstring(small, "get_things")
    assert sent(small, "get_things", x_count=1).url.query == b""
    assert small.model("Thing")(name="x", either="y").to_dict() == {"name": "x", "either": "y"}


@pytest.mark.parametrize("name", RESERVED)
def test_a_field_may_have_any_name(small: Package, name: str) -> None:
    """Names that Python, the model or the module needs are changed in Python and kept in JSON."""
    reserved = small.model("Reserved")
    read = reserved.from_dict({name: "x"})
    assert read.to_dict() == {name: "x"}
    assert read.additional_properties == {}
    assert not read.additional_properties


def test_no_two_fields_share_a_name(small: Package) -> None:
    """Every field of the document is a field of the model, with a unique name."""
    names = list(small.model("Reserved").__annotations__)
    assert len(names) == len(RESERVED)
    assert all(name.isidentifier() for name in names)
    assert {"type_", "from_", "to_dict_", "to_dict__", "additional_properties_", "keys_", "field_"} <= set(names)
    values = {name: name for name in names}
    assert sorted(small.model("Reserved")(**values).to_dict().values()) == sorted(names)


def test_a_deprecated_operation_says_so_and_warns(small: Package) -> None:
    """Docstring and warning have the sentence of the description that mentions the deprecation."""
    assert "Deprecated: drop one at a time." in docstring(small, "delete_things")
    with pytest.warns(DeprecationWarning, match="DeleteThings is deprecated: drop one at a time"):
        small.operation("delete_things").sync(client=small.client(lambda _: httpx.Response(200)))
    assert "Deprecated: the document marks it so." in docstring(small, "import_", "default")


def test_an_operation_that_is_not_deprecated_does_not_warn(small: Package) -> None:
    """A deprecated parameter is named in the docstring and does not warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sent(small, "get_things", x_count=1, old="x")
    assert "Deprecated:" not in docstring(small, "get_things").partition("Args:")[0]
    assert "old: Deprecated. Which old ones. told: Deprecated: no effect." in docstring(small, "get_things")


def test_a_module_s_docstring_has_route_summary_and_description(small: Package) -> None:
    """Prose is wrapped, lists are kept."""
    text = small.operation("get_things").__doc__ or ""
    assert text.startswith("\nGET /things: List things.\n\nA sentence that goes on")
    assert text.endswith("\n\n- one\n- two\n")
    assert max(map(len, text.splitlines())) <= 100
    assert docstring(small, "put_thing").startswith("PutThing. Args: body: client: The client")


def test_lists_repeat_their_name_unless_the_document_joins_them(small: Package) -> None:
    """With `explode: false` the items are joined by commas, otherwise the name is repeated."""
    request = sent(small, "get_things", x_count=1, ids=[1, 2], flat=(3, 4))
    assert list(request.url.params.multi_items()) == [("ids", "1"), ("ids", "2"), ("flat", "3,4")]


def test_headers_and_cookies_are_sent_as_such(small: Package) -> None:
    """They have names for Python and keep theirs in the request; a required one is a required argument."""
    request = sent(small, "get_things", x_count=3, x_trace_id="abc", session="s1")
    assert (request.headers["X-Count"], request.headers["X-Trace-Id"]) == ("3", "abc")
    assert request.headers["Cookie"] == "session=s1"
    parameters = inspect.signature(small.operation("get_things").sync).parameters
    assert parameters["x_count"].default is inspect.Parameter.empty
    assert parameters["x_trace_id"].default is small.module("types").UNSET


def test_path_parameters_come_first_in_the_path_s_order(small: Package) -> None:
    """They are positional, in any order in the document, and each replaces its placeholder."""
    signature = inspect.signature(small.operation("get_thing").sync)
    assert list(signature.parameters) == ["thing_id", "from_", "client", "shared"]
    assert sent(small, "get_thing", "a/b", "c d").url.raw_path == b"/v2/things/a%2Fb/c%20d"


def test_an_operation_s_parameter_wins_over_its_path_s(small: Package) -> None:
    """Parameters with the same name and location are one, described by the operation."""
    assert "shared: From the operation." in docstring(small, "get_thing")
    assert "shared: From the path." in docstring(small, "get_rf_qs", "order_groups")


def test_parameters_may_have_the_names_that_the_functions_use(small: Package) -> None:
    """Each has a unique name in every function, and keeps its name in the request."""
    module = small.operation("get_clashes")
    wires = [each.wire for each in module.OPERATION.parameters if each.location == "query"]
    values = {
        each.name: each.wire
        for each in module.OPERATION.parameters
        if each.location == "query" and each.wire != "cursor"
    }

    def handler(request: httpx.Request) -> httpx.Response:
        assert dict(request.url.params) == {wire: wire for wire in wires if wire != "cursor"}
        assert request.url.path == "/v2/clashes/x"
        return httpx.Response(200, json={"things": [{"name": "x", "either": "y"}]})

    client = small.client(handler)
    assert len(module.sync("x", client=client, **values).things) == 1
    assert len(list(module.pages("x", client=client, max_pages=3, **values))) == 1
    assert [row.name for row in module.iterate("x", client=client, max_items=3, **values)] == ["x"]


def test_success_may_have_several_kinds(small: Package) -> None:
    """With 200 and 204 the result may be None; a default response is for errors."""
    module = small.operation("post_thing")
    thing = small.model("Thing")
    assert module.OPERATION.success == {200: thing, 204: None}
    assert module.sync.__annotations__["return"] == "Thing | None"
    assert module.sync(client=small.client(lambda _: httpx.Response(204))) is None
    read = module.sync(client=small.client(lambda _: httpx.Response(200, json={"name": "x", "either": "y"})))
    assert isinstance(read, thing)
    with pytest.raises(small.module("errors").ApiError):
        module.sync(client=small.client(lambda _: httpx.Response(500, json="a")))


def test_an_operation_without_a_body_in_its_answer_returns_none(small: Package) -> None:
    """With 204 alone the result is None; a request body may be optional."""
    module = small.operation("patch_thing")
    assert module.sync.__annotations__["return"] == "None"
    assert module.sync.__annotations__["body"] == "Thing | Unset"
    assert small.operation("put_thing").sync.__annotations__["body"] == "Thing"
    assert module.sync(client=small.client(lambda _: httpx.Response(204))) is None


def test_a_range_of_statuses_is_a_success_of_each(small: Package) -> None:
    """`2XX` means 200 to 206; a single status takes precedence."""
    success = small.operation("get_range").OPERATION.success
    assert sorted(success) == [200, 201, 202, 203, 204, 205, 206]
    assert (success[200], success[201]) == (str, small.model("Thing"))


@pytest.mark.parametrize(
    ("name", "signed"), [("get_signed", True), ("get_public", False), ("get_optional", False), ("get_unasked", True)]
)
def test_an_operation_is_signed_when_the_document_leaves_no_other_way(small: Package, name: str, signed: bool) -> None:
    """The security of the document applies to operations without their own; an empty alternative means public."""
    module = small.operation(name)
    assert module.OPERATION.signed is signed
    expected = "AuthenticatedClient" if signed else "AuthenticatedClient | Client"
    assert module.sync.__annotations__["client"] == expected


@pytest.mark.parametrize(
    ("name", "has", "row"),
    [
        ("get_things", {"pages", "apages", "iterate", "aiterate"}, "Iterator[Thing]"),
        ("get_next", {"pages", "apages", "iterate", "aiterate"}, "Iterator[Kind]"),
        ("get_mixed", {"pages", "apages", "iterate", "aiterate"}, "Iterator[Thing | Whole | UUID]"),
        ("get_two", {"pages", "apages"}, ""),
        ("get_none", set(), ""),
        ("get_unasked", set(), ""),
        ("get_headed", set(), ""),
    ],
)
def test_paging_is_recognised_by_its_cursors(small: Package, name: str, has: set[str], row: str) -> None:
    """A cursor in query and response gives pages; exactly one list gives rows, with their type."""
    module = small.operation(name)
    assert {each for each in ("pages", "apages", "iterate", "aiterate") if hasattr(module, each)} == has
    if row:
        assert module.iterate.__annotations__["return"] == row
        kinds = row.removeprefix("Iterator[").removesuffix("]").split(" | ")
        assert all(f"import {kind}\n" in small.text(f"api/things/{name}.py") for kind in kinds)


@pytest.mark.parametrize(
    ("name", "cursor", "rows"), [("get_things", "cursor", "things"), ("get_next", "next_cursor", "kinds")]
)
def test_pages_follow_the_cursor_and_rows_are_those_of_every_page(
    small: Package, name: str, cursor: str, rows: str
) -> None:
    """A list with a cursor is iterated without any code by hand."""
    bodies: dict[str | None, Doc] = {None: {cursor: "c2", rows: ["a", "b"]}, "c2": {cursor: "", rows: ["a"]}}
    thing: dict[str, Any] = {"a": {"name": "a", "either": "y"}, "b": {"name": "b", "either": "y"}}

    def handler(request: httpx.Request) -> httpx.Response:
        page = bodies[request.url.params.get("cursor")]
        return httpx.Response(
            200, json=page if rows == "kinds" else {**page, rows: [thing[each] for each in page[rows]]}
        )

    module, client = small.operation(name), small.client(handler)
    extra = {"x_count": 1} if name == "get_things" else {}
    assert len(list(module.pages(client=client, **extra))) == 2
    found = [
        getattr(row, "name", row) if rows == "things" else row.value for row in module.iterate(client=client, **extra)
    ]
    assert found == ["a", "b", "a"]


def test_modules_are_named_after_operation_and_first_tag(small: Package) -> None:
    """Tags become packages, operationIds modules; without a tag it is `default`."""
    found = sorted(str(path.relative_to(small.folder)) for path in small.folder.glob("api/*/*.py"))
    assert "api/order_groups/get_rf_qs.py" in found
    assert "api/default/import_.py" in found
    assert "api/things/get_rf_qs.py" not in found


@pytest.mark.parametrize("schemas", [{}, {"Kind": SCHEMAS["Kind"]}], ids=["nothing", "an enum"])
def test_a_document_may_have_no_models(tmp_path: Path, schemas: Doc) -> None:
    """The package of models exists, with the models that there are."""
    found = build_and_import(
        document({"/a": {"get": operation("GetA", TEXT)}}, schemas), tmp_path, f"bare{len(schemas)}"
    )
    assert set(found.module("models").__all__) == set(schemas)
    assert found.operation("get_a").OPERATION.success == {200: str}


def test_unknown_models_are_an_attribute_error(small: Package) -> None:
    """The package of models imports a model on first use, and lists all models."""
    models = small.module("models")
    assert {"Thing", "Kind", "OtherName"} <= set(dir(models))
    with pytest.raises(AttributeError, match="Nowhere"):
        _ = models.Nowhere


@pytest.mark.parametrize("kind", ["application/xml", "image/png"])
@pytest.mark.parametrize("named", [False, True])
def test_an_error_need_not_be_json(tmp_path: Path, kind: str, named: bool) -> None:
    """Error bodies of any media type are kept as bytes, and read as JSON where possible."""
    failed = {"description": "Failed.", "content": {kind: {"schema": TEXT}}}
    responses = {"200": response(TEXT), "502": {"$ref": "#/components/responses/Failed"} if named else failed}
    tree = document({"/a": {"get": operation("GetA", responses=responses)}})
    tree["components"]["responses"] = {"Failed": failed}
    found = build_and_import(tree, tmp_path, f"failing_{kind[-3:]}_{named}")
    for content, message in ((b"<e>down</e>", "down"), (b'{"error": {"message": "late"}}', "late")):
        sent = httpx.Response(502, content=content)
        with pytest.raises(found.module("errors").ServerError) as caught:
            found.operation("get_a").sync(client=found.client(lambda _, sent=sent: sent))  # type: ignore[misc]
        assert (caught.value.content, caught.value.message) == (content, message)
