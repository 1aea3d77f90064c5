"""Regenerating the client, against the stock generator without hooks."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.cases import OTHER, OURS, Bench, Measured, Row, compared
from benchmarks.paired import ROOT, Sample

_STOCK = "stock generator"


def _regenerate(bench: Bench) -> Measured | None:
    settings = bench.folder / "stock.yaml"
    settings.write_text("post_hooks: []\n", "utf-8")
    ours = ["-m", "scripts.regenerate", "--output", str(bench.folder / "ours")]
    stock = [
        "-m", "openapi_python_client", "generate", "--path", str(ROOT / "openapi.yaml"), "--meta", "none",
        "--config", str(settings), "--output-path", str(bench.folder / "stock"), "--overwrite",
    ]  # fmt: skip
    commands = {_STOCK: (stock, ROOT), OURS: (ours, ROOT)}
    if bench.against is not None:
        commands = {OTHER: (ours, bench.against), OURS: (ours, ROOT)}
    samples: dict[str, list[Sample]] = {label: [] for label in commands}
    for _ in range(bench.few(5, 1)):
        for label, (command, tree) in commands.items():
            sample = _run(command, tree)
            if sample is None:
                return None
            samples[label].append(sample)
    return compared(samples, _STOCK if bench.against is None else OTHER, "wall_ns")


def _run(command: list[str], tree: Path) -> Sample | None:
    """Time a process and its children, in the environment that the generator is installed in."""
    wall, cpu = time.perf_counter_ns(), _children_ns()
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False, cwd=tree)  # noqa: S603
    if done.returncode:
        print(f"  {' '.join(command[:2])}: {(done.stdout + done.stderr).strip()[-300:]}", file=sys.stderr)
        return None
    return {"wall_ns": time.perf_counter_ns() - wall, "cpu_ns": _children_ns() - cpu}


def _children_ns() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (used.ru_utime + used.ru_stime) * 1e9


ROWS = (Row("regenerate", "regenerating / stock generator without hooks", "wall", 1.3, _regenerate),)
