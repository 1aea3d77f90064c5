"""1,000 markets: time from bytes to objects, and the memory they keep."""

from __future__ import annotations

from attrs import evolve

from benchmarks.cases import OFFICIAL, OURS, Bench, Measured, Row, compared
from benchmarks.paired import Lane, Sample, started


def _decode(bench: Bench, without: tuple[str, ...]) -> Measured | None:
    if not bench.peers:
        return None
    lanes = [Lane(OURS, "ours", "markets", without=without), *bench.lanes("markets")]
    return compared(bench.paired(lanes, times=1, rounds=20), OFFICIAL, "cpu_ns")


def _standard(bench: Bench) -> Measured | None:
    return _decode(bench, ("orjson", "msgspec"))


def _fast(bench: Bench) -> Measured | None:
    return _decode(bench, ())


def _kept(bench: Bench) -> Measured | None:
    if not bench.peers:
        return None
    samples = {}
    for lane in [Lane(OURS, "ours", "markets"), *bench.lanes("markets")]:
        found = [_kept_by(bench, lane) for _ in range(bench.few(3, 1))]
        if all(found):
            samples[lane.label] = [each for each in found if each]
    return compared(samples, OFFICIAL, "value")


def _kept_by(bench: Bench, lane: Lane) -> Sample | None:
    """Measure in a fresh process, after a small page of other markets."""
    few = evolve(lane, setup={"body": bench.setup["few"]})
    with started(bench.python, [lane]) as (process,):
        ids = [process.prepare(each, bench.setup) for each in (few, evolve(lane, tried=False))]
        return None if None in ids else process.ask(do="kept", ids=ids)


ROWS = (
    Row("decode", "1,000 markets, bytes to objects, standard library / official", "CPU", 0.58, _standard),
    Row("decode-fast", "the same with the `fast` extra (msgspec) / official", "CPU", 0.42, _fast),
    Row("memory", "memory kept per 1,000 markets / official", "bytes", 0.42, _kept),
)
