"""All lessons and what they bring along: exercises, guesses, drawings; by name and id."""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

from k8s_tutor.course.finding import find_courses
from k8s_tutor.course.record import Course, CourseError, Lesson, find_literal, location
from k8s_tutor.errors import UsageError
from k8s_tutor.language import Wording, join_sentences, msg
from k8s_tutor.language.message import add_catalogue
from k8s_tutor.objects.reference import nearest

if TYPE_CHECKING:  # the toolkit comes with the first exercise: connecting stays quick, and small
    from k8s_tutor.exercises import Clinic, Exercise, Guess

__all__ = [
    "Part",
    "exercise_files",
    "find_clinic",
    "find_exercise",
    "find_guess",
    "find_lesson",
    "list_exercises",
    "list_guesses",
    "list_lessons",
    "load_parts",
    "offer_nearest",
]


def list_lessons() -> list[Lesson]:
    """The lessons of all courses, in order."""
    return [lesson for course in find_courses().found for lesson in course.lessons]


def find_lesson(name: str) -> Lesson:
    """The lesson of a name, `pods`; `acme/pods` for that of a certain course.

    Raises:
        UsageError: there is none; the message names the nearest.
    """
    lessons = list_lessons()
    course, _, plain = str(name).rpartition("/")
    if found := next((one for one in lessons if one.name == plain and course in ("", one.course)), None):
        return found
    known = [lesson.name for lesson in lessons]
    near = nearest(plain, known)
    raise UsageError(
        msg("There is no lesson {name!r}.", name=name),
        why=join_sentences(
            msg("The lessons are {known}.", known=", ".join(known)), *(error.what for error in find_courses().broken)
        ),
        next_step=offer_nearest(near, known),
    )


def offer_nearest(near: str, known: list[str]) -> Wording:
    """What a person may have meant who named nothing that there is."""
    if near:
        return msg('Did you mean "{near}"?', near=near)
    return msg('Take one of these, such as "{name}".', name=known[0]) if known else ""


def list_exercises(lesson: Lesson, learner: str = "") -> tuple[Exercise, ...]:
    """The exercises of a lesson, in order; none for a lesson without.

    Args:
        lesson: Which.
        learner: Whose, by their label: a challenge is another for each.

    Raises:
        CourseError: they cannot be loaded; says file and line.
    """
    return tuple(item.made_for(learner) for item in _load(lesson.folder, lesson.course, lesson.name))


def exercise_files(lesson: Lesson) -> list[Path]:
    """The Python files a lesson's exercises are written in, the one that lists them first."""
    return _files(lesson.folder, EXERCISES.stem)


def find_exercise(name: str, learner: str = "") -> Exercise:
    """The exercise with an id such as `pods-1`; `acme/pods-1` for that of a certain course.

    Args:
        name: The id.
        learner: Whose, by their label: a challenge is another for each.

    Raises:
        UsageError: there is none of that id; the message names the nearest.
        CourseError: the lesson's exercises cannot be loaded.
    """
    course, _, plain = str(name).rpartition("/")
    lessons = [one for one in list_lessons() if course in ("", one.course)]
    named = next((one for one in lessons if one.name == plain.rpartition("-")[0]), None)
    if named and (found := next((item for item in list_exercises(named) if item.id == plain), None)):
        return found.made_for(learner)
    known = list(_ids(lessons))
    near = nearest(plain, known)
    raise UsageError(
        msg("There is no exercise {name!r}.", name=name),
        why=msg("The exercises are {known}.", known=", ".join(known)),
        next_step=offer_nearest(near, known),
    )


def _ids(lessons: Iterable[Lesson]) -> Iterator[str]:
    for lesson in lessons:
        try:
            yield from (item.id for item in list_exercises(lesson))
        except CourseError:  # a lesson that is broken leaves the others alone
            continue


@cache
def _load(folder: Path, course: str, lesson: str) -> tuple[Exercise, ...]:
    """Exercises stand in `exercises.py` or, where they are many, in a package `exercises/`; both hold `EXERCISES`."""
    name = f"course__{course}__{lesson}".replace("-", "_")  # flat: a package of ours would have to exist
    loaded = load_parts(folder, name, EXERCISES, msg("the exercises of lesson {lesson}", lesson=lesson))
    exercises = tuple(_drawn(item, folder) for item in loaded)
    files = _files(folder, EXERCISES.stem)
    _check(exercises, files, files[0] if files else folder, lesson)
    return exercises


@dataclass(frozen=True)
class Part:
    """A part of a lesson that is written in Python: a module, or a package where it is much.

    Attributes:
        stem: Of the module or package, in the lesson's folder.
        holds: The name in it that counts: a tuple.
        what: What that is, for messages.
    """

    stem: str
    holds: str
    what: Wording


EXERCISES = Part("exercises", "EXERCISES", msg("the tuple of its exercises, in order"))


def load_parts(folder: Path, name: str, part: Part, what: Wording) -> tuple[Any, ...]:
    """What a lesson's own module holds; nothing where the lesson has no such module.

    Args:
        folder: The lesson's.
        name: What the module is called in this process.
        part: Which.
        what: For the message where it cannot be loaded.

    Raises:
        CourseError: it cannot be loaded; says file and line.
    """
    add_catalogue(folder)
    files = _files(folder, part.stem)
    if not files:
        return ()
    path = files[0]
    within = [str(path.parent)] if path.name == "__init__.py" else None
    spec = spec_from_file_location(name, path, submodule_search_locations=within)
    assert spec is not None
    assert spec.loader is not None
    _forget(name)
    loaded = sys.modules[name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(loaded)
        return tuple(getattr(loaded, part.holds))
    except (Exception, SystemExit) as error:
        _forget(name)
        raise CourseError(
            msg("{where}: {what} cannot be loaded.", where=_where(error, folder, path), what=what), _why(error, part)
        ) from error


def _files(folder: Path, stem: str) -> list[Path]:
    module, package = folder / f"{stem}.py", folder / stem
    if (first := package / "__init__.py").is_file():
        return [first, *(path for path in sorted(package.rglob("*.py")) if path != first)]
    return [module] if module.is_file() else []


def _forget(name: str) -> None:
    for stale in [known for known in sys.modules if known == name or known.startswith(f"{name}.")]:
        del sys.modules[stale]


def _check(exercises: tuple[object, ...], files: list[Path], path: Path, lesson: str) -> None:
    from k8s_tutor.exercises import Exercise  # noqa: PLC0415

    seen: set[str] = set()
    for item in exercises:
        if not isinstance(item, Exercise):
            where = find_literal(files, item) if isinstance(item, str) else ""
            raise CourseError(
                msg(
                    "{where}: EXERCISES holds {item!r:.60}, which is no Exercise.",
                    where=where or location(path),
                    item=item,
                )
            )
        if item.lesson == lesson and item.id not in seen:
            seen.add(item.id)
            continue
        where = find_literal(files, item.id) or location(path)  # reads all the files: for who has to be told only
        if item.id in seen:
            raise CourseError(msg("{where}: there are two exercises {id}.", where=where, id=item.id))
        raise CourseError(
            msg("{where}: the exercise {id} is none of lesson {lesson}.", where=where, id=item.id, lesson=lesson),
            msg("Its id begins with the lesson's name: {lesson}-1.", lesson=lesson),
        )


def _why(error: BaseException, part: Part) -> Wording:
    if isinstance(error, AttributeError) and error.name == part.holds:
        return msg("It has no {holds}: {what}.", holds=part.holds, what=part.what)
    return f"{type(error).__name__}: {error}"


def _where(error: BaseException, folder: Path, path: Path) -> str:
    """File and line of the pack's own code that raised it."""
    if isinstance(error, SyntaxError) and error.filename:
        return location(Path(error.filename), error.lineno or 0)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(str(folder))]
    return location(Path(frames[-1].filename), frames[-1].lineno or 0) if frames else location(path)


# ---- The clinic of a course: in the folder that its record names a module `faults.py`, or a package, with `CLINIC`

_CLINIC = Part("faults", "CLINIC", msg("a tuple with the clinic"))


def find_clinic(course: str = "") -> tuple[Course, Clinic]:
    """The clinic of a course, or of the first that has one.

    Raises:
        UsageError: there is none.
        CourseError: it cannot be loaded; says file and line.
    """
    for one in find_courses().found:
        if one.clinic is not None and course in ("", one.name):
            return one, _load_clinic(one.clinic, one.name)
    known = ", ".join(one.name for one in find_courses().found if one.clinic is not None)
    raise UsageError(
        msg("There is no clinic."),
        why=msg("Courses that have one: {known}.", known=known or msg("none")),
    )


@cache
def _load_clinic(folder: Path, course: str) -> Clinic:
    from k8s_tutor.exercises import Clinic  # noqa: PLC0415

    name = f"clinic__{course}".replace("-", "_")
    loaded = load_parts(folder, name, _CLINIC, msg("the clinic of {course}", course=course))
    if len(loaded) != 1 or not isinstance(loaded[0], Clinic):
        raise CourseError(msg("{where}: CLINIC holds no Clinic.", where=location(folder)))
    return loaded[0]


def _drawn(item: Any, folder: Path) -> Any:
    """A challenge is drawn from the clinic of its own course."""
    from k8s_tutor.exercises import Challenge  # noqa: PLC0415

    if not isinstance(item, Challenge):
        return item
    own = next((one for one in find_courses().found if one.folder == folder.parent), None)
    return item.draw(find_clinic(own.name if own else "")[1])


# ---- Guesses that a lesson asks for: in its folder a module `guesses.py` that holds `GUESSES`

_GUESSES = Part("guesses", "GUESSES", msg("the tuple of its guesses, in order"))


def list_guesses(lesson: Lesson) -> tuple[Guess, ...]:
    """The guesses of a lesson, in order; none for a lesson without.

    Raises:
        CourseError: they cannot be loaded; says file and line.
    """
    return _load_guesses(lesson.folder, lesson.course, lesson.name)


def find_guess(name: str) -> Guess:
    """The guess with an id such as `services-a`; `acme/pods-a` for that of a certain course.

    Raises:
        UsageError: there is none of that id; the message names the nearest.
        CourseError: the lesson's guesses cannot be loaded.
    """
    course, _, plain = str(name).rpartition("/")
    lessons = [one for one in list_lessons() if course in ("", one.course)]
    named = next((one for one in lessons if one.name == plain.rpartition("-")[0]), None)
    guesses = list_guesses(named) if named else ()
    if found := next((item for item in guesses if item.id == plain), None):
        return found
    known = [guess.id for guess in guesses]
    near = nearest(plain, known)
    raise UsageError(
        msg("There is no guess {name!r}.", name=name),
        why=msg("The guesses of this lesson are {known}.", known=", ".join(known)) if known else "",
        next_step=offer_nearest(near, known) or msg("Its first part is the name of a lesson: pods-a."),
    )


@cache
def _load_guesses(folder: Path, course: str, lesson: str) -> tuple[Guess, ...]:
    from k8s_tutor.exercises import Guess  # noqa: PLC0415

    name = f"guesses__{course}__{lesson}".replace("-", "_")
    guesses = load_parts(folder, name, _GUESSES, msg("the guesses of lesson {lesson}", lesson=lesson))
    path, seen = folder / "guesses.py", set[str]()
    for one in guesses:
        if not isinstance(one, Guess):
            where = location(path)
            raise CourseError(msg("{where}: GUESSES holds {item!r:.60}, which is no Guess.", where=where, item=one))
        if not re.fullmatch(rf"{re.escape(lesson)}-[a-z]", one.id) or one.id in seen:
            where = find_literal([path], one.id) or location(path)
            raise CourseError(
                msg("{where}: the guess {name} needs another id.", where=where, name=one.id),
                msg("It is the lesson's name and a letter of its own: {lesson}-a.", lesson=lesson),
            )
        seen.add(one.id)
    return guesses
