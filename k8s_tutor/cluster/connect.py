"""Which cluster: the argument, else `K8S_TUTOR_CLUSTER`, else the saved setting, else what this machine can do."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from k8s_tutor.cluster import kubeconfig
from k8s_tutor.cluster.progress import Progress
from k8s_tutor.cluster.protocol import Cluster
from k8s_tutor.cluster.state import read_settings, write_settings
from k8s_tutor.errors import UsageError
from k8s_tutor.objects.spelling import nearest

__all__ = ["Choice", "choose", "connect_cluster", "save_choice"]

_CONTEXT = "context:"
_SETTING = "cluster"
_HOW = 'another: connect("kind"), connect("embedded"), connect("context:NAME")'


class _Open(Cluster, Protocol):
    def alive(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice of cluster.

    Attributes:
        cluster: `embedded`, `kind` or `context:NAME`.
        why: Half a sentence after "because".
    """

    cluster: str
    why: str


_lock = threading.RLock()
_open: dict[str, _Open] = {}


def connect_cluster(
    choice: str | None = None, *, announce: Callable[[str], None], progress: Progress | None = None
) -> Cluster:
    """The chosen cluster, created or started if need be; the same one again for the same choice.

    From then on `KUBECONFIG` of this process, and of all it starts, names our own file for it.

    Args:
        choice: `embedded`, `kind`, `context:NAME`; None chooses as the module says.
        announce: Gets one line: which cluster, why, and how to choose another.
        progress: Told about the steps where it takes long; None for a bar or lines, as fits the place.

    Raises:
        UsageError: no such choice.
        ClusterUnavailable: the cluster cannot be created or reached.
        Cancelled: Ctrl-C during creation.
    """
    with _lock:
        chosen = choose(choice)
        cluster = _open.get(chosen.cluster)
        if cluster is None or not cluster.alive():
            cluster = _open[chosen.cluster] = _make(chosen.cluster, progress)
        kubeconfig.adopt(cluster.kubeconfig)
    announce(f"Connected to {cluster.title}, because {chosen.why}; {_HOW}")
    return cluster


def choose(choice: str | None = None) -> Choice:
    """Which cluster `connect_cluster` would take, and why.

    Raises:
        UsageError: no such choice.
    """
    if choice:
        return Choice(_known(choice, "connect()"), "you asked for it")
    if wanted := os.environ.get("K8S_TUTOR_CLUSTER", ""):
        return Choice(_known(wanted, "K8S_TUTOR_CLUSTER"), "K8S_TUTOR_CLUSTER says so")
    if saved := str(read_settings().get(_SETTING, "")):
        return Choice(_known(saved, "the saved setting"), "you saved that choice")
    return _automatic()


def save_choice(choice: str | None) -> None:
    """Remembers a choice for the next time; None forgets it.

    Raises:
        UsageError: no such choice.
    """
    settings = read_settings()
    settings.pop(_SETTING, None)
    if choice:
        settings[_SETTING] = _known(choice, "the choice to save")
    write_settings(settings)


def _automatic() -> Choice:
    from k8s_tutor.cluster.engine import find_engine, find_kind  # noqa: PLC0415  # only here

    if find_kind() is None:
        return Choice("embedded", "kind is not installed")
    engine = find_engine()
    if engine is None:
        return Choice("embedded", "no container engine answers")
    return Choice("kind", f"{engine.name} answers and kind is installed")


def _known(choice: str, source: str) -> str:
    word = str(choice).strip()
    if word in ("embedded", "kind") or (word.startswith(_CONTEXT) and word != _CONTEXT):
        return word
    names = list(kubeconfig.contexts(kubeconfig.user_files())) if word not in ("embedded", "kind") else []
    if word in names:
        near = f"{_CONTEXT}{word}"
    else:
        near = nearest(word, ["embedded", "kind", *(f"{_CONTEXT}{name}" for name in names)])
    raise UsageError(
        f'{source} is "{choice}", which is no cluster I know',
        why='clusters are "embedded", "kind" and "context:NAME" with a context of your kubeconfig',
        next_step=f'did you mean "{near}"?' if near else 'connect("embedded") works everywhere',
    )


def _make(choice: str, progress: Progress | None) -> _Open:
    if choice == "embedded":
        from k8s_tutor.cluster.embedded import EmbeddedCluster  # noqa: PLC0415  # only what is chosen is imported

        return EmbeddedCluster()
    if choice == "kind":
        from k8s_tutor.cluster.kind import KindCluster  # noqa: PLC0415

        return KindCluster(progress)
    from k8s_tutor.cluster.context import ContextCluster  # noqa: PLC0415

    return ContextCluster(choice.removeprefix(_CONTEXT))
