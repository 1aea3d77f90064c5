"""
Amend a document with an OpenAPI Overlay 1.0.

JSONPath is RFC 9535, as the Overlay Specification wants it, by the `jsonpath-rfc9535` library. An action
that matches nothing stops the run; `x-optional: true` on an action allows for documents older or newer.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import jsonpath_rfc9535 as jsonpath

from scripts.regenerate.document import Json, load
from scripts.regenerate.errors import StepError

_STEP = "overlay"


def amended(document: Json, overlay: Path | None) -> tuple[Json, str]:
    """
    Return an amended copy of the document, and a line that says what was done.

    Raises:
        StepError: The overlay is not one, or an action matches nothing.
    """
    if overlay is None:
        return document, "none"
    actions = _actions(overlay)
    result = copy.deepcopy(document)
    places = skipped = 0
    for number, action in enumerate(actions, 1):
        matched = _apply(result, action, f"{overlay.name}, action {number}")
        places += matched
        skipped += not matched
    return (
        result,
        f"{len(actions)} actions of {overlay.name} at {places} places, {skipped} optional ones without a match",
    )


def _actions(path: Path) -> list[Json]:
    overlay = load(path, _STEP)
    version = str(overlay.get("overlay", ""))
    actions = overlay.get("actions")
    if not version.startswith("1.") or not isinstance(overlay.get("info"), dict) or not isinstance(actions, list):
        raise StepError(_STEP, f"{path} is not an overlay 1.x with info and actions", "see the Overlay Specification")
    return actions


def _apply(document: Json, action: Any, name: str) -> int:
    if not isinstance(action, dict) or not isinstance(action.get("target"), str):
        raise StepError(_STEP, f"{name} has no target", "give it a JSONPath")
    if "update" not in action and action.get("remove") is not True:
        raise StepError(_STEP, f"{name} neither updates nor removes", "give it `update:` or `remove: true`")
    target = action["target"]
    try:
        # A selector may name a place twice.
        nodes = list({node.location: node for node in jsonpath.find(target, document)}.values())
    except jsonpath.JSONPathError as error:
        raise StepError(_STEP, f"{name}: {target} is not JSONPath: {error}", "see RFC 9535") from None
    if not nodes and action.get("x-optional") is not True:
        raise StepError(
            _STEP,
            f"{name} ({action.get('description', 'no reason given')}): {target} matches nothing",
            "the document has moved on: correct or drop the action, or mark it `x-optional: true`",
        )
    # From the last to the first, so that removing from a list leaves the other places where they are.
    for node in reversed(nodes):
        if action.get("remove") is True:
            _remove(document, node.location, name)
        else:
            _update(document, node.location, node.value, action["update"], name)
    return len(nodes)


def _remove(document: Json, location: tuple[int | str, ...], name: str) -> None:
    if not location:
        raise StepError(_STEP, f"{name} removes the whole document", "aim lower")
    del _parent(document, location)[location[-1]]


def _update(document: Json, location: tuple[int | str, ...], value: Any, update: Any, name: str) -> None:
    if isinstance(value, dict) and isinstance(update, dict):
        _merge(value, update)
    elif isinstance(value, list):
        value.append(copy.deepcopy(update))
    elif location and not isinstance(value, dict) and not isinstance(update, dict):
        _parent(document, location)[location[-1]] = copy.deepcopy(update)
    else:
        kinds = [type(each).__name__ for each in (update, value)]
        raise StepError(_STEP, f"{name}: a {kinds[0]} can't be merged into a {kinds[1]}", "aim at the object above")


def _merge(target: Json, update: Json) -> None:
    for key, value in update.items():
        if isinstance(value, dict) and isinstance(target.get(key), dict):
            _merge(target[key], value)
        elif isinstance(value, list) and isinstance(target.get(key), list):
            target[key].extend(copy.deepcopy(value))
        else:
            target[key] = copy.deepcopy(value)


def _parent(document: Json, location: tuple[int | str, ...]) -> Any:
    node: Any = document
    for step in location[:-1]:
        node = node[step]
    return node
