"""An exercise: a task, a judge of the end state, hints, and the proofs that the judge is fair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from k8s_tutor.exercises.scene import Scene
from k8s_tutor.exercises.trial import Answer
from k8s_tutor.exercises.verdict import Outcome, Verdict

__all__ = ["Exercise", "Judge", "Mistake", "Rung", "ladder"]

Rung: TypeAlias = Callable[[Scene], Verdict | None]
"""Looks at one thing: a verdict that ends the judging, or None when that thing is as it should be."""

Judge: TypeAlias = Callable[[Scene], Verdict]


def ladder(*rungs: Rung, then: Callable[[Scene], Verdict]) -> Judge:
    """A judge that takes one rung after the other; whoever passes all of them gets `then`."""

    def judge(scene: Scene) -> Verdict:
        for rung in rungs:
            verdict = rung(scene)
            if verdict is not None:
                return verdict
        return then(scene)

    return judge


@dataclass(frozen=True)
class Mistake:
    """A wrong road, and the answer it must draw.

    Attributes:
        name: What the learner got wrong, in a few words.
        cell: What they typed: a cell's source, with `t` as the session.
        says: A piece of the hint or summary that only this mistake draws.
        outcome: What the check must say.
    """

    name: str
    cell: str
    says: str
    outcome: Outcome = Outcome.FAILED


@dataclass(frozen=True)
class Exercise:
    """One task of a lesson.

    Attributes:
        id: `pods-1`.
        title: A few words.
        task: What to achieve, one or two sentences.
        judge: Reads the cluster's state, says how things stand.
        hints: From a nudge to nearly the answer; shown one at a time.
        solution: A cell that solves it.
        alternative: Another cell that solves it on another road.
        mistakes: Wrong cells, each with the answer it must draw.
        start: Manifests that stand there when the exercise begins; may be empty.
        objects: What belongs to the exercise (`pod/hello`) and goes when it begins anew.
        pods: Labels of pods that go with them, whoever made them: `app=shop`.
        load_balancers: Whether Services of type LoadBalancer have to be given addresses.
        answer: For one that asks for a function: the course's own, which stands in while the learner's is open.
    """

    id: str
    title: str
    task: str
    judge: Judge
    hints: tuple[str, ...]
    solution: str
    alternative: str
    mistakes: tuple[Mistake, ...]
    start: str = ""
    objects: tuple[str, ...] = ()
    pods: str = ""
    load_balancers: bool = False
    answer: Answer | None = None

    @property
    def lesson(self) -> str:
        """The lesson it belongs to: `pods` of `pods-1`."""
        return self.id.rpartition("-")[0]
