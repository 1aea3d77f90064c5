"""Headers for one request, and how long signing holds the loop."""

from __future__ import annotations

from benchmarks.cases import OTHER, OURS, Bench, Measured, Row, compared
from benchmarks.paired import Lane, Sample, ratios, spread

_RAW = "raw signature"


def _headers(bench: Bench) -> Measured | None:
    return bench.compare(Lane(OURS, "ours", "headers"), Lane(_RAW, "bare", "signature"), "cpu_ns", times=50)


def _headers_ed25519(bench: Bench) -> Measured | None:
    ours, raw = Lane(OURS, "ours", "headers_ed25519"), Lane(_RAW, "bare", "signature_ed25519")
    return bench.compare(ours, raw, "cpu_ns", times=400)


def _loop_held(bench: Bench) -> Measured | None:
    # The worker's value is what one run of many requests saw at worst; the reference is an average, in the same unit.
    ours = bench.paired(bench.trees(Lane(OURS, "ours", "loop_held")), times=1, rounds=10)
    if bench.against is not None:
        return compared(ours, OTHER, "value")
    raw = bench.paired([Lane(_RAW, "bare", "signature")], times=100, rounds=10)[_RAW]
    samples: dict[str, list[Sample]] = {_RAW: [{"value": each["cpu_ns"]} for each in raw], **ours}
    return Measured(ratios(samples, _RAW, "value"), spread([each["value"] for each in samples[_RAW]]))


ROWS = (
    Row("headers", "headers for one request / raw RSA-2048 signature", "CPU", 1.02, _headers),
    Row("headers-ed25519", "headers for one request / raw Ed25519 signature", "CPU", 1.06, _headers_ed25519),
    Row("loop", "longest hold of the loop by signing, 20 in flight / one signature", "time", 1.5, _loop_held),
)
