"""The embedded cluster's time, paused, stepped and let go on; what waits meanwhile; and sleep."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from k8s_tutor.cluster.context import ContextCluster
from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.embedded.runner.pace import IDLE, PaceMode
from k8s_tutor.errors import TimePaused, UsageError
from k8s_tutor.observe.informer import Informer
from k8s_tutor.render.live import live
from k8s_tutor.session import Session

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.22"}]}
"""
HELLO = "{apiVersion: v1, kind: Pod, metadata: {name: hello}, spec: {containers: [{name: a, image: 'nginx:1.22'}]}}"
AT_ONCE = 5.0  # seconds on a machine that does other things, too; what hangs takes 20 and more


@pytest.fixture(scope="module")
def cluster() -> Iterator[EmbeddedCluster]:
    made = EmbeddedCluster(PaceMode.AWAITED)
    yield made
    made.close()


@pytest.fixture
def t(cluster: EmbeddedCluster) -> Iterator[Session]:
    said: list[str] = []
    session = Session(cluster, say=said.append)
    session.said = said  # type: ignore[attr-defined]
    cluster.time.play(1)
    yield session
    cluster.time.play(1)
    session._pictures.close()


def test_a_lesson_begins_and_ends_while_time_is_paused(t: Session) -> None:
    t.pause()
    t.lesson("pods")
    assert t.objects("serviceaccounts")
    t.leave()
    assert t.cluster.clock.paused  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "wait",
    [
        lambda t: t.wait("deploy/web"),
        lambda t: t.wait("deploy/web", "deleted"),
        lambda t: t.kubectl("rollout status deploy/web"),
        lambda t: t.delete("pod/hello"),
        lambda t: t.exec("pod/hello", "sleep 1"),
    ],
    ids=["wait", "deletion", "kubectl", "delete", "exec"],
)
def test_what_waits_while_time_is_paused_says_so_at_once_and_how_to_go_on(
    t: Session, wait: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("K8S_TUTOR_KUBECTL", "builtin")
    t.lesson("pods")
    t.apply(HELLO)
    t.wait("pod/hello")
    t.pause()
    t.apply(WEB)
    began = time.monotonic()
    with pytest.raises(TimePaused) as caught:
        wait(t)
    assert "t.step()" in caught.value.next_step
    assert "t.play()" in caught.value.next_step
    assert time.monotonic() - began < AT_ONCE


def test_a_step_says_who_acted_and_why(t: Session) -> None:
    t.lesson("pods")
    t.pause()
    t.step(9)
    t.apply(WEB)
    first = str(t.step())
    assert "deployment-controller looked at lesson-pods/web\n  why: Deployment web created\n" in first
    assert "did: create ReplicaSet web-" in first
    assert not t.objects("pods")
    later = str(t.step(20))
    assert "kube-scheduler looked at lesson-pods/web-" in later
    assert "kubelet of k8s-tutor-worker" in later
    assert "leases" not in later


def test_steps_lead_to_what_time_would_have_brought(t: Session) -> None:
    t.lesson("pods")
    t.apply(WEB)
    for _ in range(60):
        t.step()
        pods = t.objects("pods")
        if pods and (pods[0]["status"].get("containerStatuses") or [{}])[0].get("ready"):
            break
    else:
        raise AssertionError("no Pod became ready")
    assert "Nothing happened for 60 s" in str(t.step(30))


def test_time_goes_on_after_play(t: Session) -> None:
    t.lesson("pods")
    t.apply(WEB)
    t.pause()
    t.play()
    t.wait("deploy/web")
    assert "t.play() lets time go on" in t.said[-3]  # type: ignore[attr-defined]


def test_a_check_judges_what_is_there_and_does_not_wait(t: Session) -> None:
    t.lesson("pods")
    t.exercise("pods-1")
    t.pause()
    t.apply(HELLO)
    assert "time is paused: looked at once" in str(t.check("pods-1"))


def test_a_live_picture_says_that_time_is_paused_and_that_it_goes_on(t: Session) -> None:
    t.lesson("pods")
    with Informer(t.client, t.namespace, ("pods",), clock=t.cluster.clock) as informer:
        picture = live(informer)
        assert picture.frame["still"] == ""
        t.pause()
        assert picture.frame["still"] == "‖ time is paused"
        assert picture.frame["alt_text"].startswith("‖ time is paused\n")
        t.play()
        assert picture.frame["still"] == ""
        picture.close()


@pytest.mark.parametrize("call", ["t.pause()", "t.step()", "t.play(speed=2)"])
def test_a_real_cluster_says_why_its_time_cannot_be_moved(
    t: Session, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(t.cluster), "features", getattr(ContextCluster, "features", frozenset()))
    with pytest.raises(UsageError) as caught:
        eval(call, {"t": t})
    assert 'connect("embedded")' in caught.value.next_step


@pytest.mark.parametrize("call", ["t.step(0)", "t.play(speed=0)"])
def test_what_cannot_be_is_refused(t: Session, call: str) -> None:
    with pytest.raises(UsageError):
        eval(call, {"t": t})


def test_a_cluster_that_nobody_asks_falls_asleep_and_wakes_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = EmbeddedCluster(PaceMode.REALTIME, speed=20)
    try:
        pace = cluster.pace
        monkeypatch.setattr("k8s_tutor.embedded.runner.pace.IDLE", 0.05)
        pace.wake()
        deadline = time.monotonic() + 20
        while pace._flow() and time.monotonic() < deadline:
            time.sleep(0.02)
        stood = pace.now()
        time.sleep(0.2)
        assert pace.now() == stood
        assert pace.wake() >= 0.2
        monkeypatch.setattr("k8s_tutor.embedded.runner.pace.IDLE", IDLE)
        assert stood <= pace.now() < stood + 20
    finally:
        cluster.close()
