"""
Apply an OpenAPI Overlay 1.0 to a document.

Targets are JSONPath as in RFC 9535, which the Overlay Specification requires, evaluated by `jsonpath-rfc9535`. An
action that matches nothing is an error, unless it is marked `x-optional: true` for documents older or newer than ours.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import jsonpath_rfc9535 as jsonpath

from scripts.regenerate.document import Json, load
from scripts.regenerate.errors import StepError
from scripts.regenerate.project import OVERLAY

_STEP = "overlay"


def overlay_path(option: str) -> Path | None:
    """Return the overlay that a command-line option names: a file, None for `none`, ours for an empty option."""
    return None if option == "none" else Path(option) if option else OVERLAY


def apply_overlay(document: Json, overlay: Path | None) -> tuple[Json, str]:
    """
    Return an amended copy of the document, and a line that counts the changes.

    Raises:
        StepError: The file is not an overlay, or an action cannot be applied.
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
    return result, f"{len(actions)} actions in {overlay.name}: {places} places changed, {skipped} skipped"


def _actions(path: Path) -> list[Json]:
    overlay = load(path, _STEP)
    version = str(overlay.get("overlay", ""))
    actions = overlay.get("actions")
    if not version.startswith("1.") or not isinstance(overlay.get("info"), dict) or not isinstance(actions, list):
        raise StepError(
            _STEP,
            f"{path} is not an overlay: `overlay: 1.x`, `info` and a list of `actions` expected",
            "see the OpenAPI Overlay Specification",
        )
    return actions


def _apply(document: Json, action: Any, name: str) -> int:
    """Apply one action in place, and return how many places its target matched."""
    if not isinstance(action, dict) or not isinstance(action.get("target"), str):
        raise StepError(_STEP, f"{name} has no target", "add a `target:` with a JSONPath")
    if "update" not in action and action.get("remove") is not True:
        raise StepError(_STEP, f"{name} has neither an update nor a removal", "add `update:` or `remove: true`")
    target = action["target"]
    try:
        # A JSONPath may select the same place twice.
        nodes = list({node.location: node for node in jsonpath.find(target, document)}.values())
    except jsonpath.JSONPathError as error:
        raise StepError(_STEP, f"{name}: {target} is not a valid JSONPath: {error}", "see RFC 9535") from None
    if not nodes and action.get("x-optional") is not True:
        raise StepError(
            _STEP,
            f"{name} ({action.get('description', 'no description')}): {target} matches nothing",
            "the document has changed: correct or remove the action, or mark it `x-optional: true`",
        )
    # Last to first: removing an item of a list does not move the items before it.
    for node in reversed(nodes):
        if action.get("remove") is True:
            _remove(document, node.location, name)
        else:
            _update(document, node.location, node.value, action["update"], name)
    return len(nodes)


def _remove(document: Json, location: tuple[int | str, ...], name: str) -> None:
    if not location:
        raise StepError(_STEP, f"{name} removes the whole document", "use a target below the root")
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
        raise StepError(
            _STEP, f"{name}: a {kinds[0]} cannot be merged into a {kinds[1]}", "use the object above as the target"
        )


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
