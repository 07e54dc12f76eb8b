"""What there is of our kind cluster, without making one: for `k8s-tutor status` and `down`."""

from __future__ import annotations

from dataclasses import dataclass

from k8s_tutor.cluster.engine import find_engine, find_kind, require_engine, require_kind
from k8s_tutor.cluster.kind import KindCluster, choose_cluster_name, take_down
from k8s_tutor.cluster.kind_cli import KindCli
from k8s_tutor.cluster.ownership import Note, lock_cluster
from k8s_tutor.language import Wording, msg

__all__ = ["KindStatus", "read_kind_status", "remove_kind_cluster"]


@dataclass(frozen=True)
class KindStatus:
    """What there is.

    Attributes:
        name: The cluster's name.
        missing: What this machine lacks for kind; empty if nothing.
        engine: The container engine; empty if none answers.
        containers: How many containers the cluster has.
        running: How many of them run.
    """

    name: str
    missing: Wording = ""
    engine: str = ""
    containers: int = 0
    running: int = 0

    def __str__(self) -> str:
        return str(self._words())

    def _words(self) -> Wording:
        if self.missing:
            return msg("not possible here: {missing}", missing=self.missing)
        if not self.containers:
            return msg('none yet (kind is installed, {engine} answers); "k8s-tutor up" makes one', engine=self.engine)
        if self.running == self.containers:
            return msg(
                '"{name}" runs: {containers} nodes in {engine}',
                name=self.name,
                containers=self.containers,
                engine=self.engine,
            )
        return msg(
            '"{name}" is stopped or half-made: {running} of {containers} nodes run',
            name=self.name,
            running=self.running,
            containers=self.containers,
        )


def read_kind_status() -> KindStatus:
    """Asks the engine; changes nothing."""
    name = choose_cluster_name()
    kind = find_kind()
    if kind is None:
        return KindStatus(name, missing=msg("kind is not installed"))
    engine = find_engine()
    if engine is None:
        return KindStatus(name, missing=msg("no container engine answers"))
    containers = engine.containers(KindCli(kind, engine, name).label)
    return KindStatus(name, "", engine.name, len(containers), sum(container.running for container in containers))


def remove_kind_cluster() -> bool:
    """Removes our kind cluster, half-made or whole; False if there is none.

    Raises:
        UsageError: there is one of that name that we did not make.
        ClusterUnavailable: kind could not remove it.
    """
    engine = require_engine()
    cli, note = KindCli(require_kind(), engine, choose_cluster_name()), Note(choose_cluster_name())
    with lock_cluster(note.name, lambda: None):
        note.end_leftover()
        containers = engine.containers(cli.label)
        if note.covers(container.id for container in containers):
            take_down(cli, note)
            return bool(containers)
    if not containers:
        return False
    KindCluster().delete()  # which knows by its label whether it is ours after all
    return True
