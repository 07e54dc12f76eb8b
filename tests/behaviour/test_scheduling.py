"""Where a pod goes, and what is said when it can go nowhere, on both clusters of one tainted and two free nodes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from k8s_tutor.explain.pods_scheduling import recompute
from k8s_tutor.objects.nodeselectors import refusals
from k8s_tutor.observe.snapshot import take_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment

TAINTED = "1 node(s) had untolerated taint(s)"
NOT_HELPFUL = "preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."
TERM = "{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: %s}}}"
SPREAD = (
    "{maxSkew: 1, whenUnsatisfiable: DoNotSchedule, topologyKey: no-such-label, labelSelector: {matchLabels: {app: p}}}"
)


def pod(name: str, spec: str = "", container: str = "") -> str:
    return f"""
apiVersion: v1
kind: Pod
metadata: {{name: {name}, labels: {{app: {name}}}}}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{{name: c, image: "registry.k8s.io/pause:3.10.2"{container}}}]
  {spec}
"""


def required(side: str, app: str) -> str:
    return f"affinity: {{{side}: {{requiredDuringSchedulingIgnoredDuringExecution: [{TERM % app}]}}}}"


def scheduled(pod: Obj) -> Obj | None:
    rows = pod.get("status", {}).get("conditions", [])
    return next((row for row in rows if row["type"] == "PodScheduled"), None)


def is_placed(pod: Obj) -> bool:
    return bool(pod["spec"].get("nodeName"))


def test_a_placed_pod_is_announced(env: Environment) -> None:
    env.apply(pod("p"))
    node = env.wait("pod", "p", is_placed)["spec"]["nodeName"]
    event = env.wait_event("pod", "p", "Scheduled")
    assert event["message"] == f"Successfully assigned {env.namespace}/p to {node}"
    assert (event["type"], event["count"], event["source"], event["reportingComponent"]) == (
        "Normal", 1, {"component": "default-scheduler"}, "default-scheduler",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("spec", "container", "reasons"),
    [
        ("", ", resources: {requests: {cpu: '1000'}}", "2 Insufficient cpu"),
        (
            "",
            ", resources: {requests: {cpu: '1000', memory: 100Ti}}",
            "2 Insufficient cpu, 2 Insufficient memory",
        ),
        ("", ", resources: {limits: {nvidia.com/gpu: 1}}", "2 Insufficient nvidia.com/gpu"),
        ("nodeSelector: {disk: ssd}", "", "2 node(s) didn't match Pod's node affinity/selector"),
        (required("podAffinity", "nobody"), "", "2 node(s) didn't match pod affinity rules"),
        (
            f"topologySpreadConstraints: [{SPREAD}]",
            "",
            "2 node(s) didn't match pod topology spread constraints (missing required label)",
        ),
    ],
    ids=["cpu", "cpu-and-memory", "gpu", "selector", "affinity", "spread"],
)
def test_a_pod_that_fits_nowhere_says_why(env: Environment, spec: str, container: str, reasons: str) -> None:
    env.apply(pod("p", spec, container))
    expected = f"0/3 nodes are available: {TAINTED}, {reasons}. {NOT_HELPFUL}"
    assert env.wait_event("pod", "p", "FailedScheduling")["message"] == expected
    condition = scheduled(env.wait("pod", "p", scheduled))
    assert condition is not None
    assert (condition["status"], condition["reason"], condition["message"]) == ("False", "Unschedulable", expected)
    assert env.get("pod", "p")["status"]["phase"] == "Pending"


def test_three_pods_want_one_port_of_two_nodes(env: Environment) -> None:
    ports = ", ports: [{containerPort: 80, hostPort: 8097}]"
    for name in ("one", "two"):
        env.apply(pod(name, container=ports))
        env.wait("pod", name, is_placed)
    env.apply(pod("three", container=ports))
    assert env.wait_event("pod", "three", "FailedScheduling")["message"] == (
        f"0/3 nodes are available: {TAINTED}, 2 node(s) didn't have free ports for the requested pod ports. "
        "preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, "
        "2 No preemption victims found for incoming pod."
    )
    env.delete("pod", "one")
    assert env.wait("pod", "three", is_placed)["spec"]["nodeName"]


def test_pods_that_avoid_each_other_share_no_node(env: Environment) -> None:
    env.apply(pod("a"))
    first = env.wait("pod", "a", is_placed)["spec"]["nodeName"]
    env.apply(pod("b", required("podAntiAffinity", "a")))
    assert env.wait("pod", "b", is_placed)["spec"]["nodeName"] != first


def test_pods_that_seek_each_other_share_a_node(env: Environment) -> None:
    env.apply(pod("a"))
    first = env.wait("pod", "a", is_placed)["spec"]["nodeName"]
    env.apply(pod("b", required("podAffinity", "a")))
    assert env.wait("pod", "b", is_placed)["spec"]["nodeName"] == first


def test_a_toleration_opens_the_control_plane(env: Environment) -> None:
    spec = """
  tolerations: [{key: node-role.kubernetes.io/control-plane, operator: Exists}]
  nodeSelector: {node-role.kubernetes.io/control-plane: ""}
"""
    env.apply(pod("p", spec))
    assert env.wait("pod", "p", is_placed)["spec"]["nodeName"].endswith("control-plane")


def test_a_gated_pod_waits_until_the_gate_opens(env: Environment) -> None:
    env.apply(pod("p", "schedulingGates: [{name: example.com/gate}]"))
    condition = scheduled(env.wait("pod", "p", scheduled))
    assert condition is not None
    assert (condition["reason"], condition["message"]) == (
        "SchedulingGated",
        "Scheduling is blocked due to non-empty scheduling gates",
    )
    gated = env.get("pod", "p")
    gated["spec"].pop("schedulingGates")
    env.client.replace(gated, env.namespace)
    assert is_placed(env.wait("pod", "p", is_placed))


def test_a_pod_of_another_scheduler_is_left_alone(env: Environment) -> None:
    env.apply(pod("p", "schedulerName: nobody"))
    env.apply(pod("q"))
    env.wait("pod", "q", is_placed)
    assert not is_placed(env.get("pod", "p"))
    assert env.events("pod", "p") == []


def test_a_missing_volume_claim_is_named(env: Environment) -> None:
    env.apply(pod("p", "volumes: [{name: v, persistentVolumeClaim: {claimName: none}}]"))
    message = env.wait_event("pod", "p", "FailedScheduling")["message"]
    assert message == '0/3 nodes are available: persistentvolumeclaim "none" not found. not found'


def test_pods_of_one_deployment_are_spread(env: Environment) -> None:
    env.apply("""
apiVersion: apps/v1
kind: Deployment
metadata: {name: d}
spec:
  replicas: 4
  selector: {matchLabels: {app: d}}
  template:
    metadata: {labels: {app: d}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{name: c, image: "registry.k8s.io/pause:3.10.2"}]
""")
    env.wait("deploy", "d", lambda one: one.get("status", {}).get("readyReplicas") == 4)
    nodes = [one["spec"]["nodeName"] for one in env.client.list("pods", env.namespace, labels="app=d")]
    assert sorted(nodes.count(node) for node in dict.fromkeys(nodes)) == [2, 2]


@pytest.fixture
def important(env: Environment) -> Iterator[str]:
    """A PriorityClass above all pods that name none."""
    body = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"generateName": "vip-"}}
    name = env.client.create({**body, "value": 1000})["metadata"]["name"]
    yield name
    env.client.delete("priorityclasses", name)


def test_an_important_pod_takes_the_place_of_another(env: Environment, important: str) -> None:
    ports = ", ports: [{containerPort: 80, hostPort: 8096}]"
    for name in ("one", "two"):
        env.apply(pod(name, container=ports))
        env.wait("pod", name, is_placed)
    env.apply(pod("vip", f"priorityClassName: {important}", ports))
    said = env.wait_event("pod", "vip", "FailedScheduling")["message"]
    node = env.wait("pod", "vip", is_placed)["spec"]["nodeName"]
    assert said == (
        f"0/3 nodes are available: {TAINTED}, 2 node(s) didn't have free ports for the requested pod ports. "
        f"preemption: found a potential placement for pod on node {node}, preempting 1 victims"
    )
    assert "nominatedNodeName" not in env.get("pod", "vip")["status"]
    gone = next(name for name in ("one", "two") for event in env.events("pod", name) if event["reason"] == "Preempted")
    env.wait_gone("pod", gone)
    states = [scheduled_away(version) for version in env.states("pod", gone)]
    assert ("PreemptionByScheduler", "default-scheduler: preempting to accommodate a higher priority pod") in states


@pytest.fixture
def seat(env: Environment) -> Iterator[str]:
    """A resource of which one node has one piece, and the others none."""
    node = next(one for one in env.client.list("nodes") if not one["spec"].get("taints"))["metadata"]["name"]
    amount = {"example.com/seat": "1"}
    env.client.patch("nodes", node, {"status": {"capacity": amount, "allocatable": amount}}, subresource="status")
    yield "example.com/seat"
    gone = {"example.com/seat": None}
    env.client.patch("nodes", node, {"status": {"capacity": gone, "allocatable": gone}}, subresource="status")


def test_the_place_of_an_important_pod_is_kept_for_it(env: Environment, important: str, seat: str) -> None:
    """Whoever leaves is replaced at once: without the nomination the new pod would sit down first, and for ever."""
    asked = f"resources: {{limits: {{{seat}: 1}}}}"
    env.apply(f"""
apiVersion: apps/v1
kind: ReplicaSet
metadata: {{name: low}}
spec:
  replicas: 1
  selector: {{matchLabels: {{app: low}}}}
  template:
    metadata: {{labels: {{app: low}}}}
    spec:
      terminationGracePeriodSeconds: 3
      containers: [{{name: c, image: "busybox:1.35", command: [sh, -c, "trap '' TERM; sleep 3600"], {asked}}}]
""")
    env.wait("rs", "low", lambda one: one.get("status", {}).get("readyReplicas") == 1)
    env.apply(pod("vip", f"priorityClassName: {important}", f", {asked}"))
    env.wait("pod", "vip", is_placed)
    said = [event for event in env.client.list("events", env.namespace) if event["reason"] == "Preempted"]
    there = env.client.list("pods", env.namespace, labels="app=low")
    (low,) = [one for one in there if "deletionTimestamp" not in one["metadata"]]  # who left may not be gone yet
    assert (len(said), said[0].get("count") or 1, is_placed(low)) == (1, 1, False)
    assert any(version.get("status", {}).get("nominatedNodeName") for version in env.states("pod", "vip"))


def scheduled_away(pod: Obj) -> tuple[str, str]:
    rows = pod.get("status", {}).get("conditions", [])
    target = next((row for row in rows if row["type"] == "DisruptionTarget"), {})
    return target.get("reason", ""), target.get("message", "")


def test_recomputed_filters_say_what_the_scheduler_said(env: Environment) -> None:
    env.apply(pod("big", "nodeSelector: {kubernetes.io/os: linux}", ', resources: {requests: {cpu: "1000"}}'))
    found = env.wait("pod", "big", lambda pod: (scheduled(pod) or {}).get("status") == "False")
    decision = recompute(take_snapshot(env.client, "", ("pods", "nodes")), found)
    counted = Counter(reason for row in decision.verdicts if row.refusal for reason in row.refusal.reasons)
    said = refusals(scheduled(found)["message"])  # type: ignore[index]
    assert {clause.reason: clause.nodes for clause in said.clauses} == dict(counted)
    assert said.nodes == len(decision.verdicts)
