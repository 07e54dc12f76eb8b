"""Kubeconfig files of embedded clusters: one a cluster, named for its process and port, so that others can find it."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

from k8s_tutor.cluster import kubeconfig

__all__ = ["embedded_kubeconfigs", "file_for", "remove", "sweep"]

_PREFIX = "embedded-"


def file_for(port: int) -> Path:
    """Where the kubeconfig of this process's cluster at `port` belongs."""
    return kubeconfig.folder() / f"{_PREFIX}{os.getpid()}-{port}"


def embedded_kubeconfigs() -> list[Path]:
    """Kubeconfigs of the embedded clusters that answer, the newest last."""
    found = [path for path in _files() if _answers(path) is not False]
    return sorted(found, key=lambda path: path.stat().st_mtime)


def sweep() -> None:
    """Removes the files of clusters that were killed: their process is gone, and nobody listens on their port.

    A process that lives is not knocked at: its cluster would load its HTTP server for it.
    """
    import psutil  # noqa: PLC0415  not needed to connect

    for path in _files():
        process = path.name.removeprefix(_PREFIX).partition("-")[0]
        lives = process.isdigit() and psutil.pid_exists(int(process))
        if not lives and _answers(path) is False:
            remove(path)


def remove(path: Path) -> None:
    """Removes the kubeconfig of a cluster that is gone, and what kubectl remembers of it."""
    path.unlink(missing_ok=True)
    shutil.rmtree(kubeconfig.cache_for(path), ignore_errors=True)


def _files() -> list[Path]:
    return sorted(kubeconfig.folder().glob(f"{_PREFIX}*-*"))


def _answers(path: Path) -> bool | None:
    """Whether somebody listens there; None where that cannot be told."""
    port = path.name.rpartition("-")[2]
    if not port.isdigit():
        return None
    try:
        socket.create_connection(("127.0.0.1", int(port)), timeout=2).close()
    except ConnectionRefusedError:
        return False
    except OSError:
        return None
    return True
