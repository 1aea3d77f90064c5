"""What code that was written against one generated package loses with another: griffe reads both, nothing is run."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import griffe

from scripts.regenerate.errors import StepError


def python_breakages(old: Path, new: Path) -> list[str]:
    """
    Return what breaks, one line each.

    Args:
        old: Folder of the package that stands.
        new: Folder of the package that would take its place; its name is the same.
    """
    logging.getLogger("griffe").setLevel(logging.ERROR)
    return sorted(set(_lines(_loaded(old), _loaded(new))))


def _loaded(package: Path) -> griffe.Object | griffe.Alias:
    try:
        return griffe.load(package.name, search_paths=[package.parent], try_relative_path=False, allow_inspection=False)
    except (griffe.GriffeError, ImportError, SyntaxError) as error:
        raise StepError("compare", f"{package} can't be read: {error}", "name a folder with a package") from None


def _lines(old: griffe.Object | griffe.Alias, new: griffe.Object | griffe.Alias) -> Iterator[str]:
    for each in griffe.find_breaking_changes(old, new):
        if each.kind is not griffe.BreakageKind.ATTRIBUTE_CHANGED_VALUE:
            # Values (a table of parameters, a default that says "not required") are what the documents compare.
            yield f"{each.obj.path}: {str(each).lower()}"
