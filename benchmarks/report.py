"""The table, as Markdown."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pyperf

from benchmarks.cases import OURS, PEERS, Measured, Row
from benchmarks.paired import Spread

_UNITS: Final = ((1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns"))


def heading(python: str, versions: str, load: str) -> list[str]:
    """Say on what and when it was measured."""
    known = pyperf.Run([1.0], metadata={"name": "machine"}).get_metadata()
    machine = f"{known.get('cpu_model_name', platform.machine())}, {known['cpu_count']} cores, {known['platform']}"
    return [
        f"{str(known['date'])[:16]}; {machine}; CPython {known['python_version']}; load average {load}.",
        "",
        f"Works ran on `{Path(python).name}` with {versions}.",
    ]


def table(measured: Sequence[tuple[Row, Measured | None]]) -> list[str]:
    """Write the rows; a ratio is a median, its quartiles are in parentheses."""
    lines = [
        "| row | what | unit | goal | ours | met | " + " | ".join(PEERS) + " | ours, CPU | reference |",
        "|---|---|---|---|---|---|" + "---|" * len(PEERS) + "---|---|",
    ]
    for row, result in measured:
        goal = "" if row.goal is None else f"{'≥' if row.least else '≤'} {row.goal:.2f}"
        if result is None:
            lines.append(f"| {row.name} | {row.what} | {row.unit} | {goal} | not measured |" + " |" * (len(PEERS) + 3))
            continue
        ours = result.ratios[OURS]
        spread = f"**{ours.median:.3f}** ({ours.low:.3f}-{ours.high:.3f})"
        cells = [
            row.name, row.what, row.unit, goal, spread, _met(row, ours),
            *(f"{result.ratios[peer].median:.2f}" if peer in result.ratios else "" for peer in PEERS),
            f"{result.cpu[OURS].median:.2f}" if OURS in result.cpu else "",
            _amount(result.reference.median, row.unit) if result.reference else "",
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    notes = [f"- {row.name}: {result.note}." for row, result in measured if result and result.note]
    return [*lines, "", *notes] if notes else lines


def against_table(measured: Sequence[tuple[Row, Measured | None]]) -> list[str]:
    """Write the rows of two checkouts: this one's time or memory divided by the other's."""
    lines = ["| row | unit | this / other | this / other, CPU | other |", "|---|---|---|---|---|"]
    for row, result in measured:
        if result is None:
            lines.append(f"| {row.name} | {row.unit} | not measured | | |")
            continue
        cells = [
            row.name, row.unit, _spread(result.ratios[OURS]),
            _spread(result.cpu[OURS]) if OURS in result.cpu else "",
            _amount(result.reference.median, row.unit) if result.reference else "",
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def growth_table(costs: Mapping[str, Mapping[int, Spread]]) -> list[str]:
    """Write what an item costs, by how many there are."""
    sizes = list(next(iter(costs.values())))
    lines = [
        "| CPU for each item | " + " | ".join(f"{size:,} items" for size in sizes) + " | last / middle |",
        "|---|" + "---|" * len(sizes) + "---|",
    ]
    for name, by_size in costs.items():
        cells = [_amount(by_size[size].median, "CPU") for size in sizes]
        factor = by_size[sizes[-1]].median / by_size[sizes[-2]].median
        lines.append(f"| {name} | {' | '.join(cells)} | {factor:.2f} |")
    return lines


def _met(row: Row, ours: Spread) -> str:
    if row.goal is None:
        return ""
    return "yes" if (ours.median >= row.goal if row.least else ours.median <= row.goal) else "**no**"


def _spread(spread: Spread) -> str:
    return f"{spread.median:.3f} ({spread.low:.3f}-{spread.high:.3f})"


def _amount(value: float, unit: str) -> str:
    if unit == "bytes":
        return f"{value / 1e6:.2f} MB"
    size, name = next(((size, name) for size, name in _UNITS if value >= size), _UNITS[-1])
    return f"{value / size:.3g} {name}"
