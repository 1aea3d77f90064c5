"""
Rebuild the generated client: `python -m scripts.regenerate`.

Exit status: 0 success, 1 drift found by --check, 2 error, 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scripts.regenerate.command import report_errors, run
from scripts.regenerate.fetch import PUBLISHED
from scripts.regenerate.overlay import overlay_path
from scripts.regenerate.pipeline import Options, regenerate
from scripts.regenerate.project import DOCUMENT, OUTPUT, PACKAGE


def main(arguments: list[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    options = Options(
        spec=given.spec,
        url=given.url if given.fetch else None,
        output=given.output,
        package=given.package,
        overlay=overlay_path(given.overlay),
        check=given.check,
        summary=given.summary,
    )
    return report_errors(lambda: int(regenerate(options) and options.check))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scripts.regenerate", description=__doc__.partition("\n\n")[0])
    parser.add_argument(
        "--check", action="store_true", help="compare with a fresh build, write nothing, exit 1 if they differ"
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--fetch", action="store_true", help="download the published document (needs the network)")
    source.add_argument(
        "--spec", type=Path, default=DOCUMENT, metavar="FILE", help="OpenAPI document (default: openapi.yaml)"
    )
    parser.add_argument("--url", default=PUBLISHED, help="address that --fetch downloads from (default: %(default)s)")
    parser.add_argument(
        "--output", type=Path, default=OUTPUT, metavar="DIR", help="folder to write to (default: generated/)"
    )
    parser.add_argument("--package", default=PACKAGE, metavar="NAME", help="name of the package (default: %(default)s)")
    parser.add_argument(
        "--overlay", default="", metavar="FILE|none", help="overlay to apply (default: scripts/regenerate/overlay.yaml)"
    )
    parser.add_argument("--summary", type=Path, metavar="FILE", help="write a summary of the changes, in Markdown")
    return parser


if __name__ == "__main__":
    sys.exit(run(main))
