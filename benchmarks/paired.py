"""
Measure several processes in turns.

pyperf measures one benchmark after the other, each in processes of its own. On a machine whose speed drifts, or that is
shared, the ratio of two such numbers is mostly the drift. So the loop here is our own: lanes take turns in short
batches, each batch is divided by the reference's batch of the same round, and these ratios are summarised. Summaries
and metadata of the machine come from pyperf.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, Literal

import pyperf
from attrs import Factory, frozen

ROOT: Final = Path(__file__).parents[1]
Metric = Literal["wall_ns", "cpu_ns", "value"]
Sample = Mapping[str, Any]
Samples = Mapping[str, Sequence[Sample]]


@frozen
class Spread:
    """
    Median and quartiles.

    Attributes:
        median: The middle.
        low: A quarter is below.
        high: A quarter is above.
    """

    median: float
    low: float
    high: float


def spread(values: Sequence[float]) -> Spread:
    """Summarise floats above zero."""
    named = {"name": "ratio"}
    benchmark = pyperf.Benchmark([pyperf.Run([value], metadata=named, collect_metadata=False) for value in values])
    return Spread(benchmark.median(), benchmark.percentile(25), benchmark.percentile(75))


def ratios(samples: Samples, reference: str, metric: Metric, *, inverse: bool = False) -> dict[str, Spread]:
    """Divide every lane by the reference, round by round."""
    base = [sample[metric] for sample in samples[reference]]
    return {
        label: spread([(b / a if inverse else a / b) for a, b in zip(values, base, strict=True)])
        for label, each in samples.items()
        if (values := [sample[metric] for sample in each])
    }


@frozen
class Lane:
    """
    One measured process.

    Attributes:
        label: Its name in the table.
        client: Module of `benchmarks.clients`.
        work: Function of that module.
        flight: How many at a time, where the work is asynchronous.
        without: Modules to treat as not installed.
        setup: More arguments of the work.
        tried: Whether to call the work once, to see that it succeeds.
        tree: The checkout whose packages are measured.
    """

    label: str
    client: str
    work: str
    flight: int = 1
    without: tuple[str, ...] = ("orjson", "msgspec")
    setup: Mapping[str, Any] = Factory(dict)
    tried: bool = True
    tree: Path = ROOT


class Process:
    """A worker, as its parent sees it."""

    def __init__(self, python: str, lane: Lane) -> None:
        self._process = subprocess.Popen(  # noqa: S603
            [python, "-m", "benchmarks.worker", str(lane.tree), lane.client, *lane.without],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment(),
        )  # fmt: skip

    def prepare(self, lane: Lane, setup: Mapping[str, Any]) -> int | None:
        """Prepare a work; return its number, or None where the client has no such work."""
        answer = self.ask(do="prepare", work=lane.work, setup={**setup, **lane.setup}, tried=lane.tried)
        if "missing" in answer:
            print(f"  {lane.label}: {answer['missing']}", file=sys.stderr)
        number: int | None = answer.get("id")
        return number

    def ask(self, **message: Any) -> dict[str, Any]:
        """Send a message and return the answer."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a worker ended with {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End it."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()


def environment(tree: Path = ROOT) -> dict[str, str]:
    """Return the environment of every process that is measured; packages come from a checkout."""
    dropped = {name: value for name, value in os.environ.items() if not name.startswith(("KALSHI_", "PYTHON"))}
    return {**dropped, "PYTHONPATH": f"{tree}{os.pathsep}{tree / 'generated'}", "NO_PROXY": "127.0.0.1"}


@contextmanager
def started(python: str, lanes: Sequence[Lane]) -> Iterator[list[Process]]:
    """Start a worker for each lane."""
    with ExitStack() as stack:
        processes = [Process(python, lane) for lane in lanes]
        for process in processes:
            stack.callback(process.close)
        yield processes


def paired(
    python: str,
    lanes: Sequence[Lane],
    setup: Mapping[str, Any],
    *,
    times: int,
    rounds: int,
    generations: int,
    warm: bool = True,
) -> dict[str, list[Sample]]:
    """
    Measure lanes in turns.

    Args:
        python: The interpreter of the workers.
        lanes: The lanes, in any order.
        setup: Arguments of all works.
        times: Calls in a batch.
        rounds: Batches of each lane, in each generation.
        generations: Times that all workers are restarted: processes differ by chance, in memory layout and hashes.
        warm: Whether an unmeasured call precedes each batch.
    """
    samples: dict[str, list[Sample]] = defaultdict(list)
    for _ in range(generations):
        with started(python, lanes) as processes:
            prepared = [(lane, each, each.prepare(lane, setup)) for lane, each in zip(lanes, processes, strict=True)]
            ready = [(lane, each, id) for lane, each, id in prepared if id is not None]
            for number in range(rounds):
                # Another lane is first in each round.
                turn = number % len(ready)
                for lane, process, id in ready[turn:] + ready[:turn]:
                    sample = process.ask(do="run", id=id, times=times, flight=lane.flight, warm=warm)
                    samples[lane.label].append(sample)
    return dict(samples)
