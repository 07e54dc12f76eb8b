"""The clinic as a learner meets it: a case at a time, in a namespace of its own, and what is said of it afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from k8s_tutor.api.protocol import StatusError
from k8s_tutor.course.catalog import find_clinic
from k8s_tutor.course.progress import Progress
from k8s_tutor.course.record import Course, Lesson
from k8s_tutor.errors import UsageError
from k8s_tutor.exercises.clinic import CASE, LEVELS, Case, Clinic, Fault, choose_seed
from k8s_tutor.exercises.exercise import Exercise, record_start
from k8s_tutor.exercises.state import State, split_ref
from k8s_tutor.exercises.verdict import Task, Verdict, code
from k8s_tutor.language import Message, join_sentences, msg
from k8s_tutor.language.choice import LANGUAGES
from k8s_tutor.objects import metadata
from k8s_tutor.session.belongings import OwnedClient
from k8s_tutor.session.display import Text, show
from k8s_tutor.session.exercising import Exercises
from k8s_tutor.session.learner import find_offers
from k8s_tutor.session.lesson_namespace import LessonNamespace
from k8s_tutor.session.whereabouts import Whereabouts
from k8s_tutor.state import state_dir, write_private

__all__ = ["Debrief", "Desk"]

_TITLE = msg("The clinic")


# ---- What is said of a case afterwards


@dataclass(frozen=True)
class Debrief:
    """What it was, how it shows, how to find it faster, what mends it; text, and a card in a notebook.

    Attributes:
        case: The case.
    """

    case: Case

    def rows(self) -> list[tuple[Message, list[Message]]]:
        """For each fault what it was, and what there is to say of it."""
        return [
            (
                msg("{number}. {title}", number=number, title=fault.title),
                [
                    msg("how it shows: {symptom}", symptom=fault.hints[0]),
                    *(msg("found faster with: `{command}`", command=f"kubectl {line}") for line in fault.finds),
                    *(msg("what mends it: `{cell}`", cell=cell) for cell in fault.cures),
                ],
            )
            for number, fault in enumerate(self.case.faults, 1)
        ]

    @property
    def head(self) -> Message:
        """Which case it was."""
        return msg("What it was, case {seed} of level {level}:", seed=self.case.seed, level=self.case.level)

    @property
    def alt_text(self) -> str:
        """All of it in words."""
        lines = [str(self.head)]
        for title, facts in self.rows():
            lines += [str(title), *(f"   {fact}" for fact in facts)]
        return "\n".join([*lines, str(_GO_ON)])

    def __repr__(self) -> str:
        return self.alt_text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        rows = "".join(
            f"<div style='margin-top:.5em'><strong>{code(str(title))}</strong></div><ul style='margin:.2em 0 0 1.4em;"
            f"padding:0'>{''.join(f'<li>{code(str(fact))}</li>' for fact in facts)}</ul>"
            for title, facts in self.rows()
        )
        return {
            "text/plain": self.alt_text,
            "text/html": (
                "<div style='border-left:4px solid #3b6fb6;padding:.3em .9em;line-height:1.5'>"
                f"{escape(str(self.head))}{rows}<div style='margin-top:.5em'>{code(str(_GO_ON))}</div></div>"
            ),
        }


_GO_ON = msg("`t.clinic()` brings the next case; `t.leave()` tidies up.")


# ---- The desk at which cases are handed out


@dataclass(frozen=True)
class Chart:
    """What is kept of a case between kernels.

    Attributes:
        course: Whose clinic.
        level: How hard.
        seed: What it was drawn by.
        offers: What the cluster offered.
        uid: Of the namespace it is in: another one of that name is another case's.
        closed: Whether it was solved or given up.
        hints: How many hints were shown, by fault.
    """

    course: str
    level: int
    seed: int
    offers: list[str]
    uid: str
    closed: bool = False
    hints: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Desk:
    """Hands out cases to one learner on one cluster.

    Attributes:
        client: Talks to the cluster.
        exercises: Judges.
        whereabouts: Where the session is.
        progress: The learner's, on all clusters.
        learner: The learner's label.
        cluster: Which cluster, by its context.
    """

    client: OwnedClient
    exercises: Exercises
    whereabouts: Whereabouts
    progress: Progress
    learner: str
    cluster: str

    # ---- asked for

    def open(self, level: int | None, seed: int | None, course: str = "") -> Task:
        """The next case; or the one that is open, as it stands.

        Raises:
            UsageError: no such level or clinic; another case is open.
        """
        _must_be_sensible(level, seed)
        chart = self._chart()
        if chart is not None and not chart.closed:
            _must_be_that(chart, level, seed)
            return self._as_it_stands(chart)
        level = level or (chart.level if chart else min(LEVELS))
        found, clinic = find_clinic(course)
        inside = self._enter_empty(found)
        offers = find_offers(self.client, inside.name, own=inside.marks is None)
        if seed is None:
            due = [fault.id for fault in clinic.possible(offers) if self._is_due(fault)]
            number = self.progress.entry(CASE).get("met", 0)
            seed = choose_seed(lambda one: clinic.draw(level, one, offers), self.learner, number, due)
        chart = Chart(found.name, level, seed, sorted(offers), _uid(inside))
        case = clinic.draw(level, seed, offers)
        self._break(case, inside)
        self._write(chart)
        for name in (CASE, *map(_key, case.faults)):
            self.progress.count(name, "met")
        return self._card(case, _BEGIN)

    def restart(self) -> Task:
        """The case from its beginning: as broken as it was.

        Raises:
            UsageError: none was begun.
        """
        chart = self._required()
        inside = self._enter_empty(find_clinic(chart.course)[0])
        case = self._case(chart)
        self._break(case, inside)
        self._write(replace(chart, uid=_uid(inside)))
        return self._card(case, _BEGIN)

    def check(self) -> Verdict:
        """The verdict on the case; once it is solved the debrief is shown.

        Raises:
            UsageError: none was begun.
        """
        chart = self._required()
        verdict = self.exercises.check(CASE, self._inside(chart).name, {})
        if verdict.passed:
            self._close(chart, ())
            show(Debrief(self._case(chart)))
        return verdict

    def hint(self) -> Text:
        """The next hint about the first fault that is left: from the symptom over where to look to the field.

        Raises:
            UsageError: none was begun.
        """
        chart = self._required()
        case = self._case(chart)
        left = case.open_faults(self._look(chart))
        if not left:
            return Text(msg('All that was broken is mended: `t.check("{case}")` says whether it is well.', case=CASE))
        fault, count = left[0], len(left[0].hints) + 1
        shown = chart.hints.get(fault.id, 0)
        hint = fault.hints[shown] if shown < len(fault.hints) else _GIVE_UP
        self._write(replace(chart, hints={**chart.hints, fault.id: min(shown + 1, count)}))
        return Text(msg("Hint {number} of {count}: {hint}", number=min(shown, count - 1) + 1, count=count, hint=hint))

    def give_up(self) -> Debrief:
        """What it was; what was not mended yet comes back in a later case.

        Raises:
            UsageError: none was begun.
        """
        chart = self._required()
        case = self._case(chart)
        self._close(chart, [fault.id for fault in case.open_faults(self._look(chart))])
        return Debrief(case)

    def exercise(self) -> Exercise:
        """The case as an exercise.

        Raises:
            UsageError: none was begun.
        """
        return self._case(self._required()).exercise()

    def solution(self) -> Text:
        """Where the answer is to be had."""
        return Text(_GIVE_UP)

    # ---- a case

    def _enter_empty(self, course: Course) -> LessonNamespace:
        place = _place(course)
        inside = self.whereabouts.look_into(place)
        self.client.owner = None
        self.release(inside)
        inside.prepare()
        self.whereabouts.visit(place, inside)
        return inside

    def release(self, inside: LessonNamespace | None = None) -> None:
        """Lets go what a case holds with a finalizer that nobody removes: else its namespace would never be empty."""
        inside = inside or self.whereabouts.required()
        with suppress(StatusError):
            for kind in ("configmaps", "persistentvolumeclaims", "services"):
                for item in inside.own(self.client.list(kind, inside.name)):
                    if any(".example/" in one for one in item["metadata"].get("finalizers") or ()):
                        self.client.patch(kind, metadata.name(item), {"metadata": {"finalizers": None}}, inside.name)

    def _break(self, case: Case, inside: LessonNamespace) -> None:
        for obj in case.app.values():
            self.client.apply(obj, inside.name)
        record_start(self.client, inside.name, case.start)
        for ref in case.deletes:
            self.client.delete(*split_ref(ref), inside.name)

    def _as_it_stands(self, chart: Chart) -> Task:
        case, inside = self._case(chart), self._inside(chart)
        self.whereabouts.visit(_place(find_clinic(chart.course)[0]), inside)
        summary = case.exercise().judge(self._look(chart)).summary
        return self._card(case, msg("As it stands: {summary}", summary=summary))

    @staticmethod
    def _card(case: Case, last: Message) -> Task:
        chosen = case.exercise()
        return Task(CASE, chosen.title, join_sentences(chosen.task, last))

    def _case(self, chart: Chart) -> Case:
        clinic: Clinic = find_clinic(chart.course)[1]
        return clinic.draw(chart.level, chart.seed, chart.offers)

    def _inside(self, chart: Chart) -> LessonNamespace:
        return self.whereabouts.look_into(_place(find_clinic(chart.course)[0]))

    def _look(self, chart: Chart) -> State:
        return self.exercises.look(self._case(chart).exercise(), self._inside(chart).name)

    def _close(self, chart: Chart, missed: Iterable[str]) -> None:
        """Remembers what was missed: given up, or found by the last hint only."""
        if chart.closed:
            return
        for fault in self._case(chart).faults:
            helped = chart.hints.get(fault.id, 0) >= len(fault.hints)
            self.progress.count(_key(fault), "missed" if helped or fault.id in missed else "mended")
        self._write(replace(chart, closed=True))

    def _is_due(self, fault: Fault) -> bool:
        entry = self.progress.entry(_key(fault))
        return entry.get("missed", 0) > entry.get("mended", 0)

    # ---- what is kept

    def _required(self) -> Chart:
        chart = self._chart()
        if chart is None:
            raise UsageError(
                msg("There is no case."),
                why=msg("Nothing was broken for you on this cluster, or its namespace is gone."),
                next_step=msg("`t.clinic()` brings one."),
            )
        return chart

    def _chart(self) -> Chart | None:
        """The case there is on this cluster; None where its namespace is not there any more."""
        try:
            chart = Chart(**json.loads(self._file.read_text(encoding="utf-8")))
            return chart if chart.uid == _uid(self._inside(chart)) else None
        except (OSError, ValueError, TypeError):
            return None

    def _write(self, chart: Chart) -> None:
        with suppress(OSError):  # a full disk loses the case, not the lesson
            write_private(self._file, json.dumps(asdict(chart)))

    @property
    def _file(self) -> Path:
        name = sha256(f"{self.learner}/{self.cluster}".encode()).hexdigest()[:16]
        return state_dir() / "clinic" / f"{name}.json"


_BEGIN = msg('Something is broken. Look, mend, and ask `t.check("{case}")`; `t.hint("{case}")` helps.', case=CASE)
_GIVE_UP = msg("`t.clinic(give_up=True)` tells what it was, and the case is closed.")


def _key(fault: Fault) -> str:
    return f"{CASE}/{fault.id}"


def _uid(inside: LessonNamespace) -> str:
    """Of a namespace; empty for one that is not there, or not to be seen."""
    found = inside.find()
    return metadata.uid(found) if found and not metadata.is_deleting(found) else ""


def _place(course: Course) -> Lesson:
    titles = {language: _TITLE.render(language) for language in LANGUAGES}
    return Lesson(course.name, course.clinic or course.folder, 0, CASE, titles, titles, 1)


def _must_be_sensible(level: object, seed: object) -> None:
    if level is not None and level not in LEVELS:
        raise UsageError(
            msg("There is no level {level!r}.", level=level),
            why=msg("1: one fault, easily seen; 2: two; 3: three, of which one hides."),
            next_step=msg("For example `t.clinic(level=2)`."),
        )
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int)):
        raise UsageError(
            msg("{seed!r} is no seed.", seed=seed),
            why=msg("A seed is a whole number; the same one breaks the same things."),
            next_step=msg("For example `t.clinic(seed=7)`."),
        )


def _must_be_that(chart: Chart, level: int | None, seed: int | None) -> None:
    """Whoever asks for another case has one open, and may have forgotten it."""
    if level in (None, chart.level) and seed in (None, chart.seed):
        return
    raise UsageError(
        msg("A case is open: seed {seed}, level {level}.", seed=chart.seed, level=chart.level),
        why=msg("One patient at a time."),
        next_step=msg("`t.clinic()` shows it as it stands; `t.clinic(give_up=True)` closes it and says what it was."),
    )
