"""Where Pods are and why, as a session shows it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.errors import UsageError
from k8s_tutor.session import Session

POD = """
apiVersion: v1
kind: Pod
metadata: {{name: {name}}}
spec:
  {more}
  containers: [{{name: c, image: "registry.k8s.io/pause:3.10.2", resources: {{requests: {{cpu: "{cpu}"}}}}}}]
"""


@pytest.fixture
def session(embedded_cluster: EmbeddedCluster) -> Iterator[Session]:
    session = Session(embedded_cluster, say=lambda _: None)
    session.kubectl("create namespace where")
    session.namespace = "where"
    yield session
    session.kubectl("delete namespace where")


def start(session: Session, name: str, cpu: str = "100m", more: str = "") -> None:
    session.apply(POD.format(name=name, cpu=cpu, more=more))


def test_the_embedded_scheduler_tells_how_it_decided(session: Session) -> None:
    start(session, "web")
    session.wait("pod/web")
    told = str(session.placement("pod/web")).splitlines()
    assert told[0] == "Pod web → k8s-tutor-worker"
    assert told[1] == "✖ k8s-tutor-control-plane: TaintToleration refuses: node(s) had untolerated taint(s)"
    assert told[-1].startswith("k8s-tutor-worker and k8s-tutor-worker2 have the most points")


def test_each_attempt_can_be_asked_for(session: Session) -> None:
    start(session, "big", cpu="100")
    session.wait("pod/big", "PodScheduled=False")
    assert str(session.placement("pod/big", attempt=1)).splitlines()[0] == "Pod big: no node (attempt 1 of 1)"
    with pytest.raises(UsageError, match="no attempt 7"):
        session.placement("pod/big", attempt=7)
    assert "2 nodes: not enough CPU left" in session.graph("pod/big", lens="placement").alt_text


def test_a_pod_that_names_its_node_was_never_decided_about(session: Session) -> None:
    start(session, "named", more="nodeName: k8s-tutor-worker2")
    session.wait("pod/named")
    told = str(session.placement("pod/named"))
    assert told.startswith("Pod named is on k8s-tutor-worker2. Which nodes could run it?")
    assert "who made this Pod named its node" in told


def test_a_cluster_that_keeps_no_record_says_so(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    start(session, "web")
    monkeypatch.setattr(EmbeddedCluster, "features", frozenset())
    assert "its scores cannot be seen" in str(session.placement("pod/web"))


def test_what_is_no_pod_is_not_placed(session: Session) -> None:
    with pytest.raises(UsageError, match="Deployment is not placed"):
        session.placement("deploy/web")


def test_bars_count_pods_of_other_namespaces(session: Session) -> None:
    start(session, "web", cpu="1", more="nodeName: k8s-tutor-worker")
    here = session.namespace
    session.namespace = "default"
    told = session.graph(lens="placement").alt_text
    session.namespace = here
    assert "CPU: 1 of 4 requested (25 %)" in told
    assert "  1 other Pod; requests CPU 1" in told


def test_a_machine_is_switched_off_and_on_again(session: Session) -> None:
    session.switch_node("node/k8s-tutor-worker2", on=False)
    session.wait("node/k8s-tutor-worker2", "Ready=Unknown", timeout=90)
    told = session.graph(lens="placement").alt_text
    assert "Node k8s-tutor-worker2: Not ready: Kubelet stopped posting node status." in told
    session.switch_node("node/k8s-tutor-worker2", on=True)
    session.wait("node/k8s-tutor-worker2", "Ready", timeout=90)


def test_machines_of_others_are_not_switched(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    start(session, "web")
    with pytest.raises(UsageError, match="no machine"):
        session.switch_node("pod/web", on=False)
    monkeypatch.setattr(EmbeddedCluster, "features", frozenset())
    with pytest.raises(UsageError, match="cannot be switched off"):
        session.switch_node("node/k8s-tutor-worker2", on=False)


def test_a_live_picture_counts_others_too(session: Session) -> None:
    start(session, "web", cpu="1", more="nodeName: k8s-tutor-worker")
    here, session.namespace = session.namespace, "default"
    live = session.watch(lens="placement")
    session.namespace = here
    told = live.frame["alt_text"]  # type: ignore[attr-defined]
    live.close()  # type: ignore[attr-defined]
    assert "CPU: 1 of 4 requested (25 %)" in told
    assert "1 other Pod" in told
