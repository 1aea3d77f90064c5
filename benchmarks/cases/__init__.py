"""What is measured: a module for each kind of work, a `Row` for each line of the table."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import Factory, frozen

from benchmarks.paired import Lane, Metric, Sample, Spread, paired, ratios, spread

OURS: Final = "ours"
OFFICIAL: Final = "official"
PEERS: Final = {
    OFFICIAL: "official",
    "kalshi-sdk": "kalshi_sdk",
    "kalshi-py": "kalshi_py_client",
    "pykalshi": "pykalshi_client",
}


@frozen
class Measured:
    """
    What came out of a row.

    Attributes:
        ratios: By lane, in the row's own unit.
        reference: What the reference took, in nanoseconds or bytes.
        cpu: By lane, the same in CPU time of the client's process, where the row goes by the clock on the wall.
        note: What else there is to say.
    """

    ratios: Mapping[str, Spread]
    reference: Spread | None = None
    cpu: Mapping[str, Spread] = Factory(dict)
    note: str = ""


@frozen
class Bench:
    """
    Where and how thoroughly to measure.

    Attributes:
        python: The interpreter that runs the works.
        setup: What works have to know.
        folder: Room for files.
        peers: Whether the peers are installed there.
        quick: Fewer rounds.
    """

    python: str
    setup: Mapping[str, Any]
    folder: Path
    peers: bool
    quick: bool

    def few(self, full: int, quick: int = 5) -> int:
        """Return a number of rounds."""
        return quick if self.quick else full

    def lanes(self, work: str, **more: Any) -> list[Lane]:
        """Return the peers' lanes for a work."""
        return [Lane(label, subject, work, **more) for label, subject in PEERS.items() if self.peers]

    def paired(
        self, lanes: Sequence[Lane], *, times: int, rounds: int = 40, warm: bool = True
    ) -> dict[str, list[Sample]]:
        """Let lanes take turns."""
        return paired(
            self.python, lanes, self.setup,
            times=times, rounds=self.few(rounds), generations=1 if self.quick else 3, warm=warm,
        )  # fmt: skip


@frozen
class Row:
    """
    One line of the table.

    Attributes:
        name: For `--only`.
        what: What is set against what.
        unit: Of both.
        goal: The ratio to reach.
        measure: Measures it; None where it can't be, such as without the peers.
        least: Whether the goal is the least, not the most.
    """

    name: str
    what: str
    unit: str
    goal: float | None
    measure: Callable[[Bench], Measured | None]
    least: bool = False


def compared(
    samples: Mapping[str, Sequence[Sample]], reference: str, metric: Metric, *, inverse: bool = False, note: str = ""
) -> Measured | None:
    """Turn samples into what the table shows."""
    if OURS not in samples or reference not in samples:
        print("  not measured: a lane is missing", file=sys.stderr)
        return None
    return Measured(
        ratios=ratios(samples, reference, metric, inverse=inverse),
        reference=spread([sample[metric] for sample in samples[reference]]),
        cpu=ratios(samples, reference, "cpu_ns", inverse=inverse) if metric == "wall_ns" else {},
        note=note,
    )
