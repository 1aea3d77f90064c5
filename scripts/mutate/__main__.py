"""
Break the code on purpose and see whether the tests notice: `python -m scripts.mutate`.

Every mistake is made in a copy of the tree. Exit status: 0 all were caught, 1 some survived, 2 it could not be told.
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
from scripts.mutate.working_copy import Tree, Verdict

_ROOT: Final = Path(__file__).parents[2]


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        chosen = [each for each in mutants(_ROOT).values() if _matches(each.name, options.only)]
        for each in chosen:
            for file in each.files:
                each.applied((_ROOT / file).read_bytes())
    except InapplicableError as stop:
        print(stop, file=sys.stderr)
        return 2
    if options.list:
        print(*(f"{each.name}  {each.file}  {each.test} {each.wanted}" for each in chosen), sep="\n")
        return 0
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        trees = [Tree(_ROOT, Path(folder) / str(number), options.timeout) for number in range(options.jobs)]
        if trouble := _untouched(trees[0], chosen):
            print(f"the untouched copy does not pass: {trouble}", file=sys.stderr)
            return 2
        verdicts = _verdicts(trees, chosen)
    print(_table(chosen, verdicts))
    caught = sum(verdict.caught for verdict in verdicts)
    print(f"\nmutants: {caught} caught, {len(verdicts) - caught} survived")
    return 0 if chosen and caught == len(chosen) else 1


def _matches(name: str, patterns: list[str]) -> bool:
    return not patterns or any(fnmatch(name, pattern) for pattern in patterns)


def _untouched(tree: Tree, chosen: Iterable[Mutant]) -> str | None:
    """Run what the mutants need, without any; return what is wrong with it."""
    for test, narrowings in _needed(chosen).items():
        arguments = (test, "-k", " or ".join(sorted(narrowings))) if all(narrowings) else (test,)
        started = time.monotonic()
        try:
            done = tree.run(arguments)
        except TimeoutExpired:
            return f"{test} does not end in time"
        if done.returncode:
            return f"{test}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        _say(f"untouched  {test} passes in {time.monotonic() - started:.0f} s")
    return None


def _needed(chosen: Iterable[Mutant]) -> dict[str, set[str]]:
    """Return the tests that the mutants need, each with what it may be narrowed down to."""
    needed: dict[str, set[str]] = {}
    for each in chosen:
        needed.setdefault(each.test, set()).add(each.wanted)
    return needed


def _verdicts(trees: list[Tree], chosen: list[Mutant]) -> list[Verdict]:
    idle: SimpleQueue[Tree] = SimpleQueue()
    for tree in trees:
        idle.put(tree)

    def verdict(numbered: tuple[int, Mutant]) -> Verdict:
        number, mutant = numbered
        tree = idle.get()
        try:
            found = tree.check(mutant)
        finally:
            idle.put(tree)
        _say(f"{number:>3}/{len(chosen)}  {'caught' if found.caught else 'SURVIVED':<8}  {mutant.name}: {found.by}")
        return found

    with ThreadPoolExecutor(len(trees)) as pool:
        return list(pool.map(verdict, enumerate(chosen, 1)))


def _table(chosen: list[Mutant], verdicts: list[Verdict]) -> str:
    rows = [("mutant", "file", "caught", "by"), ("---", "---", "---", "---")]
    for mutant, verdict in zip(chosen, verdicts, strict=True):
        by = verdict.by.replace("|", "\\|")
        rows.append((mutant.name, f"`{mutant.file}`", "yes" if verdict.caught else "**no**", f"`{by}`"))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scripts.mutate", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--list", action="store_true", help="name the mutants, and run nothing")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="a mutant, or a pattern: 'auth.*'")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="how many at once, each in a copy of its own")
    parser.add_argument("--timeout", type=float, default=180, metavar="SECONDS", help="for one run of tests")
    return parser


if __name__ == "__main__":
    sys.exit(main())
