"""Peak memory of reading 100,000 markets page by page."""

from __future__ import annotations

from benchmarks.cases import OTHER, OURS, Bench, Measured, Row, compared
from benchmarks.paired import Lane, Sample

_TEN = "ten pages"
_TWO = "two pages"


def _peak(bench: Bench) -> Measured | None:
    # While a page is read the one before it is still in hand; after ten, caches of values are full.
    many = bench.few(100_000, 20_000)
    lanes = [
        Lane(label, "ours", "iterating_peak", tried=False, setup={"items": items})
        for label, items in ((_TWO, 2_000), (_TEN, 10_000), (OURS, many))
    ]
    if bench.against is not None:
        return compared(bench.paired(bench.trees(lanes[-1]), times=1, rounds=1, warm=False), OTHER, "value")
    samples: dict[str, list[Sample]] = bench.paired(lanes, times=1, rounds=1, warm=False)
    two, ten, all_ = (samples[label][0]["value"] / 1e6 for label in (_TWO, _TEN, OURS))
    note = (
        f"peak above what was there before: {two:.1f} MB for 2 pages, {ten:.1f} for 10, {all_:.1f} for {many // 1000}"
    )
    return compared(samples, _TEN, "value", note=note)


ROWS = (Row("iterate", "iterating 100,000 markets: peak memory / that of ten pages", "bytes", 1.05, _peak),)
