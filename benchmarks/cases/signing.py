"""Headers for one request, and how long signing holds the loop."""

from __future__ import annotations

from benchmarks.cases import OURS, Bench, Measured, Row, compared
from benchmarks.paired import Lane, Sample, ratios, spread

_RAW = "raw signature"


def _headers(bench: Bench) -> Measured | None:
    lanes = [Lane(_RAW, "bare", "signature"), Lane(OURS, "ours", "headers"), *bench.lanes("headers")]
    return compared(bench.paired(lanes, times=50), _RAW, "cpu_ns")


def _headers_ed25519(bench: Bench) -> Measured | None:
    lanes = [
        Lane(_RAW, "bare", "signature_ed25519"),
        Lane(OURS, "ours", "headers_ed25519"),
        *bench.lanes("headers_ed25519"),
    ]
    return compared(bench.paired(lanes, times=400), _RAW, "cpu_ns")


def _loop_held(bench: Bench) -> Measured:
    # The worker's value is what one run of many requests saw at worst; the reference is an average, in the same unit.
    raw = bench.paired([Lane(_RAW, "bare", "signature")], times=100, rounds=10)[_RAW]
    ours = bench.paired([Lane(OURS, "ours", "loop_held")], times=1, rounds=10)[OURS]
    samples: dict[str, list[Sample]] = {_RAW: [{"value": each["cpu_ns"]} for each in raw], OURS: ours}
    return Measured(ratios(samples, _RAW, "value"), spread([each["value"] for each in samples[_RAW]]))


ROWS = (
    Row("headers", "headers for one request / raw RSA-2048 signature", "CPU", 1.02, _headers),
    Row("headers-ed25519", "headers for one request / raw Ed25519 signature", "CPU", 1.06, _headers_ed25519),
    Row("loop", "longest hold of the loop by signing, 20 in flight / one signature", "time", 1.5, _loop_held),
)
