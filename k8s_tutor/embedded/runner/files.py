"""Files of embedded clusters: kubeconfigs, named for process and port, so that others find them; journals and whose.

A journal is in use as long as a process holds the lock beside it, which the system takes away from one that ends. A
lock that is a process's goes when that process closes the file anywhere: so all of it happens in one place, in turn.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import socket
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit
from weakref import WeakSet

from k8s_tutor import kubeconfig
from k8s_tutor.api.cluster import LeftBehind
from k8s_tutor.errors import UsageError
from k8s_tutor.language import Wording, msg
from k8s_tutor.state import remove_file, state_dir, write_private

__all__ = [
    "ANEW",
    "CONTEXT",
    "KEPT",
    "MARK",
    "Journal",
    "Mark",
    "choose_journal",
    "copy_to",
    "explain_port",
    "find_embedded_kubeconfigs",
    "find_journals",
    "know",
    "locate_file",
    "locate_journal",
    "read_mark",
    "release",
    "remove",
    "remove_copy",
    "sweep",
    "take",
]

CONTEXT = "k8s-tutor-embedded"
_LOG = logging.getLogger(__name__)
_PREFIX = "embedded-"


def locate_file(port: int) -> Path:
    """Where the kubeconfig of this process's cluster at `port` belongs."""
    return kubeconfig.folder() / f"{_PREFIX}{os.getpid()}-{port}"


def find_embedded_kubeconfigs() -> list[Path]:
    """Kubeconfigs of the embedded clusters that answer, the newest last."""
    found = [path for path in _files() if _answers(path) is not False]
    return sorted(found, key=lambda path: path.stat().st_mtime)


def sweep() -> None:
    """Removes what clusters that are gone have left: kubeconfigs, and journals but for the last of each learner.

    A process that lives is not knocked at: its cluster would load its HTTP server for it.
    """
    try:
        import psutil  # noqa: PLC0415  not needed to connect

        for path in _files():
            process = path.name.removeprefix(_PREFIX).partition("-")[0]
            lives = process.isdigit() and psutil.pid_exists(int(process))
            if not lives and _answers(path) is False:
                remove(path)
        _sweep_journals()
    except OSError:  # no descriptors left, or a disk that is read-only: another cluster will do it
        _LOG.debug("not swept", exc_info=True)


def remove(path: Path) -> None:
    """Removes the kubeconfig of a cluster that is gone, and what kubectl remembers of it."""
    path.unlink(missing_ok=True)
    shutil.rmtree(kubeconfig.cache_for(path), ignore_errors=True)


def copy_to(path: Path, source: Path) -> None:
    """Writes a kubeconfig of ours where its user wants it, too. What is there already is not overwritten.

    Raises:
        UsageError: something is there, or it cannot be written.
    """
    try:
        if path.exists() and not _is_left_over(path):
            raise UsageError(
                msg("{path} is there already", path=path),
                why=msg("a file that somebody else made is never written over"),
                next_step=msg("name another file, or remove this one"),
            )
        write_private(path, source.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            msg("the kubeconfig cannot be written to {path}", path=path), why=error.strerror or str(error)
        ) from error


def remove_copy(path: Path, source: Path) -> None:
    """Removes what `copy_to` wrote, unless somebody has changed it since."""
    with suppress(OSError):
        if path.read_bytes() == source.read_bytes():
            path.unlink()


def explain_port(port: int, error: Exception) -> UsageError:
    """Why nothing can listen at a port, and who does."""
    ours = next((path for path in _files() if path.name.endswith(f"-{port}") and _answers(path)), None)
    if ours is not None:
        why: Wording = msg("an embedded cluster answers there already: kubectl --kubeconfig {ours}", ours=ours)
    else:
        why = getattr(error, "strerror", None) or str(error)
    return UsageError(
        msg("port {port} of this machine cannot be used", port=port),
        why=why,
        next_step=msg("name another port, or none: one is chosen"),
    )


def _is_left_over(path: Path) -> bool:
    """Whether a file is the kubeconfig of an embedded cluster that was killed."""
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        server = urlsplit(config["clusters"][0]["cluster"]["server"])
        return config["current-context"] == CONTEXT and _listens(server.port or 0) is False
    except (ValueError, LookupError, TypeError):
        return False


def _files() -> list[Path]:
    return sorted(kubeconfig.folder().glob(f"{_PREFIX}*-*"))


def _answers(path: Path) -> bool | None:
    """Whether somebody listens there; None where that cannot be told."""
    port = path.name.rpartition("-")[2]
    return _listens(int(port)) if port.isdigit() else None


def _listens(port: int) -> bool | None:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except ConnectionRefusedError:
        return False
    except OSError:
        return None
    return True


# ---- Journals: `storage.py` writes and reads them


MARK = 256
"""Bytes of a journal's first line."""
KEPT = 3
"""So many journals of a learner stay when their clusters have ended, the latest."""
ANEW = msg("Go on with this one: t.lesson(…) begins a lesson anew.")
"""What to do where a cluster cannot be gone on with."""
_JOURNAL, _LOCK = ".journal", ".lock"
_mutex = threading.RLock()
_ours: set[Path] = set()


@dataclass(frozen=True, slots=True)
class Mark:
    """The first line of a journal: how far it had come.

    Attributes:
        cuts: How often time was turned back before it was written.
        steps: How many callbacks had run.
        instant: The cluster's time.
        objects: How many objects somebody had made.
        learner: Whose it is.
        lesson: The lesson that was open.
    """

    cuts: int
    steps: int
    instant: float
    objects: int
    learner: str
    lesson: str


def read_mark(line: bytes) -> Mark | None:
    """A journal's first line; None where it is none."""
    try:
        cuts, steps, instant, objects, (learner, lesson) = json.loads(line)
        return Mark(cuts, steps, instant, objects, learner, lesson)
    except (ValueError, TypeError):
        return None


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal on disk.

    Attributes:
        path: Where.
        mark: Its first line.
        when: When it was last written to, real seconds since the epoch.
        in_use: Whether its cluster runs.
    """

    path: Path
    mark: Mark
    when: float
    in_use: bool

    @property
    def left(self) -> LeftBehind:
        """What to tell a person of it."""
        return LeftBehind(self.when, self.mark.lesson, self.mark.objects)


def locate_journal(name: str) -> Path:
    """Where a journal belongs; makes the folder."""
    folder = state_dir() / "clusters"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"{name}{_JOURNAL}"


def find_journals(learner: str) -> list[Journal]:
    """A learner's journals with anything in them, the latest first."""
    with _mutex:
        return [one for one in _journals() if one.mark.learner == learner and one.mark.objects]


def choose_journal(learner: str) -> Journal:
    """The learner's latest that nobody uses.

    Raises:
        UsageError: there is none.
    """
    found = find_journals(learner)
    free = [journal for journal in found if not journal.in_use]
    if free:
        return free[0]
    if any(journal.path not in _ours for journal in found):
        raise UsageError(
            msg("There is no cluster to go on with."),
            why=msg("The one that is kept runs in another kernel."),
            next_step=msg("Go on in that notebook; or shut its kernel down, and then run t.resume() here."),
        )
    raise UsageError(
        msg("There is no cluster to go on with."),
        why=msg(
            "Kept are embedded clusters with objects of yours, the last {kept} whose kernels have ended.", kept=KEPT
        ),
        next_step=msg(
            "Go on with this one: whatever you do here is kept. For example {example}.", example='t.lesson("pods")'
        ),
    )


def take(path: Path) -> int:
    """Takes a journal for this process; returns the lock.

    Raises:
        BlockingIOError: another process has it, or this one.
        OSError: nothing can be locked there.
    """
    with _mutex:
        if path in _ours:
            raise BlockingIOError
        lock = os.open(path.with_suffix(_LOCK), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(lock)
        except OSError:
            os.close(lock)
            raise
        _ours.add(path)
        return lock


def release(path: Path, lock: int, *, remove: bool = False) -> None:
    """Lets others have a journal; or nobody."""
    with _mutex:
        if remove:
            remove_file(path)
        os.close(lock)
        if remove:
            remove_file(path.with_suffix(_LOCK))
        _ours.discard(path)


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415  there alone

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            raise BlockingIOError from None
    else:
        import fcntl  # noqa: PLC0415  not on Windows

        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except PermissionError:
            raise BlockingIOError from None


def _journals() -> Iterator[Journal]:
    found = []
    for path in (state_dir() / "clusters").glob(f"*{_JOURNAL}"):
        with suppress(OSError):  # gone meanwhile
            with path.open("rb") as file:
                mark = read_mark(file.read(MARK))
            found.append(Journal(path, mark or Mark(0, 0, 0.0, 0, "", ""), path.stat().st_mtime, _in_use(path)))
    yield from sorted(found, key=lambda journal: journal.when, reverse=True)


def _in_use(path: Path) -> bool:
    try:
        release(path, take(path))
    except BlockingIOError:
        return True
    return False


def _sweep_journals() -> None:
    """Removes journals of empty clusters, and those that newer ones of the same learner have pushed out."""
    seen: dict[str, int] = defaultdict(int)
    with _mutex:
        for journal in _journals():
            if journal.in_use:
                continue
            seen[journal.mark.learner] += bool(journal.mark.objects)
            if not journal.mark.objects or seen[journal.mark.learner] > KEPT:
                with suppress(OSError):
                    release(journal.path, take(journal.path), remove=True)


# ---- A process that forks: its cluster stays with the parent, and the child, whatever it does, takes nothing away
#
# `multiprocessing`, `os.fork` and many libraries copy the process with everything in it but its threads. A copy of the
# cluster could answer nobody and would, at its end, remove the parent's kubeconfig.


class _Stays(Protocol):
    def leave_to_parent(self) -> None:
        """In a forked child: forgets what is the parent's."""
        ...


_known: WeakSet[_Stays] = WeakSet()


def know(cluster: _Stays) -> None:
    """Has a cluster told, in every child, that it is the parent's."""
    _known.add(cluster)


def _leave() -> None:
    for cluster in list(_known):
        cluster.leave_to_parent()


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(after_in_child=_leave)
