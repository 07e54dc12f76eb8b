"""What we made, and are making: a note in our own folder for each kind cluster, so that we delete nothing else.

The note is written before the first container exists; what a killed process left half-made is known as ours by it.
It also keeps two processes from creating the same cluster at once.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from k8s_tutor import kubeconfig
from k8s_tutor.clock import RealClock
from k8s_tutor.errors import UsageError
from k8s_tutor.language import msg, plain
from k8s_tutor.objects.types import Json
from k8s_tutor.state import remove_file, state_dir, write_private

__all__ = ["NAME", "Note", "choose_cluster_name", "is_being_made", "lock_cluster"]

_NAP = 0.5  # seconds between looks at a cluster that another process is making


NAME = "K8S_TUTOR_KIND_NAME"
"""The name of the kind cluster that we make and find; without it, `k8s-tutor`."""
_IS_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_LONGEST_NAME = 50  # what kind calls too long: "-control-plane" and "-worker2" make it a host's name


def choose_cluster_name() -> str:
    """The name of our kind cluster: `K8S_TUTOR_KIND_NAME`, else `k8s-tutor`.

    Raises:
        UsageError: it is no name: kind would refuse it, or engines would.
    """
    name = os.environ.get(NAME, "") or "k8s-tutor"
    if _IS_NAME.fullmatch(name) and len(name) <= _LONGEST_NAME:
        return name
    near = re.sub(r"[^a-z0-9.-]+", "-", name.lower())[:_LONGEST_NAME].strip(".-") or "k8s-tutor"
    raise UsageError(
        msg('{variable} is "{name}", which is no name for a cluster', variable=NAME, name=plain(name)),
        why=msg(
            "its nodes are named after it: lower-case letters, digits, dots and dashes, at most {count}",
            count=_LONGEST_NAME,
        ),
        next_step=msg('set it to "{near}", for example', near=near),
    )


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

    @property
    def log(self) -> Path:
        """Where what kind said is kept, if it could not create the cluster."""
        return self._path.with_suffix(".log")

    @property
    def kubeconfig(self) -> Path:
        """Where its kubeconfig is kept."""
        return kubeconfig.folder() / f"kind-{self.name}"

    @property
    def fresh_kubeconfig(self) -> Path:
        """Where kind writes it, for a cluster that is being made."""
        return self.kubeconfig.with_name(f"{self.kubeconfig.name}.new")

    def remove(self) -> None:
        """The cluster is gone, and with it all that was written down about it."""
        for path in (self._path, self.log):
            remove_file(path)
        for path in (self.kubeconfig, self.fresh_kubeconfig):
            kubeconfig.remove(path)

    def end_leftover(self) -> None:
        """Ends the processes of a creation whose own process was killed: kind, and what it has started.

        kind leads a process group of its own; the engine's programs in it may outlive it, and would go on making nodes.
        """
        note = self._read()
        if not note or note.get("complete"):
            return
        identity = note.get("process")
        if identity is None and (begun := self._find_unnoted()):
            identity = _identity(begun.pid)
        if not isinstance(identity, list) or len(identity) != 2 or _is_given_anew(identity):
            return
        began = [each for each in psutil.process_iter() if _is_part(each, identity)]
        for process in began:
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(began, timeout=10)

    def _find_unnoted(self) -> psutil.Process | None:
        """A kind that was begun by who was killed before that could be noted: no other writes a kubeconfig there."""
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if str(self.fresh_kubeconfig) in process.cmdline():
                    return process
        return None

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
    for claim in path.parent.glob(f"{path.stem}.*"):  # of who was killed between writing it and taking the lock
        number = claim.suffix.removeprefix(".")
        if claim.stem == path.stem and number.isdigit() and not psutil.pid_exists(int(number)):
            remove_file(claim)
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


def _is_given_anew(identity: list[Json]) -> bool:
    """Whether another process has that number by now: then its group is gone, as no number of a group is given anew."""
    with suppress(psutil.Error):
        return bool(abs(psutil.Process(int(identity[0])).create_time() - float(identity[1])) > 1)
    return False


def _is_part(process: psutil.Process, identity: list[Json]) -> bool:
    """Whether it is the process so noted, or one of the group that it led."""
    leader, begun = int(identity[0]), float(identity[1])
    with suppress(psutil.Error, OSError):
        if process.pid == leader:
            return bool(abs(process.create_time() - begun) <= 1)
        return hasattr(os, "getpgid") and os.getpgid(process.pid) == leader and bool(process.create_time() >= begun - 1)
    return False


def _identity(pid: int) -> Json:
    """A process as no later one can be: its number and when it began."""
    return [pid, psutil.Process(pid).create_time()]


def is_being_made(name: str) -> bool:
    """Whether a process that lives is making, starting or deleting the cluster `name`."""
    with suppress(OSError, ValueError):
        lock = state_dir() / "kind" / f"{name}.lock"
        return _alive(json.loads(lock.read_text(encoding="utf-8"))) is not None
    return False


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
