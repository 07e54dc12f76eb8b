"""The way through a course: what is solved of each lesson, where to go on, and what a lesson's neighbours are.

Exercises go by their ids in every language and on every cluster: what was solved somewhere is solved.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from k8s_tutor.course.catalog import list_exercises
from k8s_tutor.course.progress import Entry, Progress
from k8s_tutor.course.record import Course, Lesson
from k8s_tutor.errors import TutorError
from k8s_tutor.language import Message, msg, msg_n
from k8s_tutor.language.choice import current_language

if TYPE_CHECKING:
    from k8s_tutor.exercises.exercise import Exercise

__all__ = [
    "FRONT_PAGE",
    "PLAYGROUND",
    "Leg",
    "Outline",
    "Place",
    "Way",
    "find_neighbours",
    "find_way",
    "has_front_page",
    "read_outline",
    "title_of",
]


# ---- What stands where in a lesson's notebook: each cell with the heading above it, by the ids that JupyterLab sends
#
# It is read from the course's own notebook; a learner's copy has the same cells with the same ids.

_HEADING = re.compile(r"^#{1,6} (?P<text>.+)$", re.MULTILINE)
_OWN = re.compile(r"^(#[^\n]*\n?)*$|\bt\.(exercise|check|hint|solution|guess|sheet|progress|watch|leave|reset)\(")
_LOOKS = re.compile(r"""t\.((graph|events|logs|explain|get)\(|kubectl\(["'](get|describe|logs|top|explain)\b)[^\n]*""")
_OBJECT = re.compile(r"^kind: (?P<kind>\w+).*?^\s*(?:metadata: \{)?name: (?P<name>[\w-]+)", re.MULTILINE | re.DOTALL)
_LONGEST = 50  # letters of a line
_BEGINS = re.compile(r"""\bt\.lesson\(["'](?:[\w-]+/)?(?P<name>[\w-]+)["']""")


@dataclass(frozen=True)
class Place:
    """A cell of a lesson.

    Attributes:
        id: As the notebook has it: `01-pods-14`.
        code: Its source; empty for prose.
        heading: The last heading above it.
        text: Prose, as Markdown.
        outputs: What the course's own run has shown.
    """

    id: str
    code: str = ""
    heading: str = ""
    text: str = ""
    outputs: tuple[dict[str, Any], ...] = ()

    @property
    def matters(self) -> bool:
        """Whether cells below may need what it does: it does more than look."""
        return self.depends and not _LOOKS.fullmatch(self.code.strip())

    @property
    def depends(self) -> bool:
        """Whether it may need what cells above have done; exercises, bets and live pictures stand by themselves."""
        return bool(self.code) and not _OWN.search(self.code)

    @property
    def begins(self) -> str:
        """The lesson that it begins, by name; empty for any other cell."""
        found = _BEGINS.search(self.code)
        return found["name"] if found else ""

    @property
    def first_line(self) -> str:
        """What one recognises it by: its first line, or of a manifest the object."""
        first = self.code.strip().partition("\n")[0]
        if first.endswith('"""') and (found := _OBJECT.search(self.code)):
            return f"{first}… {found['kind']} {found['name']}"
        return first if len(first) <= _LONGEST else f"{first[: _LONGEST - 1]}…"


@dataclass(frozen=True)
class Outline:
    """A lesson's cells, in order."""

    places: tuple[Place, ...] = ()

    def find(self, cell: str) -> Place | None:
        """The cell of an id."""
        return next((place for place in self.places if place.id == cell), None)

    def find_check(self, exercise: str) -> Place | None:
        """The cell that checks an exercise."""
        wanted = re.compile(rf"""\bt\.check\(["']{re.escape(exercise)}["']""")
        return next((place for place in self.places if wanted.search(place.code)), None)

    @property
    def beginning(self) -> Place | None:
        """The cell that begins the lesson."""
        return next((place for place in self.places if place.begins), None)

    def missing(self, cell: str, done: set[str]) -> Place | None:
        """The first cell that matters above one, and was not run.

        Args:
            cell: The id of the one that is run.
            done: The ids of those that were.
        """
        ids = [place.id for place in self.places]
        above = self.places[: ids.index(cell)] if cell in ids else ()
        return next((place for place in above if place.matters and place.id not in done), None)


@cache
def read_outline(path: Path) -> Outline:
    """The outline of a notebook; empty of one that is not there, or is none."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError, TypeError):
        return Outline()
    return Outline(tuple(_places(cells)))


def _places(cells: list[dict[str, Any]]) -> Iterator[Place]:
    heading = ""
    for cell in cells:
        source, name = "".join(cell.get("source", "")), str(cell.get("id", ""))
        if cell.get("cell_type") == "code":
            yield Place(name, code=source, heading=heading, outputs=tuple(cell.get("outputs", ())))
            continue
        if found := _HEADING.findall(source):
            heading = found[-1]
        yield Place(name, heading=heading, text=source)


# ---- The way through a course: what is solved of each lesson, where to go on, and what a lesson's neighbours are

FRONT_PAGE = "index"
"""The stem of a course's front page."""
PLAYGROUND = "playground"
"""The stem of a page to try anything on: no lesson, without exercises."""

# A state is a shape and a word, never colour alone; these keep a contrast of 4.5:1 in light and dark.
_SOLVED, _TRIED, _OPEN = "✓", "◐", "○"
_WORDS = {_SOLVED: msg("solved"), _TRIED: msg("tried"), _OPEN: msg("not tried yet")}
_COLOURS = {_SOLVED: "#2e8540", _TRIED: "#c2571a", _OPEN: "#6f7782"}
_CELL = "padding:.25em .9em .25em 0;text-align:left;vertical-align:baseline"


def title_of(lesson: Lesson) -> str:
    """A lesson's title in the reader's language."""
    return lesson.titles.get(current_language(), lesson.title)


@dataclass(frozen=True)
class Leg:
    """One lesson, and what is known of its exercises.

    Attributes:
        lesson: The lesson.
        exercises: In order.
        entries: What is kept of exercises, by id.
    """

    lesson: Lesson
    exercises: tuple[Exercise, ...]
    entries: Mapping[str, Entry]

    @property
    def solved(self) -> list[Exercise]:
        """Those that were solved once."""
        return [one for one in self.exercises if self.glyph(one) == _SOLVED]

    @property
    def begun(self) -> bool:
        """Whether any was tried."""
        return any(self.glyph(one) != _OPEN for one in self.exercises)

    @property
    def next(self) -> Exercise | None:
        """The first that is not solved; None where all are."""
        return next((one for one in self.exercises if self.glyph(one) != _SOLVED), None)

    @property
    def count(self) -> Message:
        """How many are solved, in words."""
        return msg("{solved} of {all} solved", solved=len(self.solved), all=len(self.exercises))

    def glyph(self, exercise: Exercise) -> str:
        """The mark of an exercise."""
        entry = self.entries.get(exercise.id, Entry())
        return _SOLVED if entry.get("solved") else _TRIED if entry.get("attempts") else _OPEN


@dataclass(frozen=True)
class Way:
    """How far a learner is in a course: text for terminals and screen readers, a table with links in a notebook.

    Attributes:
        course: The course.
        legs: One for each lesson, in order.
        here: The lesson one is in, by name; empty for none.
        where: In words, at what place of it.
    """

    course: Course
    legs: tuple[Leg, ...]
    here: str = ""
    where: Message | None = None

    @property
    def next(self) -> Leg | None:
        """Where to go on: the lesson one is in, the last that was begun, or the first; None where all is solved."""
        left = [leg for leg in self.legs if leg.next is not None]
        inside = [leg for leg in left if leg.lesson.name == self.here]
        begun = [leg for leg in left if leg.begun]
        return next(iter([*inside, *reversed(begun), *left]), None)

    def __str__(self) -> str:
        lines = [self._line(leg) for leg in self.legs]
        return "\n".join(part for part in (*lines, str(self._sum()), str(self.where or "")) if part)

    def __repr__(self) -> str:
        return str(self)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": self.html()}

    def _line(self, leg: Leg) -> str:
        marks = "".join(map(leg.glyph, leg.exercises))
        go_on = f"  ← {self._go_on(leg)}" if leg == self.next else ""
        row = [f"{leg.lesson.number:>2}", _padded(title_of(leg.lesson), 18), _padded(marks, 8), _padded(leg.count, 16)]
        return f"{'  '.join(row)}  {_minutes(leg.lesson)}{go_on}"

    def _go_on(self, leg: Leg) -> Message:
        if leg.next is None or not leg.begun:
            return msg("go on here")
        return msg("go on here: {exercise}, {title}", exercise=leg.next.id, title=leg.next.title)

    def _sum(self) -> Message:
        solved = sum(len(leg.solved) for leg in self.legs)
        every = sum(len(leg.exercises) for leg in self.legs)
        if every and solved == every:
            return msg("All {all} exercises are solved.", all=every)
        return msg(
            "{solved} of {all} exercises solved, on all clusters and in all languages.", solved=solved, all=every
        )

    def html(self) -> str:
        """A table; its links lead to the notebooks beside the one it stands in."""
        heads = ("", msg("lesson"), msg("exercises"), "", msg("time"), "")
        head = "".join(f"<th scope='col' style='{_CELL}'>{escape(str(one))}</th>" for one in heads)
        rows = "".join(self._row(leg) for leg in self.legs)
        key = " &nbsp; ".join(f"{_mark(glyph)} {escape(str(word))}" for glyph, word in _WORDS.items())
        below = "".join(f"<div>{escape(str(one))}</div>" for one in (self._sum(), self.where) if one)
        return (
            f"<table style='border-collapse:collapse'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
            f"<div style='opacity:.85;margin:.4em 0'>{key}</div>{below}"
        )

    def _row(self, leg: Leg) -> str:
        marks = "".join(_mark(leg.glyph(one), f"{one.id}, {one.title}") for one in leg.exercises)
        here = leg == self.next
        go_on = f"<a href='{self._link(leg)}'>→ {escape(str(self._go_on(leg)))}</a>" if here else ""
        title = f"<a href='{leg.lesson.stem}.ipynb'>{escape(title_of(leg.lesson))}</a>"
        cells = (leg.lesson.number, title, f"<span style='letter-spacing:.25em'>{marks}</span>")
        said = (escape(str(leg.count)), escape(str(_minutes(leg.lesson))), go_on)
        weight = "font-weight:600;" if here else ""
        return "<tr>" + "".join(f"<td style='{weight}{_CELL}'>{one}</td>" for one in (*cells, *said)) + "</tr>"

    def _link(self, leg: Leg) -> str:
        page = f"{leg.lesson.stem}.ipynb"
        if leg.next is None or not leg.begun:
            return page
        language = current_language() if current_language() in self.course.languages else "en"
        place = read_outline(self.course.notebooks(language) / page).find_check(leg.next.id)
        return f"{page}#{escape(place.heading.replace(' ', '-'), quote=True)}" if place and place.heading else page


def find_way(course: Course, progress: Progress, here: str = "", where: Message | None = None) -> Way:
    """How far a learner is; a lesson whose exercises cannot be loaded has none.

    Args:
        course: The course.
        progress: The learner's, on all clusters.
        here: The lesson one is in.
        where: In words, at what place of it.
    """
    legs, entries = [], progress.entries()
    for lesson in course.lessons:
        try:
            exercises = list_exercises(lesson)
        except TutorError:  # it leaves the others alone; whoever begins the lesson is told
            exercises = ()
        legs.append(Leg(lesson, exercises, entries))
    return Way(course, tuple(legs), here, where)


def find_neighbours(course: Course, lesson: Lesson) -> tuple[Lesson | None, Lesson | None]:
    """The lesson before, and the one after."""
    at = [one.name for one in course.lessons].index(lesson.name)
    before = course.lessons[at - 1] if at else None
    return before, next(iter(course.lessons[at + 1 :]), None)


def has_front_page(course: Course) -> bool:
    """Whether a course has a page that leads to all its lessons."""
    return (course.folder / f"{FRONT_PAGE}.py").is_file()


def _minutes(lesson: Lesson) -> Message:
    return msg_n("{n} minute", "{n} minutes", n=lesson.minutes)


def _mark(glyph: str, about: str = "") -> str:
    said = f"{about}: {_WORDS[glyph]}" if about else str(_WORDS[glyph])
    label = f" role='img' aria-label='{escape(said, quote=True)}' title='{escape(said, quote=True)}'" if about else ""
    return f"<span{label} style='color:{_COLOURS[glyph]};font-weight:700'>{glyph}</span>"


def _padded(text: object, width: int) -> str:
    """A text as wide as `width` Latin letters; a Chinese character is as wide as two."""
    wide = sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in str(text))
    return f"{text}{' ' * max(0, width - wide)}"
