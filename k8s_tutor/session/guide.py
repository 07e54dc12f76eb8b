"""Where a learner is on the way through a course, and which cell to run after an interruption.

JupyterLab sends the id of each cell that is run. So a session knows at which heading of a lesson one is, what above it
was not run in this kernel, and, by a note in our own folder, how far an earlier kernel had come, or that another
notebook is in the same lesson. Where no ids are sent (a terminal, nbval) nothing of this is said.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from k8s_tutor.course.finding import choose_course, find_courses
from k8s_tutor.course.progress import Progress
from k8s_tutor.course.record import Course, Lesson
from k8s_tutor.course.way import Leg, Outline, Place, Way, find_way, read_outline, title_of
from k8s_tutor.errors import UsageError
from k8s_tutor.language import Message, Wording, msg
from k8s_tutor.language.choice import current_language
from k8s_tutor.state import state_dir, write_private

__all__ = ["Guide", "Note", "follow_cells", "outline_of"]

_RUN_ABOVE = "Run → Run All Above Selected Cell"  # JupyterLab's menu, which has no other language of its own


def outline_of(lesson: Lesson) -> Outline:
    """A lesson's cells in the reader's language, or in English."""
    folders = (lesson.folder.parent / language for language in (current_language(), "en"))
    outlines = (read_outline(folder / f"{lesson.stem}.ipynb") for folder in folders)
    return next((outline for outline in outlines if outline.places), Outline())


@dataclass(frozen=True)
class Note:
    """What is kept of a lesson between kernels.

    Attributes:
        cell: The last cell that was run.
        process: The kernel's process, and when that began: two kernels never share both.
        begun: Of the process.
    """

    cell: str
    process: int
    begun: float

    @classmethod
    def of_this_process(cls, cell: str) -> Note:
        """A note of this kernel's."""
        return cls(cell, os.getpid(), _begun(os.getpid()))

    @property
    def ours(self) -> bool:
        """Whether this kernel wrote it."""
        return (self.process, self.begun) == (os.getpid(), _begun(os.getpid()))

    @property
    def alive(self) -> bool:
        """Whether the kernel that wrote it is there."""
        return self.begun == _begun(self.process)


@dataclass
class Guide:
    """What a session says of the way.

    Attributes:
        progress: The learner's, on all clusters.
        say: Prints a sentence.
        label: The learner's, in names of files.
        own_cluster: Whether each kernel has a cluster of its own.
        lesson: The lesson one is in; None for none.
    """

    progress: Progress
    say: Callable[[str], None]
    label: str = ""
    own_cluster: bool = True
    lesson: Lesson | None = None
    _done: set[str] = field(default_factory=set)
    _said: set[str] = field(default_factory=set)
    _cell: str = ""
    _left: Lesson | None = None

    # ---- asked for

    def way(self) -> Way:
        """How far one is, and where."""
        lesson = self.lesson or self._left
        course = (_course_of(lesson) if lesson else None) or choose_course()
        return find_way(course, self.progress, lesson.name if lesson else "", self._where())

    def required(self) -> Lesson:
        """The lesson one is in, or was in last.

        Raises:
            UsageError: none has begun.
        """
        lesson = self.lesson or self._left
        if lesson is None:
            raise UsageError(
                msg("No lesson has begun."),
                why=msg("A sheet is made of a lesson's own cells."),
                next_step=msg('Say which: t.sheet("pods").'),
            )
        return lesson

    def _where(self) -> Message | None:
        place = self._place(self._cell)
        if self.lesson is None or place is None:
            return None
        return msg("You are in lesson {number}, at “{heading}”.", number=self.lesson.number, heading=place.heading)

    # ---- told by the session

    def begin(self, lesson: Lesson) -> None:
        """A lesson begins, here and now: says what one can already, and where an earlier kernel had come to."""
        self.lesson, self._left = lesson, None
        self._done, self._said = {self._running()}, set()
        self._say_known(lesson)
        before = self._read(lesson)
        if before is not None and not before.ours and before.alive:
            self._say_twice(lesson)
        elif before is not None:
            self._say_return(before)
        if self._running():
            self._write(lesson, self._running())

    def go_on(self, lesson: Lesson | None) -> None:
        """The cluster of an earlier kernel goes on here: what was run there need not be run again."""
        self.lesson, self._left = lesson, None
        before = self._read(lesson) if lesson else None
        if lesson is None or before is None:
            return
        ids = [place.id for place in outline_of(lesson).places]
        self._done = {*ids[: ids.index(before.cell) + 1 if before.cell in ids else 0], self._running()}
        self._said, self._cell = set(), before.cell
        self._write(lesson, before.cell)
        if (where := self._where()) is not None:
            self.say(str(where))

    def leave(self) -> None:
        """The lesson has ended."""
        if self.lesson is not None:
            self._left, self.lesson = self.lesson, None
            with contextlib.suppress(OSError):
                self._file(self._left).unlink(missing_ok=True)

    # ---- told by the notebook, before and after each cell

    def before_cell(self, cell: str) -> None:
        """Says what stands in the way of a cell that is about to be run, in one sentence, and once."""
        lesson = self.lesson or self._left
        if lesson is None or not cell:
            return
        outline = outline_of(lesson)
        place = outline.find(cell)
        if place is None or place.begins:
            return
        self._cell = cell
        if self.lesson is None:
            self._once("left", _has_left(lesson, outline))
            return
        note = self._read(lesson)
        if note is not None and not note.ours and note.alive:
            self._once("twice", self._begun_elsewhere(lesson))
        if (missing := outline.missing(cell, self._done)) is not None and place.depends:
            self._once(f"{missing.id} at {place.heading}", _not_run(place, missing))

    def after_cell(self, cell: str) -> None:
        """Remembers that a cell was run."""
        if self.lesson is not None and cell:
            self._done.add(cell)
            self.progress.is_alive()
            if self._place(cell) is not None:
                self._cell = cell
                self._write(self.lesson, cell)

    # ---- sentences

    def _say_known(self, lesson: Lesson) -> None:
        """What solved exercises say one can already; who has tried none waits for no exercise to be loaded."""
        if (course := _course_of(lesson)) is None or not self.progress.entries():
            return
        way = find_way(course, self.progress)
        done = [leg for leg in way.legs if leg.exercises and leg.next is None and leg.lesson.number < lesson.number]
        if done:
            self.say(str(msg("You can already {learn}.", learn=_learnt(done[-1]))))
        leg = next(leg for leg in way.legs if leg.lesson.name == lesson.name)
        if leg.solved and leg.next is not None:
            names = ", ".join(f"{one.title} ({one.id})" for one in leg.solved)
            self.say(str(msg("You have solved already: {names}. Next is {name}.", names=names, name=leg.next.id)))
        elif leg.solved:
            self.say(str(msg("You have solved all exercises of this lesson.")))

    def _say_return(self, before: Note) -> None:
        place = self._place(before.cell)
        if place is not None and not place.begins:
            self.say(
                str(
                    msg(
                        "Last time you had come to “{heading}”: to go on there, click the cell that begins with "
                        "`{line}` and choose {menu}.",
                        heading=place.heading, line=place.first_line, menu=_RUN_ABOVE,
                    )
                )
            )  # fmt: skip

    def _say_twice(self, lesson: Lesson) -> None:
        title = title_of(lesson)
        if self.own_cluster:
            words = msg(
                "Lesson {title} is open in another notebook, too, on a cluster of its own: go on in one of the two.",
                title=title,
            )
        else:
            words = msg(
                "Lesson {title} is open in another notebook, too, and this cell has emptied the namespace of both: "
                "go on here, and close the other.",
                title=title,
            )
        self.say(str(words))

    def _begun_elsewhere(self, lesson: Lesson) -> Message:
        if self.own_cluster:
            return msg(
                "Lesson {title} was begun in another notebook meanwhile, on a cluster of its own: what you do here is "
                "not seen there; go on in one of the two.",
                title=title_of(lesson),
            )
        return msg(
            "Lesson {title} was begun anew in another notebook, which emptied the namespace: go on there, or run this "
            "notebook again from its first cell.",
            title=title_of(lesson),
        )

    def _once(self, about: str, words: Wording) -> None:
        if about not in self._said:
            self._said.add(about)
            self.say(str(words))

    # ---- what is kept

    def _place(self, cell: str) -> Place | None:
        lesson = self.lesson or self._left
        return outline_of(lesson).find(cell) if lesson and cell else None

    def _file(self, lesson: Lesson) -> Path:
        return state_dir() / "places" / f"{self.label or '_'}-{lesson.course}-{lesson.name}.json"

    def _read(self, lesson: Lesson) -> Note | None:
        try:
            return Note(**json.loads(self._file(lesson).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def _write(self, lesson: Lesson, cell: str) -> None:
        with contextlib.suppress(OSError):  # a full disk loses the place, not the lesson
            write_private(self._file(lesson), json.dumps(asdict(Note.of_this_process(cell))))

    @staticmethod
    def _running() -> str:
        """The id of the cell that is running; empty where nobody tells."""
        shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
        parent: Any = getattr(shell, "parent_header", None) or {}
        return str((parent.get("metadata") or {}).get("cellId") or "")


def _learnt(leg: Leg) -> str:
    return leg.lesson.learn.get(current_language(), leg.lesson.learn["en"])


def _has_left(lesson: Lesson, outline: Outline) -> Message:
    first = outline.beginning
    return msg(
        "Lesson {title} has ended with `t.leave()`: the cell `{line}` at its top begins it anew.",
        title=title_of(lesson),
        line=first.code.strip().splitlines()[-1] if first else f't.lesson("{lesson.name}")',
    )


def _not_run(place: Place, missing: Place) -> Message:
    return msg(
        "You are at “{heading}”, and the cell above that begins with `{line}` was not run: {menu} makes up for it.",
        heading=place.heading,
        line=missing.first_line,
        menu=_RUN_ABOVE,
    )


def _course_of(lesson: Lesson) -> Course | None:
    """Its course; None where its folder went away, or its record was broken meanwhile."""
    return next((course for course in find_courses().found if course.name == lesson.course), None)


def _begun(process: int) -> float:
    import psutil  # noqa: PLC0415  only where a notebook tells which cell it runs

    try:
        return float(psutil.Process(process).create_time())
    except psutil.Error:
        return 0.0


# ---- A notebook tells before and after each cell which one it is

_CellEvent: TypeAlias = Callable[[str], None]
_listeners: list[tuple[_CellEvent, _CellEvent]] = []


def follow_cells(before: _CellEvent, after: _CellEvent) -> None:
    """From now on these are told the id of each cell, before and after it; only inside of a notebook.

    Safe to call twice: whoever was told last is told alone.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        return
    _listeners[:] = [(before, after)]
    for event, listener in (("pre_run_cell", _before_cell), ("post_run_cell", _after_cell)):
        if listener not in shell.events.callbacks[event]:
            shell.events.register(event, listener)


def _before_cell(info: Any) -> None:
    for before, _ in _listeners:
        before(str(getattr(info, "cell_id", None) or ""))


def _after_cell(result: Any) -> None:
    for _, after in _listeners:
        after(str(getattr(result.info, "cell_id", None) or ""))
