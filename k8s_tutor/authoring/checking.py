"""Checking a course or one lesson, step by step: the record, sources, translations, notebooks, exercises, proofs.

Each step says what it looked at, what is wrong with file and line, and how long it took; one that finds something
leaves the others alone.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Never

from tqdm import tqdm

from k8s_tutor.authoring import translation
from k8s_tutor.authoring.catalogues import list_catalogues
from k8s_tutor.authoring.factory import CourseBuilder
from k8s_tutor.authoring.proving import list_proofs, opened_session, prove_all
from k8s_tutor.authoring.source import Notebook, Source
from k8s_tutor.clock import RealClock
from k8s_tutor.course.catalog import exercise_files, list_exercises, list_guesses
from k8s_tutor.course.finding import find_own_course
from k8s_tutor.course.record import RECORD, Course, CourseError, Lesson, TomlLines, find_literal, location, read_course
from k8s_tutor.course.way import PLAYGROUND
from k8s_tutor.errors import TutorError
from k8s_tutor.exercises.exercise import Exercise
from k8s_tutor.language import Message, Wording, msg
from k8s_tutor.language.choice import LANGUAGES
from k8s_tutor.language.commandline import pad

__all__ = ["STEPS", "Account", "Check", "CourseCheck", "count_code", "count_declared", "open_course"]

STEPS = ("record", "sources", "translations", "notebooks", "exercises")
"""What is looked at before exercises are proven: all of it takes a second or two."""

_FEWEST_MISTAKES = 2
_FEWEST_HINTS = 3
_NAMED = re.compile(r"""\bt\.(lesson|exercise|check|hint|solution|place|guess)\(["']([^"']+)["']\)""")


@dataclass
class Check:
    """One step of checking.

    Attributes:
        name: `sources`.
        looked_at: What was checked: `5 files, 254 cells`.
        complaints: What is wrong, each with file and line.
        seconds: How long it took, in real time.
    """

    name: str
    looked_at: str = ""
    complaints: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def __str__(self) -> str:
        state = f"✗ {_count(len(self.complaints), 'complaint')}" if self.complaints else "✓ in order"
        return f"{state:16} {self.name:14} {self.looked_at:52} {self.seconds:6.1f} s"


def open_course(folder: Path) -> CourseBuilder:
    """The course in a folder, or that of a lesson's folder, with this lesson alone.

    Raises:
        CourseError: there is none, or its record is faulty; with file and line.
    """
    folder = folder.expanduser().absolute()
    if (folder / RECORD).exists() or not (folder.parent / RECORD).exists():
        return CourseBuilder(read_course(folder))
    course = read_course(folder.parent)
    if folder.name not in [PLAYGROUND, *(lesson.stem for lesson in course.lessons)]:
        raise CourseError(f"{location(folder)} is no lesson of the course {course.name}.")
    return CourseBuilder(course, frozenset({folder.name}))


@dataclass
class CourseCheck:
    """Checks a course.

    Attributes:
        builder: The course, and which of its lessons.
        proofs: Whether to prove the exercises, too; the one step that takes more than a few seconds.
    """

    builder: CourseBuilder
    proofs: bool = True

    def run(self, say: Callable[[str], None]) -> list[Check]:
        """Takes all steps, and says what is wrong as soon as it is known."""
        done = []
        for name in (*STEPS, "proofs"):
            check = self.take(name)
            for complaint in check.complaints:
                say(f"✗ {complaint}")
            done.append(check)
        return done

    def take(self, name: str) -> Check:
        """Takes one step.

        Args:
            name: One of `STEPS`, or `proofs`.
        """
        steps: dict[str, Callable[[Check], None]] = {
            "record": self._record,
            "sources": self._sources,
            "translations": self._translations,
            "notebooks": self._notebooks,
            "exercises": self._exercises,
            "proofs": self._proofs,
        }
        clock, check = RealClock(), Check(name)
        start = clock.monotonic()
        try:
            steps[name](check)
        except TutorError as error:
            check.complaints.append(str(error))
        check.seconds = clock.monotonic() - start
        return check

    def _record(self, check: Check) -> None:
        """The record itself was read before there was anything to check; here, how it gets on with others."""
        course, lines = self.builder.course, TomlLines((self.builder.course.folder / RECORD).read_text("utf-8"))
        check.looked_at = _count(len(course.lessons), "lesson")
        for lesson in _taken(course):
            where = location(course.folder / RECORD, lines.with_text(f'"{lesson.name}"'))
            check.complaints.append(
                f"{where}: there is a lesson {lesson.name} in the course kubernetes: choose another name"
            )
        for language in course.languages:
            for texts in (
                course.titles,
                *(one for lesson in self.builder.lessons for one in (lesson.titles, lesson.learn)),
            ):
                if language not in texts:
                    where = location(course.folder / RECORD, lines.with_text(texts["en"]))
                    check.complaints.append(f"{where}: {texts['en']!r} is not translated into {language}")

    def _sources(self, check: Check) -> None:
        sources = self.builder.sources()
        check.looked_at = f"{_count(len(sources), 'file')}, {_count(sum(len(one.cells) for one in sources), 'cell')}"
        check.complaints += [complaint for source in sources for complaint in source.complaints()]

    def _translations(self, check: Check) -> None:
        others = self.builder.languages[1:]
        check.looked_at = ", ".join(others) or "none: the course is in English"
        for source in self.builder.sources() if others else ():
            own = set(source.complaints())  # said of the sources already
            check.complaints += [one for one in translation.complaints(source, others) if one not in own]
        for file in list_catalogues(self.builder.course) if others else ():
            if not self.builder.only or file.path.parent.name in self.builder.only:
                check.complaints += file.complaints()

    def _notebooks(self, check: Check) -> None:
        check.looked_at = _count(len(self.builder.sources()) * len(self.builder.languages), "notebook")
        check.complaints += self.builder.drift()

    def _exercises(self, check: Check) -> None:
        sources, count = {source.name: source for source in self.builder.sources()}, 0
        for lesson in self.builder.lessons:
            try:
                exercises = list_exercises(lesson)
            except TutorError as error:
                check.complaints.append(str(error))
                continue
            count += len(exercises)
            check.complaints += _unfair(lesson, exercises)
            asked = {"exercise": [one.id for one in exercises], "guess": [one.id for one in list_guesses(lesson)]}
            check.complaints += _asked(sources[lesson.stem], lesson, asked)
        check.looked_at = _count(count, "exercise")

    def _proofs(self, check: Check) -> None:
        if not self.proofs:
            check.looked_at = "left out"
            return
        proofs = []
        for lesson in self.builder.lessons:
            try:
                proofs += list_proofs(lesson)
            except TutorError:  # said by the step before
                continue
        kinds = Counter(proof.kind for proof in proofs)
        check.looked_at = ", ".join(_count(number, kind) for kind, number in kinds.items()) or "no exercises"
        if proofs:
            with opened_session(self.builder.course) as t, _bar(len(proofs)) as bar:
                check.complaints += prove_all(t, proofs, bar.update)


def _asked(source: Source, lesson: Lesson, there: Mapping[str, list[str]]) -> Iterator[str]:
    """Where cells do not fit exercises and guesses: each has its cell, and no cell names what is not there."""
    asked = set()
    for cell in source.cells:
        for verb, name in _NAMED.findall(cell.texts["en"]) if cell.kind == "code" else ():
            plain = name.removeprefix(f"{lesson.course}/")
            kind = "guess" if verb == "guess" else "exercise"
            if verb == "lesson" and plain != lesson.name:
                yield f'{source.where(cell)}: t.lesson("{name}") is another lesson; this one is {lesson.name}'
            elif verb != "lesson" and plain not in there[kind]:
                yield f"{source.where(cell)}: there is no {kind} {name} in {lesson.stem}"
            asked |= {plain} if verb in ("check", "guess") else set()
    for kind, verb in (("exercise", "check"), ("guess", "guess")):
        yield from (
            f'{location(source.path)}: no cell says t.{verb}("{name}")' for name in there[kind] if name not in asked
        )


def _unfair(lesson: Lesson, exercises: tuple[Exercise, ...]) -> Iterator[str]:
    """What an exercise must have before it is worth proving."""
    files = exercise_files(lesson)
    for exercise in exercises:
        where = f"{find_literal(files, exercise.id) or location(files[0])}: {exercise.id}"
        if len({mistake.says for mistake in exercise.mistakes}) < max(_FEWEST_MISTAKES, len(exercise.mistakes)):
            yield f"{where} needs {_FEWEST_MISTAKES} mistakes at least, each with an answer of its own"
        if len({repr(hint) for hint in exercise.hints}) < _FEWEST_HINTS:  # one may be a function, or hold a dict
            yield f"{where} needs {_FEWEST_HINTS} hints at least"
        if exercise.solution == exercise.alternative:
            yield f"{where} needs two different solutions"


def _taken(course: Course) -> list[Lesson]:
    """Lessons whose name one of ours has: a plain name could mean either."""
    if course.folder.resolve() == find_own_course().resolve():
        return []
    ours = {lesson.name for lesson in read_course(find_own_course()).lessons}
    return [lesson for lesson in course.lessons if lesson.name in ours]


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 or what == "untouched" else f"{number} {what}s"


def _bar(total: int) -> tqdm[Never]:
    return tqdm(total=total, desc="proofs", leave=False, disable=not sys.stderr.isatty(), delay=1)


# ---- The account of a test run: what a course declares, what ran, what passed


def count_code(notebook: Notebook) -> int:
    """How many cells of a notebook can run."""
    return sum(cell["cell_type"] == "code" for cell in notebook["cells"])


def count_declared(builder: CourseBuilder, runs: int) -> Counter[str]:
    """How many there are of each row of the account, by the course's own record and sources.

    Args:
        builder: The course.
        runs: How often each notebook is run.

    Raises:
        TutorError: a source or an exercise cannot be read.
    """
    declared = Counter(checks=len(STEPS))
    for source in builder.sources():
        for language in builder.languages:
            declared[f"notebooks {language}"] += runs
            declared[f"cells {language}"] += runs * count_code(builder.notebook(source, language))
    for lesson in builder.lessons:
        for exercise in list_exercises(lesson):
            declared.update(untouched=1, solution=2, mistake=len(exercise.mistakes))
    return declared


@dataclass(frozen=True)
class Account:
    """The table of one course.

    Attributes:
        name: The course's.
        declared: How many there are, by row; empty where the course cannot be read.
        ran: How many of them ran.
        passed: How many of those passed.
    """

    name: str
    declared: Counter[str]
    ran: Counter[str]
    passed: Counter[str]

    @property
    def missing(self) -> int:
        """How many did not run; 1 for a course that cannot be read."""
        return (self.declared - self.ran).total() if self.declared else 1

    @property
    def failed(self) -> int:
        """How many ran and did not pass."""
        return (self.ran - self.passed).total()

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"  {_row('', msg('declared'), msg('ran'), msg('passed'))}"
        for row, declared in self.declared.items():
            counts = (declared, self.ran[row], self.passed[row])
            yield f"{'✓' if len(set(counts)) == 1 else '✗'} {_row(_title(row), *counts)}".rstrip()


def _row(title: Wording, *cells: Message | int) -> str:
    return pad(title, 28) + "".join(pad(str(cell), 12) for cell in cells)


def _title(row: str) -> Message:
    what, _, language = row.partition(" ")
    if language:
        spoken = LANGUAGES.get(language, language)
        in_it = {"notebooks": msg("notebooks, {language}", language=spoken)}
        return in_it.get(what, msg("cells, {language}", language=spoken))
    return _TITLES[what]


_TITLES = {
    "checks": msg("checks of the course"),
    "untouched": msg("exercises, untouched"),
    "solution": msg("exercises, solved"),
    "mistake": msg("exercises, gone wrong"),
}
