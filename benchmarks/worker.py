"""
Run one client's works in a process of its own: `python -m benchmarks.worker TREE CLIENT [MODULE ...]`.

JSON lines in, JSON lines out. This project's packages are imported from the checkout TREE; the modules named after the
client count as not installed. The interpreter may be that
of a scratch environment, so nothing but the standard library is imported here.

    {"do": "prepare", "work": "get", "setup": {...}, "tried": true}  -> {"id": 0}, or {"missing": "why"}
A work may have a method `before`, which is called with the number of calls to come, outside the measured time.

    {"do": "run", "id": 0, "times": 20, "flight": 1}  -> {"wall_ns": ..., "cpu_ns": ..., "value": ...}
    {"do": "kept", "ids": [0, 1]}  -> {"value": bytes that one result of the last work keeps}
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import inspect
import json
import os
import sys
import time
import tracemalloc
from collections.abc import Callable
from typing import Any


class Worker:
    """The works of one client that were prepared."""

    def __init__(self, client: str) -> None:
        self._client = importlib.import_module(f"benchmarks.clients.{client}")
        self._runner = asyncio.Runner()
        self._works: list[tuple[Callable[[], Any], bool]] = []

    def prepare(self, work: str, setup: dict[str, Any], tried: bool) -> dict[str, Any]:
        """Make a work; `tried` calls it once, to see that it can be done."""
        factory = getattr(self._client, work, None)
        if factory is None:
            return {"missing": "not offered"}
        asynchronous = inspect.iscoroutinefunction(factory)
        try:
            one = self._runner.run(factory(setup)) if asynchronous else factory(setup)
            if tried:
                self._runner.run(_tasks(one, 1, 1, warm=False)) if asynchronous else _calls(one, 1, warm=False)
        except Exception as error:
            return {"missing": f"{type(error).__name__}: {error}"}
        self._works.append((one, asynchronous))
        return {"id": len(self._works) - 1}

    def run(self, id: int, times: int, flight: int = 1, warm: bool = True) -> dict[str, Any]:
        one, asynchronous = self._works[id]
        return self._runner.run(_tasks(one, times, flight, warm)) if asynchronous else _calls(one, times, warm)

    def kept(self, ids: list[int]) -> dict[str, Any]:
        """Measure the last work, after the ones before it have built what is built once."""
        for id in ids:
            one, _ = self._works[id]
            _before(one, 1)
            if id != ids[-1]:
                one()
        gc.collect()
        tracemalloc.start()
        result = one()
        gc.collect()
        kept = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        del result
        return {"value": float(kept)}


def _before(one: Callable[[], Any], times: int) -> None:
    prepare = getattr(one, "before", None)
    if prepare is not None:
        prepare(times)


def _calls(one: Callable[[], Any], times: int, warm: bool) -> dict[str, Any]:
    _before(one, times + warm)
    if warm:
        one()
    gc.collect()
    wall, cpu = time.perf_counter_ns(), time.process_time_ns()
    for _ in range(times):
        value = one()
    return _taken(wall, cpu, times, value)


async def _tasks(one: Callable[[], Any], times: int, flight: int, warm: bool) -> dict[str, Any]:
    each = times // flight

    async def some() -> Any:
        for _ in range(each):
            value = await one()
        return value

    if warm:
        await asyncio.gather(*(one() for _ in range(flight)))
    gc.collect()
    wall, cpu = time.perf_counter_ns(), time.process_time_ns()
    values = [await some()] if flight == 1 else await asyncio.gather(*(some() for _ in range(flight)))
    return _taken(wall, cpu, each * flight, values[0])


def _taken(wall: int, cpu: int, times: int, value: Any) -> dict[str, Any]:
    wall, cpu = time.perf_counter_ns() - wall, time.process_time_ns() - cpu
    number = value if type(value) in (int, float) else None
    return {"wall_ns": wall / times, "cpu_ns": cpu / times, "value": number}


def main(tree: str, client: str, without: list[str]) -> None:
    # `benchmarks` is imported already, so its own modules still come from where it is.
    sys.path[:0] = [tree, os.path.join(tree, "generated")]  # noqa: PTH118
    # What a client prints must not come between the lines.
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    for name in without:
        sys.modules[name] = None  # type: ignore[assignment]
    worker = Worker(client)
    for name in ("kalshi_auth", "kalshi_core", "kalshi_trade_api"):
        home = getattr(sys.modules.get(name), "__file__", None)
        if home is not None and not home.startswith(f"{tree}{os.sep}"):
            sys.exit(f"{name} comes from {home}, not from {tree}")
    for line in sys.stdin:
        message = json.loads(line)
        print(json.dumps(getattr(worker, message.pop("do"))(**message)), file=out, flush=True)
    # Connections are still open, and some libraries would say so at length.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
