"""A controller's runs, each in its three steps: observe, analyse, act. Data only, whoever recorded it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

__all__ = ["Act", "Fact", "Run", "merged"]


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that was observed: `wanted`, `3`."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Act:
    """Something that was done, and why it did not work; `""` where it did."""

    words: str
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a controller.

    Attributes:
        number: Counts the runs from 1.
        cause: What woke the controller: `Pod db-1 deleted`; `""` where it did not say.
        observed: What it saw.
        sources: Where it looked: `spec.size · Pods app=db`.
        analysis: What follows from it, a finding each.
        because: Why it decided so.
        acts: What it did, in order; empty when there was nothing to do.
        error: Why the run broke off; `""` when it did not.
        times: How many runs in a row saw and found the same, and did nothing.
    """

    number: int
    cause: str = ""
    observed: tuple[Fact, ...] = ()
    sources: str = ""
    analysis: tuple[str, ...] = ()
    because: str = ""
    acts: tuple[Act, ...] = ()
    error: str = ""
    times: int = 1

    @property
    def idle(self) -> bool:
        """Whether there was nothing to do."""
        return not self.acts and not self.error


def merged(runs: Iterable[Run]) -> tuple[Run, ...]:
    """The runs, with idle ones in a row that saw the same told once: many controllers look each second."""
    told: list[Run] = []
    for run in runs:
        if told and run.idle and replace(told[-1], number=0, cause="", times=1) == replace(run, number=0, cause=""):
            told[-1] = replace(told[-1], times=told[-1].times + 1)
        else:
            told.append(run)
    return tuple(told)
