"""What a learner has solved and which hints they have seen, kept by learner and cluster.

Every writer (a notebook's kernel, a command) has a file of its own, and what is known is what all of them say together:
attempts and hints add up, a success stays one. So no writer can overwrite another's entry, on any operating system or
network share, without a lock that a killed process could leave behind.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypedDict, get_args

from k8s_tutor.state import write_private

if TYPE_CHECKING:  # the toolkit comes with the first exercise: connecting stays quick, and small
    from k8s_tutor.exercises.verdict import Verdict

__all__ = ["Entry", "Progress"]

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
    """

    def __init__(self, folder: Path, learner: str = "", cluster: str = "") -> None:
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
