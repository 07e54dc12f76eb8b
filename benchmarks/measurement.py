"""A number with its goal, and the table of them."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Measurement:
    """One number.

    Attributes:
        name: What was measured.
        value: The median, in `unit`.
        unit: `ms`, `s`, `MB`; `×` for a ratio.
        goal: What is promised at most; None where nothing is.
        spread: The other values, for people who wonder.
        note: What it compares to, or how it was taken.
    """

    name: str
    value: float
    unit: str
    goal: float | None = None
    spread: tuple[float, ...] = ()
    note: str = ""

    @property
    def verdict(self) -> str:
        """`holds`, `MISSED`, or nothing where there is no goal."""
        if self.goal is None:
            return ""
        return "holds" if self.value <= self.goal else "MISSED"


def in_fresh_processes(code: str, runs: int, arguments: Sequence[str] = ()) -> list[float]:
    """Runs `code` in that many new interpreters, one after the other; each prints its number last."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    numbers = []
    for _ in range(runs):
        command = [sys.executable, "-c", code, *arguments]
        output = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True, env=environment)
        numbers.append(float(output.stdout.split()[-1]))
    return numbers


def median(name: str, values: list[float], unit: str, goal: float | None = None, note: str = "") -> Measurement:
    """The median of several runs, which one slow run does not move."""
    return Measurement(name, statistics.median(values), unit, goal, tuple(sorted(values)), note)


def table(measurements: Sequence[Measurement]) -> str:
    """A Markdown table, aligned to be read as text."""
    rows = [("what", "measured", "goal", "", "range", "note")]
    for item in measurements:
        goal = "" if item.goal is None else f"≤ {item.goal:g} {item.unit}"
        spread = f"{item.spread[0]:.3g}–{item.spread[-1]:.3g}" if len(item.spread) > 1 else ""
        rows.append((item.name, f"{item.value:.3g} {item.unit}", goal, item.verdict, spread, item.note))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
