"""The machines: Node objects as kind's, leases, what an idle cluster costs, what is the same in every run."""

from __future__ import annotations

import json

from k8s_tutor.objects.quantity import parse
from tests.unit.engine import new_kubernetes

POD = "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: main, image: 'nginx:1.22'}]}}"


def test_three_nodes_named_as_kind_names_them(cluster):
    nodes = cluster.store.list("nodes")

    assert sorted(node["metadata"]["name"] for node in nodes) == [
        "k8s-tutor-control-plane",
        "k8s-tutor-worker",
        "k8s-tutor-worker2",
    ]


def test_a_node_says_what_it_is(cluster):
    node = cluster.store.get("nodes", "", "k8s-tutor-worker")

    assert node["status"]["addresses"][1] == {"type": "Hostname", "address": "k8s-tutor-worker"}
    assert node["spec"]["podCIDR"] == "10.244.1.0/24"
    assert node["status"]["nodeInfo"]["kubeletVersion"] == "v1.37.2"
    assert parse(node["status"]["allocatable"]["memory"]) == parse("8Gi")
    assert {row["type"]: row["reason"] for row in node["status"]["conditions"]} == {
        "MemoryPressure": "KubeletHasSufficientMemory",
        "DiskPressure": "KubeletHasNoDiskPressure",
        "PIDPressure": "KubeletHasSufficientPID",
        "Ready": "KubeletReady",
    }
    assert "docker.io/library/nginx:1.22" in [name for image in node["status"]["images"] for name in image["names"]]


def test_only_the_control_plane_is_tainted(cluster):
    taints = {node["metadata"]["name"]: node["spec"].get("taints") for node in cluster.store.list("nodes")}

    assert taints["k8s-tutor-control-plane"] == [
        {"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}
    ]
    assert not taints["k8s-tutor-worker"]


def test_leases_are_renewed(cluster):
    def renewed():
        return cluster.store.get("leases.coordination.k8s.io", "kube-node-lease", "k8s-tutor-worker")["spec"][
            "renewTime"
        ]

    before = renewed()
    cluster.advance(61)

    assert renewed() > before


def test_an_idle_cluster_does_little(cluster):
    cluster.advance(30)
    begun = cluster.store.revision

    ran = cluster.loop.run_until(cluster.loop.now() + 600)

    assert ran < 150
    assert cluster.store.revision - begun < 60


def test_two_runs_are_equal_to_the_byte():
    def history():
        kubernetes = new_kubernetes(3)
        from k8s_tutor.api.protocol import Request  # noqa: PLC0415

        kubernetes.loop.run_until(kubernetes.loop.now() + 2)
        spec = {"containers": [{"name": "main", "image": "busybox:1.35", "command": ["sh", "-c", "sleep 1; exit 1"]}]}
        body = {"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "p-"}, "spec": spec}
        for _ in range(3):
            kubernetes.handle(Request("POST", "/api/v1/namespaces/default/pods", body=body))
        kubernetes.loop.run_until(kubernetes.loop.now() + 60)
        return json.dumps([change.obj for change in kubernetes.store.history(0)])

    assert history() == history()


def test_pods_of_a_node_have_addresses_out_of_its_range(cluster):
    cluster.create(POD)
    cluster.advance(3)

    pod = cluster.pod("p")
    node = cluster.store.get("nodes", "", pod["spec"]["nodeName"])

    assert pod["status"]["podIP"].rpartition(".")[0] == node["spec"]["podCIDR"].rpartition(".")[0]
    assert pod["status"]["hostIP"] == node["status"]["addresses"][0]["address"]


def test_a_pod_on_the_hosts_network_has_the_nodes_address(cluster):
    cluster.create(POD.replace("containers:", "hostNetwork: true, containers:"))
    cluster.advance(3)

    status = cluster.pod("p")["status"]

    assert status["podIP"] == status["hostIP"]


def test_an_image_is_pulled_once(cluster):
    cluster.create(POD.replace("nginx:1.22", "nginx:1.25"))
    cluster.advance(5)
    messages = [event["message"] for event in cluster.events("p") if event["reason"] in ("Pulling", "Pulled")]

    assert messages[0] == 'Pulling image "nginx:1.25"'
    assert messages[1].startswith('Successfully pulled image "nginx:1.25" in ')
    assert messages[1].endswith("ms including waiting). Image size: 11946903 bytes.")
    assert cluster.pod("p")["status"]["containerStatuses"][0]["image"] == "docker.io/library/nginx:1.25"


def test_a_failed_pull_says_what_the_catalogue_holds(cluster):
    cluster.create(POD.replace("nginx:1.22", "ngnix:1.22"))
    cluster.advance(3)

    words = next(event["message"] for event in cluster.events("p") if event["message"].startswith("Failed to pull"))

    assert "pull access denied, repository does not exist or may require authorization" in words
    assert "(the embedded cluster's image catalogue holds " in words
    assert "nginx:1.7–1.29" in words


def test_who_gets_a_stand_in_is_told_and_it_listens_where_its_container_says(cluster):
    cluster.create(POD.replace("'nginx:1.22'", "node:18, ports: [{containerPort: 3000}]"))
    cluster.advance(6)

    (event,) = [event for event in cluster.events("p") if event["reason"] == "StandIn"]
    status = cluster.pod("p")["status"]["containerStatuses"][0]

    assert (event["type"], event["message"].split(":")[0]) == ("Warning", 'Image "node')
    assert status["ready"]
    assert status["image"] == "docker.io/library/node:18"
    assert status["imageID"].startswith("k8s-tutor.dev/stand-in/docker.io/library/node@sha256:")


def test_a_changed_configmap_comes_into_its_volumes_after_a_while(cluster):
    cluster.create(
        """
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers: [{name: main, image: nginx:1.22, volumeMounts: [{name: v, mountPath: /v}]}]
  volumes: [{name: v, configMap: {name: there}}]
"""
    )
    cluster.advance(3)
    pod = cluster.pod("p")

    def content():
        out, ends = bytearray(), []
        session = cluster.nodes.exec(pod, "main", ["cat", "/v/a"], stdin=False, tty=False)
        session.attach(out.extend, lambda _: None, ends.append)
        cluster.advance(0.1)
        return bytes(out)

    assert content() == b"1"
    known = cluster.store.get("configmaps", "play", "there")
    cluster.send("PUT", "/api/v1/namespaces/play/configmaps/there", {**known, "data": {"a": "2"}})
    assert content() == b"1"
    cluster.advance(61)

    assert content() == b"2"


def test_a_service_reaches_a_pod_by_name(cluster):
    cluster.create(POD.replace("{name: p}", "{name: p, labels: {app: web}}"))
    cluster.create(
        "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}, ports: [{port: 80}]}}"
    )
    cluster.create(
        "{apiVersion: v1, kind: Pod, metadata: {name: asks}, spec: {restartPolicy: Never, containers: "
        "[{name: main, image: 'busybox:1.35', command: [sh, -c, 'sleep 5; wget -qO- web | head -n 4']}]}}"
    )
    cluster.advance(12)

    from k8s_tutor.embedded.nodeservices import LogQuery  # noqa: PLC0415

    assert b"<title>Welcome to nginx!</title>" in cluster.nodes.logs(cluster.pod("asks"), LogQuery("main"))
