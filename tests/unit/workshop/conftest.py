"""A workshop on an embedded cluster, which decides who may what as a real one does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from k8s_tutor import kubeconfig
from k8s_tutor.api.client import Client
from k8s_tutor.cluster.context import ContextCluster
from k8s_tutor.cluster.progress import Lines
from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.embedded.runner.pace import PaceMode
from k8s_tutor.session import Session
from k8s_tutor.session.learner import who_learns
from k8s_tutor.workshop.classroom import Classroom, read_definitions
from k8s_tutor.workshop.handout import Handouts, reachable_cluster
from k8s_tutor.workshop.seats import make_names

Sits = Callable[[str], Session]


@pytest.fixture(scope="module")
def cluster() -> Iterator[EmbeddedCluster]:
    embedded = EmbeddedCluster(PaceMode.REALTIME, speed=20)
    yield embedded
    embedded.close()


@pytest.fixture
def admin(cluster: EmbeddedCluster) -> Client:
    return Client(cluster.api)


@pytest.fixture
def room(cluster: EmbeddedCluster, admin: Client) -> Iterator[Classroom]:
    """Two learners, Anna and Ben."""
    made = Classroom(admin, cluster.clock, "class", Lines())
    made.create(make_names("class", ["Anna", "Ben"], 2), read_definitions())
    yield made
    made.remove()


@pytest.fixture
def handouts(cluster: EmbeddedCluster, tmp_path: Path) -> Handouts:
    entry = kubeconfig.entry(cluster.context, [cluster.kubeconfig])
    return Handouts(tmp_path / "handed out", reachable_cluster(entry))


@pytest.fixture
def sits(room: Classroom, handouts: Handouts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sits]:
    """A learner sits down with the kubeconfig that they were given."""
    monkeypatch.setenv("K8S_TUTOR_HOME", str(tmp_path / "home"))
    opened: list[Session] = []

    def sit(name: str) -> Session:
        seat = room.find(name)
        handouts.write(seat, room.issue(seat, 2))
        context = ContextCluster(seat.namespace, [handouts.kubeconfig(seat)])
        opened.append(Session(context, who_learns(name, {}), say=lambda _: None))
        return opened[-1]

    yield sit
    for session in opened:
        session.close()
