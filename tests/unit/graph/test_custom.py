from __future__ import annotations

from typing import Any

import pytest

from k8s_tutor.graph.build import build
from k8s_tutor.graph.health import custom_facts, custom_health
from k8s_tutor.graph.model import State
from k8s_tutor.language import say
from k8s_tutor.observe.snapshot import Snapshot
from k8s_tutor.render.alt_text import describe_graph


def resource(spec: dict[str, Any] | None = None, **status: Any) -> dict[str, Any]:
    meta = {"name": "db", "namespace": "demo", "uid": "db", "creationTimestamp": "2026-01-01T00:00:00Z"}
    return {
        "apiVersion": "k8s-tutor.dev/v1", "kind": "EtcdCluster", "metadata": meta, "spec": spec or {}, "status": status,
    }  # fmt: skip


def condition(kind: str, status: str, message: str = "") -> dict[str, str]:
    return {"type": kind, "status": status, "message": message}


@pytest.mark.parametrize(
    ("obj", "state", "word", "cause"),
    [
        (resource(), State.PLAIN, "", None),
        (resource({"size": 3}, readyMembers=3), State.GOOD, "3 of 3 ready", None),
        (resource({"replicas": 3}, readyReplicas=1), State.UNREADY, "1 of 3 ready", None),
        (resource({"size": 3}, readyMembers=0), State.WAITING, "0 of 3 ready", None),
        (resource({"size": 3}, members=["a", "b"]), State.UNREADY, "2 of 3 there", None),
        (resource({"size": 3}, readyMembers=3, phase="Degraded"), State.UNREADY, "3 of 3 ready", "Degraded"),
        (resource(phase="Running"), State.GOOD, "Running", None),
        (resource(phase="Creating"), State.WAITING, "Creating", None),
        (resource(phase="Failed", message="no quorum"), State.FAILING, "Failed", "no quorum"),
        (resource(phase="Succeeded"), State.DONE, "Succeeded", None),
        (resource(conditions=[condition("Ready", "True")]), State.GOOD, "Ready", None),
        (resource(conditions=[condition("Ready", "False", "no leader")]), State.UNREADY, "not Ready", "no leader"),
        (
            resource({"size": 3}, readyMembers=3, conditions=[condition("Available", "False", "no leader")]),
            State.UNREADY, "3 of 3 ready", "no leader",
        ),
        (resource({"size": True}, phase=3, members="three"), State.PLAIN, "", None),
    ],
)  # fmt: skip
def test_a_custom_resource_is_judged_by_what_it_says(
    obj: dict[str, Any], state: State, word: str, cause: str | None
) -> None:
    health = custom_health(obj)
    assert (health.state, say(health.word)) == (state, word)
    assert (say(health.cause) if health.cause else None) == cause


def test_its_short_values_are_its_facts() -> None:
    obj = resource({"size": 3, "version": "3.7.0", "tls": True, "image": "registry.example/etcd:3.7.0-0", "pods": {}})
    assert [say(fact) for fact in custom_facts(obj)] == ["version 3.7.0"]
    assert [say(fact) for fact in custom_facts({**obj, "status": {"readyMembers": 1, "phase": "Growing"}})] == [
        "Growing",
        "version 3.7.0",
    ]


def test_it_leads_to_what_it_owns() -> None:
    owner = {"apiVersion": "k8s-tutor.dev/v1", "kind": "EtcdCluster", "name": "db", "uid": "db", "controller": True}
    pods = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": f"db-{n}", "namespace": "demo", "uid": f"pod-{n}", "ownerReferences": [owner]},
            "status": {"phase": "Running", "conditions": [condition("Ready", "True")]},
        }
        for n in range(2)
    ]
    snapshot = Snapshot([resource({"size": 3}, readyMembers=2), *pods], namespace="demo")
    told = ["EtcdCluster db: 2 of 3 ready", "  Pod db-0: Running", "  Pod db-1: Running"]
    assert describe_graph(build(snapshot, "etcdcluster/db")).splitlines() == told
    assert describe_graph(build(snapshot)).splitlines() == told
