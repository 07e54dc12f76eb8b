"""What a learner has solved and which hints they have seen, kept by learner and cluster.

Every writer (a notebook's kernel, a command) has a file of its own, and what is known is what all of them say together:
attempts and hints add up, a success stays one. So no writer can overwrite another's entry, on any operating system or
network share, without a lock that a killed process could leave behind.

In a workshop the same is written into the learner's own namespace, too, for the board of whoever teaches (`Register`).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypedDict, get_args

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import StatusError
from k8s_tutor.clock import Clock, from_rfc3339, rfc3339
from k8s_tutor.errors import TutorError
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj
from k8s_tutor.state import write_private

if TYPE_CHECKING:  # the toolkit comes with the first exercise: connecting stays quick, and small
    from k8s_tutor.exercises.verdict import Verdict

__all__ = ["RECORD", "WORKSHOP", "Attendance", "Entry", "Progress", "Register", "Try"]

_NOBODY = "_"  # no learner's label begins so
_RESERVED = re.compile(r"con|prn|aux|nul|com\d|lpt\d")  # names that Windows keeps for devices


class Entry(TypedDict, total=False):
    """What is kept of one exercise, or of a fault of the clinic: how often it was met, missed, and mended unaided."""

    solved: bool
    attempts: int
    hints: int
    met: int
    missed: int
    mended: int


_Count = Literal["attempts", "hints", "met", "missed", "mended"]
_COUNTS: tuple[_Count, ...] = get_args(_Count)


class Progress:
    """The progress of one learner on one cluster. A file is written whole or not at all.

    Args:
        folder: Where the progress of all learners is; need not exist.
        learner: The learner's label; empty for nobody in particular.
        cluster: Which cluster, by its context; empty reads what there is of all of them.
        register: Where it is written down on the cluster, too; None for nowhere.
    """

    def __init__(self, folder: Path, learner: str = "", cluster: str = "", register: Register | None = None) -> None:
        self._register = register
        self._folder = folder / _file_name(learner or _NOBODY)
        self._cluster = cluster
        self._own: dict[str, Entry] = {}
        self._file: Path | None = None
        self._process = 0

    def entry(self, exercise: str) -> Entry:
        """What is known of an exercise; empty at first."""
        return self._known().get(exercise, {})

    def entries(self) -> dict[str, Entry]:
        """What is known of all exercises, by id."""
        return self._known()

    def solved(self) -> list[str]:
        """The ids of the exercises that were solved once."""
        return [name for name, entry in self._known().items() if entry.get("solved")]

    def begin(self, exercise: str) -> None:
        """An exercise begins."""
        if self._register is not None:
            self._register.write(exercise, self.entry(exercise))

    def is_alive(self) -> None:
        """The learner does something."""
        if self._register is not None:
            self._register.is_alive()

    def record(self, verdict: Verdict) -> None:
        """Counts an attempt, and remembers a success for good."""
        from k8s_tutor.exercises.verdict import Outcome  # noqa: PLC0415

        if verdict.outcome not in (Outcome.PASSED, Outcome.FAILED):
            return
        self._add(verdict.exercise, {"attempts": 1, "solved": verdict.passed})

    def count(self, name: str, what: Literal["met", "missed", "mended"]) -> None:
        """Counts something about a fault of the clinic, or about the clinic itself."""
        more = Entry()
        more[what] = 1
        self._add(name, more)

    def next_hint(self, exercise: str, of: int) -> int:
        """The index of the hint to show now; each call climbs one, the last one stays."""
        shown = self.entry(exercise).get("hints", 0)
        if shown < of:
            self._add(exercise, {"hints": 1})
        return min(shown, of - 1)

    def _known(self) -> dict[str, Entry]:
        """What all writers say together; one that cannot be read says nothing, and takes nothing from the others."""
        known: dict[str, Entry] = {}
        for path in self._files():
            if path != self._file:
                _merge(known, _read(path))
        _merge(known, self._mine())
        return {name: known[name] for name in sorted(known)}

    def _files(self) -> Iterator[Path]:
        yield from sorted(self._folder.glob(f"{_file_name(self._cluster) if self._cluster else '*'}/*.json"))

    def _mine(self) -> dict[str, Entry]:
        if self._process != os.getpid():  # a fork is another writer: it begins a file of its own
            self._process, self._file, self._own = os.getpid(), None, {}
        return self._own

    def _add(self, exercise: str, more: Entry) -> None:
        mine = self._mine()
        _merge(mine, {exercise: more})
        with contextlib.suppress(OSError):  # a full or read-only disk loses progress, not the lesson
            self._file = self._file or self._claimed()
            write_private(self._file, json.dumps(mine, indent=2, sort_keys=True) + "\n")
        if self._register is not None:
            self._register.write(exercise, self.entry(exercise))

    def _claimed(self) -> Path:
        """A new file that is nobody else's."""
        folder = self._folder / _file_name(self._cluster or _NOBODY)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=folder, prefix="", suffix=".json")
        os.close(handle)
        return Path(name)


def _file_name(word: str) -> str:
    """A word as the name of a file anywhere, Windows too: `Team/a` is `%54eam%2Fa`, as `team/a` is another."""
    name = re.sub("[^a-z0-9@_-]", lambda sign: "".join(f"%{byte:02X}" for byte in sign[0].encode()), word)
    return f"%{name}" if _RESERVED.fullmatch(name) else name


def _merge(known: dict[str, Entry], more: dict[str, Entry]) -> None:
    for exercise, entry in more.items():
        before = known.get(exercise, Entry())
        known[exercise] = merged = before.copy()
        if before.get("solved") or entry.get("solved"):
            merged["solved"] = True
        for what in _COUNTS:
            if what in entry:
                merged[what] = before.get(what, 0) + entry[what]


def _read(path: Path) -> dict[str, Entry]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    entries = data.items() if isinstance(data, dict) else ()
    return {name: _checked(entry) for name, entry in entries if isinstance(entry, dict)}


def _checked(data: dict[str, object]) -> Entry:
    """An entry of which nothing is of a wrong kind, whoever has edited the file."""
    entry: Entry = {}
    if data.get("solved") is True:
        entry["solved"] = True
    for what in _COUNTS:
        if isinstance(number := data.get(what), int):
            entry[what] = number
    return entry


# ---- In a workshop: what its board shows, written by a learner's session into the learner's own namespace

WORKSHOP = "k8s-tutor.dev/workshop"
"""Label of everything that a workshop has prepared: its name."""
RECORD = "k8s-tutor-progress"
"""The Lease in a learner's namespace that says how far they are. The workshop makes it, the learner's session fills it.

A Lease, because that is no part of any lesson: no picture shows it, and no quota counts it.
"""
_LESSON = "k8s-tutor.dev/lesson-now"
_EXERCISE = "exercise.k8s-tutor.dev/"
_BREATH = 20.0  # seconds between two signs of life: cells may follow each other quickly
_MOST = 10_000  # of attempts and hints that are believed


@dataclass(frozen=True)
class Try:
    """One exercise, as far as the learner is with it.

    Attributes:
        begun: When, seconds since the epoch; 0 where it is not known.
        attempts: How often it was checked.
        hints: How many hints were read.
        solved: Whether it was solved.
    """

    begun: float = 0.0
    attempts: int = 0
    hints: int = 0
    solved: bool = False


@dataclass(frozen=True)
class Attendance:
    """What a learner's record says.

    Attributes:
        lesson: The lesson they are in, by name; empty before the first.
        seen: When they last did something, seconds since the epoch; 0 for never.
        tries: Their exercises, by id.
    """

    lesson: str = ""
    seen: float = 0.0
    tries: Mapping[str, Try] = field(default_factory=dict)

    @classmethod
    def of(cls, record: Obj) -> Attendance:
        """What a Lease says; whoever has edited it, nothing of it is of a wrong kind."""
        notes = metadata.annotations(record)
        tries = {key.removeprefix(_EXERCISE): _try(text) for key, text in notes.items() if key.startswith(_EXERCISE)}
        seen = _moment((record.get("spec") or {}).get("renewTime"))
        return cls(str(notes.get(_LESSON, "")), seen, {name: tries[name] for name in sorted(tries)})


class Register:
    """Writes a learner's record, where a workshop has prepared one; elsewhere nothing. It never fails a lesson.

    Args:
        client: Talks to the cluster.
        clock: The cluster's time.
        namespace: The context's own, where the record would be.
    """

    def __init__(self, client: Client, clock: Clock, namespace: str) -> None:
        self._client = client
        self._clock = clock
        self._namespace = namespace
        self._known: Attendance | None = None
        self._nowhere = not namespace

    def enter(self, lesson: str) -> None:
        """The learner enters a lesson."""
        self._write({_LESSON: lesson})

    def is_alive(self) -> None:
        """The learner does something; said now and then only."""
        known = self._find()
        if known is not None and self._clock.now() - known.seen >= _BREATH:
            self._write({})

    def write(self, exercise: str, entry: Entry) -> None:
        """How far the learner is with an exercise."""
        known = self._find()
        if known is None:
            return
        solved, before = entry.get("solved", False), known.tries.get(exercise, Try())
        tried = Try(before.begun or self._clock.now(), entry.get("attempts", 0), entry.get("hints", 0), solved)
        self._known = Attendance(known.lesson, known.seen, {**known.tries, exercise: tried})
        note = {**vars(tried), "begun": rfc3339(tried.begun)}
        self._write({f"{_EXERCISE}{exercise}": json.dumps(note, sort_keys=True)})

    def _write(self, notes: dict[str, str]) -> None:
        known = self._find()
        if known is None:
            return
        now = self._clock.now()
        self._known = Attendance(notes.get(_LESSON, known.lesson), now, known.tries)
        moment = f"{rfc3339(now)[:-1]}.000000Z"  # a MicroTime wants its six digits
        body: Obj = {"metadata": {"annotations": notes}, "spec": {"renewTime": moment}}
        with contextlib.suppress(StatusError, TutorError):  # a board that is behind is better than a cell that fails
            self._client.patch("leases", RECORD, body, self._namespace)

    def _find(self) -> Attendance | None:
        if self._known is None and not self._nowhere:
            with contextlib.suppress(StatusError, TutorError):
                found = self._client.find("leases", RECORD, self._namespace)
                if found is not None and WORKSHOP in metadata.labels(found):
                    self._known = Attendance.of(found)
            self._nowhere = self._known is None
        return self._known


def _try(text: str) -> Try:
    try:
        data = json.loads(text)
    except ValueError:
        return Try()
    if not isinstance(data, dict):
        return Try()
    counts = [data.get(name) for name in ("attempts", "hints")]
    attempts, hints = (min(one, _MOST) if isinstance(one, int) and one > 0 else 0 for one in counts)
    return Try(_moment(data.get("begun")), attempts, hints, data.get("solved") is True)


def _moment(text: object) -> float:
    try:
        return from_rfc3339(str(text))
    except (ValueError, OverflowError):
        return 0.0
