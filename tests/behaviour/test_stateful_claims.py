"""StatefulSets with claims: each pod has its own, finds it again, and keeps or loses it as the set's policy says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from k8s_tutor.api.protocol import StatusError

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment


def database(replicas: int, scaled: str = "Retain", deleted: str = "Retain") -> str:
    return f"""
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: db}}
spec:
  serviceName: db
  replicas: {replicas}
  selector: {{matchLabels: {{app: db}}}}
  persistentVolumeClaimRetentionPolicy: {{whenScaled: {scaled}, whenDeleted: {deleted}}}
  template:
    metadata: {{labels: {{app: db}}}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: c
          image: busybox:1.35
          command: [sh, -c, "echo $HOSTNAME >> /data/f; cat /data/f; sleep 1000"]
          volumeMounts: [{{name: data, mountPath: /data}}]
  volumeClaimTemplates:
    - metadata: {{name: data, labels: {{tier: storage}}}}
      spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 10Mi}}}}}}
"""


def ready(number: int) -> object:
    return lambda obj: obj["status"].get("readyReplicas", 0) == number


def running(obj: Obj) -> bool:
    return any(row["type"] == "Ready" and row["status"] == "True" for row in obj["status"].get("conditions", ()))


def owners(obj: Obj) -> list[tuple[str, str, bool]]:
    rows = obj["metadata"].get("ownerReferences", ())
    return [(row["kind"], row["name"], row["controller"] and row["blockOwnerDeletion"]) for row in rows]


def sayings(env: Environment) -> list[tuple[str, str]]:
    return [(event["reason"], event["message"]) for event in env.events("sts", "db")]


def test_a_pod_that_is_made_again_finds_its_file(env: Environment) -> None:
    env.apply(database(1))
    before = env.wait("pod", "db-0", running)
    claim = env.get("pvc", "data-db-0")
    assert claim["metadata"]["labels"] == {"app": "db", "tier": "storage"}
    assert owners(claim) == []
    assert ("SuccessfulCreate", "Create Claim data-db-0 Pod db-0 in StatefulSet db success") in sayings(env)
    env.delete("pod", "db-0")
    again = env.wait("pod", "db-0", lambda obj: obj["metadata"]["uid"] != before["metadata"]["uid"] and running(obj))
    assert again["spec"]["nodeName"] == before["spec"]["nodeName"]
    assert env.client.logs("db-0", env.namespace) == "db-0\ndb-0\n"
    assert env.get("pvc", "data-db-0")["metadata"]["uid"] == claim["metadata"]["uid"]


def test_claims_that_are_retained_stay(env: Environment) -> None:
    env.apply(database(1))
    env.wait("sts", "db", ready(1))
    env.delete("sts", "db")
    env.wait_gone("pod", "db-0")
    assert env.get("pvc", "data-db-0")["status"]["phase"] == "Bound"


def test_claims_go_with_the_pods_that_are_too_many_or_with_the_set(env: Environment) -> None:
    env.apply(database(2, "Delete", "Delete"))
    env.wait("sts", "db", ready(2))
    for name in ("data-db-0", "data-db-1"):
        env.wait("pvc", name, lambda obj: owners(obj) == [("StatefulSet", "db", True)])
    env.client.patch("sts", "db", {"spec": {"replicas": 1}}, env.namespace)
    env.wait_gone("pvc", "data-db-1")
    assert [("Pod", "db-1", True)] in [owners(version) for version in env.states("pvc", "data-db-1")]
    assert owners(env.get("pvc", "data-db-0")) == [("StatefulSet", "db", True)]
    env.delete("sts", "db")
    env.wait_gone("pvc", "data-db-0")


def test_a_change_of_the_policy_reaches_claims_that_are_there(env: Environment) -> None:
    env.apply(database(1))
    env.wait("sts", "db", ready(1))
    policy = {"whenDeleted": "Delete", "whenScaled": "Retain"}
    env.client.patch("sts", "db", {"spec": {"persistentVolumeClaimRetentionPolicy": policy}}, env.namespace)
    env.wait("pvc", "data-db-0", lambda obj: owners(obj) == [("StatefulSet", "db", True)])
    said = env.wait_event("sts", "db", "SuccessfulUpdate")
    assert said["message"] == "Update Pod db-0 in StatefulSet db successful"


def test_a_pod_waits_until_a_claim_that_goes_is_gone(env: Environment) -> None:
    env.apply(database(1))
    env.wait("sts", "db", ready(1))
    before = env.get("pvc", "data-db-0")["metadata"]["uid"]
    env.delete("pvc", "data-db-0")
    env.delete("pod", "db-0")
    env.wait("pvc", "data-db-0", lambda obj: obj["metadata"]["uid"] != before)
    env.wait("pod", "db-0", running)
    assert env.client.logs("db-0", env.namespace) == "db-0\n"


def test_a_template_of_a_claim_is_checked_like_a_claim(env: Environment) -> None:
    text = database(1).replace(
        "accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Mi}}", "accessModes: []"
    )
    with pytest.raises(StatusError) as refused:
        env.apply(text)
    assert refused.value.what == (
        'StatefulSet.apps "db" is invalid: [spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 '
        "access mode is required, spec.volumeClaimTemplates[0].spec.resources[storage]: Required value]"
    )
