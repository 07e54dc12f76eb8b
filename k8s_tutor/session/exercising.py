"""Exercises as a learner meets them: begin, check, hint, solution."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import StatusError, WatchClosed
from k8s_tutor.clock import Clock, on_errand
from k8s_tutor.course.catalog import find_exercise
from k8s_tutor.course.progress import Progress
from k8s_tutor.errors import Cancelled, ClusterUnavailable, TimePaused, UsageError
from k8s_tutor.exercises.calling import LearnerFunction
from k8s_tutor.exercises.exercise import Exercise, record_start
from k8s_tutor.exercises.state import State, take_state
from k8s_tutor.exercises.verdict import Outcome, Verdict, cannot_tell
from k8s_tutor.language import Message, Wording, msg
from k8s_tutor.language.code import translate_code
from k8s_tutor.objects import metadata
from k8s_tutor.session import wait_conditions
from k8s_tutor.session.display import ProgressLine, Text
from k8s_tutor.session.lesson_namespace import LessonNamespace
from k8s_tutor.session.targets import Target, find_target, read_objects
from k8s_tutor.session.waiting import Waiter, wait_for

__all__ = ["LIMIT", "Beginner", "Exercises"]

LIMIT = 20.0
"""Seconds of the cluster's time that judging takes at most: until the cluster has settled, and for what must last."""

_BEAT = 0.5  # seconds between two looks; what a log says changes without any watch event


@dataclass(frozen=True)
class Exercises:
    """Judges exercises on one cluster.

    Attributes:
        client: Talks to the cluster.
        clock: The cluster's time.
        progress: What was solved.
        find: The exercise of a name, as this learner has it.
    """

    client: Client
    clock: Clock
    progress: Progress
    find: Callable[[str], Exercise] = find_exercise

    def record_start(self, name: str, namespace: str) -> None:
        """Remembers on the objects of a start what they are like, so that a check knows whether they were touched.

        Raises:
            UsageError: no such exercise.
        """
        record_start(self.client, namespace, self.find(name).start)
        self.progress.begin(name)

    def check(self, name: str, namespace: str, functions: Mapping[str, LearnerFunction]) -> Verdict:
        """The verdict on an exercise; looks again, for 20 s at most, while the cluster is on its way.

        Args:
            name: The exercise.
            namespace: Where it takes place.
            functions: Functions that the learner has written, by exercise.

        Raises:
            UsageError: no such exercise.
            Cancelled: Ctrl-C.
        """
        chosen = self.find(name)
        with _stoppable(msg("Stopped checking {name}.", name=name)):
            verdict = _Judging(self, chosen, namespace, functions).run().named(name)
        self.progress.record(verdict)
        return verdict

    def hint(self, name: str, namespace: str) -> Text:
        """The next hint of an exercise: from a nudge to nearly the answer, from where the learner stands.

        Args:
            name: The exercise.
            namespace: Where it takes place.

        Raises:
            UsageError: no such exercise.
        """
        chosen = self.find(name)
        index = self.progress.next_hint(name, chosen.hint_count)
        try:
            state = self.look(chosen, namespace)
        except (StatusError, ClusterUnavailable):
            state = State.of()  # a hint as for somebody at the beginning is better than none
        hint = chosen.hint(index, state)
        return Text(msg("Hint {number} of {count}: {hint}", number=index + 1, count=chosen.hint_count, hint=hint))

    def solution(self, name: str) -> Text:
        """A cell that solves the exercise, once it was tried or its hints were read; before that, where to look.

        Raises:
            UsageError: no such exercise.
        """
        chosen = self.find(name)
        entry = self.progress.entry(name)
        if entry.get("attempts", 0) or entry.get("hints", 0) >= chosen.hint_count:
            return Text(translate_code(chosen.solution))
        return Text(
            msg('Try first: t.check("{name}") says how far you are, t.hint("{name}") helps. Then ask again.', name=name)
        )

    def look(self, chosen: Exercise, namespace: str, functions: Mapping[str, LearnerFunction] | None = None) -> State:
        """What there is now, of the kinds that an exercise looks at."""
        return take_state(self.client, namespace, chosen.kinds, time=self.clock.now(), functions=functions)


@dataclass(frozen=True)
class _Judging:
    """One check: a look, and more of them while that may change the verdict."""

    exercises: Exercises
    chosen: Exercise
    namespace: str
    functions: Mapping[str, LearnerFunction]

    def run(self) -> Verdict:
        verdict = self._look()
        if not (verdict.settling or verdict.lasting):
            return verdict
        line = ProgressLine()
        try:
            return self._watch(verdict, line)
        except TimePaused as paused:
            return _judged_as_it_stands(verdict, paused)
        finally:
            line.clear()

    def _watch(self, verdict: Verdict, line: ProgressLine) -> Verdict:
        now = self.exercises.clock.now
        began = good_since = now()
        with _Waiting(self.exercises.client, self.exercises.clock, self.namespace) as waiting:
            while verdict.settling or verdict.lasting:
                so_far = now() - began
                good_since = good_since if verdict.lasting else now()
                if verdict.lasting and now() - good_since >= verdict.lasting:
                    seconds = round(now() - good_since)
                    return verdict.adding(msg("watched for {seconds} s: it stayed so", seconds=seconds))
                if so_far >= LIMIT:
                    return self._at_the_limit(verdict, so_far)
                line.update(self._progress(verdict, so_far))
                waiting.wait(min(_BEAT, began + LIMIT - now()))
                verdict = self._look()
        return verdict

    def _progress(self, verdict: Verdict, so_far: float) -> Message:
        return msg(
            "checking {exercise}, {seconds:.0f} of {limit:.0f} s: {summary}",
            exercise=self.chosen.id,
            seconds=so_far,
            limit=LIMIT,
            summary=verdict.summary,
        )

    @staticmethod
    def _at_the_limit(verdict: Verdict, seconds: float) -> Verdict:
        fact = msg("looked at for {seconds} s", seconds=round(seconds))
        if verdict.outcome is not Outcome.PASSED:
            return verdict.adding(fact)
        return cannot_tell(
            msg("it has not been so for long enough."), *verdict.evidence, fact, hint=msg("Check again.")
        )

    def _look(self) -> Verdict:
        try:
            return self.chosen.judge(self.exercises.look(self.chosen, self.namespace, self.functions))
        except (StatusError, ClusterUnavailable) as error:
            return cannot_tell(
                msg("the cluster did not answer."), error.what, hint=error.next_step or msg("Check again.")
            )


def _judged_as_it_stands(verdict: Verdict, paused: TimePaused) -> Verdict:
    """While time is paused the cluster settles no further, and nothing can be seen to last."""
    fact = msg("time is paused: looked at once")
    if verdict.outcome is not Outcome.PASSED:
        return verdict.adding(fact)
    return cannot_tell(msg("it has not been so for long enough."), *verdict.evidence, fact, hint=paused.next_step)


class _Waiting:
    """Lets time pass on the cluster: in awaited pace, watching is what moves it. One watch for all waits."""

    def __init__(self, client: Client, clock: Clock, namespace: str) -> None:
        self._client = client
        self._clock = clock
        self._namespace = namespace
        self._watch = client.watch("pods", namespace)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._watch.close()

    def wait(self, seconds: float) -> None:
        """Waits for so long, whatever happens meanwhile."""
        until = self._clock.now() + seconds
        while (left := until - self._clock.now()) > 0:
            try:
                self._watch.next(left)
            except WatchClosed:
                self._watch = self._client.watch("pods", self._namespace)


@contextmanager
def _stoppable(what: Wording) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise Cancelled(what, why=msg("You pressed stop (Ctrl-C). Nothing was changed.")) from None


# ---- Bringing about the state an exercise starts from

_WITHIN = 120.0  # seconds of the cluster's time for things to go, and for kinds to come


@dataclass(frozen=True)
class Beginner:
    """Begins exercises in one lesson, as often as wanted.

    Attributes:
        client: Talks to the cluster.
        clock: The cluster's time.
        inside: Where.
    """

    client: Client
    clock: Clock
    inside: LessonNamespace

    @property
    def namespace(self) -> str:
        """Where, by name."""
        return self.inside.name

    def begin(self, exercise: Exercise) -> None:
        """Removes what an earlier try has left, and puts there what the exercise starts with.

        Raises:
            UsageError: something that is not the lesson's has a name that the exercise needs, or its labels.
        """
        with on_errand(self.clock):
            self._begin(exercise)

    def _begin(self, exercise: Exercise) -> None:
        self._define(exercise)
        belongings = (find_target(self.client, word, self.namespace) for word in exercise.objects)
        there = [item for item in belongings if item.find(self.client) is not None]
        self._must_be_the_lessons(there)
        pods = self._pods(exercise)
        for item in there:
            self._delete(item)
        for item in pods:
            self._delete(item)
        for item in (*pods, *there):
            Waiter(self.client, self.clock, item, wait_conditions.parse_condition("deleted")).wait(_WITHIN)
        for obj in read_objects(exercise.start) if exercise.start else []:
            self.client.apply(obj, self.namespace)

    def _define(self, exercise: Exercise) -> None:
        """Makes the kinds that the exercise needs and nobody has defined yet."""
        for obj in read_objects(exercise.definitions) if exercise.definitions else []:
            if self.client.refresh_kinds().find(name := metadata.name(obj)) is None:
                self.client.apply(obj)
                made = Target(self.client.kind("customresourcedefinitions"), name, "")
                wait_for(self.client, self.clock, made, "Established", _WITHIN)  # and until its kind is served

    def _delete(self, item: Target) -> None:
        """Pods at once; others when everything they have made is gone, so that it is not there at the next try."""
        with contextlib.suppress(StatusError):  # it may have gone by itself meanwhile
            if item.kind.plural == "pods":
                self.client.delete(item.kind, item.name, item.namespace, grace_seconds=0)
            else:
                self.client.delete(item.kind, item.name, item.namespace, propagation="Foreground")

    def _pods(self, exercise: Exercise) -> list[Target]:
        if not exercise.pods:
            return []
        kind = self.client.kind("pods")
        found = self.client.list(kind, self.namespace, labels=exercise.pods)
        return [Target(kind, metadata.name(pod), self.namespace) for pod in self.inside.own(found)]

    def _must_be_the_lessons(self, items: list[Target]) -> None:
        found = [(item, obj) for item in items if (obj := item.find(self.client)) is not None]
        mine = [metadata.uid(obj) for obj in self.inside.own(obj for _, obj in found)]
        for item, obj in found:
            if metadata.uid(obj) not in mine:
                command = f"kubectl delete {item} -n {self.namespace}"
                raise UsageError(
                    msg(
                        "There is a {item} in namespace {namespace} that this lesson has not made.",
                        item=item,
                        namespace=self.namespace,
                    ),
                    why=msg("The exercise needs that name, and what is not the lesson's is not ours to remove."),
                    next_step=msg("If it is yours: {command}; then begin again.", command=command),
                )
