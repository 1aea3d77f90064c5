"""Signed requests over a loopback socket."""

from __future__ import annotations

from typing import Final

from benchmarks.cases import OURS, Bench, Measured, Row
from benchmarks.paired import Lane

_BARE: Final = "bare httpx"
_FLIGHT: Final = 20


def _sync(bench: Bench) -> Measured | None:
    return bench.compare(Lane(OURS, "ours", "get"), Lane(_BARE, "bare", "get"), "wall_ns", times=20)


def _async(bench: Bench) -> Measured | None:
    return bench.compare(Lane(OURS, "ours", "aget"), Lane(_BARE, "bare", "aget"), "wall_ns", times=20)


def _async_aiohttp(bench: Bench) -> Measured | None:
    ours = Lane(OURS, "ours", "aget_aiohttp")
    return bench.compare(ours, Lane(_BARE, "bare", "aget"), "wall_ns", times=20, peers="aget")


def _throughput(bench: Bench) -> Measured | None:
    return bench.compare(
        Lane(OURS, "ours", "aget_process", _FLIGHT), None, "wall_ns",
        times=10 * _FLIGHT, rounds=15, inverse=True, peers="aget", flight=_FLIGHT,
        note="the CPU time is without the signing process's",
    )  # fmt: skip


ROWS = (
    Row("get", "signed GET, sync / bare httpx get + raw signature", "wall", 0.92, _sync),
    Row("aget", "signed GET, async, plain httpx / the same", "wall", 0.97, _async),
    Row("aget-aiohttp", "signed GET, async, httpx-aiohttp transport / the same", "wall", 0.55, _async_aiohttp),
    Row(
        "throughput", "requests a second at 20 in flight, httpx-aiohttp and a signing process / official async",
        "wall", 1.8, _throughput, least=True,
    ),
)  # fmt: skip
