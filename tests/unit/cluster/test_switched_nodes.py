"""A worker that is switched off and on, by the same words on every cluster whose machines are ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from subprocess import CompletedProcess

import pytest

from k8s_tutor.cluster.engine import Engine
from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.embedded.runner.pace import PaceMode
from k8s_tutor.errors import ClusterUnavailable, UsageError
from k8s_tutor.session import Session

WORKER = "k8s-tutor-worker2"


@pytest.fixture
def t() -> Iterator[Session]:
    session = Session(EmbeddedCluster(PaceMode.AWAITED), say=lambda text: None)
    yield session
    session.close()


def test_a_worker_that_is_switched_off_is_not_ready_until_it_is_on_again(t: Session) -> None:
    t.switch_node(f"node/{WORKER}", on=False)
    t.wait(f"node/{WORKER}", "Ready=Unknown")
    t.switch_node(f"node/{WORKER}", on=True)
    t.wait(f"node/{WORKER}", "Ready")


def test_a_worker_whose_node_was_deleted_registers_again(t: Session) -> None:
    t.delete(f"node/{WORKER}")
    t.switch_node(f"node/{WORKER}", on=True)
    t.wait(f"node/{WORKER}", "Ready")


def test_the_control_plane_is_left_alone(t: Session) -> None:
    with pytest.raises(UsageError, match="There is no worker k8s-tutor-control-plane"):
        t.switch_node("node/k8s-tutor-control-plane", on=False)


@dataclass(frozen=True)
class FakeEngine(Engine):
    """Answers what a container engine would."""

    answer: str = ""
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def run(self, *arguments: str, timeout: float | None = None) -> CompletedProcess[str]:
        self.asked.append(arguments)
        return CompletedProcess(arguments, 1 if self.answer else 0, "", self.answer)


def test_a_container_is_paused_and_goes_on() -> None:
    engine = FakeEngine("docker", "docker")
    engine.pause("kind-worker")
    engine.unpause("kind-worker")
    assert engine.asked == [("pause", "kind-worker"), ("unpause", "kind-worker")]


def test_what_is_paused_already_stays_so() -> None:
    FakeEngine("docker", "docker", "Error response from daemon: Container x is already paused").pause("x")
    FakeEngine("docker", "docker", "Error response from daemon: Container x is not paused").unpause("x")


def test_an_engine_that_cannot_says_why() -> None:
    with pytest.raises(ClusterUnavailable, match="does not pause the container x") as caught:
        FakeEngine("podman", "podman", "Error: cgroups v1, rootless").pause("x")
    assert "rootless" in caught.value.why
