"""The package has exactly the document's operations, parameters, responses and schemas, by its syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.contract.document import Document, Documented, Json, canonical
from tests.contract.package_syntax import Class, DecimalPlaces, Endpoint, Function, Kinds, ListCodec, Package, kinds

PLAIN: Final = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
FORMS: Final = {"date-time": "datetime", "date": "date", "uuid": "UUID"}
WIDENED: Final = frozenset({"str", "int"})
"""What a user may pass besides an enum's member, a Decimal or a UUID."""


class PackageCheck:
    """
    Compare the package with the document, class by class.

    Args:
        package: The package.
        document: The amended document.
    """

    def __init__(self, package: Package, document: Document) -> None:
        self.package = package
        self.document = document
        self.seen: set[str] = set()
        """Classes that some schema of the document needs."""
        self._done: set[tuple[str, str]] = set()

    def faults(self, schema: Json, found: Kinds, at: str) -> Iterator[str]:
        """Yield the differences between a schema and an annotation, classes included."""
        flat = self.document.flat(schema)
        found -= {"Unset"}
        nullable = bool(flat.get("nullable"))
        if nullable != ("None" in found) and found != {"Any"}:
            yield f"{at}: {'None is' if nullable else 'None is not'} documented, and the annotation is {shown(found)}"
        found -= {"None"}
        if alternatives := flat.get("oneOf") or flat.get("anyOf"):
            yield from self._faults_of_union(alternatives, found, at)
            return
        kind = flat.get("type") or ("object" if flat["properties"] else "string" if flat.get("enum") else None)
        if flat.get("enum"):
            yield from self._faults_of_class(schema, flat, found - WIDENED, at, is_enum=True)
        elif kind == "object":
            yield from self._faults_of_class(schema, flat, found, at, is_enum=False)
        elif kind == "array":
            lists = [each for each in found if isinstance(each, ListCodec)]
            if len(lists) != 1 or len(found) != 1:
                yield f"{at}: a list is documented, and the annotation is {shown(found)}"
            else:
                yield from self.faults(flat.get("items") or {}, lists[0].items, f"{at}[]")
        else:
            yield from _faults_of_plain(flat, kind, found, at)

    def component_faults(self, name: str) -> Iterator[str]:
        """Yield the differences between a component and its class; none for a component without a class."""
        schema = {"$ref": f"#/components/schemas/{name}"}
        flat = self.document.flat(schema)
        if flat.get("enum") or flat["properties"] or flat.get("type") == "object":
            named = [each for each in self.package.classes if canonical(each) == canonical(name)]
            if len(named) != 1:
                yield f"{name}: the classes of this name are {named}"
            else:
                yield from self.faults(schema, frozenset(named) | ({"None"} if flat.get("nullable") else set()), name)

    def _faults_of_union(self, alternatives: list[Json], found: Kinds, at: str) -> Iterator[str]:
        for each in alternatives:
            # Which member of the union stands for the alternative, if not the one it fits best?
            tries = [list(self.faults(each, frozenset({member}), at)) for member in found]
            tries.append(list(self.faults(each, found, at)))
            yield from min(tries, key=len)

    def _faults_of_class(self, schema: Json, flat: Json, found: Kinds, at: str, *, is_enum: bool) -> Iterator[str]:
        classes = [self.package.classes[each] for each in found if each in self.package.classes]
        if len(classes) != 1 or len(found) != 1:
            yield f"{at}: one class is expected, and the annotation is {shown(found)}"
            return
        (one,) = classes
        name = self.document.name(schema)
        if name is not None and canonical(one.name) != canonical(name):
            yield f"{at}: {name} is documented, and the class is {one.name}"
        self.seen.add(one.name)
        # A class without a component of its own belongs to one place; the place is enough to know it by.
        if (one.name, name or at) in self._done:
            return
        self._done.add((one.name, name or at))
        if one.is_enum != is_enum:
            yield f"{at}: {one.name} is {'an enum' if one.is_enum else 'a model'}"
        elif is_enum:
            values = [value for value in flat["enum"] if value is not None]
            if sorted(map(repr, one.values)) != sorted(map(repr, values)):
                yield f"{at}: the values are {one.values}, not {values}"
        else:
            yield from self._faults_of_fields(one, flat, name or at)

    def _faults_of_fields(self, one: Class, flat: Json, at: str) -> Iterator[str]:
        if not one.by_name:
            yield f"{at}: {one.name} takes its fields by position"
        documented = flat["properties"]
        for wire in sorted({*documented, *one.fields}):
            place = f"{at}.{wire}"
            if wire not in one.fields:
                yield f"{place} is documented, and {one.name} lacks it"
            elif wire not in documented:
                yield f"{place} is not documented, and {one.name} has it"
            else:
                part, field = documented[wire], one.fields[wire]
                if canonical(field.name) not in spellings(wire):
                    yield f"{place} is called {field.name}"
                either = bool(part.get("x-either"))
                required = wire in flat["required"]
                if field.required != required:
                    yield f"{place} is {'' if required else 'not '}required"
                if field.default not in (None, "ABSENT" if either else "UNSET"):
                    yield f"{place}: what is not there reads as {field.default}"
                if field.silent != either:
                    yield f"{place} is {'' if either else 'not '}one of two"
                if ("Unset" in field.kinds) != (not required and not either):
                    yield f"{place}: the annotation is {shown(field.kinds)}"
                yield from self.faults(part, field.kinds, place)
        rest = flat.get("additionalProperties", not documented)
        if isinstance(rest, dict) and rest:
            yield from self.faults(rest, one.rest or frozenset(), f"{at}.*")
        elif (one.rest is not None) != (bool(rest is not False) and not documented):
            yield f"{at}: further keys are {rest}, and {one.name} has {one.rest}"


def _faults_of_plain(flat: Json, kind: str | None, found: Kinds, at: str) -> Iterator[str]:
    form = flat.get("format") or ""
    places = frozenset(each for each in found if isinstance(each, DecimalPlaces))
    found -= places
    if kind == "string" and form.startswith("fixed-point"):
        most = form.removeprefix("fixed-point").lstrip("-")
        # DecimalPlaces bind what is sent alone, and what is sent takes plain numbers too.
        sent = bool(found & WIDENED)
        if places != (frozenset({DecimalPlaces(int(most))}) if most and sent else frozenset()):
            yield f"{at}: {form} is documented, and the places are {shown(places)}"
        expected, allowed = "Decimal", WIDENED
    elif kind == "string" and form in FORMS:
        expected, allowed = FORMS[form], frozenset({"str"}) if form == "uuid" else frozenset()
    else:
        expected, allowed = (PLAIN[kind] if kind else "Any"), frozenset()
    if found - allowed != {expected}:
        yield f"{at}: {expected} is documented, and the annotation is {shown(found)}"


def spellings(wire: str, place: str = "") -> set[str]:
    """Return the canonical Python names that a documented name may have; some need a prefix or suffix."""
    return {canonical(each) for each in (wire, wire + place, f"field_{wire}")}


def shown(found: Kinds) -> str:
    return " | ".join(sorted(str(each) for each in found)) or "nothing"


@pytest.fixture(scope="module")
def package(package_folder: Path) -> Package:
    return Package(package_folder)


@pytest.fixture
def check(package: Package, amended: Document) -> PackageCheck:
    return PackageCheck(package, amended)


@pytest.fixture
def endpoint(check: PackageCheck, operation_id: str) -> Endpoint:
    return check.package.endpoints[operation_id]


@pytest.fixture
def operation(amended: Document, operation_id: str) -> Documented:
    return amended.operations[operation_id]


def test_every_operation_has_a_module_and_every_module_an_operation(check: PackageCheck, document: Document) -> None:
    """The package has the operations of the unamended document: no more, no fewer, under their tags and names."""
    assert sorted(check.package.endpoints) == sorted(document.operations)
    for each in check.package.endpoints.values():
        tag, name = each.module
        assert (canonical(tag), canonical(name)) == (canonical(document.operations[each.id].tag), canonical(each.id))


def test_an_operation_is_where_the_document_has_it(endpoint: Endpoint, operation: Documented) -> None:
    """Method, path, security and deprecation are the document's."""
    assert (endpoint.method, endpoint.path) == (operation.method, operation.path)
    assert (endpoint.signed, endpoint.deprecated) == (operation.signed, operation.deprecated)


def test_every_parameter_of_an_operation_is_in_its_table(
    endpoint: Endpoint, operation: Documented, document: Document, check: PackageCheck
) -> None:
    """Each parameter is there under its name, at its place, with its type; and no other."""
    documented = {(each["in"], each["name"]): each for each in operation.parameters}
    if operation.body is not None:
        documented["body", "body"] = {"schema": operation.body, "required": operation.body_required}
    unamended = document.operations[operation.id]
    assert {(each["in"], each["name"]) for each in unamended.parameters} == {
        key for key in documented if key[0] != "body"
    }
    assert set(endpoint.parameters) == set(documented)
    faults: list[str] = []
    for key, each in documented.items():
        found = endpoint.parameters[key]
        assert found.required == bool(each.get("required")), key
        assert found.explode == each.get("explode", True), key
        assert canonical(found.name) in spellings(key[1], key[0]), key
        faults += check.faults(parameter_schema(key, each["schema"]), found.kinds, f"{operation.id}, {key[1]}")
    assert faults == []


def test_every_success_of_an_operation_is_in_its_table(
    endpoint: Endpoint, operation: Documented, check: PackageCheck
) -> None:
    """Each documented success is there with the type of its body; and no other."""
    ranges = [status for status in operation.answers if status.startswith("2") and not status.isdigit()]
    if not ranges:
        assert set(endpoint.success) == set(operation.successes)
    faults: list[str] = []
    for status, schema in operation.successes.items():
        found = endpoint.success[status]
        faults += check.faults(schema, found, f"{operation.id}, {status}") if schema is not None else []
        assert (found == {"None"}) == (schema is None)
    assert faults == []


def test_every_function_takes_all_parameters_and_passes_them_on(
    endpoint: Endpoint, operation: Documented, amended: Document, check: PackageCheck
) -> None:
    """Each function has the parameters of the table, with their types and defaults, and passes all of them on."""
    expected = {"sync", "sync_detailed", "asyncio", "asyncio_detailed"}
    if amended.cursor_of(operation):
        expected |= {"pages", "apages"}
        (answer, *_) = [each for each in operation.successes.values() if each is not None]
        expected |= {"iterate", "aiterate"} if len(amended.rows(answer)) == 1 else set()
    assert set(endpoint.functions) == expected
    table = {each.name: each for each in endpoint.parameters.values()}
    for name, function in endpoint.functions.items():
        extra = {"pages": {"max_pages"}, "apages": {"max_pages"}, "iterate": {"max_items"}, "aiterate": {"max_items"}}
        more = extra.get(name, set())
        assert set(function.arguments) == {"client", *table, *more}, name
        assert set(function.arguments) == function.passed_on & set(function.arguments), name
        assert function.optional == {each.name for each in table.values() if not each.required} | more, name
        assert function.is_async == name.startswith("asyncio"), name
        client = {"AuthenticatedClient"} if operation.signed else {"AuthenticatedClient", "Client"}
        assert function.arguments["client"] == client, name
        for each in table.values():
            unset = frozenset() if each.required else frozenset({"Unset"})
            assert function.arguments[each.name] == each.kinds | unset, (name, each.name)
        assert returned(function, endpoint), name
    if "iterate" in expected:
        (rows,) = amended.rows(answer)
        row = amended.flat(amended.flat(answer)["properties"][rows])["items"]
        for name in ("iterate", "aiterate"):
            node = endpoint.functions[name].returns
            assert isinstance(node, ast.Subscript)
            assert list(check.faults(row, kinds(node.slice), name)) == []


def parameter_schema(key: tuple[str, str], schema: Json) -> Json:
    """Return the schema of a parameter; outside of a body it can't be null."""
    return schema if key[0] == "body" else {"allOf": [schema], "nullable": False}


def returned(function: Function, endpoint: Endpoint) -> bool:
    """Return True for a function whose return annotation is that of the documented successes."""
    bodies = frozenset[Any]().union(*endpoint.success.values())
    node = function.returns
    wrapper = {"sync": "", "asyncio": "", "sync_detailed": "Response", "asyncio_detailed": "Response",
               "pages": "Iterator", "apages": "AsyncIterator"}.get(function.name)  # fmt: skip
    if wrapper:
        assert isinstance(node, ast.Subscript)
        return ast.unparse(node.value) == wrapper and kinds(node.slice) == bodies
    if wrapper == "":
        return kinds(node) == bodies
    assert isinstance(node, ast.Subscript)
    return ast.unparse(node.value) == {"iterate": "Iterator", "aiterate": "AsyncIterator"}[function.name]


def test_every_schema_is_a_class_with_its_fields(class_schema_name: str, check: PackageCheck) -> None:
    """Each object has its fields and no others, typed as documented, and each enum its values and no others."""
    assert list(check.component_faults(class_schema_name)) == []
    assert check.seen


def test_no_class_is_there_that_nothing_in_the_document_asks_for(check: PackageCheck) -> None:
    """Every class of the package is used by some schema of the document, and `models` exports exactly these."""
    faults = [fault for name in check.document.schemas for fault in check.component_faults(name)]
    for each in check.document.operations.values():
        endpoint = check.package.endpoints[each.id]
        keyed = {(part["in"], part["name"]): part["schema"] for part in each.parameters}
        keyed |= {("body", "body"): each.body} if each.body is not None else {}
        faults += [
            fault
            for key, schema in keyed.items()
            for fault in check.faults(parameter_schema(key, schema), endpoint.parameters[key].kinds, each.id)
        ]
        for status, schema in each.successes.items():
            faults += check.faults(schema, endpoint.success[status], each.id) if schema is not None else []
    assert faults == []
    assert check.seen == set(check.package.classes)
    modules = {each.name: each.module for each in check.package.classes.values()}
    assert sorted(check.package.exported) == sorted(modules)
    assert check.package.loaded == check.package.typed == modules
