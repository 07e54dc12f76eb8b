"""Exercises as a learner meets them: begin, check, hint, solution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import WatchClosed
from k8s_tutor.api.status import StatusError
from k8s_tutor.clock import Clock
from k8s_tutor.errors import Cancelled, ClusterUnavailable
from k8s_tutor.exercises.catalog import exercise
from k8s_tutor.exercises.exercise import Exercise
from k8s_tutor.exercises.progress import Progress
from k8s_tutor.exercises.scene import Scene
from k8s_tutor.exercises.trial import Answer
from k8s_tutor.exercises.verdict import Verdict, cannot_tell
from k8s_tutor.session.progress import ProgressLine
from k8s_tutor.session.shown import Text

__all__ = ["PATIENCE", "Exercises"]

PATIENCE = 20.0
"""Seconds of the cluster's time a check gives a cluster that is still on its way."""

_BEAT = 0.5  # seconds; what a log says changes without any watch event


@dataclass(frozen=True)
class Exercises:
    """Judges exercises on one cluster.

    Attributes:
        client: Talks to the cluster.
        clock: The cluster's time.
        progress: What was solved.
    """

    client: Client
    clock: Clock
    progress: Progress

    def check(self, name: str, namespace: str, answers: Mapping[str, Answer]) -> Verdict:
        """The verdict on an exercise; waits a little while the cluster is still settling.

        Args:
            name: The exercise.
            namespace: Where it takes place.
            answers: Functions that the learner has written, by exercise.

        Raises:
            UsageError: no such exercise.
            Cancelled: Ctrl-C.
        """
        chosen = exercise(name)
        with _stoppable(f"Stopped checking {name}."):
            verdict = self._settled(chosen, Scene(self.client, namespace, answers)).named(name)
        self.progress.record(verdict)
        return verdict

    def hint(self, name: str) -> Text:
        """The next hint of an exercise: from a nudge to nearly the answer.

        Raises:
            UsageError: no such exercise.
        """
        hints = exercise(name).hints
        index = self.progress.next_hint(name, len(hints))
        return Text(f"Hint {index + 1} of {len(hints)}: {hints[index]}")

    def solution(self, name: str) -> Text:
        """A cell that solves the exercise, once it was tried or its hints were read; before that, where to look.

        Raises:
            UsageError: no such exercise.
        """
        chosen = exercise(name)
        entry = self.progress.entry(name)
        if entry.get("attempts", 0) or entry.get("hints", 0) >= len(chosen.hints):
            return Text(chosen.solution)
        return Text(f'Try first: t.check("{name}") says how far you are, t.hint("{name}") helps. Then ask again.')

    def _settled(self, chosen: Exercise, scene: Scene) -> Verdict:
        verdict = self._judge(chosen, scene)
        if not verdict.settling:
            return verdict
        deadline = self.clock.now() + PATIENCE
        line = ProgressLine()
        with self.client.watch("pods", scene.namespace) as watch:
            while (left := deadline - self.clock.now()) > 0:
                line.update(f"checking {chosen.id}: {verdict.summary}")
                try:
                    watch.next(min(left, _BEAT))
                except WatchClosed:
                    break
                verdict = self._judge(chosen, scene)
                if not verdict.settling:
                    break
        line.clear()
        return verdict

    @staticmethod
    def _judge(chosen: Exercise, scene: Scene) -> Verdict:
        try:
            return chosen.judge(scene)
        except (StatusError, ClusterUnavailable) as error:
            return cannot_tell("the cluster did not answer.", error.what, hint=error.next_step or "Check again.")


@contextmanager
def _stoppable(what: str) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise Cancelled(what, why="You pressed stop (Ctrl-C). Nothing was changed.") from None
