"""Application of overlays, and their errors."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from scripts.regenerate.document import load
from scripts.regenerate.errors import StepError
from scripts.regenerate.overlay import apply_overlay
from scripts.regenerate.project import ROOT
from tests.tooling.small_documents import Doc, write

TREE: Doc = {
    "info": {"title": "Small", "tags": ["a", "b", "c"]},
    "paths": {"/a": {"get": {"x": 1}}, "/b": {"get": {"x": 2}, "put": {"x": 3}}},
    "nested": {"x": {"x": {"y": 1}}},
}
UPDATES: list[tuple[str, Any, str, Any]] = [
    ("$.info", {"title": "Other"}, "info", {"title": "Other", "tags": ["a", "b", "c"]}),
    ("$.info", {"new": {"deep": 1}}, "info", {"title": "Small", "tags": ["a", "b", "c"], "new": {"deep": 1}}),
    ("$.info", {"tags": ["d"]}, "info", {"title": "Small", "tags": ["a", "b", "c", "d"]}),
    ("$.info.tags", "d", "info", {"title": "Small", "tags": ["a", "b", "c", "d"]}),
    ("$.info.title", "Other", "info", {"title": "Other", "tags": ["a", "b", "c"]}),
    ("$.info.tags[1]", "B", "info", {"title": "Small", "tags": ["a", "B", "c"]}),
    ("$", {"info": {"title": "Other"}}, "info", {"title": "Other", "tags": ["a", "b", "c"]}),
    ("$.info['tags', 'tags']", "d", "info", {"title": "Small", "tags": ["a", "b", "c", "d"]}),
    (
        "$.paths.*[?@.x >= 2]",
        {"y": 0},
        "paths",
        {"/a": {"get": {"x": 1}}, "/b": {"get": {"x": 2, "y": 0}, "put": {"x": 3, "y": 0}}},
    ),
]
REMOVALS: list[tuple[str, str, Any]] = [
    ("$.info.title", "info", {"tags": ["a", "b", "c"]}),
    ("$.info.tags[0, 1]", "info", {"title": "Small", "tags": ["c"]}),
    ("$.info.tags[0, 0]", "info", {"title": "Small", "tags": ["b", "c"]}),
    ("$.paths['/b']", "paths", {"/a": {"get": {"x": 1}}}),
    ("$.nested..x", "nested", {}),
]
STOPS: list[tuple[Any, str]] = [
    ({"update": {}}, "has no target"),
    ("remove it", "has no target"),
    ({"target": "$.info"}, "has neither an update nor a removal"),
    ({"target": "$.info", "remove": False}, "has neither an update nor a removal"),
    ({"target": "info.title", "remove": True}, "is not a valid JSONPath"),
    ({"target": "$.paths['/c']", "description": "C has gone.", "remove": True}, r"C has gone.*matches nothing"),
    ({"target": "$", "remove": True}, "removes the whole document"),
    ({"target": "$.info.title", "update": {"x": 1}}, "a dict cannot be merged into a str"),
    ({"target": "$.info", "update": None}, "a NoneType cannot be merged into a dict"),
    ({"target": "$", "update": "x"}, "a str cannot be merged into a dict"),
]


def overlay(folder: Path, *actions: Any) -> Path:
    return write(
        folder,
        {"overlay": "1.0.0", "info": {"title": "Corrections", "version": "1"}, "actions": list(actions)},
        "overlay.yaml",
    )


@pytest.mark.parametrize(("target", "update", "key", "expected"), UPDATES)
def test_an_update_merges_into_objects_appends_to_lists_and_replaces_values(
    tmp_path: Path, target: str, update: Any, key: str, expected: Any
) -> None:
    """Each place that the target selects is changed once."""
    changed, _ = apply_overlay(TREE, overlay(tmp_path, {"target": target, "update": update}))
    assert changed == {**TREE, key: expected}


@pytest.mark.parametrize(("target", "key", "expected"), REMOVALS)
def test_a_removal_takes_every_selected_place_away(tmp_path: Path, target: str, key: str, expected: Any) -> None:
    """Items of lists, places inside other places and places selected twice are removed."""
    changed, _ = apply_overlay(TREE, overlay(tmp_path, {"target": target, "remove": True}))
    assert changed == {**TREE, key: expected}


def test_a_removal_wins_over_an_update(tmp_path: Path) -> None:
    """An action with both removes, as the Overlay Specification requires."""
    changed, _ = apply_overlay(TREE, overlay(tmp_path, {"target": "$.info", "remove": True, "update": {"x": 1}}))
    assert "info" not in changed


def test_actions_follow_one_another(tmp_path: Path) -> None:
    """An action sees the changes of the actions before it."""
    first, second = {"target": "$.info", "update": {"new": {}}}, {"target": "$.info.new", "update": {"y": 1}}
    changed, line = apply_overlay(TREE, overlay(tmp_path, first, second))
    assert changed["info"]["new"] == {"y": 1}
    assert line.startswith("2 actions in overlay.yaml: 2 places changed")


@pytest.mark.parametrize(("action", "why"), STOPS)
def test_an_action_that_can_not_be_done_stops_the_run(tmp_path: Path, action: Any, why: str) -> None:
    """The error names the overlay, the action's number and the reason."""
    fine = {"target": "$.info", "update": {"x": 1}}
    with pytest.raises(StepError, match=why) as stop:
        apply_overlay(TREE, overlay(tmp_path, fine, action))
    assert stop.value.step == "overlay"
    assert "overlay.yaml, action 2" in stop.value.why
    assert stop.value.fix


def test_an_optional_action_may_match_nothing(tmp_path: Path) -> None:
    """With `x-optional: true` the action is skipped, and the line counts it."""
    action = {"target": "$.paths['/c']", "x-optional": True, "remove": True}
    changed, line = apply_overlay(TREE, overlay(tmp_path, action))
    assert changed == TREE
    assert line == "1 actions in overlay.yaml: 0 places changed, 1 skipped"


@pytest.mark.parametrize(
    "text",
    [
        "overlay: 2.0.0\ninfo: {}\nactions: []",
        "overlay: 1.0.0\nactions: []",
        "overlay: 1.0.0\ninfo: {}",
        "overlay: 1.0.0\ninfo: {}\nactions: {}",
        "openapi: 3.0.0",
    ],
)
def test_a_file_that_is_no_overlay_stops_the_run(tmp_path: Path, text: str) -> None:
    """Another version, no info, and no list of actions are errors."""
    with pytest.raises(StepError, match="is not an overlay"):
        apply_overlay(TREE, write(tmp_path, text))


def test_the_document_given_is_left_as_it_was(tmp_path: Path) -> None:
    """The result is a copy, and places do not share the value of an update."""
    before = copy.deepcopy(TREE)
    changed, _ = apply_overlay(TREE, overlay(tmp_path, {"target": "$.paths.*", "update": {"new": {"list": []}}}))
    changed["paths"]["/a"]["new"]["list"].append(1)
    assert changed["paths"]["/b"]["new"] == {"list": []}
    assert before == TREE


def test_without_an_overlay_nothing_changes() -> None:
    """None means no overlay."""
    assert apply_overlay(TREE, None) == (TREE, "none")


def test_every_action_of_ours_has_its_reason() -> None:
    """Every action has a description."""
    actions = load(ROOT / "scripts" / "regenerate" / "overlay.yaml", "test")["actions"]
    assert all(action["description"].strip() for action in actions)


POSITIONS = {
    "2025": {"queue_position": {"type": "integer"}},
    "both": {"queue_position": {"type": "integer"}, "queue_position_fp": {"type": "string", "format": "fixed-point-2"}},
    "2026": {"queue_position_fp": {"type": "string"}},
}


@pytest.mark.parametrize("fields", POSITIONS.values(), ids=list(POSITIONS))
def test_the_queue_position_has_both_its_names_whichever_document_says_it(fields: Doc) -> None:
    """Documents of 2025, of 2026 and between have both fields afterwards, and either may be absent."""
    tree = {"components": {"schemas": {"Place": {"properties": {"order_id": {"type": "string"}, **fields}}}}}
    changed, _ = apply_overlay(copy.deepcopy(tree), ROOT / "scripts" / "regenerate" / "overlay.yaml")
    found = changed["components"]["schemas"]["Place"]["properties"]
    assert [name for name in found if found[name].get("x-either")] == sorted(
        ["queue_position", "queue_position_fp"], key=list(found).index
    )
    assert found["queue_position"]["type"] == "integer"
    assert found["order_id"] == {"type": "string"}
