"""
Tell whether a document is safe to take: `python -m scripts.vet`.

Builds a client from the document in another folder, runs the contract tests on it, and compares it with the current
client, which is not changed. Exit status: 0 safe to take, 1 something breaks, 2 error, 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from scripts.regenerate.command import report_errors, run
from scripts.regenerate.comparison.document_diff import compare
from scripts.regenerate.document import load
from scripts.regenerate.fetch import PUBLISHED, fetch, read
from scripts.regenerate.overlay import overlay_path
from scripts.regenerate.pipeline import Options, regenerate
from scripts.regenerate.project import DOCUMENT, OUTPUT, PACKAGE
from scripts.regenerate.summarise import headline, markdown
from scripts.vet.checks import run_checks
from scripts.vet.python_api import python_breakages
from scripts.vet.verdict import verdict

_MOST_LISTED: Final = 20


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    return report_errors(lambda: _main(options))


def _main(options: argparse.Namespace) -> int:
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        return _vet(options, options.keep.resolve())
    with tempfile.TemporaryDirectory(prefix="vet-") as temporary:
        return _vet(options, Path(temporary))


def _vet(options: argparse.Namespace, folder: Path) -> int:
    document = folder / "openapi.yaml"
    document.write_bytes(_text(options).encode("utf-8"))
    regenerate(Options(spec=document, output=folder, overlay=overlay_path(options.overlay)))
    before = load(options.against / "document.yaml", "compare")
    after = load(folder / "document.yaml", "compare")

    print("test      running, this takes a few minutes", flush=True)
    tests = run_checks(folder, document, _absolute_overlay(options.overlay))
    print(f"test      {tests.count} ran, {len(tests.failed)} failed", flush=True)
    python = python_breakages(options.against / PACKAGE, folder / PACKAGE)
    print(f"compare   {len(python)} breaking changes in Python\n")

    summary = "\n".join([
        markdown(before, after).rstrip(),
        *_section("Breaking in Python", python),
        *_section("Failed tests", tests.failed),
    ])  # fmt: skip
    wire = [f"{change.where}: {change.text}" for change in compare(before, after) if change.breaking]
    line = verdict(headline(before, after), wire, python, tests.failed, tests.count)
    print(f"{summary}\n\n{line}")
    (folder / "summary.md").write_text(f"{summary}\n\n{line}\n", "utf-8")
    return 1 if wire or python or tests.failed else 0


def _text(options: argparse.Namespace) -> str:
    """Return the text of the document to vet."""
    return (fetch(options.url) if options.fetch else read(options.spec))[0]


def _absolute_overlay(option: str) -> str:
    """Return the overlay option with an absolute path: the tests run in another folder."""
    return option if option in ("", "none") else str(Path(option).resolve())


def _section(title: str, lines: Sequence[str]) -> list[str]:
    more = [f"- ... and {len(lines) - _MOST_LISTED} more"] if len(lines) > _MOST_LISTED else []
    rows = [f"- {line}" for line in lines[:_MOST_LISTED]]
    return ["", f"## {title}", "", *rows, *more] if lines else []


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scripts.vet", description=__doc__.partition("\n\n")[0])
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--fetch", action="store_true", help="download the published document (needs the network)")
    source.add_argument(
        "--spec", type=Path, default=DOCUMENT, metavar="FILE", help="OpenAPI document (default: openapi.yaml)"
    )
    parser.add_argument("--url", default=PUBLISHED, help="address that --fetch downloads from (default: %(default)s)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep package, document and summary in this folder")
    parser.add_argument(
        "--overlay", default="", metavar="FILE|none", help="overlay to apply (default: scripts/regenerate/overlay.yaml)"
    )
    parser.add_argument(
        "--against", type=Path, default=OUTPUT, metavar="DIR", help="folder of the current client (default: generated/)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(run(main))
