"""What a learner has solved and which hints they have seen, kept in one small file."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import TypedDict

from k8s_tutor.exercises.verdict import Outcome, Verdict

__all__ = ["Entry", "Progress"]


class Entry(TypedDict, total=False):
    """What is kept of one exercise."""

    solved: bool
    attempts: int
    hints: int


class Progress:
    """The progress file. Whole or not at all: a crash while writing leaves the old one.

    Args:
        path: The JSON file; need not exist. A broken one counts as empty, progress is no reason to stop a lesson.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def entry(self, exercise: str) -> Entry:
        """What is known of an exercise; empty at first."""
        return self._load().get(exercise, {})

    def solved(self) -> list[str]:
        """The ids of the exercises that were solved once."""
        return [name for name, entry in self._load().items() if entry.get("solved")]

    def record(self, verdict: Verdict) -> None:
        """Counts an attempt, and remembers a success for good."""
        if verdict.outcome not in (Outcome.PASSED, Outcome.FAILED):
            return
        entry = self.entry(verdict.exercise)
        entry["attempts"] = entry.get("attempts", 0) + 1
        entry["solved"] = entry.get("solved", False) or verdict.passed
        self._save(verdict.exercise, entry)

    def next_hint(self, exercise: str, of: int) -> int:
        """The index of the hint to show now; each call climbs one, the last one stays."""
        entry = self.entry(exercise)
        index = min(entry.get("hints", 0), of - 1)
        entry["hints"] = index + 1
        self._save(exercise, entry)
        return index

    def _load(self) -> dict[str, Entry]:
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return data if isinstance(data, dict) else {}

    def _save(self, exercise: str, entry: Entry) -> None:
        data = self._load() | {exercise: entry}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=self._path.name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                json.dump(data, file, indent=2, sort_keys=True)
            Path(name).replace(self._path)
        except OSError:  # a full or read-only disk loses progress, not the lesson
            with contextlib.suppress(OSError):
                Path(name).unlink()
