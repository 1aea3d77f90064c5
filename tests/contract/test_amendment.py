"""The package is generated from the published document with the overlay's corrections, and nothing else differs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import jsonpath_rfc9535 as jsonpath
import pytest
import yaml

from tests.contract.conftest import ROOT
from tests.contract.document import Document

Place = tuple[str | int, ...]

MISSING: Final = object()


def differences(left: Any, right: Any, at: Place = ()) -> Iterator[Place]:
    """Yield the places where two trees differ."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key in [*left, *(key for key in right if key not in left)]:
            yield from differences(left.get(key, MISSING), right.get(key, MISSING), (*at, key))
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for index, (one, other) in enumerate(zip(left, right, strict=True)):
            yield from differences(one, other, (*at, index))
    elif type(left) is not type(right) or left != right:
        yield at


def corrected(overlay: Path | None, trees: list[Any]) -> Iterator[Place]:
    """Yield the places that an overlay changes, in any of the trees: for an update, the keys that it sets."""
    for action in yaml.safe_load(overlay.read_text("utf-8"))["actions"] if overlay else []:
        for tree in trees:
            for node in jsonpath.find(action["target"], tree):
                if isinstance(node.value, dict) and isinstance(action.get("update"), dict):
                    yield from ((*node.location, key) for key in action["update"])
                else:
                    yield node.location


def test_only_what_the_overlay_names_differs(
    document: Document, amended: Document, pytestconfig: pytest.Config
) -> None:
    """The amended document equals the published one everywhere but at the places that the overlay names."""
    named = pytestconfig.getoption("--overlay") or str(ROOT / "scripts" / "regenerate" / "overlay.yaml")
    aimed = set(corrected(None if named == "none" else Path(named), [document.tree, amended.tree]))
    found = list(differences(document.tree, amended.tree))
    assert [place for place in found if not any(place[:length] in aimed for length in range(len(place) + 1))] == []


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ({"a": [1, {"b": "x"}]}, {"a": [1, {"b": "x"}]}, []),
        ({"a": 1, "b": 2}, {"a": 1}, [("b",)]),
        ({"a": 1}, {"a": 1, "b": None}, [("b",)]),
        ({"a": [1, {"b": True}]}, {"a": [1, {"b": 1}]}, [("a", 1, "b")]),
        ({"a": [1, 2]}, {"a": [1]}, [("a",)]),
    ],
)
def test_a_difference_is_seen_where_it_is(left: Any, right: Any, expected: list[Place]) -> None:
    """A removed, added or changed value, or one of another type, is a difference at its place."""
    assert list(differences(left, right)) == expected
