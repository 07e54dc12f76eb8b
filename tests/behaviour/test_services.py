"""The addresses behind a Service: EndpointSlices and the older Endpoints, on both clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment

IMAGE = "ghcr.io/stefanprodan/podinfo:6.9.1"
SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: web, labels: {team: blue}}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: web-port}]
"""


def pod(name: str, labels: str = "app: web", extra: str = "") -> str:
    return f"""
apiVersion: v1
kind: Pod
metadata: {{name: {name}, labels: {{{labels}}}}}
spec:
  terminationGracePeriodSeconds: 5
  {extra}
  containers:
  - name: podinfo
    image: {IMAGE}
    ports: [{{name: web-port, containerPort: 9898}}]
    readinessProbe: {{httpGet: {{path: /readyz, port: 9898}}, periodSeconds: 1}}
"""


def is_ready(pod: Obj) -> bool:
    rows = pod.get("status", {}).get("conditions", [])
    return any(row["type"] == "Ready" and row["status"] == "True" for row in rows)


def slices(env: Environment) -> list[Obj]:
    return env.client.list("endpointslices", env.namespace, labels="kubernetes.io/service-name=web")


def the_slice(env: Environment, holds: Callable[[Obj], bool] = lambda _: True) -> Obj:
    """The Service's only slice, at the first moment `holds` holds."""
    env.wait("svc", "web", lambda _: True)
    created = env.wait("endpointslices", "", lambda one: one["metadata"].get("generateName") == "web-")
    return env.wait("endpointslices", created["metadata"]["name"], holds)


def targets(slice_: Obj) -> dict[str, dict[str, bool]]:
    return {row["targetRef"]["name"]: row["conditions"] for row in slice_.get("endpoints") or ()}


def test_a_service_without_pods_has_an_empty_slice_of_its_own(env: Environment) -> None:
    (service,) = env.apply(SERVICE)
    slice_ = the_slice(env)
    assert not slice_.get("endpoints")
    assert not slice_.get("ports")
    assert slice_["metadata"]["labels"] == {
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        "kubernetes.io/service-name": "web",
        "team": "blue",
    }
    (owner,) = slice_["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["uid"], owner["controller"]) == ("Service", service["metadata"]["uid"], True)


def test_a_ready_pod_is_listed_with_its_address_node_and_port(env: Environment) -> None:
    env.apply(SERVICE)
    env.apply(pod("a"))
    placed = env.wait("pod", "a", is_ready)
    slice_ = the_slice(env, lambda one: targets(one).get("a", {}).get("ready", False))
    assert slice_["ports"] == [{"name": "http", "port": 9898, "protocol": "TCP"}]
    assert slice_["endpoints"] == [
        {
            "addresses": [placed["status"]["podIP"]],
            "conditions": {"ready": True, "serving": True, "terminating": False},
            "nodeName": placed["spec"]["nodeName"],
            "targetRef": {
                "kind": "Pod",
                "name": "a",
                "namespace": env.namespace,
                "uid": placed["metadata"]["uid"],
            },
        }
    ]


def test_a_pod_that_is_not_ready_is_listed_as_such(env: Environment) -> None:
    env.apply(SERVICE)
    env.apply(pod("a", extra="readinessGates: [{conditionType: example.com/never}]"))
    env.wait("pod", "a", lambda one: one["status"]["phase"] == "Running")
    slice_ = the_slice(env, lambda one: "a" in targets(one))
    assert targets(slice_) == {"a": {"ready": False, "serving": False, "terminating": False}}


def test_a_pod_that_is_being_deleted_still_serves_but_takes_no_new_traffic(env: Environment) -> None:
    env.apply(SERVICE)
    env.apply(pod("a"))
    env.wait("pod", "a", is_ready)
    the_slice(env, lambda one: targets(one).get("a", {}).get("ready", False))
    env.delete("pod", "a")
    slice_ = the_slice(env, lambda one: targets(one).get("a", {}).get("terminating", False))
    assert targets(slice_)["a"]["ready"] is False
    the_slice(env, lambda one: not targets(one))


def test_a_changed_label_takes_the_pod_off_the_list(env: Environment) -> None:
    env.apply(SERVICE)
    env.apply(pod("a"))
    the_slice(env, lambda one: targets(one).get("a", {}).get("ready", False))
    env.client.patch("pods", "a", {"metadata": {"labels": {"app": "other"}}}, env.namespace)
    slice_ = the_slice(env, lambda one: not targets(one))
    assert slice_["metadata"]["name"] == slices(env)[0]["metadata"]["name"]


def test_the_older_endpoints_object_holds_the_same_addresses(env: Environment) -> None:
    env.apply(SERVICE)
    env.apply(pod("a"))
    placed = env.wait("pod", "a", is_ready)
    endpoints = env.wait("endpoints", "web", lambda one: any("addresses" in row for row in one.get("subsets") or ()))
    (subset,) = endpoints["subsets"]
    (address,) = subset["addresses"]
    assert (address["ip"], address["targetRef"]["name"]) == (placed["status"]["podIP"], "a")
    assert subset["ports"] == [{"name": "http", "port": 9898, "protocol": "TCP"}]
    assert endpoints["metadata"]["labels"] == {
        "endpoints.kubernetes.io/managed-by": "endpoint-controller",
        "team": "blue",
    }


def test_a_headless_service_is_marked_and_a_deleted_one_takes_its_slices_along(env: Environment) -> None:
    env.apply(SERVICE.replace("spec:", "spec:\n  clusterIP: None"))
    slice_ = the_slice(env)
    assert slice_["metadata"]["labels"]["service.kubernetes.io/headless"] == ""
    env.delete("svc", "web")
    env.wait_gone("endpointslices", slice_["metadata"]["name"])
    env.wait_gone("endpoints", "web")
