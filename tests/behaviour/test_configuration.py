"""ConfigMaps and Secrets as files and as variables: what keeps a pod from starting, what follows when they change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from k8s_tutor.api.protocol import exec_request

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment

THERE = """
{apiVersion: v1, kind: ConfigMap, metadata: {name: there}, data: {a: "1", b: "2"}}
---
{apiVersion: v1, kind: Secret, metadata: {name: sealed}, stringData: {a: "1"}}
---"""


def pod(volumes: str = "", container: str = "", mounts: str = "{name: v, mountPath: /v}") -> str:
    return f"""
apiVersion: v1
kind: Pod
metadata: {{name: p}}
spec:
  terminationGracePeriodSeconds: 1
  volumes: [{volumes}]
  containers:
  - {{name: c, image: "busybox:1.35", command: [sleep, "100000"], volumeMounts: [{mounts}]{container}}}
"""


def said(env: Environment, script: str) -> str:
    path = env.client.kind("pods").path(env.namespace, "p", "exec")
    result = env.client.api.run(exec_request(path, ["sh", "-c", script], "c"), timeout=30)
    return result.stdout + result.stderr


def running(obj: Obj) -> bool:
    return bool(obj["status"].get("phase") == "Running")


@pytest.mark.parametrize(
    ("volume", "message"),
    [
        ("configMap: {name: nope}", 'configmap "nope" not found'),
        ("secret: {secretName: nope}", 'secret "nope" not found'),
        ("projected: {sources: [{configMap: {name: there}}, {secret: {name: nope}}]}", 'secret "nope" not found'),
        (
            "configMap: {name: there, items: [{key: z, path: z}]}",
            "configmap references non-existent config key: z",
        ),
        ("secret: {secretName: sealed, items: [{key: z, path: z}]}", "references non-existent secret key: z"),
    ],
    ids=["config map", "secret", "projected", "key", "secret key"],
)
def test_a_pod_waits_for_the_files_it_is_to_have(env: Environment, volume: str, message: str) -> None:
    env.apply(THERE + pod(f"{{name: v, {volume}}}"))
    event = env.wait_event("pods", "p", "FailedMount")
    assert event["message"] == f'MountVolume.SetUp failed for volume "v" : {message}'
    status = env.get("pods", "p")["status"]
    rows = {row["type"]: (row["status"], row.get("reason"), row.get("message")) for row in status["conditions"]}
    assert rows["PodReadyToStartContainers"] == ("False", "PodSandboxNotReady", "no pod sandbox exists")
    assert rows["Ready"] == ("False", "ContainersNotReady", "containers with unready status: [c]")
    (container,) = status["containerStatuses"]
    assert (container["state"], status["phase"]) == ({"waiting": {"reason": "ContainerCreating"}}, "Pending")


def test_what_is_optional_may_be_missing(env: Environment) -> None:
    items = "items: [{key: z, path: z}, {key: a, path: d/a}]"
    volumes = f"{{name: v, configMap: {{name: nope, optional: true}}}}, {{name: w, configMap: {{name: there, {items}, "
    volumes += "optional: true}}"
    source = "configMapKeyRef: {name: there, key: z, optional: true}"
    mounts = "{name: v, mountPath: /v}, {name: w, mountPath: /w}"
    env.apply(THERE + pod(volumes, f", env: [{{name: A, valueFrom: {{{source}}}}}]", mounts))
    env.wait("pods", "p", running)
    assert said(env, "ls /v /w /w/d; cat /w/d/a; env | grep -c ^A=") == "/v:\n\n/w:\nd\n\n/w/d:\na\n10\n"


def test_variables_stay_files_follow_and_a_part_stays_as_it_was(env: Environment) -> None:
    mounts = "{name: v, mountPath: /v}, {name: v, mountPath: /s/a, subPath: a}, {name: v, mountPath: /n, subPath: z}"
    volumes = "{name: v, configMap: {name: there}}, {name: o, configMap: {name: later, optional: true}}"
    variable = ", env: [{name: A, valueFrom: {configMapKeyRef: {name: there, key: a}}}]"
    env.apply(THERE + pod(volumes, variable, f"{mounts}, {{name: o, mountPath: /o}}"))
    env.wait("pods", "p", running)
    show = "echo $A $(cat /v/a) $(cat /s/a) $(ls /o); ls /n; echo x > /v/a"
    refused = "sh: can't create /v/a: Read-only file system\n"
    assert said(env, show) == f"1 1 1\n{refused}"
    env.client.patch("configmaps", "there", {"data": {"a": "2"}}, env.namespace)
    env.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: later}, data: {x: y}}")
    # After a minute or so; at once when the kubelet has a reason to look at the pod.
    env.client.patch("pods", "p", {"metadata": {"annotations": {"look": "again"}}}, env.namespace)
    for _ in range(20):
        if "x" in (seen := said(env, f"sleep 1; {show}")):
            break
    assert seen == f"1 2 1 x\n{refused}"


def test_what_was_mounted_stays_when_its_source_is_deleted(env: Environment) -> None:
    env.apply(THERE + pod("{name: v, configMap: {name: there}}"))
    env.wait("pods", "p", running)
    env.delete("configmaps", "there")
    env.client.patch("pods", "p", {"metadata": {"annotations": {"look": "again"}}}, env.namespace)
    event = env.wait_event("pods", "p", "FailedMount")
    assert event["message"] == 'MountVolume.SetUp failed for volume "v" : configmap "there" not found'
    assert (said(env, "cat /v/a"), running(env.get("pods", "p"))) == ("1", True)
