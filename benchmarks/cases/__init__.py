"""The measured cases: a module for each kind of work, a `Row` for each line of the table."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import Factory, evolve, frozen

from benchmarks.paired import Lane, Metric, Sample, Spread, paired, ratios, spread

OURS: Final = "ours"
OFFICIAL: Final = "official"
OTHER: Final = "the other checkout"
PEERS: Final = {
    OFFICIAL: "official",
    "kalshi-sdk": "kalshi_sdk",
    "kalshi-py": "kalshi_py_client",
    "pykalshi": "pykalshi_client",
}


@frozen
class Measured:
    """
    The result of a row.

    Attributes:
        ratios: By lane, in the row's own unit.
        reference: Time or memory of the reference, in nanoseconds or bytes.
        cpu: By lane, the same ratios in CPU time of the client's process, for rows in wall time.
        note: A remark below the table.
    """

    ratios: Mapping[str, Spread]
    reference: Spread | None = None
    cpu: Mapping[str, Spread] = Factory(dict)
    note: str = ""


@frozen
class Bench:
    """
    The settings of one run, and how lanes are measured.

    Attributes:
        python: The interpreter that runs the works.
        setup: Arguments of all works, such as file names and the base URL.
        folder: A temporary folder.
        peers: Whether that interpreter has the peers.
        quick: Fewer rounds.
        against: Another checkout of this project, which replaces references and peers.
    """

    python: str
    setup: Mapping[str, Any]
    folder: Path
    peers: bool
    quick: bool
    against: Path | None = None

    def few(self, full: int, quick: int = 5) -> int:
        """Return a number of rounds."""
        return quick if self.quick else full

    def lanes(self, work: str, **more: Any) -> list[Lane]:
        """Return the peers' lanes for a work."""
        return [Lane(label, client, work, **more) for label, client in PEERS.items() if self.peers]

    def trees(self, lane: Lane) -> list[Lane]:
        """Return a lane for this checkout, and one for the other if there is one."""
        return [lane] if self.against is None else [lane, evolve(lane, label=OTHER, tree=self.against)]

    def compare(
        self,
        ours: Lane,
        reference: Lane | None,
        metric: Metric,
        *,
        times: int,
        rounds: int = 40,
        inverse: bool = False,
        note: str = "",
        peers: str = "",
        **more: Any,
    ) -> Measured | None:
        """
        Measure our lane in turns with its reference and the peers, or with the other checkout alone.

        Args:
            ours: Our lane.
            reference: The lane that divides; None for the official client's.
            metric: The measure to compare.
            times: Calls in a batch.
            rounds: Batches of each lane.
            inverse: Divide the reference by ours, so that more is better. Ignored with another checkout.
            note: A remark below the table.
            peers: The peers' work; by default that of our lane.
            more: More for the peers' lanes.
        """
        if self.against is not None:
            return compared(self.paired(self.trees(ours), times=times, rounds=rounds), OTHER, metric)
        if reference is None and not self.peers:
            return None
        lanes = [*([reference] if reference else []), ours, *self.lanes(peers or ours.work, **more)]
        label = reference.label if reference else OFFICIAL
        return compared(self.paired(lanes, times=times, rounds=rounds), label, metric, inverse=inverse, note=note)

    def paired(
        self, lanes: Sequence[Lane], *, times: int, rounds: int = 40, warm: bool = True
    ) -> dict[str, list[Sample]]:
        """Measure lanes in turns."""
        # Two checkouts differ by less than clients do, and processes of one checkout differ by chance.
        generations = 1 if self.quick else 3 if self.against is None else 6
        return paired(
            self.python, lanes, self.setup, times=times, rounds=self.few(rounds), generations=generations, warm=warm
        )


@frozen
class Row:
    """
    One line of the table.

    Attributes:
        name: For `--only`.
        what: The work and its reference.
        unit: Of both.
        goal: The ratio to reach.
        measure: Measures it; None where it can't be, such as without the peers.
        least: Whether the goal is a minimum.
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
