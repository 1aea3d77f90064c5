"""Pages of markets: time from bytes to objects, and the memory they keep. No two pages are alike."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from attrs import evolve

from benchmarks import fixtures
from benchmarks.cases import OFFICIAL, OTHER, OURS, Bench, Measured, Row, compared
from benchmarks.paired import Lane, Sample, started

_STANDARD: Final = ("orjson", "msgspec")
_DEFAULT_PAGE: Final = 100
"""Markets on a page when no limit is asked for."""


def _decode(bench: Bench, page: int, without: tuple[str, ...]) -> Measured | None:
    fixtures.write_series(Path(bench.setup["pages"]))
    more: dict[str, Any] = {"without": without, "setup": {"page": page}}
    # Batches of about the same length, and no more pages than a series has.
    times = fixtures.PAGE // page
    return bench.compare(Lane(OURS, "ours", "markets", **more), None, "cpu_ns", times=times, rounds=20, **more)


def _standard(bench: Bench) -> Measured | None:
    return _decode(bench, fixtures.PAGE, _STANDARD)


def _standard_short(bench: Bench) -> Measured | None:
    return _decode(bench, _DEFAULT_PAGE, _STANDARD)


def _fast(bench: Bench) -> Measured | None:
    return _decode(bench, fixtures.PAGE, ())


def _fast_short(bench: Bench) -> Measured | None:
    return _decode(bench, _DEFAULT_PAGE, ())


def _kept(bench: Bench) -> Measured | None:
    if not bench.peers and bench.against is None:
        return None
    fixtures.write_series(Path(bench.setup["pages"]))
    samples = {}
    for lane in [*bench.trees(Lane(OURS, "ours", "markets")), *bench.lanes("markets")]:
        found = [_kept_by(bench, lane) for _ in range(bench.few(3, 1))]
        if all(found):
            samples[lane.label] = [each for each in found if each]
    return compared(samples, OFFICIAL if bench.against is None else OTHER, "value")


def _kept_by(bench: Bench, lane: Lane) -> Sample | None:
    """Measure in a fresh process, after a small page of other markets."""
    with started(bench.python, [lane]) as (process,):
        small = process.prepare(evolve(lane, setup=_of(10)), bench.setup)
        large = process.prepare(evolve(lane, setup=_of(fixtures.PAGE), tried=False), bench.setup)
        return None if None in (small, large) else process.ask(do="kept", ids=[small, large])


def _of(page: int) -> Mapping[str, Any]:
    return {"page": page}


ROWS = (
    Row("decode", "1,000 markets, bytes to objects, standard library / official", "CPU", 0.58, _standard),
    Row("decode-100", "100 markets, the same", "CPU", None, _standard_short),
    Row("decode-fast", "1,000 markets with the `fast` extra (msgspec) / official", "CPU", 0.42, _fast),
    Row("decode-fast-100", "100 markets, the same", "CPU", None, _fast_short),
    Row("memory", "memory kept per 1,000 markets / official", "bytes", 0.42, _kept),
)
