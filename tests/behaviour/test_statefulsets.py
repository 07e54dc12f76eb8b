"""A StatefulSet that shrinks while some of its pods are ill, on both clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from k8s_tutor.api.protocol import Request

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment

SET = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  replicas: 3
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: c
        image: busybox:1.35
        command: [sleep, "3600"]
        readinessProbe: {exec: {command: [sh, -c, "! test -e /tmp/ill"]}, periodSeconds: 1, failureThreshold: 1}
"""


def ask(env: Environment, pod: str, *command: str) -> None:
    path = env.client.kind("pods").path(env.namespace, pod, "exec")
    query = (("container", "c"), ("stdout", "true"), *(("command", word) for word in command))
    assert env.client.api.run(Request("GET", path, query)).code == 0


def is_ready(pod: Obj) -> bool:
    rows = pod.get("status", {}).get("conditions", [])
    return any(row["type"] == "Ready" and row["status"] == "True" for row in rows)


def is_shrunk(one: Obj) -> bool:
    return bool(one["metadata"]["generation"] == one["status"].get("observedGeneration"))


@pytest.fixture
def db(env: Environment) -> Environment:
    """Three pods, all ready."""
    env.apply(SET)
    env.wait("sts", "db", lambda one: one.get("status", {}).get("readyReplicas") == 3)
    return env


def test_of_two_ill_pods_the_last_waits_for_the_one_before(db: Environment) -> None:
    for name in ("db-1", "db-2"):
        ask(db, name, "touch", "/tmp/ill")
        db.wait("pod", name, lambda pod: not is_ready(pod))
    db.client.patch("sts", "db", {"spec": {"replicas": 1}}, db.namespace)
    db.wait("sts", "db", is_shrunk)
    assert "deletionTimestamp" not in db.get("pod", "db-2")["metadata"]
    ask(db, "db-1", "rm", "/tmp/ill")
    for name in ("db-2", "db-1"):
        db.wait_gone("pod", name)


def test_a_single_ill_pod_goes_when_it_is_its_turn(db: Environment) -> None:
    ask(db, "db-1", "touch", "/tmp/ill")
    db.wait("pod", "db-1", lambda pod: not is_ready(pod))
    db.client.patch("sts", "db", {"spec": {"replicas": 1}}, db.namespace)
    for name in ("db-2", "db-1"):
        db.wait_gone("pod", name)
