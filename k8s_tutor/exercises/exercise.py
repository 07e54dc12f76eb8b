"""An exercise: a task, checks of the end state, hints, and the proofs that the checks are fair."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TypeAlias

from k8s_tutor.api.client import Client
from k8s_tutor.exercises.calling import LearnerFunction
from k8s_tutor.exercises.state import State, plural_of, split_ref, title_of
from k8s_tutor.exercises.verdict import Outcome, Seen, Verdict, cannot_tell, not_attempted, passed
from k8s_tutor.language import Message, Wording, msg
from k8s_tutor.objects import metadata
from k8s_tutor.objects.reference import nearest
from k8s_tutor.objects.types import Obj

__all__ = [
    "STARTED",
    "Answer",
    "Check",
    "Exercise",
    "Guess",
    "Hint",
    "Mistake",
    "Truth",
    "find_untouched",
    "is_as_started",
    "record_start",
    "start_refs",
]

Check: TypeAlias = Callable[[State], Seen | Verdict]
"""Looks at one thing: what it saw where that is as it should be, else a verdict, which ends the judging."""

Hint: TypeAlias = Wording | Callable[[State], Wording]
"""Leads a step further; one that looks at the state leads from where the learner stands."""


@dataclass(frozen=True)
class Mistake:
    """A wrong road, and the answer it must draw.

    Attributes:
        name: What the learner got wrong, in a few words.
        cell: What they typed: a cell's source, with `t` as the session.
        says: A piece of the verdict that only this mistake draws.
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
        task: What to achieve, one or two sentences; whatever fulfils them passes.
        checks: Taken in order; the first that is not content says the verdict.
        solved: What a solved exercise is told; what the checks saw follows as evidence.
        hints: From a nudge to nearly the answer, shown one at a time; a last one, which names `t.solution`, is added.
        solution: A cell that solves it.
        alternative: Another cell that solves it on another road.
        mistakes: Wrong cells, each with the answer it must draw.
        start: Manifests that stand there when the exercise begins; may be empty.
        definitions: Manifests of CustomResourceDefinitions that it needs; learners share them, so they are made where
            they are missing, never changed, and go with the lesson's (`definitions` in `course.toml`).
        first_step: Where to begin, said while nothing has been changed.
        objects: What belongs to the exercise (`pod/hello`) and goes when it begins anew.
        pods: Labels of pods that go with them, whoever made them: `app=shop`.
        looks_at: Kinds the checks look at, beside those of `objects`; `events` among them where events are read.
        load_balancers: Whether Services of type LoadBalancer have to be given addresses.
        function: For one that asks for a function: the course's own, which stands in while the learner's is open.
        variant: For one that is another for each learner: makes the one of a learner, who is told by a label.
    """

    id: str
    title: Wording
    task: Wording
    checks: tuple[Check, ...]
    solved: Wording
    hints: tuple[Hint, ...]
    solution: str
    alternative: str
    mistakes: tuple[Mistake, ...]
    start: str = ""
    definitions: str = ""
    first_step: Wording = ""
    objects: tuple[str, ...] = ()
    pods: str = ""
    looks_at: tuple[str, ...] = ()
    load_balancers: bool = False
    function: LearnerFunction | None = None
    variant: Callable[[str], Exercise] | None = None

    def made_for(self, learner: str) -> Exercise:
        """The exercise as one learner has it: for most it is the same."""
        return self.variant(learner) if self.variant else self

    @property
    def lesson(self) -> str:
        """The lesson it belongs to: `pods` of `pods-1`."""
        return self.id.rpartition("-")[0]

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every kind a look lists, once."""
        belonging = [plural_of(split_ref(ref)[0]) for ref in self.objects]
        pods = ["pods"] if self.pods else []
        return tuple(dict.fromkeys([*belonging, *pods, *map(plural_of, self.looks_at)]))

    @property
    def hint_count(self) -> int:
        """How many hints there are, with the one that names the solution."""
        return len(self.hints) + 1

    def hint(self, index: int, state: State) -> Wording:
        """A hint, as it is for somebody who stands at this state.

        Args:
            index: The first is 0; beyond the last it is the last.
            state: What there is by now.
        """
        if index >= len(self.hints):
            return msg('`t.solution("{exercise}")` shows one way to do it.', exercise=self.id)
        chosen = self.hints[index]
        return chosen if isinstance(chosen, (Message, str)) else chosen(state)

    def judge(self, state: State) -> Verdict:
        """The verdict on one look: a function of the state, and of nothing else."""
        if unread := [word for word in state.unread if word != "events"]:
            hint = msg("Whoever runs this cluster gives the right to list them.")
            return cannot_tell(msg("this cluster does not show {kinds}.", kinds=", ".join(unread)), hint=hint)
        if (untouched := find_untouched(self, state)) is not None:
            return untouched
        facts: list[Wording] = []
        lasting = 0.0
        for check in self.checks:
            found = check(state)
            if isinstance(found, Verdict):
                return found
            facts += found.facts
            lasting = max(lasting, found.lasting)
        return replace(passed(self.solved, *facts), lasting=lasting)


# ---- A guess: a question before the cell that answers it, and what on the cluster settles it

Answer: TypeAlias = str | int
"""The key of a choice, or a number."""


@dataclass(frozen=True)
class Truth:
    """What a guess is held against.

    Attributes:
        answer: What would have been right.
        seen: The fact of the cluster that says so; may be empty.
    """

    answer: Answer
    seen: Wording = ""


@dataclass(frozen=True)
class Guess:
    """A question a learner may bet on.

    >>> from k8s_tutor.exercises import State, Truth
    >>> def count(before, now):
    ...     return Truth(len(now.names("pods"))) if now.names("pods") else None
    >>> guess = Guess("demo-a", "How many pods will there be?", truth=count)
    >>> print(guess)
    ? demo-a: How many pods will there be? (a number)
    >>> guess.truth(State.of(), State.of())

    Attributes:
        id: A letter after the lesson's name: `services-a`. Numbers are those of exercises.
        question: One or two sentences.
        truth: Is given what was there when the question was asked, and what is there now; returns the `Truth`, or None
            as long as the cluster does not tell. It is asked after each cell, if somebody has placed a bet.
        choices: Answers by key; empty where a number is to be entered.
        looks_at: Kinds that `truth` looks at.
    """

    id: str
    question: Wording
    truth: Callable[[State, State], Truth | None]
    choices: Mapping[str, Wording] = field(default_factory=dict)
    looks_at: tuple[str, ...] = ("pods",)

    @property
    def lesson(self) -> str:
        """The lesson it belongs to: `services` of `services-a`."""
        return self.id.rpartition("-")[0]

    def word(self, answer: Answer) -> Wording:
        """An answer as a person says it."""
        return self.choices.get(str(answer), str(answer))

    def read(self, bet: object) -> Answer | None:
        """What was bet, as an answer; None for something that is none."""
        if self.choices:
            said = str(bet).strip()
            return next((key for key, words in self.choices.items() if said in (key, str(words))), None)
        text = str(bet).strip()
        return int(text) if text.lstrip("-").isdecimal() else None

    @property
    def ways(self) -> Message | str:
        """What one may answer, in a few words."""
        return " / ".join(map(str, self.choices.values())) if self.choices else msg("a number")

    def __str__(self) -> str:
        return f"? {self.id}: {msg('{question} ({ways})', question=self.question, ways=self.ways)}"


# ---- Whether an exercise is still as it was when it began: one rule for all
#
# It is untouched while each object of its start is there as it was, and nothing else that belongs to it was made. What
# "as it was" means is written on the objects themselves when the exercise begins: an annotation with the uid and a
# fingerprint of labels and spec. So it survives a kernel's restart, needs no rights beyond writing those objects, goes
# with them, and costs no request at a check. `metadata.generation` would not do: Services have none, and Pods have had
# one only since Kubernetes 1.33. An annotation, unlike a label, can be selected by nobody, and changes no generation.

STARTED = "k8s-tutor.dev/started"
"""The annotation on each object of a start: `UID FINGERPRINT`."""

# Decided by the cluster after the object was made, or a way to look at it (`kubectl debug`).
_NOT_THE_LEARNERS = ("nodeName", "ephemeralContainers", "volumeName")


def record_start(client: Client, namespace: str, start: str) -> None:
    """Writes on the objects of a start what they are like, right after they were made.

    Raises:
        StatusError: the server refuses.
    """
    for ref in start_refs(start):
        kind, name = split_ref(ref)
        obj = client.get(plural_of(kind), name, namespace)
        note = {"metadata": {"annotations": {STARTED: f"{metadata.uid(obj)} {_fingerprint(obj)}"}}}
        client.patch(plural_of(kind), name, note, namespace)


def is_as_started(obj: Obj) -> bool:
    """Whether it is the object that the exercise began with, and nobody has changed its labels or its spec."""
    return metadata.annotations(obj).get(STARTED) == f"{metadata.uid(obj)} {_fingerprint(obj)}"


def find_untouched(exercise: Exercise, state: State) -> Verdict | None:
    """The verdict on an exercise that nobody has touched; None once somebody has."""
    if not exercise.objects:
        return None
    begun = start_refs(exercise.start)
    if not all((obj := state.find(ref)) is not None and is_as_started(obj) for ref in begun):
        return None
    there = {_key(ref) for ref in begun}
    wanted = [ref for ref in exercise.objects if _key(ref) not in there]
    if any(_was_made(state, ref, exercise, begun) for ref in wanted) or _strays(state, exercise, begun):
        return None
    if wanted:
        return not_attempted(msg("there is no {object} yet.", object=title_of(wanted[0])), hint=exercise.first_step)
    unchanged: Wording = msg("as it was: {objects}", objects=", ".join(begun))
    return not_attempted(msg("nothing has been changed yet."), unchanged, hint=exercise.first_step)


def _key(ref: str) -> tuple[str, str]:
    """The same for `deploy/web` and `deployment/web`."""
    kind, name = split_ref(ref)
    return plural_of(kind), name


def _was_made(state: State, ref: str, exercise: Exercise, begun: tuple[str, ...]) -> bool:
    """Whether there is such an object, or one whose name was meant to be this."""
    kind, name = split_ref(ref)
    others = {split_ref(one)[1] for one in begun if split_ref(one)[0] == kind}
    names = [one for one in state.names(plural_of(kind)) if one not in others]
    return name in names or bool(nearest(name, names))


def _strays(state: State, exercise: Exercise, begun: tuple[str, ...]) -> list[Obj]:
    """Pods of the exercise that no controller has made: a learner's own, or some that were taken out by a label."""
    if not exercise.pods:
        return []
    found = state.list("pods", exercise.pods)
    return [pod for pod in found if metadata.controller_of(pod) is None and f"pod/{metadata.name(pod)}" not in begun]


@lru_cache(maxsize=64)
def start_refs(start: str) -> tuple[str, ...]:
    """The objects in a start's manifests: `deployment/web`, `service/web`."""
    return tuple(f"{obj['kind'].lower()}/{metadata.name(obj)}" for obj in _read_start(start))


def _read_start(start: str) -> list[Obj]:
    if start.startswith("{"):  # a case of the clinic: JSON, which is read a hundred times as fast
        return [json.loads(one) for one in start.split("\n---\n")]
    from k8s_tutor.objects import manifests  # noqa: PLC0415  brings PyYAML

    return manifests.load(start) if start else []


def _fingerprint(obj: Obj) -> str:
    content = {key: value for key, value in obj.items() if key not in ("metadata", "status", "apiVersion", "kind")}
    if spec := content.get("spec"):
        content["spec"] = {key: value for key, value in spec.items() if key not in _NOT_THE_LEARNERS}
    text = json.dumps([content, dict(metadata.labels(obj))], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
