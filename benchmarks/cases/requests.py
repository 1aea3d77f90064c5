"""Signed requests over a loopback socket."""

from __future__ import annotations

from benchmarks.cases import OFFICIAL, OURS, Bench, Measured, Row, compared
from benchmarks.paired import Lane, ratios

_BARE = "bare httpx"
_FLIGHT = 20


def _sync(bench: Bench) -> Measured | None:
    lanes = [Lane(_BARE, "bare", "get"), Lane(OURS, "ours", "get"), *bench.lanes("get")]
    return compared(bench.paired(lanes, times=20), _BARE, "wall_ns")


def _async(bench: Bench) -> Measured | None:
    lanes = [Lane(_BARE, "bare", "aget"), Lane(OURS, "ours", "aget"), *bench.lanes("aget")]
    return compared(bench.paired(lanes, times=20), _BARE, "wall_ns")


def _async_aiohttp(bench: Bench) -> Measured | None:
    lanes = [Lane(_BARE, "bare", "aget"), Lane(OURS, "ours", "aget_aiohttp"), *bench.lanes("aget")]
    return compared(bench.paired(lanes, times=20), _BARE, "wall_ns")


def _throughput(bench: Bench) -> Measured | None:
    if not bench.peers:
        return None
    others = {
        "threads": "aget_aiohttp",
        "threads, and nothing but aiohttp": "aiohttp_alone",
        "threads, and nothing but httpx over aiohttp": "httpx_alone",
    }
    lanes = [
        Lane(OURS, "ours", "aget_process", _FLIGHT),
        *(Lane(label, "ours", work, _FLIGHT) for label, work in others.items()),
        *bench.lanes("aget", flight=_FLIGHT),
    ]
    samples = bench.paired(lanes, times=10 * _FLIGHT, rounds=15)
    reached = ratios(samples, OFFICIAL, "wall_ns", inverse=True)
    without = ", ".join(f"{label} {reached[label].median:.2f}" for label in others if label in reached)
    note = f"the CPU time is without the signing process's; with signatures by {without}"
    return compared(samples, OFFICIAL, "wall_ns", inverse=True, note=note)


ROWS = (
    Row("get", "signed GET, sync / bare httpx get + raw signature", "wall", 0.92, _sync),
    Row("aget", "signed GET, async, plain httpx / the same", "wall", 0.97, _async),
    Row("aget-aiohttp", "signed GET, async, httpx-aiohttp transport / the same", "wall", 0.55, _async_aiohttp),
    Row(
        "throughput", "requests a second at 20 in flight, httpx-aiohttp and a signing process / official async",
        "wall", 1.8, _throughput, least=True,
    ),
)  # fmt: skip
