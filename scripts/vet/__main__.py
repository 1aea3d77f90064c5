"""
Tell whether a document is safe to take: `python -m scripts.vet`.

The client is made from it aside, tested, and compared with the one that stands, which is left alone.
Exit status: 0 safe to take, 1 something breaks, 2 a step stopped, 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from scripts.regenerate.__main__ import main as regenerate
from scripts.regenerate.comparison.document_diff import compare
from scripts.regenerate.document import load
from scripts.regenerate.errors import ROOT, StepError, run
from scripts.regenerate.fetch import PUBLISHED, fetched, read
from scripts.regenerate.summarise import headline, markdown
from scripts.vet.checks import checked
from scripts.vet.python_api import python_breakages
from scripts.vet.verdict import verdict

_PACKAGE: Final = "kalshi_trade_api"
_MOST_LISTED: Final = 20


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
            return _vet(options, options.keep.resolve())
        with tempfile.TemporaryDirectory(prefix="vet-") as aside:
            return _vet(options, Path(aside))
    except StepError as stop:
        print(stop, file=sys.stderr)
    except OSError as error:
        print(StepError("write", str(error), "free the place, or name another"), file=sys.stderr)
    return 2


def _vet(options: argparse.Namespace, aside: Path) -> int:
    document, overlay = aside / "openapi.yaml", ["--overlay", options.overlay] if options.overlay else []
    document.write_bytes(_text(options).encode("utf-8"))
    made = regenerate(["--spec", str(document), "--output", str(aside), *overlay])
    if made:
        return made
    before = load(options.against / "document.yaml", "compare")
    after = load(aside / "document.yaml", "compare")

    print("test      running, a few minutes", flush=True)
    tests = checked(aside, document, _resolved(options.overlay))
    print(f"test      {tests.count} ran, {len(tests.failed)} did not pass", flush=True)
    python = python_breakages(options.against / _PACKAGE, aside / _PACKAGE)
    print(f"compare   {len(python)} breakages in Python\n")

    summary = "\n".join([
        markdown(before, after).rstrip(),
        *_section("Breaking in Python", python),
        *_section("Tests that did not pass", tests.failed),
    ])  # fmt: skip
    wire = [f"{change.where}: {change.text}" for change in compare(before, after) if change.breaking]
    line = verdict(headline(before, after), wire, python, tests.failed, tests.count)
    print(f"{summary}\n\n{line}")
    (aside / "summary.md").write_text(f"{summary}\n\n{line}\n", "utf-8")
    return 1 if wire or python or tests.failed else 0


def _text(options: argparse.Namespace) -> str:
    """Return the text of the document to vet."""
    return (fetched(options.url) if options.fetch else read(options.spec))[0]


def _resolved(overlay: str) -> str:
    return overlay if overlay in ("", "none") else str(Path(overlay).resolve())


def _section(title: str, lines: Sequence[str]) -> list[str]:
    more = [f"- ... and {len(lines) - _MOST_LISTED} more"] if len(lines) > _MOST_LISTED else []
    rows = [f"- {line}" for line in lines[:_MOST_LISTED]]
    return ["", f"## {title}", "", *rows, *more] if lines else []


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scripts.vet", description=__doc__.partition("\n\n")[0])
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--fetch", action="store_true", help="download the published document (needs the network)")
    source.add_argument(
        "--spec", type=Path, default=ROOT / "openapi.yaml", metavar="FILE", help="the document; by default ours"
    )
    parser.add_argument("--url", default=PUBLISHED, help="where --fetch downloads from")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave package, document and summary there")
    parser.add_argument("--overlay", default="", metavar="FILE|none", help="other corrections, or none")
    parser.add_argument("--against", type=Path, default=ROOT / "generated", metavar="DIR", help="what to compare with")
    return parser


if __name__ == "__main__":
    sys.exit(run(main))
