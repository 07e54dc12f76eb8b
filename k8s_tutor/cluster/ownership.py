"""What we made, and are making: a note in our own folder for each kind cluster, so that we delete nothing else.

The note is written before the first container exists; what a killed process left half-made is known as ours by it.
It also keeps two processes from creating the same cluster at once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from k8s_tutor.clock import RealClock
from k8s_tutor.objects.types import Json
from k8s_tutor.state import state_dir, write_private

__all__ = ["Note", "lock_cluster"]

_NAP = 0.5  # seconds between looks at a cluster that another process is making


class Note:
    """The note about one cluster.

    Attributes:
        name: The cluster's name.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._path = state_dir() / "kind" / f"{name}.json"

    @property
    def complete(self) -> bool:
        """Whether its creation came to its end."""
        return bool(self._read().get("complete"))

    @property
    def images(self) -> dict[str, str]:
        """What was copied onto its nodes: references and ids."""
        return dict(self._read().get("images") or {})

    def covers(self, containers: Iterable[str]) -> bool:
        """Whether containers with these ids are ones that we made, or began to: not others of the same name."""
        note = self._read()
        return bool(note) and (not note.get("complete") or set(containers) <= set(note.get("containers", ())))

    def begin(self) -> None:
        """Creation begins."""
        self._write({"complete": False})

    def process(self, pid: int) -> None:
        """The process that creates it, to be ended should we be killed meanwhile."""
        self._write({"complete": False, "process": _identity(pid)})

    def end(self, containers: Iterable[str], images: Mapping[str, str]) -> None:
        """Creation is complete.

        Args:
            containers: The ids of its containers.
            images: What was copied onto its nodes: references and ids.
        """
        self._write({"complete": True, "containers": list(containers), "images": dict(images)})

    def remove(self) -> None:
        """The cluster is gone."""
        self._path.unlink(missing_ok=True)

    def end_leftover(self) -> None:
        """Ends the process of a creation whose own process was killed."""
        if (process := _alive(self._read().get("process"))) is not None:
            with suppress(psutil.Error):
                process.kill()
                process.wait(timeout=10)

    def _read(self) -> dict[str, Json]:
        try:
            note = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return note if isinstance(note, dict) else {}

    def _write(self, note: dict[str, Json]) -> None:
        write_private(self._path, json.dumps(note) + "\n")


@contextmanager
def lock_cluster(name: str, waiting: Callable[[], None]) -> Iterator[None]:
    """One process at a time makes, starts or deletes the cluster `name`.

    Args:
        name: The cluster's name.
        waiting: Called once if another process is at it.
    """
    path = state_dir() / "kind" / f"{name}.lock"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not _take(path):
        waiting()
        while not _take(path):
            RealClock().pause(_NAP)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _take(path: Path) -> bool:
    """Puts our lock in place, whole at once: nobody can read half of it."""
    claim = path.with_suffix(f".{os.getpid()}")
    write_private(claim, json.dumps(_identity(os.getpid())))
    try:
        for _ in range(2):  # the second time after a dead holder's lock is gone
            with suppress(FileExistsError):
                path.hardlink_to(claim)
                return True
            with suppress(OSError, ValueError):
                if _alive(json.loads(path.read_text(encoding="utf-8"))) is None:
                    path.unlink(missing_ok=True)
    finally:
        claim.unlink(missing_ok=True)
    return False


def _identity(pid: int) -> Json:
    """A process as no later one can be: its number and when it began."""
    return [pid, psutil.Process(pid).create_time()]


def _alive(identity: Json) -> psutil.Process | None:
    if not isinstance(identity, list) or len(identity) != 2:
        return None
    try:
        process = psutil.Process(int(identity[0]))
        # an ended process that nobody has waited for is still listed
        gone = abs(process.create_time() - identity[1]) > 1 or process.status() == psutil.STATUS_ZOMBIE
    except (psutil.Error, ValueError):
        return None
    return None if gone else process
