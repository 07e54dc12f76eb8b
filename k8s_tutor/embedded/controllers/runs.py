"""What controllers did: each run in its three steps (observed, analysis, steps), which is what a stepper shows."""

from __future__ import annotations

from dataclasses import dataclass

from k8s_tutor.embedded.actions import Action
from k8s_tutor.embedded.controllers.view import Read
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["Run", "Step"]


@dataclass(frozen=True, slots=True)
class Step:
    """An action and what became of it.

    Attributes:
        action: As decided.
        result: The object as the API server answered it, None where there is none.
        error: The API server's message when it refused; `""` otherwise.
    """

    action: Action
    result: Obj | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One reconcile, in its three steps.

    Attributes:
        number: Counts all runs of a cluster from 1.
        controller: `replicaset-controller`.
        key: The object it was about.
        cause: The change (or timer, or failure) that brought the key into the queue.
        time: Virtual seconds since the Unix epoch.
        revision: The store's revision it observed; reading at this revision shows the same again.
        observed: What it read.
        analysis: Its reasoning, in words.
        steps: What it did, and how the API server answered.
        error: Why the run failed and will come again; `""` when it did not.
    """

    number: int
    controller: str
    key: Key
    cause: str
    time: float
    revision: int
    observed: tuple[Read, ...]
    analysis: tuple[str, ...]
    steps: tuple[Step, ...]
    error: str = ""
