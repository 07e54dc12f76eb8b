"""Small rules that people's manifests and programs met: classes of balancers and of pods, options of a deletion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from k8s_tutor.api.protocol import StatusError

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment

KEPT = "spec.loadBalancerClass: Invalid value: {}: may not change once set"


def service(env: Environment, body: Obj | None = None, method: str = "PATCH") -> Obj:
    path = f"/api/v1/namespaces/{env.namespace}/services"
    if method == "POST":
        spec = {"ports": [{"port": 80}], "type": "LoadBalancer", **(body or {})}
        made: Obj = env.client.raw("POST", path, {"metadata": {"name": "s"}, "spec": spec}).body
        return made
    return env.client.patch("services", "s", {"spec": body}, env.namespace)


@pytest.mark.parametrize(
    ("first", "then", "shown"),
    [(None, "a.b/c", '"a.b/c"'), ("a.b/c", "a.b/d", '"a.b/d"'), ("a.b/c", None, "null")],
    ids=["given-later", "another", "none"],
)
def test_the_class_of_a_load_balancer_stays(env: Environment, first: str | None, then: str | None, shown: str) -> None:
    service(env, {"loadBalancerClass": first} if first else {}, "POST")
    with pytest.raises(StatusError) as refused:
        service(env, {"loadBalancerClass": then})
    assert refused.value.status["message"] == f'Service "s" is invalid: {KEPT.format(shown)}'


def test_the_class_of_a_load_balancer_goes_and_comes_with_its_type(env: Environment) -> None:
    service(env, {"loadBalancerClass": "a.b/c"}, "POST")
    assert "loadBalancerClass" not in service(env, {"type": "ClusterIP", "loadBalancerClass": None})["spec"]
    assert service(env, {"type": "LoadBalancer", "loadBalancerClass": "a.b/d"})["spec"]["loadBalancerClass"] == "a.b/d"


@pytest.mark.parametrize(
    ("requests", "limits", "quality"),
    [
        ({"cpu": "0"}, {}, "BestEffort"),
        ({"cpu": "0", "memory": "0"}, {"cpu": "1", "memory": "1Gi"}, "Burstable"),
        ({"cpu": "0"}, {"cpu": "1", "memory": "1Gi"}, "Burstable"),
        ({}, {"cpu": "0", "memory": "0"}, "BestEffort"),
        ({}, {"cpu": "1", "memory": "0"}, "Burstable"),
        ({"cpu": "1"}, {"cpu": "1", "memory": "1Gi"}, "Guaranteed"),
        ({}, {"ephemeral-storage": "1Gi"}, "BestEffort"),
    ],
)
def test_a_pod_s_quality_of_service_is_one_before_it_runs_and_after(
    env: Environment, requests: Obj, limits: Obj, quality: str
) -> None:
    container = {"name": "c", "image": "busybox:1.35", "command": ["true"]}
    container["resources"] = {"requests": requests, "limits": limits}  # type: ignore[assignment]
    spec = {"restartPolicy": "Never", "containers": [container], "terminationGracePeriodSeconds": 0}
    path = f"/api/v1/namespaces/{env.namespace}/pods"
    made = env.client.raw("POST", path, {"metadata": {"name": "p"}, "spec": spec}).body
    assert isinstance(made, dict)
    done = env.wait("pods", "p", lambda pod: pod.get("status", {}).get("phase") in ("Running", "Succeeded", "Failed"))
    assert [pod["status"]["qosClass"] for pod in (made, done)] == [quality, quality]


@pytest.mark.parametrize("version", ["v1", "apps/v1", "meta.k8s.io/v1", "batch/v1", "nobodys/v1"])
def test_options_of_a_deletion_may_be_of_any_group_s_version(env: Environment, version: str) -> None:
    env.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}")
    path = f"/api/v1/namespaces/{env.namespace}/configmaps/a"
    env.client.raw("DELETE", path, {"apiVersion": version, "kind": "DeleteOptions"})
    env.wait_gone("configmaps", "a")
