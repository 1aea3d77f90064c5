"""Reading and writing of documents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scripts.regenerate.document import dump, load, operations, parse, resolve, walk
from scripts.regenerate.errors import StepError
from scripts.regenerate.project import ROOT

SCALARS: list[tuple[str, Any]] = [
    ("yes", "yes"),
    ("no", "no"),
    ("on", "on"),
    ("true", True),
    ("False", False),
    ("null", None),
    ("~", None),
    ("", None),
    ("2026-11-23", "2026-11-23"),
    ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z"),
    ("12:30:45", "12:30:45"),
    ("1_000", "1_000"),
    ("42", 42),
    ("-7", -7),
    ("010", 10),
    ("08", 8),
    ("0.5600", 0.56),
    ("1e3", 1000.0),
    ("'42'", "42"),
    ("=", "="),
    ("<<", "<<"),
]
FAULTS: list[tuple[str, str]] = [
    ("a: [1", "is not valid YAML"),
    ("a: 1\na: 2", "duplicate key 'a'"),
    ("b: {x: 1, y: 2, x: 3}", "duplicate key 'x'"),
    ("200: 1\n'200': 2", "duplicate key '200'"),
    ("? [a, b]\n: 1", "is not valid YAML"),
    ("a: !!python/object:os.system {}", "is not valid YAML"),
    ("- 1", "holds a list"),
    ("<html><body>No.</body></html>", "holds a str"),
    ("", "holds a NoneType"),
]
TRICKY = ["yes", "010", "08", "1e3", "1.", ".5", "0x1F", "12:30", "2026-11-23", "null", "~", "", " a ", "#a", "a: b"]


@pytest.mark.parametrize(("text", "value"), SCALARS)
def test_scalars_are_those_of_yaml_1_2(text: str, value: Any) -> None:
    """`yes` and dates are strings, and 010 is ten."""
    found = parse(f"a: {text}", "small.yaml", "fetch")["a"]
    assert (found, type(found)) == (value, type(value))


def test_every_key_is_a_string() -> None:
    """Statuses and other names need no quotes, and the written document reads the same."""
    tree = parse("200: {010: 1, true: 2, null: 3, 1.5: 4}", "small.yaml", "fetch")
    assert tree == {"200": {"010": 1, "true": 2, "null": 3, "1.5": 4}}
    assert parse(dump(tree), "small.yaml", "fetch") == tree


@pytest.mark.parametrize(("text", "why"), FAULTS)
def test_what_is_not_one_sound_mapping_is_refused(text: str, why: str) -> None:
    """The error has the file, the step and the reason."""
    with pytest.raises(StepError, match=why) as stop:
        parse(text, "small.yaml", "fetch")
    assert (stop.value.step, stop.value.why.split(" ")[0]) == ("fetch", "small.yaml")


def test_a_duplicate_key_is_reported_with_its_line() -> None:
    """In a document of thousands of lines the name of the key is not enough."""
    with pytest.raises(StepError, match=r"line 3, column 1: duplicate key"):
        parse("a: 1\nb: 2\na: 3", "small.yaml", "fetch")


@pytest.mark.parametrize("value", TRICKY)
def test_a_string_that_looks_like_something_else_survives_writing(value: str) -> None:
    """Values and keys are quoted where they would be read back as another type."""
    tree = {"a": value, "b": [value], value or "empty": 1}
    assert parse(dump(tree), "small.yaml", "fetch") == tree


def test_our_document_survives_writing() -> None:
    """The written document reads the same, in the same order, and is written the same again."""
    tree = load(ROOT / "openapi.yaml", "test")
    text = dump(tree)
    again = parse(text, "small.yaml", "fetch")
    assert again == tree
    assert dump(again) == text


def test_json_is_read_too(tmp_path: Path) -> None:
    """A document may be JSON."""
    path = tmp_path / "small.json"
    path.write_text('{"openapi": "3.0.3", "paths": {"/a": {"\\u0067et": null}}}', "utf-8")
    assert load(path, "fetch") == {"openapi": "3.0.3", "paths": {"/a": {"get": None}}}


@pytest.mark.parametrize("content", [None, b"a: \xff\xfe"])
def test_a_file_that_can_not_be_read_is_an_error(tmp_path: Path, content: bytes | None) -> None:
    """A missing file and one that is not UTF-8 give a message, not a traceback."""
    path = tmp_path / "small.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StepError, match="cannot be read"):
        load(path, "fetch")


def test_references_are_followed_to_their_end() -> None:
    """A chain of references gives the node at its end; a broken or circular one gives None."""
    tree = {
        "a/b": {"~c": {"x": 1}},
        "chain": {"$ref": "#/a~1b/~0c"},
        "round": {"$ref": "#/round"},
    }
    assert resolve(tree, {"$ref": "#/chain"}) == {"x": 1}
    assert resolve(tree, {"plain": 1}) == {"plain": 1}
    assert resolve(tree, {"$ref": "#/round"}) is None
    assert resolve(tree, {"$ref": "#/nowhere"}) is None
    assert resolve(tree, {"$ref": "other.yaml#/chain"}) is None
    assert resolve(tree, {"$ref": "./chain"}) is None


def test_mappings_are_visited_with_their_pointers() -> None:
    """Pointers are escaped as in RFC 6901."""
    tree = {"paths": {"/a": {"list": [{"x": 1}]}}}
    assert [at for at, _ in walk(tree)] == ["", "/paths", "/paths/~1a", "/paths/~1a/list/0"]


def test_operations_come_in_the_document_s_order() -> None:
    """Operations come in the order of the document; other keys of a path are skipped."""
    tree = {"paths": {"/b": {"put": {"n": 1}, "get": {"n": 2}, "parameters": [], "x-a": {}}, "/a": {"get": {"n": 3}}}}
    assert [(path, method) for path, method, _ in operations(tree)] == [("/b", "get"), ("/b", "put"), ("/a", "get")]
    assert list(operations({"paths": None})) == []
