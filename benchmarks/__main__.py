"""
Compare this project with other clients, or with another checkout of itself, in one run.

`python -m benchmarks [--peers | --against FOLDER] [--quick] [--only ROW]` prints a Markdown table.
`benchmarks/README.md` explains the rows and has the latest table.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import fixtures, peers, report
from benchmarks.cases import Bench, decoding, growth, iterating, regeneration, requests, signing, starting
from benchmarks.paired import ROOT, environment

_ROWS = (
    *signing.ROWS, *requests.ROWS, *decoding.ROWS, *starting.ROWS, *iterating.ROWS, *regeneration.ROWS,
)  # fmt: skip
_GROWTH = "growth"


def main(arguments: list[str] | None = None) -> None:
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.against:
        options.against = options.against.resolve()
        if options.peers or not (options.against / "kalshi_auth").is_dir():
            parser.error("--against takes a checkout of this project, and no --peers")
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        folder = Path(name)
        python = peers.installed((options.scratch or folder) / "peers") if options.peers else sys.executable
        load = _load()
        setup = fixtures.written(folder)
        with _server(folder) as port:
            setup["base_url"] = f"http://127.0.0.1:{port}/trade-api/v2"
            bench = Bench(python, setup, folder, options.peers, options.quick, options.against)
            measured = []
            for row in _ROWS:
                if not options.only or row.name in options.only:
                    print(f"{row.name} ...", file=sys.stderr, flush=True)
                    measured.append((row, row.measure(bench)))
            grown = {}
            if not options.against and _GROWTH in (options.only or [_GROWTH]):
                print(f"{_GROWTH} ...", file=sys.stderr, flush=True)
                grown = growth.growth(bench)
        lines = report.heading(python, peers.versions(python), f"{load} before, {_load()} after")
        if measured:
            lines += ["", *(report.against_table(measured) if options.against else report.table(measured))]
        lines += ["", *report.growth_table(grown)] if grown else []
        print("\n".join(lines))


@contextmanager
def _server(folder: Path) -> Iterator[int]:
    """Run the server in a process of its own; yield its port."""
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "benchmarks.server", str(folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=environment(),
    )  # fmt: skip
    try:
        assert process.stdout
        yield int(process.stdout.readline())
    finally:
        process.communicate(timeout=60)


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--peers",
        action="store_true",
        help="also measure the other Python clients",
    )
    parser.add_argument(
        "--against", type=Path, metavar="FOLDER", help="another checkout of this project to measure beside this one"
    )
    parser.add_argument("--quick", action="store_true", help="few rounds, to see that everything runs")
    parser.add_argument(
        "--only", action="append", metavar="ROW", choices=[*(row.name for row in _ROWS), _GROWTH],
        help=f"one row, or several: {', '.join(row.name for row in _ROWS)}, {_GROWTH}",
    )  # fmt: skip
    parser.add_argument(
        "--scratch", type=Path, metavar="DIR", help="where the peers are kept for the next run; by default nowhere"
    )
    return parser


if __name__ == "__main__":
    main()
