"""Where courses come from: the folder somebody names, and what is installed.

`K8S_TUTOR_COURSE` names folders, as many as there are, separated as in `PATH`; `k8s-tutor lab --course DIR` sets it for
the kernels it starts. Installed ones announce themselves by the entry point group `k8s_tutor.courses`: a package with a
`course.toml` in it, or a function that returns the folder. A course that is broken leaves the others alone.

The order decides whose lesson a plain name means: what somebody named first, then ours, then the others by name. So a
pack that is installed never takes a lesson of ours away.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module, metadata
from pathlib import Path
from types import ModuleType

from k8s_tutor.course.record import RECORD, Course, CourseError, is_name, location, read_course
from k8s_tutor.errors import UsageError
from k8s_tutor.language import Message, Wording, join_sentences, msg
from k8s_tutor.objects.reference import nearest

__all__ = [
    "GROUP",
    "OWN",
    "VARIABLE",
    "Courses",
    "choose_course",
    "find_courses",
    "find_own_course",
    "list_images",
    "with_course",
]

GROUP = "k8s_tutor.courses"
OWN = "kubernetes"
VARIABLE = "K8S_TUTOR_COURSE"
"""Folders of courses beside the installed ones, separated as in `PATH`; the first goes before all others."""
_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Courses:
    """The courses there are.

    Attributes:
        found: In order: those somebody named, then what is installed.
        broken: Why the others cannot be used, each with file and line.
    """

    found: tuple[Course, ...]
    broken: tuple[CourseError, ...] = ()


def find_own_course() -> Path:
    """The folder of the course that comes with this library: `lessons/` of a checkout, else inside the package."""
    checkout = _PACKAGE.parent.parent / "lessons"
    return checkout if (checkout / RECORD).is_file() else _PACKAGE / "lessons"


def find_courses() -> Courses:
    """All courses that can be had here, as they are now: a record that was mended is read anew."""
    found: dict[str, Course] = {}
    broken: list[CourseError] = []
    for origin, folder in _folders():
        try:
            course = _course_in(folder)
        except CourseError as error:
            broken.append(error)
            continue
        if (other := found.setdefault(course.name, course)).folder.resolve() != course.folder.resolve():
            broken.append(_taken(course, other, origin))
    return Courses(tuple(found.values()), tuple(broken))


def list_images() -> list[str]:
    """What the lessons of all courses run, as their records say; each once."""
    return list(dict.fromkeys(image for course in find_courses().found for image in course.images))


def choose_course(wanted: str = "") -> Course:
    """One course, to open it.

    Args:
        wanted: A folder, or the name of a course that is installed; empty for the first of all.

    Raises:
        CourseError: its record is faulty; with file and line.
        UsageError: there is none of that name.
    """
    if wanted and (not is_name(wanted) or Path(wanted).is_dir()):
        return read_course(Path(wanted).expanduser().absolute())
    courses = find_courses()
    if chosen := next((course for course in courses.found if wanted in ("", course.name)), None):
        return chosen
    if not wanted:
        raise courses.broken[0] if courses.broken else UsageError(msg("There is no course."), next_step=_REINSTALL)
    known = [course.name for course in courses.found]
    near = nearest(wanted, known)
    raise UsageError(
        msg("{wanted!r} is neither a folder nor the name of a course.", wanted=wanted),
        why=join_sentences(
            msg("The courses are {known}.", known=", ".join(known)), *(error.what for error in courses.broken)
        ),
        next_step=msg("Did you mean {near}?", near=near) if near else msg("k8s-tutor lessons lists what there is."),
    )


def with_course(folder: Path) -> str:
    """What `K8S_TUTOR_COURSE` has to say so that a course goes before all others."""
    named = [text for text in os.environ.get(VARIABLE, "").split(os.pathsep) if text]
    own = str(folder.absolute())
    return os.pathsep.join([own, *(text for text in named if text != own)])


_REINSTALL = msg("Reinstall k8s-tutor: it brings one.")


def _taken(course: Course, other: Course, origin: Wording) -> CourseError:
    return CourseError(
        msg(
            "{where}: another course is called {name}, too.",
            where=location(course.folder / RECORD),
            name=course.name,
        ),
        msg(
            "This one comes by {origin}; the other, which is used, is in {folder}.",
            origin=origin,
            folder=location(other.folder),
        ),
        msg("Give one of them another name."),
    )


def _course_in(folder: Path | CourseError) -> Course:
    if isinstance(folder, CourseError):
        raise folder
    return read_course(folder)


def _folders() -> Iterator[tuple[Wording, Path | CourseError]]:
    for text in filter(None, os.environ.get(VARIABLE, "").split(os.pathsep)):
        yield VARIABLE, Path(text).expanduser().absolute()
    yield from ((msg("the entry point {name}", name=name), folder) for name, folder in _installed())


@cache
def _installed() -> tuple[tuple[str, Path | CourseError], ...]:
    """What is installed stays the same as long as a process lives; to look costs some 20 ms."""
    points = sorted(metadata.entry_points(group=GROUP), key=lambda one: (one.name != OWN, one.name))
    return tuple((point.name, _folder_of(point)) for point in points)


def _folder_of(point: metadata.EntryPoint) -> Path | CourseError:
    """The folder an entry point stands for; whatever its code raises is its own fault, and is told."""
    try:
        module = import_module(point.module)
        if not point.attr:
            return _package_folder(module)
        folder = point.load()
        return Path(folder() if callable(folder) else folder)
    except Exception as error:
        return CourseError(
            msg("The course {name} cannot be loaded.", name=point.name),
            f"{type(error).__name__}: {error}",
            _origin(point),
        )


def _package_folder(module: ModuleType) -> Path:
    """Also of a package without `__init__.py`: a folder of lessons needs no Python of its own."""
    if not hasattr(module, "__path__"):
        raise TypeError(f"{module.__name__} is a module, not a package")
    return Path(module.__path__[0]).resolve()


def _origin(point: metadata.EntryPoint) -> Message:
    if point.dist is None:
        return msg("Its entry point is {value}.", value=point.value)
    return msg("Its entry point is {value}, in the package {name}.", value=point.value, name=point.dist.name)
