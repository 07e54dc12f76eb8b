"""What a Pod asks for as a whole, `spec.resources`, beside what its containers ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from k8s_tutor.api.protocol import StatusError
from k8s_tutor.objects import conditions

if TYPE_CHECKING:
    from tests.behaviour.conftest import Environment

CASES = {
    "limits alone": ("{limits: {cpu: 200m, memory: 128Mi}}", "{}", "{}"),
    "a request alone": ("{requests: {cpu: 100m}}", "{}", "{}"),
    "the same of both": (
        "{requests: {cpu: 200m, memory: 128Mi}, limits: {cpu: 200m, memory: 128Mi}}",
        "{}",
        "{}",
    ),
    "a limit, and requests of containers": (
        "{limits: {cpu: 400m}}",
        "{requests: {cpu: 50m}}",
        "{requests: {cpu: 60m}}",
    ),
    "a request, and others of containers": (
        "{requests: {memory: 100Mi}}",
        "{requests: {cpu: 50m, memory: 10Mi}}",
        "{requests: {cpu: 60m}}",
    ),
}
CPU = {"requests": {"cpu": "110m"}}
BOTH = {"cpu": "200m", "memory": "128Mi"}
KEPT = {
    "limits alone": ({"limits": BOTH, "requests": BOTH}, "Guaranteed"),
    "a request alone": ({"requests": {"cpu": "100m"}}, "Burstable"),
    "the same of both": ({"limits": BOTH, "requests": BOTH}, "Guaranteed"),
    "a limit, and requests of containers": ({"limits": {"cpu": "400m"}, **CPU}, "Burstable"),
    "a request, and others of containers": ({"requests": {"cpu": "110m", "memory": "100Mi"}}, "Burstable"),
}
REFUSED = {
    "less than its containers": (
        ("{requests: {cpu: 10m}}", "{requests: {cpu: 50m}}", "{}"),
        (
            'spec.resources.requests[cpu]: Invalid value: "10m": '
            "must be greater than or equal to aggregate container requests of 50m"
        ),
    ),
    "a container's limit above it": (
        ("{limits: {cpu: 10m}}", "{limits: {cpu: 50m}}", "{}"),
        (
            '[spec.resources.requests: Invalid value: "50m": must be less than or equal to cpu limit of 10m, '
            'spec.resources.containers[0][cpu].limits: Invalid value: "50m": '
            "must be less than or equal to pod limits of 10m]"
        ),
    ),
    "a resource that pods share in no way": (
        ("{requests: {example.com/x: 1}}", "{}", "{}"),
        (
            '[spec.resources.requests[example.com/x]: Unsupported value: "example.com/x": '
            'supported values: "cpu", "hugepages-", "memory", '
            "spec.resources.limits: Required value: Limit must be set for non overcommitable resources]"
        ),
    ),
    "more than its limit": (
        ("{requests: {cpu: 100m}, limits: {cpu: 50m}}", "{}", "{}"),
        'spec.resources.requests: Invalid value: "100m": must be less than or equal to cpu limit of 50m',
    ),
    "room on a disk": (
        ("{requests: {ephemeral-storage: 1Gi}}", "{}", "{}"),
        (
            'spec.resources.requests[ephemeral-storage]: Unsupported value: "ephemeral-storage": '
            'supported values: "cpu", "hugepages-", "memory"'
        ),
    ),
}


def pod(whole: str, one: str, two: str) -> str:
    return f"""
apiVersion: v1
kind: Pod
metadata: {{name: whole}}
spec:
  terminationGracePeriodSeconds: 1
  resources: {whole}
  containers:
  - {{name: one, image: nginx:1.22, resources: {one}}}
  - {{name: two, image: busybox:1.35, command: [sleep, "1000"], resources: {two}}}
"""


@pytest.mark.parametrize("case", CASES)
def test_a_pod_with_resources_of_its_own_runs_and_says_what_it_got(env: Environment, case: str) -> None:
    env.apply(pod(*CASES[case]))

    found = env.wait("pods", "whole", lambda pod: conditions.is_true(pod, "Ready"))

    kept, quality = KEPT[case]
    assert (found["spec"]["resources"], found["status"]["qosClass"]) == (kept, quality)
    assert found["status"]["resources"] == kept
    assert found["status"]["allocatedResources"] == kept["requests"]


@pytest.mark.parametrize("case", REFUSED)
def test_a_pod_that_contradicts_itself_is_refused(env: Environment, case: str) -> None:
    resources, words = REFUSED[case]

    with pytest.raises(StatusError) as refused:
        env.apply(pod(*resources))

    assert refused.value.what == f'Pod "whole" is invalid: {words}'


def test_more_than_any_node_has_waits(env: Environment) -> None:
    env.apply(pod("{requests: {cpu: 1000}}", "{}", "{}"))

    found = env.wait("pods", "whole", lambda pod: bool(conditions.message(pod, "PodScheduled")))

    assert "Insufficient cpu" in conditions.message(found, "PodScheduled")
