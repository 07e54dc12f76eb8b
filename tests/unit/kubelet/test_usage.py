"""What `kubectl top` shows: CPU by what the programs did, memory by what they are."""

from __future__ import annotations

import pytest

from k8s_tutor.api.protocol import Request
from k8s_tutor.embedded.kubelet.node import WINDOW, Work

PODS = "/apis/metrics.k8s.io/v1beta1/namespaces/play/pods"
NODES = "/apis/metrics.k8s.io/v1beta1/nodes"


A_SECOND = "sleep 15; i=0; while [ $i -lt 1000 ]; do i=$((i+1)); done; sleep 1000"
"""A second's work within the window that is measured 40 s after the pod's creation."""


def pod(name: str, *command: str, image: str = "busybox:1.35", **more: object) -> dict:
    container = {"name": "main", "image": image, **more} | ({"command": list(command)} if command else {})
    meta = {"name": name, "labels": {"app": name}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"containers": [container]}}


def used(cluster, name: str) -> dict:
    """The one container's usage, after it has been measured."""
    cluster.advance(40)
    return cluster.send("GET", f"{PODS}/{name}").body["containers"][0]["usage"]


def metrics(cluster) -> list[dict]:
    return cluster.send("GET", PODS).body["items"]


def test_sleeping_costs_nothing(cluster):
    cluster.create(pod("p", "sleep", "1000"))

    assert used(cluster, "p") == {"cpu": "0", "memory": "250Ki"}


def test_a_busy_loop_takes_its_time_or_what_it_may(cluster):
    cluster.create(pod("p", "sh", "-c", A_SECOND))
    cluster.create(pod("slow", "sh", "-c", A_SECOND, resources={"limits": {"cpu": "20m"}}))
    cluster.advance(40)

    found = {one["metadata"]["name"]: one["containers"][0]["usage"]["cpu"] for one in metrics(cluster)}

    assert int(found["p"].rstrip("n")) == pytest.approx(1e9 / WINDOW, rel=0.01)
    assert found["slow"] == "20m"


def test_answering_requests_is_work(cluster):
    cluster.create(pod("web", image="nginx:1.22"))
    idle = used(cluster, "web")
    address = cluster.pod("web")["status"]["podIP"]
    asking = f"for i in $(seq 300); do wget -q -O- http://{address} >/dev/null; sleep 0.1; done; sleep 1000"
    cluster.create(pod("load", "sh", "-c", asking))

    assert idle == {"cpu": "1u", "memory": "2784Ki"}
    assert int(used(cluster, "web")["cpu"].rstrip("n")) > 10**6


def test_memory_taken_is_memory_used(cluster):
    cluster.create(pod("p", "sh", "-c", "head -c 5M /dev/zero | tail -c 5M >/dev/null; sleep 1000"))

    assert used(cluster, "p")["memory"].endswith("Ki")


def test_nothing_is_known_before_a_whole_window_has_been_measured(cluster):
    cluster.create(pod("p", "sleep", "1000"))
    cluster.advance(6)

    refused = cluster.kubernetes.handle(Request("GET", f"{PODS}/p"))

    assert (refused.code, refused.body["message"]) == (404, 'pods.metrics.k8s.io "play/p" not found')
    assert cluster.send("GET", PODS).body["items"] == []


def test_a_pod_that_is_not_there(cluster):
    assert cluster.kubernetes.handle(Request("GET", f"{PODS}/p")).body["message"] == 'pods "p" not found'


def test_lists_by_label_and_across_namespaces(cluster):
    for name in ("a", "b"):
        cluster.create(pod(name, "sleep", "1000"))
    cluster.advance(40)

    chosen = cluster.send("GET", PODS, labelSelector="app=b").body
    everywhere = cluster.send("GET", "/apis/metrics.k8s.io/v1beta1/pods").body["items"]

    assert (chosen["kind"], [one["metadata"]["name"] for one in chosen["items"]]) == ("PodMetricsList", ["b"])
    assert {"a", "b"} <= {one["metadata"]["name"] for one in everywhere}


def test_a_node_uses_what_its_system_and_its_pods_use(cluster):
    before = {one["metadata"]["name"]: one["usage"] for one in cluster.send("GET", NODES).body["items"]}
    cluster.create(pod("p", "sh", "-c", A_SECOND))
    cluster.advance(40)
    name = cluster.pod("p")["spec"]["nodeName"]

    after = cluster.send("GET", f"{NODES}/{name}").body["usage"]

    assert before["k8s-tutor-worker"] == {"cpu": "35m", "memory": "220Mi"}
    assert int(after["cpu"].rstrip("n")) == pytest.approx(35e6 + 1e9 / WINDOW, rel=0.01)


def test_tables_have_metrics_servers_columns(cluster):
    answer = cluster.kubernetes.handle(Request("GET", NODES, accept="application/json;as=Table;v=v1;g=meta.k8s.io"))

    assert [column["name"] for column in answer.body["columnDefinitions"]] == ["Name", "cpu", "memory", "Window"]
    assert answer.body["rows"][1]["cells"] == ["k8s-tutor-worker", "35m", "220Mi", "15s"]


def test_work_is_counted_by_whole_windows():
    work = Work()
    work.add(0.0, 3.0)

    assert work.rate(WINDOW - 1) == 0
    assert work.rate(WINDOW) == 3.0 / WINDOW
    assert work.rate(2 * WINDOW) == 0
