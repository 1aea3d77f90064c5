"""Compare the files that were built with those in the output folder, and replace them all at once."""

from __future__ import annotations

import filecmp
import shutil
from collections.abc import Iterator
from pathlib import Path

from scripts.regenerate.errors import StepError
from scripts.regenerate.project import MARKER

_STEP = "drift"


def differences(built: Path, current: Path) -> list[str]:
    """Return the files that differ between two folders, as `changed`, `new` or `gone` and the path."""
    ours, theirs = _files(built), _files(current)
    rows = [f"new      {name}" for name in ours - theirs]
    rows += [f"gone     {name}" for name in theirs - ours]
    rows += [
        f"changed  {name}" for name in ours & theirs if not filecmp.cmp(built / name, current / name, shallow=False)
    ]
    return sorted(rows, key=lambda row: row[9:])


def check_owned(output: Path, names: list[str]) -> None:
    """
    Check that everything that will be replaced was generated.

    Raises:
        StepError: A file was not generated.
    """
    for name in names:
        path = output / name
        files = [path / each for each in sorted(_files(path))] if path.is_dir() else [path] if path.exists() else []
        for each in files:
            if each.name != "py.typed" and not each.read_bytes().startswith(MARKER.encode("utf-8")):
                raise StepError(
                    _STEP,
                    f"{each} was not generated and would be overwritten",
                    "move the file, or choose another --output or --package",
                )


def swap(built: Path, output: Path, names: list[str]) -> None:
    """Replace files in `output` with those that were built, by renaming; after an error or Ctrl-C, undo every step."""
    output.mkdir(parents=True, exist_ok=True)
    retired = built.parent / "retired"
    retired.mkdir()
    try:
        for name in names:
            if (output / name).exists():
                (output / name).rename(retired / name)
            (built / name).rename(output / name)
    except BaseException:
        # `retired` is in a temporary folder: everything in it has to move back before that folder is deleted.
        for name in names:
            if (output / name).exists() and not (built / name).exists():
                (output / name).rename(built / name)
            if (retired / name).exists():
                (retired / name).rename(output / name)
        raise
    shutil.rmtree(retired)


def _files(folder: Path) -> set[str]:
    return set(_walk(folder, folder)) if folder.is_dir() else set()


def _walk(folder: Path, root: Path) -> Iterator[str]:
    for path in folder.iterdir():
        if path.is_dir():
            if path.name not in ("__pycache__", ".mypy_cache", ".ruff_cache"):
                yield from _walk(path, root)
        else:
            yield path.relative_to(root).as_posix()
