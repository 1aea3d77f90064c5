"""
Insert faults into the code and check that the tests fail: `python -m scripts.mutate`.

Faults are inserted in copies of the project. Exit status: 0 every mutant caught, 1 some survived, 2 error.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from pathlib import Path
from queue import SimpleQueue
from subprocess import TimeoutExpired
from typing import Final

from scripts.mutate.edits import InapplicableError, Mutant
from scripts.mutate.mutants import mutants
from scripts.mutate.working_copy import Verdict, WorkingCopy

_ROOT: Final = Path(__file__).parents[2]


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        chosen = [each for each in mutants(_ROOT).values() if _matches(each.name, options.only)]
        for each in chosen:
            for file in each.files:
                each.apply((_ROOT / file).read_bytes())
    except InapplicableError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if not chosen:
        print(f"error: no mutant matches {' or '.join(options.only)}; --list names them all", file=sys.stderr)
        return 2
    if options.list:
        print(*(f"{each.name}  {each.file}  {each.test} {each.selection}".rstrip() for each in chosen), sep="\n")
        return 0
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copies = [WorkingCopy(_ROOT, Path(folder) / str(number), options.timeout) for number in range(options.jobs)]
        if failure := _failure_without_faults(copies[0], chosen):
            print(f"error: the tests fail without any fault: {failure}", file=sys.stderr)
            return 2
        verdicts = _check_all(copies, chosen)
    print(_table(chosen, verdicts))
    caught = sum(verdict.caught for verdict in verdicts)
    print(f"\nmutants: {caught} caught, {len(verdicts) - caught} survived")
    return 0 if caught == len(chosen) else 1


def _matches(name: str, patterns: list[str]) -> bool:
    return not patterns or any(fnmatch(name, pattern) for pattern in patterns)


def _failure_without_faults(copy: WorkingCopy, chosen: Iterable[Mutant]) -> str | None:
    """Run the tests of all mutants in the unchanged copy; return the failure, if there is one."""
    for test, selections in _selections_by_test(chosen).items():
        arguments = (test, "-k", " or ".join(sorted(selections))) if all(selections) else (test,)
        started = time.monotonic()
        try:
            done = copy.run(arguments)
        except TimeoutExpired:
            return f"{test} exceeds the timeout"
        if done.returncode:
            return f"{test}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        _log(f"unchanged  {test} passes in {time.monotonic() - started:.0f} s")
    return None


def _selections_by_test(chosen: Iterable[Mutant]) -> dict[str, set[str]]:
    """Return the test files of the mutants, each with the `-k` expressions that select tests from it."""
    found: dict[str, set[str]] = {}
    for each in chosen:
        found.setdefault(each.test, set()).add(each.selection)
    return found


def _check_all(copies: list[WorkingCopy], chosen: list[Mutant]) -> list[Verdict]:
    idle: SimpleQueue[WorkingCopy] = SimpleQueue()
    for copy in copies:
        idle.put(copy)

    def check(numbered: tuple[int, Mutant]) -> Verdict:
        number, mutant = numbered
        copy = idle.get()
        try:
            verdict = copy.check(mutant)
        finally:
            idle.put(copy)
        result = "caught" if verdict.caught else "SURVIVED"
        _log(f"{number:>3}/{len(chosen)}  {result:<8}  {mutant.name}: {verdict.by}")
        return verdict

    with ThreadPoolExecutor(len(copies)) as pool:
        return list(pool.map(check, enumerate(chosen, 1)))


def _table(chosen: list[Mutant], verdicts: list[Verdict]) -> str:
    rows = [("mutant", "file", "caught", "by"), ("---", "---", "---", "---")]
    for mutant, verdict in zip(chosen, verdicts, strict=True):
        by = verdict.by.replace("|", "\\|")
        rows.append((mutant.name, f"`{mutant.file}`", "yes" if verdict.caught else "**no**", f"`{by}`"))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _log(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scripts.mutate", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--list", action="store_true", help="list the mutants and run nothing")
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="run these mutants only; may be a pattern: 'auth.*'"
    )
    parser.add_argument(
        "--jobs", type=int, default=2, metavar="N", help="number of parallel runs (default: %(default)s)"
    )
    parser.add_argument(
        "--timeout", type=float, default=180, metavar="SECONDS", help="limit of one test run (default: %(default)s)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
