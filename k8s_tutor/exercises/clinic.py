"""The clinic: a healthy application, faults that people meet, and cases that are drawn from them by a seed.

A clinic is content of a course: its application, how one sees that it is well, and its faults. A case breaks the
application by some of them. The same seed and level draw the same faults everywhere, but for those that a cluster
cannot have.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from typing import Any, TypeAlias

from k8s_tutor.exercises.exercise import Check, Exercise, Mistake
from k8s_tutor.exercises.state import State, plural_of, split_ref, title_of
from k8s_tutor.exercises.verdict import Seen, Verdict, failed, see
from k8s_tutor.language import Wording, msg
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = ["CASE", "LEVELS", "App", "Case", "Challenge", "Clinic", "Fault", "choose_seed", "keeps"]

CASE = "clinic"
"""What a case is called where an exercise has its id: `t.check("clinic")`."""

LEVELS = {1: 1, 2: 2, 3: 3}
"""How many faults a case of a level has."""

App: TypeAlias = dict[str, Obj]
"""The objects of an application, by reference: `deployment/web`."""

_SEEDS = 10_000


@dataclass(frozen=True)
class Fault:
    """One way to break the application, as people do it.

    Attributes:
        id: `service-selector`.
        title: What it is, one sentence: said afterwards.
        level: 1 for one that shows at first sight, 2 for one that takes a look further, 3 for one that hides.
        spots: What it touches, in words of the clinic's own; two faults of a case never share one.
        breaks: Changes the manifests, in place.
        cures: Cells that mend it, a line each.
        mended: Whether the spot is as it should be, however it was mended.
        hints: From the symptom over where to look to the field.
        finds: The kubectl lines by which it is found quickest.
        needs: What a cluster has to offer, or else there is no such fault: `quotas`.
        deletes: Objects that somebody deletes once they are there.
    """

    id: str
    title: Wording
    level: int
    spots: tuple[str, ...]
    breaks: Callable[[App], None]
    cures: tuple[str, ...]
    mended: Callable[[State], bool]
    hints: tuple[Wording, ...]
    finds: tuple[str, ...]
    needs: tuple[str, ...] = ()
    deletes: tuple[str, ...] = ()

    def is_mended(self, state: State) -> bool:
        """Whether the spot is as it should be; where it is gone altogether, it is not."""
        try:
            return self.mended(state)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            return False


@dataclass(frozen=True)
class Clinic:
    """An application, how one sees that it is well, and what it may suffer from.

    Attributes:
        app: Manifests of the healthy application, all objects labelled alike.
        faults: What may be broken, in the order in which it shows: what keeps Pods from being made before what keeps
            them from being ready. Hints follow it.
        checks: First that nothing was thrown away, then that its users get what they come for.
        story: What the application is, and what it means that it is well; a learner reads it before anything else.
        pods: Labels of its pods.
        furnish: Takes from the manifests what a cluster does not offer.
        looks_at: Kinds that the checks and faults look at, beside those of the application.
    """

    app: str
    faults: tuple[Fault, ...]
    checks: tuple[Check, ...]
    story: Wording
    pods: str
    furnish: Callable[[App, frozenset[str]], None]
    looks_at: tuple[str, ...] = ()

    def healthy(self, offers: Iterable[str] = ()) -> App:
        """The application as it is when all is well, on a cluster that offers this."""
        app = deepcopy(_read(self.app))
        self.furnish(app, frozenset(offers))
        return app

    def possible(self, offers: Iterable[str]) -> list[Fault]:
        """The faults that a cluster can have."""
        return [fault for fault in self.faults if set(fault.needs) <= set(offers)]

    def draw(self, level: int, seed: int, offers: Iterable[str] = ()) -> Case:
        """The case of a seed: the same each time, wherever the cluster can have it.

        Args:
            level: 1 to 3.
            seed: Any whole number.
            offers: What the cluster offers.
        """
        offered = frozenset(offers)
        order = _shuffled(self.faults, f"{level}/{seed}")
        if level == max(LEVELS):  # one at least that hides
            order.sort(key=lambda fault: fault.level != level)
            order[1:] = _shuffled(order[1:], f"{level}/{seed}/rest")
        fit = [fault for fault in order if fault.level <= level and set(fault.needs) <= offered]
        return Case(self, level, seed, self._apart(fit, LEVELS[level]), offered)

    def case_of(self, faults: Iterable[str], offers: Iterable[str] = ()) -> Case:
        """A case with certain faults, by their ids: to prove them."""
        wanted = tuple(faults)
        chosen = tuple(fault for fault in self.faults if fault.id in wanted)
        return Case(self, len(chosen), 0, chosen, frozenset(offers))

    def choose(self, seed: str, count: int, offers: Iterable[str], fits: Callable[[Fault], bool]) -> tuple[Fault, ...]:
        """So many faults of whatever level: the same for a seed."""
        order = _shuffled(self.possible(offers), seed)
        return self._apart((fault for fault in order if fits(fault)), count)

    def _apart(self, order: Iterable[Fault], count: int) -> tuple[Fault, ...]:
        """The first of them that do not touch the same spot; in the order in which they show."""
        chosen: list[Fault] = []
        for fault in order:
            if len(chosen) == count:  # whether more of them fit takes time to find out
                break
            taken = {spot for other in chosen for spot in other.spots}
            if not taken & set(fault.spots):
                chosen.append(fault)
        return tuple(fault for fault in self.faults if fault in chosen)


@dataclass(frozen=True)
class Case:
    """The application, broken in some ways.

    Attributes:
        clinic: Where it comes from.
        level: How hard it is.
        seed: What it was drawn by.
        faults: What is broken, in the order of hints.
        offers: What the cluster offers.
    """

    clinic: Clinic
    level: int
    seed: int
    faults: tuple[Fault, ...]
    offers: frozenset[str] = frozenset()

    @property
    def app(self) -> App:
        """The manifests, broken."""
        app = self.clinic.healthy(self.offers)
        for fault in self.faults:
            fault.breaks(app)
        return app

    @property
    def start(self) -> str:
        """The manifests as text: the same bytes for the same case."""
        return "\n---\n".join(json.dumps(obj) for obj in self.app.values())

    @property
    def deletes(self) -> tuple[str, ...]:
        """What somebody deletes once it is there."""
        return tuple(ref for fault in self.faults for ref in fault.deletes)

    def open_faults(self, state: State) -> list[Fault]:
        """The faults that are not mended yet."""
        return [fault for fault in self.faults if not fault.is_mended(state)]

    def exercise(self) -> Exercise:
        """The case as an exercise: begun, judged and hinted at as any other."""
        kinds = {plural_of(split_ref(ref)[0]) for ref in self.clinic.healthy(self.offers)}
        return Exercise(
            id=CASE,
            title=msg("case {seed}, level {level}", seed=self.seed, level=self.level),
            task=self.clinic.story,
            checks=(*self.clinic.checks, self._all_mended),
            solved=msg("the patient is well, and nothing was thrown away."),
            hints=(),
            solution=_cell(self.faults),
            alternative="",
            mistakes=(),
            start=self.start,
            objects=tuple(self.app),
            pods=self.clinic.pods,
            looks_at=(*sorted(kinds), *self.clinic.looks_at),
        )

    def _all_mended(self, state: State) -> Seen | Verdict:
        """What the application's users do not notice yet, and will."""
        if self.open_faults(state):
            return failed(msg("one thing is left that nobody has noticed yet."), settling=True)
        return see(msg("faults mended: {count}", count=len(self.faults)))


# ---- A challenge: one exercise of a lesson that is another for each learner, and for one learner always the same


@dataclass(frozen=True)
class Challenge:
    """An exercise drawn from the course's clinic. The verdict says how many of its faults are mended.

    Attributes:
        id: `map-5`.
        title: A few words.
        task: What to achieve; `{count}` of `count` faults is for the task to say.
        solved: What a solved one is told.
        first_step: Where to begin.
        count: How many faults.
        offers: What a cluster offers for sure.
        mistakes: Wrong cells, each with the answer it must draw; one that mends half of it is added.
    """

    id: str
    title: Wording
    task: Wording
    solved: Wording
    first_step: Wording
    count: int = 6
    offers: tuple[str, ...] = ()
    mistakes: tuple[Mistake, ...] = ()

    def draw(self, clinic: Clinic, learner: str = "") -> Exercise:
        """The exercise of a learner, who is told by a label."""
        whole = set(clinic.healthy(self.offers))

        def fits(fault: Fault) -> bool:  # what it begins with is all there, so that nothing of it has to be made
            return not fault.deletes and _leaves(fault, clinic.healthy(self.offers)) == whole

        faults = clinic.choose(f"{self.id}/{learner}", self.count, self.offers, fits)
        case = Case(clinic, max(LEVELS), 0, faults, frozenset(self.offers))
        waits = [f't.wait("{ref}", "rolled out")' for ref in case.app if ref.startswith("deployment/")]
        half = case.faults[: self.count // 2]
        grade = msg("{mended} of {count} faults are mended", mended=len(half), count=self.count)
        return replace(
            case.exercise(),
            id=self.id,
            title=self.title,
            task=self.task,
            solved=self.solved,
            first_step=self.first_step,
            checks=(clinic.checks[0], _graded(case), *clinic.checks[1:]),
            hints=tuple(_rung(case, index) for index in range(len(case.faults[0].hints))),
            solution=_cell(case.faults, waits),
            alternative=_cell(case.faults[::-1], waits),
            mistakes=(
                Mistake("half", _cell(half), str(grade)),
                *self.mistakes,
            ),
            variant=lambda name: self.draw(clinic, name),
        )


def _cell(faults: Iterable[Fault], after: Iterable[str] = ()) -> str:
    return "\n".join([*(line for fault in faults for line in fault.cures), *after])


def _graded(case: Case) -> Check:
    def grade(state: State) -> Seen | Verdict:
        left, count = case.open_faults(state), len(case.faults)
        if not left:
            return see(msg("{mended} of {count} faults are mended", mended=count, count=count))
        return failed(
            msg("{mended} of {count} faults are mended.", mended=count - len(left), count=count),
            hint=msg("Look at what is not ready, and ask each Service: one symptom may hide another."),
        )

    return grade


def _rung(case: Case, index: int) -> Callable[[State], Wording]:
    """A hint about the first fault that is left."""

    def hint(state: State) -> Wording:
        left = case.open_faults(state)
        return (left or case.faults)[0].hints[index]

    return hint


def _leaves(fault: Fault, app: App) -> set[str]:
    """What there is of the application once it is broken."""
    fault.breaks(app)
    return set(app)


# ---- Drawing


def choose_seed(draw: Callable[[int], Case], who: str, number: int, due: Iterable[str] = ()) -> int:
    """A seed that nobody else has at their so-maniest case; where faults are due again, one that draws one of them.

    Args:
        draw: The case of a seed.
        who: The learner.
        number: How many cases they have had.
        due: Ids of faults that they have missed.
    """
    wanted = set(due)
    seeds = [_number(f"{who}/{number}/{attempt}") for attempt in range(400 if wanted else 1)]
    return next((seed for seed in seeds if wanted & {fault.id for fault in draw(seed).faults}), seeds[0])


def _number(text: str) -> int:
    return int(sha256(text.encode()).hexdigest(), 16) % _SEEDS


def _shuffled(faults: Sequence[Fault], seed: str) -> list[Fault]:
    """In an order that is the same on every machine and in every version of Python."""
    return sorted(faults, key=lambda fault: sha256(f"{seed}/{fault.id}".encode()).digest())


@lru_cache(maxsize=8)
def _read(text: str) -> App:
    from k8s_tutor.objects import manifests  # noqa: PLC0415  brings PyYAML

    return {f"{obj['kind'].lower()}/{metadata.name(obj)}": obj for obj in manifests.load(text)}


# ---- Nothing was thrown away


def keeps(ref: str, *paths: str) -> Check:
    """The object is there, and has something at each path: whoever mends it keeps its probes, limits and volumes.

    >>> pod = {"kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [{"name": "web", "args": ["x"]}]}}
    >>> keeps("pod/a", "spec.containers[web].args")(State.of([pod])).facts
    ()
    >>> print(keeps("pod/a", "spec.containers[web].resources")(State.of([pod])).summary)
    pod `a` has lost something: `spec.containers[web].resources`.

    Args:
        ref: `deployment/web`.
        paths: Fields with dots between them; of a list, the item with a name in brackets.
    """

    def check(state: State) -> Seen | Verdict:
        obj, title = state.find(ref), title_of(ref)
        if obj is None:
            return _explain_missing(state, ref, title)
        if lost := next((path for path in paths if _at(obj, path) is None), ""):
            return failed(
                msg("{object} has lost something: `{path}`.", object=title, path=lost),
                hint=msg("What protects the application is not its illness. Put it back, and find what is wrong."),
            )
        return see()

    return check


def _explain_missing(state: State, ref: str, title: Wording) -> Verdict:
    kind, name = split_ref(ref)
    if any(metadata.name(item) == name for item in state.snapshot.of(plural_of(kind))):
        return failed(msg("{object} is being deleted, and does not go.", object=title), settling=True)
    return failed(
        msg("{object} was thrown away: it is part of the application.", object=title),
        hint=msg("To cure is not to remove. Make it anew, or begin again: then it is all back, broken as it was."),
    )


def _at(value: Any, path: str) -> Any:
    """What stands at a path; None where nothing does."""
    for part in path.split("."):
        key, _, name = part.removesuffix("]").partition("[")
        value = value.get(key) if isinstance(value, dict) else None
        if name and isinstance(value, list):
            value = next((item for item in value if item.get("name") == name), None)
        if value is None or value == {}:
            return None
    return value
