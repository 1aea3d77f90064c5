"""The regeneration, step by step: fetch, overlay, validate, generate, polish, compare, summarise, swap."""

from __future__ import annotations

import signal
import tempfile
from pathlib import Path

from attrs import frozen

from scripts.regenerate import compare_and_swap, provenance, summarise
from scripts.regenerate.document import Json, dump, load
from scripts.regenerate.fetch import fetch, read
from scripts.regenerate.generate import generate
from scripts.regenerate.overlay import apply_overlay
from scripts.regenerate.polish import format_package
from scripts.regenerate.project import DOCUMENT, MARKER, OUTPUT, OVERLAY, PACKAGE
from scripts.regenerate.validate import validate

_AMENDED = "document.yaml"
_PROVENANCE = "PROVENANCE.toml"
_MOST_LISTED = 20


@frozen
class Options:
    """
    Input and output of a regeneration.

    Attributes:
        spec: File of the OpenAPI document.
        url: Where to download the document from, instead of reading `spec`.
        output: Folder for the package, the amended document and the provenance.
        package: Name of the package.
        overlay: Overlay to apply; None for none.
        check: Only compare with what is in `output`; write nothing.
        summary: File for the summary of changes, in Markdown.
    """

    spec: Path = DOCUMENT
    url: str | None = None
    output: Path = OUTPUT
    package: str = PACKAGE
    overlay: Path | None = OVERLAY
    check: bool = False
    summary: Path | None = None


def regenerate(options: Options) -> bool:
    """
    Build the package in a temporary folder and, unless only checking, replace the one in `output`.

    Prints a line for each step.

    Returns:
        Whether the new files differ from those in `output`.

    Raises:
        StepError: A step failed; nothing was changed.
        OSError: A file cannot be written; nothing was changed.
    """
    on_interrupt = signal.getsignal(signal.SIGINT)
    try:
        return _regenerate(options)
    finally:
        signal.signal(signal.SIGINT, on_interrupt)


def _regenerate(options: Options) -> bool:
    output = options.output
    if not options.check:
        output.parent.mkdir(parents=True, exist_ok=True)
    # In the output's own file system, so that a rename puts the files in place. A check does not touch that folder.
    parent = None if options.check else output.parent
    with tempfile.TemporaryDirectory(prefix=".regenerate-", dir=parent) as temporary:
        built = Path(temporary) / "built"
        built.mkdir()

        source, text, document = _read_source(options)
        _report("fetch", source)
        amended, applied = apply_overlay(document, options.overlay)
        _report("overlay", applied)
        _report("validate", validate(amended))
        paged = generate(amended, built / options.package)
        _report("generate", f"{options.package}, {len(paged)} operations with pagination")
        _report("polish", format_package(built / options.package))

        version = str(document["info"]["version"])
        (built / _AMENDED).write_text(f"{MARKER}\n{dump(amended)}", "utf-8")
        (built / _PROVENANCE).write_text(provenance.provenance(text, version, options.overlay), "utf-8")
        names = [options.package, _AMENDED, _PROVENANCE]
        if not options.check:
            compare_and_swap.check_owned(output, names)
        before = load(output / _AMENDED, "summarise") if (output / _AMENDED).is_file() else amended
        rows = [row for name in names for row in _differences(built, output, name)]
        _report("drift", f"{len(rows)} files differ from {output}" if rows else f"none, {output} is up to date")

        if options.summary:
            options.summary.write_text(summarise.markdown(before, amended, paged=paged), "utf-8")
        written = f", written to {options.summary}" if options.summary else ""
        _report("summarise", f"{summarise.headline(before, amended)}{written}")
        if options.check:
            more = ["..."] if len(rows) > _MOST_LISTED else []
            print("\n".join(rows[:_MOST_LISTED] + more), end="\n" if rows else "")
            return bool(rows)
        # Package and document must come from the same run, so Ctrl-C is ignored during the last renames.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        compare_and_swap.swap(built, output, names)
        if options.url is not None and output == OUTPUT:
            _replace(DOCUMENT, text)
    return bool(rows)


def _read_source(options: Options) -> tuple[str, str, Json]:
    """Return a line that names the source of the document, its text and its content."""
    if options.url is not None:
        text, document = fetch(options.url)
        return options.url, text, document
    text, document = read(options.spec)
    return f"skipped, using {options.spec}", text, document


def _differences(built: Path, output: Path, name: str) -> list[str]:
    if (built / name).is_dir():
        return compare_and_swap.differences(built / name, output / name)
    same = (output / name).is_file() and (built / name).read_bytes() == (output / name).read_bytes()
    return [] if same else [f"changed  {name}"]


def _replace(path: Path, text: str) -> None:
    """Replace a file atomically: a reader sees the old content or the new content."""
    new = path.with_suffix(".new")
    new.write_bytes(text.encode("utf-8"))
    new.replace(path)


def _report(step: str, line: str) -> None:
    print(f"{step:<10}{line}", flush=True)
