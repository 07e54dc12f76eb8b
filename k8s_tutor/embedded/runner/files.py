"""Kubeconfig files of embedded clusters: one a cluster, named for its process and port, so that others can find it."""

from __future__ import annotations

import json
import logging
import os
import shutil
import socket
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit
from weakref import WeakSet

from k8s_tutor import kubeconfig
from k8s_tutor.errors import UsageError
from k8s_tutor.language import Wording, msg
from k8s_tutor.state import write_private

__all__ = [
    "CONTEXT",
    "copy_to",
    "explain_port",
    "find_embedded_kubeconfigs",
    "know",
    "locate_file",
    "remove",
    "remove_copy",
    "sweep",
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
    """Removes the files of clusters that were killed: their process is gone, and nobody listens on their port.

    A process that lives is not knocked at: its cluster would load its HTTP server for it.
    """
    try:
        import psutil  # noqa: PLC0415  not needed to connect

        for path in _files():
            process = path.name.removeprefix(_PREFIX).partition("-")[0]
            lives = process.isdigit() and psutil.pid_exists(int(process))
            if not lives and _answers(path) is False:
                remove(path)
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
