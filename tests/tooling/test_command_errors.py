"""Errors of `python -m scripts.regenerate`: message, exit status, and that nothing was changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts.regenerate.document import dump
from tests.tooling.projects import DOCUMENT, Place
from tests.tooling.small_documents import TEXT, Doc, document, model, operation, ref, write


def of(paths: Doc | None = None, **schemas: Doc) -> str:
    """Return the text of a document with these paths and schemas."""
    return dump(document(paths, schemas))


def get(returns: Doc | None = None, at: str = "/a", **keys: Any) -> Doc:
    """Build paths with one operation."""
    return {at: {"get": operation("GetA", returns, **keys)}}


def q(**keys: Any) -> Doc:
    """Build paths with one operation that has a parameter."""
    return get(parameters=[{"name": "q", "in": "query", "schema": TEXT, **keys}])


NUMBERS = {"type": "array", "items": {"type": "integer"}}
REFUSED: dict[str, tuple[str, str, str]] = {
    "bad YAML": ("openapi: [3", "fetch", "is not valid YAML"),
    "a doubled key": (f"{dump(DOCUMENT)}\npaths: {{}}\n", "fetch", "duplicate key 'paths'"),
    "no mapping": ("- openapi", "fetch", "holds a list"),
    "no OpenAPI": ("asyncapi: 3.0.0", "fetch", "is not an OpenAPI document"),
    "another OpenAPI": ("openapi: 2.0.0\ninfo: {version: '1'}\npaths: {/a: {}}", "validate", "version 3.x expected"),
    "no operationId": (of(get() | {"/b": {"get": operation("")}}), "validate", "GET /b: operationId missing"),
    "a doubled operationId": (of(get() | get(at="/b")), "validate", "operationId GetA is already used by GET /a"),
    "an unknown security scheme": (of(get(security=[{"other": []}])), "validate", "scheme other is not defined"),
    "a $ref to nowhere": (of(get(ref("Nowhere"))), "validate", "#/components/schemas/Nowhere cannot be resolved"),
    "a path parameter without a parameter": (
        of(get(at="/a/{id}")),
        "validate",
        "path parameter id is in the path but not in the parameters",
    ),
    "a warning of the generator": (
        of(A={"type": "object", "properties": {"x": {"type": "array", "items": {"type": "file", "x": 1}}}}),
        "generate",
        "the generator reports",
    ),
    "two classes of one name": (of(**{"a-b": model({"x": TEXT}), "aB": model({"x": TEXT})}), "generate", "AB"),
    "two operations of one module": (
        of(get() | {"/b": {"get": operation("get_a")}}),
        "generate",
        "get_a and GetA would have the same module, things.get_a",
    ),
    "a class that would hide ours": (of(get(ref("Client")), Client=model({"x": TEXT})), "generate", "named Client"),
    "a map of itself": (
        of(get(ref("Tree")), Tree={"type": "object", "additionalProperties": ref("Tree")}),
        "generate",
        "Tree is a map that contains itself",
    ),
    "maps of one another": (
        of(
            get(ref("A")),
            A={"type": "object", "additionalProperties": {"type": "array", "items": ref("B")}},
            B={"type": "object", "additionalProperties": ref("A")},
        ),
        "generate",
        "A is a map that contains itself",
    ),
    "a body that is not JSON": (
        of(
            {
                "/a": {
                    "put": operation(
                        "PutA", requestBody={"content": {"multipart/form-data": {"schema": model({"x": TEXT})}}}
                    )
                }
            }
        ),
        "generate",
        "PutA takes a body that is not JSON",
    ),
    "an answer that is not JSON": (
        of(get(responses={"200": {"description": "", "content": {"text/csv": {"schema": TEXT}}}})),
        "generate",
        "a success response that is not JSON",
    ),
    "a file": (
        of(get(model({"x": {"type": "string", "format": "binary"}}))),
        "validate",
        "/properties/x: a file (format: binary)",
    ),
    "a style of its own": (of(q(style="pipeDelimited", schema=NUMBERS)), "generate", "GetA has the query parameter q"),
    "an object in the query": (of(q(schema=model({"x": TEXT}))), "generate", "GetA has the query parameter q"),
    "a list in a cookie": (of(q(schema=NUMBERS, **{"in": "cookie"})), "generate", "GetA has the cookie parameter q"),
    "a list in a path": (
        of(get(at="/a/{q}", parameters=[{"name": "q", "in": "path", "required": True, "schema": NUMBERS}])),
        "generate",
        "GetA has the path parameter q",
    ),
}


@pytest.mark.parametrize(("text", "step", "why"), REFUSED.values(), ids=list(REFUSED))
def test_a_document_that_can_not_be_used_changes_nothing(
    place: Place, capsys: pytest.CaptureFixture[str], text: str, step: str, why: str
) -> None:
    """The exit status is 2, the message has step, reason and fix, and no file changes."""
    spec = write(place.folder, text, "other.yaml")
    before = place.state()
    assert place.run(spec=spec) == 2
    message = capsys.readouterr().err
    assert message.startswith(f"error: {step}: ")
    assert why in message
    assert "\n  fix: " in message
    assert place.state() == before


def overlay_of(folder: Path, **keys: Any) -> str:
    """Write an overlay of one action that matches nothing."""
    action = {"target": "$.nowhere", "description": "A reason.", "remove": True, **keys}
    return str(write(folder, {"overlay": "1.0.0", "info": {}, "actions": [action]}, "overlay.yaml"))


PLACES: dict[str, tuple[Callable[[Place], tuple[list[str], dict[str, Any]]], str, str]] = {
    "a missing document": (lambda at: ([], {"spec": at.folder / "none.yaml"}), "fetch", "cannot be read"),
    "a folder as a document": (lambda at: ([], {"spec": at.folder}), "fetch", "cannot be read"),
    "a missing overlay": (
        lambda at: ([], {"overlay": str(at.folder / "none.yaml")}),
        "overlay",
        "cannot be read",
    ),
    "a file that is not an overlay": (lambda at: ([], {"overlay": str(at.spec)}), "overlay", "is not an overlay"),
    "an action without a match": (
        lambda at: ([], {"overlay": overlay_of(at.folder)}),
        "overlay",
        "action 1 (A reason.): $.nowhere matches nothing",
    ),
    "a summary in a missing folder": (
        lambda at: (["--summary", str(at.folder / "none" / "x.md")], {}),
        "write",
        "none/x.md",
    ),
    "an output below a file": (lambda at: (["--output", str(at.spec / "x" / "y")], {}), "write", "small.yaml"),
    "a foreign package": (lambda at: (["--package", "theirs"], {}), "drift", "theirs/__init__.py was not generated"),
    "a foreign module": (lambda at: (["--package", "mixed"], {}), "drift", "mixed/notes.txt was not generated"),
    "a foreign document": (
        lambda at: (["--output", str(at.folder / "else")], {}),
        "drift",
        "document.yaml was not generated",
    ),
    "a foreign provenance": (
        lambda at: (["--output", str(at.folder / "more")], {}),
        "drift",
        "PROVENANCE.toml was not generated",
    ),
}


@pytest.mark.parametrize(("ask", "step", "why"), PLACES.values(), ids=list(PLACES))
def test_a_place_that_can_not_be_used_changes_nothing(
    place: Place,
    capsys: pytest.CaptureFixture[str],
    ask: Callable[[Place], tuple[list[str], dict[str, Any]]],
    step: str,
    why: str,
) -> None:
    """No foreign file is overwritten or removed, and the error names its path."""
    for name in ("theirs/__init__.py", "else/document.yaml", "more/PROVENANCE.toml"):
        folder = place.folder if name.startswith(("else", "more")) else place.output
        (folder / name).parent.mkdir()
        (folder / name).write_text("mine: 1\n", "utf-8")
    shutil.copytree(place.output / "small", place.output / "mixed")
    (place.output / "mixed/notes.txt").write_bytes(b"\xff mine")
    arguments, keys = ask(place)
    before = place.state()
    assert place.run(*arguments, **keys) == 2
    message = capsys.readouterr().err
    assert message.startswith(f"error: {step}: ")
    assert why in message
    assert "\n  fix: " in message
    assert place.state() == before


def test_an_optional_action_without_a_match_passes(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """With `x-optional: true` the run continues, and the line counts the action as skipped."""
    overlay = overlay_of(place.folder, **{"x-optional": True})
    assert place.run(overlay=overlay) == 0
    assert "1 actions in overlay.yaml: 0 places changed, 1 skipped" in capsys.readouterr().out


def test_an_empty_folder_may_be_replaced(place: Place) -> None:
    """A folder without files contains nothing that could be lost."""
    (place.output / "fresh").mkdir()
    assert place.run("--package", "fresh") == 0
