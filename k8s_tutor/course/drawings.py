"""Drawings that a lesson brings along: in its folder a module `pictures.py`, or a package, that holds `PICTURES`.

A picture of the cluster is drawn from its objects (`t.graph`); these are drawn by hand, once, and tell a story.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Protocol, runtime_checkable

from k8s_tutor.course.catalog import Part, load_parts, offer_nearest
from k8s_tutor.course.record import CourseError, Lesson
from k8s_tutor.errors import UsageError
from k8s_tutor.language import msg
from k8s_tutor.objects.reference import nearest

__all__ = ["Drawing", "find_drawing", "list_drawings"]

_PICTURES = Part("pictures", "PICTURES", msg("the tuple of its drawings"))


@runtime_checkable
class Drawing(Protocol):
    """What a lesson's `PICTURES` holds.

    Attributes:
        key: Its name in the lesson, `storm`.
    """

    key: str

    def draw(self, language: str) -> str:
        """A whole `<svg>`, or HTML around one, that looks right in light and dark, and stands still where motion is not
        wanted."""
        ...

    def tell(self, language: str) -> str:
        """Its text twin: what it says, and what is to be seen."""
        ...


def list_drawings(lesson: Lesson) -> tuple[Drawing, ...]:
    """The drawings of a lesson, in order; none for a lesson without.

    Raises:
        CourseError: they cannot be loaded; says file and line.
    """
    return _load_drawings(lesson.folder, lesson.course, lesson.name)


def find_drawing(lesson: Lesson, key: str) -> Drawing:
    """One drawing of a lesson.

    Raises:
        UsageError: there is none of that name; the message names the nearest.
        CourseError: the lesson's drawings cannot be loaded.
    """
    drawings = list_drawings(lesson)
    if found := next((one for one in drawings if one.key == key), None):
        return found
    known = [one.key for one in drawings]
    near = nearest(key, known)
    raise UsageError(
        msg("Lesson {lesson} has no picture {key!r}.", lesson=lesson.name, key=key),
        why=msg("Its pictures are {known}.", known=", ".join(known)) if known else msg("It brings none along."),
        next_step=offer_nearest(near, known) or msg("t.graph() draws what is there."),
    )


@cache
def _load_drawings(folder: Path, course: str, lesson: str) -> tuple[Drawing, ...]:
    name = f"pictures__{course}__{lesson}".replace("-", "_")
    drawings = load_parts(folder, name, _PICTURES, msg("the pictures of lesson {lesson}", lesson=lesson))
    for one in drawings:
        if not isinstance(one, Drawing):
            said = msg(
                "PICTURES of lesson {lesson} holds {thing}, which has no key, draw and tell.",
                lesson=lesson,
                thing=f"{one!r:.60}",
            )
            raise CourseError(said)
    return drawings
