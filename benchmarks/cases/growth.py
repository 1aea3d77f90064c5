"""How cost grows with the work: the same at 10, 1,000 and 100,000 items."""

from __future__ import annotations

from typing import Final

from benchmarks.cases import Bench
from benchmarks.paired import Lane, Spread, spread

SIZES: Final = (10, 1_000, 100_000)
WORKS: Final = {
    "decode trades": "trades",
    "iterate trades, 1,000 a page": "iterated",
    "pace, one after the other": "paced",
    "pace, all waiting": "paced_waiting",
}


def growth(bench: Bench) -> dict[str, dict[int, Spread]]:
    """Return CPU nanoseconds an item, by work and number of items."""
    return {name: _costs(bench, work) for name, work in WORKS.items()}


def _costs(bench: Bench, work: str) -> dict[int, Spread]:
    costs = {}
    for size in SIZES:
        lane = Lane(str(size), "ours", work, setup={"items": size})
        samples = bench.paired([lane], times=max(1, 2_000 // size), rounds=5)[lane.label]
        costs[size] = spread([sample["cpu_ns"] / size for sample in samples])
    return costs
