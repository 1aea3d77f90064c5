"""Compare the Python API of two generated packages with griffe, which parses them and imports nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import griffe

from scripts.regenerate.errors import StepError


def python_breakages(old: Path, new: Path) -> list[str]:
    """
    Return the breaking changes, one line each.

    Args:
        old: Folder of the current package.
        new: Folder of the new package, of the same name.

    Raises:
        StepError: A package cannot be read.
    """
    logging.getLogger("griffe").setLevel(logging.ERROR)
    return sorted(set(_lines(_load(old), _load(new))))


def _load(package: Path) -> griffe.Object | griffe.Alias:
    try:
        return griffe.load(package.name, search_paths=[package.parent], try_relative_path=False, allow_inspection=False)
    except (griffe.GriffeError, ImportError, SyntaxError) as error:
        raise StepError(
            "compare", f"{package} cannot be read: {error}", "use a folder that `scripts.regenerate` wrote"
        ) from None


def _lines(old: griffe.Object | griffe.Alias, new: griffe.Object | griffe.Alias) -> Iterator[str]:
    for each in griffe.find_breaking_changes(old, new):
        if each.kind is not griffe.BreakageKind.ATTRIBUTE_CHANGED_VALUE:
            # Changed values (parameters, defaults) are found by the comparison of the documents.
            yield f"{each.obj.path}: {str(each).lower()}"
