"""A machine that dies, and a Node that is deleted: as Kubernetes 1.37 was seen to behave on kind."""

from __future__ import annotations

import pytest

from k8s_tutor.api.protocol import StatusError
from k8s_tutor.clock import EPOCH, VirtualClock
from k8s_tutor.embedded.core import Loop, MachineLoop, Timer
from k8s_tutor.embedded.names import Namespace
from k8s_tutor.embedded.network import TimedOut
from k8s_tutor.embedded.nodeservices import HttpRequest, LogQuery
from k8s_tutor.objects import conditions
from k8s_tutor.objects.types import Obj
from tests.unit.kubelet.conftest import Cluster

WORKER = "k8s-tutor-worker2"
BRIEFLY = {"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute"}


def start_pod(cluster: Cluster, name: str, *, patience: int | None = None, image: str = "busybox:1.36") -> None:
    command = {"command": ["sleep", "100000"]} if "busybox" in image else {}
    spec: Obj = {"nodeName": WORKER, "containers": [{"name": "main", "image": image, **command}]}
    spec["terminationGracePeriodSeconds"] = 2
    if patience is not None:
        spec["tolerations"] = [{**BRIEFLY, "tolerationSeconds": patience}]
    cluster.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec})


def node(cluster: Cluster) -> Obj:
    return cluster.store.get("nodes", "", WORKER) or {}


def taints(cluster: Cluster) -> list[str]:
    return [f"{row['key']}:{row['effect']}" for row in node(cluster)["spec"].get("taints", ())]


def events(cluster: Cluster, name: str, namespace: str = "play") -> list[tuple[str, str]]:
    rows = [row for row in cluster.store.list("events", namespace) if row["involvedObject"]["name"] == name]
    return [(row["reason"], row["message"]) for row in rows]


def test_a_silent_kubelet_is_given_up_after_its_grace_period(cluster: Cluster) -> None:
    cluster.nodes.suspend(WORKER)
    cluster.advance(39)
    assert conditions.status(node(cluster), "Ready") == "True"
    cluster.advance(17)
    rows = {
        row["type"]: (row["status"], row["reason"], row["message"]) for row in node(cluster)["status"]["conditions"]
    }
    given_up = ("Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")
    assert rows == dict.fromkeys(("MemoryPressure", "DiskPressure", "PIDPressure", "Ready"), given_up)
    unreachable = "node.kubernetes.io/unreachable"
    assert taints(cluster) == [f"{unreachable}:NoSchedule", f"{unreachable}:NoExecute"]
    assert events(cluster, WORKER, "default") == [("NodeNotReady", f"Node {WORKER} status is now: NodeNotReady")]


def test_nodes_that_are_heard_of_stay_ready(cluster: Cluster) -> None:
    cluster.advance(1000)
    assert all(conditions.is_true(one, "Ready") for one in cluster.store.list("nodes"))


def test_pods_of_a_silent_node_are_unready_and_in_the_end_evicted(cluster: Cluster) -> None:
    start_pod(cluster, "brief", patience=15)
    start_pod(cluster, "patient")
    cluster.advance(5)
    cluster.nodes.suspend(WORKER)
    cluster.advance(58)
    brief = cluster.pod("brief")
    assert (conditions.status(brief, "Ready"), conditions.status(brief, "ContainersReady")) == ("False", "True")
    assert ("NodeNotReady", "Node is not ready") in events(cluster, "brief")
    cluster.advance(12)
    assert "deletionTimestamp" in cluster.pod("brief")["metadata"]
    assert conditions.reason(cluster.pod("brief"), "DisruptionTarget") == "DeletionByTaintManager"
    cluster.advance(200)
    assert "deletionTimestamp" in cluster.pod("brief")["metadata"], "nobody is there to let it go"
    assert "deletionTimestamp" not in cluster.pod("patient")["metadata"]
    cluster.advance(100)
    assert "deletionTimestamp" in cluster.pod("patient")["metadata"]


def test_a_machine_that_goes_on_says_so_and_lets_go_what_was_evicted(cluster: Cluster) -> None:
    start_pod(cluster, "brief", patience=5)
    start_pod(cluster, "patient")
    cluster.advance(5)
    before = conditions.get(cluster.pod("patient"), "Ready")
    cluster.nodes.suspend(WORKER)
    cluster.advance(70)
    cluster.nodes.resume(WORKER)
    cluster.advance(8)
    assert conditions.is_true(node(cluster), "Ready")
    assert taints(cluster) == []
    assert cluster.gone("brief")
    assert conditions.get(cluster.pod("patient"), "Ready") == before, "the kubelet says what it said before"
    assert cluster.pod("patient")["status"]["containerStatuses"][0]["restartCount"] == 0
    assert ("TaintManagerEviction", "Cancelling deletion of Pod play/patient") in events(cluster, "patient")
    assert ("NodeReady", f"Node {WORKER} status is now: NodeReady") in events(cluster, WORKER, "default")


def test_nobody_on_a_silent_machine_answers(cluster: Cluster) -> None:
    start_pod(cluster, "web", image="nginx:1.22")
    cluster.advance(5)
    address = cluster.pod("web")["status"]["podIP"]
    cluster.nodes.suspend(WORKER)
    with pytest.raises(TimedOut):
        cluster.nodes.network.request(Namespace("172.18.0.1"), address, 80, HttpRequest())
    words = 'Get "https://172.18.0.4:10250/containerLogs/play/web/main": net/http: TLS handshake timeout'
    with pytest.raises(StatusError, match="handshake timeout") as refused:
        cluster.nodes.logs(cluster.pod("web"), LogQuery("main"))
    assert refused.value.what == words


def test_pods_of_a_deleted_node_go_once_it_is_certain_that_it_stays_away(cluster: Cluster) -> None:
    start_pod(cluster, "lark")
    cluster.advance(5)
    seen = cluster.record("pods")
    cluster.send("DELETE", f"/api/v1/nodes/{WORKER}")
    cluster.advance(39)
    assert not cluster.gone("lark")
    with pytest.raises(StatusError, match=f'pods "{WORKER}" not found'):
        cluster.nodes.logs(cluster.pod("lark"), LogQuery("main"))
    cluster.advance(22)
    assert cluster.gone("lark")
    told = [row for pod in seen for row in pod["status"]["conditions"] if row["type"] == "DisruptionTarget"]
    assert (told[0]["reason"], told[0]["message"]) == ("DeletionByPodGC", "PodGC: node no longer exists")
    assert seen[-1]["status"]["phase"] == "Failed"
    message = f"Node {WORKER} event: Removing Node {WORKER} from Controller"
    assert events(cluster, WORKER, "default") == [("RemovingNode", message)]
    assert cluster.store.get("leases.coordination.k8s.io", "kube-node-lease", WORKER) is None


def test_a_deleted_node_registers_again_when_its_kubelet_starts_anew(cluster: Cluster) -> None:
    start_pod(cluster, "lark")
    cluster.advance(5)
    cluster.send("DELETE", f"/api/v1/nodes/{WORKER}")
    cluster.advance(10)
    cluster.nodes.resume(WORKER)
    cluster.advance(100)
    assert conditions.is_true(node(cluster), "Ready")
    assert not cluster.gone("lark"), "it came back in time"
    message = f"Node {WORKER} event: Registered Node {WORKER} in Controller"
    assert ("RegisteredNode", message) in events(cluster, WORKER, "default")


def test_a_node_that_somebody_declares_out_of_service_is_not_waited_for(cluster: Cluster) -> None:
    start_pod(cluster, "lark")
    cluster.advance(5)
    cluster.nodes.suspend(WORKER)
    cluster.advance(60)
    taint = {"key": "node.kubernetes.io/out-of-service", "value": "nodeshutdown", "effect": "NoExecute"}
    spec = {"taints": [*node(cluster)["spec"]["taints"], taint]}
    cluster.send("PUT", f"/api/v1/nodes/{WORKER}", {**node(cluster), "spec": {**node(cluster)["spec"], **spec}})
    cluster.advance(21)
    assert cluster.gone("lark")


def test_a_node_without_a_kubelet_is_given_up_too(cluster: Cluster) -> None:
    cluster.send("POST", "/api/v1/nodes", {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "nobody"}})
    cluster.advance(70)
    nobody = cluster.store.get("nodes", "", "nobody") or {}
    assert conditions.reason(nobody, "Ready") == "NodeStatusNeverUpdated"


def test_what_a_suspended_machine_is_late_for_comes_in_order_and_can_be_cancelled() -> None:
    loop, done = Loop(VirtualClock(EPOCH)), list[str]()
    machine = MachineLoop(loop)
    timers: dict[str, Timer] = {}
    for seconds, name in enumerate(("first", "second", "third"), 1):
        timers[name] = machine.call_later(seconds, lambda name=name: done.append(name))  # type: ignore[misc]
    machine.suspend()
    loop.run_until(loop.now() + 2.5)
    timers["first"].cancel()
    machine.resume()
    loop.run_until(loop.now() + 1)
    assert done == ["second", "third"]
