"""HorizontalPodAutoscalers keep to their limits, and within them go by what pods use."""

from __future__ import annotations

from typing import Any

import pytest

from k8s_tutor.embedded.nodeservices import Usage
from k8s_tutor.objects import conditions
from k8s_tutor.objects.types import Obj

CPU = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}

CPU_WORDS = "cpu resource utilization (percentage of request)"
NO_CUSTOM = "unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered"
NO_EXTERNAL = (
    "unable to get external metric default/queue/&LabelSelector{MatchLabels:map[string]string{q: x,},"
    "MatchExpressions:[]LabelSelectorRequirement{},}: unable to fetch metrics from external metrics API: "
    "the server could not find the requested resource (get queue.external.metrics.k8s.io)"
)


def deployment(replicas: int, requests: dict[str, str] | None = None) -> Obj:
    container = {"name": "c", "image": "nginx", "resources": {"requests": requests or {}}}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": template},
    }


def autoscaler(least: int, most: int, *metrics: Obj, behavior: Obj | None = None) -> Obj:
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
        "minReplicas": least,
        "maxReplicas": most,
        "metrics": list(metrics or [CPU]),
    }
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": spec | ({"behavior": behavior} if behavior else {}),
    }


def load(play: Any, cores: float, memory: int = 0) -> None:
    """So much work for all pods together."""

    def share(pod: Obj) -> dict[str, Usage]:
        ready = [one for one in play.list("pods") if conditions.is_true(one, "Ready")]
        return {"c": Usage(cores / len(ready), memory)} if conditions.is_true(pod, "Ready") else {}

    play.usage = share


def said(play: Any) -> list[tuple[str, str]]:
    """Reasons and messages of the autoscaler's own events."""
    rows = [row for row in play.list("events") if row["involvedObject"]["kind"] == "HorizontalPodAutoscaler"]
    rows.sort(key=lambda row: int(row["metadata"]["resourceVersion"]))
    return [(row["reason"], row["message"]) for row in rows]


def replicas(play: Any) -> int:
    return int(play.get("deploy", "web")["spec"]["replicas"])


def condition(play: Any, type_: str) -> tuple[str, str]:
    scaler = play.get("hpa", "web")
    return conditions.reason(scaler, type_), conditions.message(scaler, type_)


def settled(play: Any, replicas_: int) -> None:
    """A deployment whose pods have run for six minutes: their CPU counts."""
    play.apply(deployment(replicas_, {"cpu": "100m", "memory": "64Mi"}))
    play.run(360)


@pytest.mark.parametrize(("replicas_", "limits", "then"), [(1, (3, 5), 3), (9, (3, 5), 5), (4, (3, 5), 4)])
def test_it_keeps_its_target_within_the_limits(play: Any, replicas_: int, limits: tuple[int, int], then: int) -> None:
    play.apply(deployment(replicas_))
    play.apply(autoscaler(*limits))
    play.run(5)
    assert replicas(play) == then


def test_pods_that_work_too_much_get_company(play: Any) -> None:
    settled(play, 2)
    load(play, 0.18)
    play.apply(autoscaler(1, 10))
    play.run(5)
    assert replicas(play) == 4  # 90 % of 100m each, and 50 % wanted: 2 * 90 / 50, rounded up
    assert said(play)[-1] == (
        "SuccessfulRescale",
        f"New size: 4; reason: {CPU_WORDS} above target",
    )
    assert condition(play, "ScalingActive") == (
        "ValidMetricFound",
        f"the HPA was able to successfully calculate a replica count from {CPU_WORDS}",
    )
    current = play.get("hpa", "web")["status"]["currentMetrics"]
    assert current == [
        {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 90, "averageValue": "90m"}}}
    ]


def test_a_use_near_the_target_changes_nothing(play: Any) -> None:
    settled(play, 2)
    load(play, 0.108)
    play.apply(autoscaler(1, 10))
    play.run(60)
    assert replicas(play) == 2
    assert condition(play, "AbleToScale")[0] == "ReadyForNewScale"
    assert condition(play, "ScalingLimited")[0] == "DesiredWithinRange"


def test_it_grows_at_once_to_its_maximum_and_says_that_it_is_one(play: Any) -> None:
    settled(play, 2)
    load(play, 1.0)
    play.apply(autoscaler(1, 3))
    play.run(20)
    assert replicas(play) == 3
    assert condition(play, "ScalingLimited") == (
        "TooManyReplicas",
        "the desired replica count is more than the maximum replica count",
    )


def test_it_doubles_at_most(play: Any) -> None:
    settled(play, 5)
    load(play, 4.0)
    play.apply(autoscaler(1, 50))
    play.run(5)
    assert replicas(play) == 10
    assert condition(play, "ScalingLimited")[0] == "ScaleUpLimit"


def test_it_takes_pods_away_only_after_five_calm_minutes(play: Any) -> None:
    settled(play, 4)
    load(play, 0.2)
    play.apply(autoscaler(1, 10))
    play.run(5)
    load(play, 0.01)
    play.run(200)
    assert replicas(play) == 4
    assert condition(play, "AbleToScale")[0] == "ScaleDownStabilized"
    play.run(150)
    assert replicas(play) == 1
    assert said(play)[-1] == ("SuccessfulRescale", "New size: 1; reason: All metrics below target")


def test_the_spec_may_ask_for_less_patience_and_smaller_steps(play: Any) -> None:
    settled(play, 4)
    load(play, 0.01)
    down = {"stabilizationWindowSeconds": 0, "policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}]}
    play.apply(autoscaler(1, 10, behavior={"scaleDown": down}))
    play.run(5)
    assert replicas(play) == 3
    assert condition(play, "ScalingLimited")[0] == "ScaleDownLimit"
    play.run(50)
    assert replicas(play) == 3
    play.run(30)
    assert replicas(play) == 2


def test_a_direction_can_be_forbidden(play: Any) -> None:
    settled(play, 4)
    load(play, 0.01)
    play.apply(autoscaler(1, 10, behavior={"scaleDown": {"selectPolicy": "Disabled", "stabilizationWindowSeconds": 0}}))
    play.run(60)
    assert replicas(play) == 4


def test_of_two_metrics_the_hungrier_decides(play: Any) -> None:
    settled(play, 2)
    load(play, 0.1, memory=30 << 20)
    target = {"type": "AverageValue", "averageValue": "10Mi"}
    play.apply(autoscaler(1, 10, CPU, {"type": "Resource", "resource": {"name": "memory", "target": target}}))
    play.run(5)
    assert replicas(play) == 4  # six wanted, and no more than four at once from two
    assert play.get("hpa", "web")["status"]["currentMetrics"][1] == {
        "type": "Resource",
        "resource": {"name": "memory", "current": {"averageValue": "30Mi"}},
    }
    assert said(play)[-1][1] == "New size: 4; reason: memory resource above target"


def test_one_container_of_a_pod_can_be_meant(play: Any) -> None:
    settled(play, 2)
    load(play, 0.18)
    target = {"type": "Utilization", "averageUtilization": 50}
    metric = {"name": "cpu", "container": "c", "target": target}
    play.apply(autoscaler(1, 10, {"type": "ContainerResource", "containerResource": metric}))
    play.run(5)
    assert replicas(play) == 4


def test_without_a_request_nobody_knows_what_a_percentage_is_of(play: Any) -> None:
    play.apply(deployment(2))
    play.run(360)
    load(play, 0.2)
    play.apply(autoscaler(1, 5))
    play.run(5)
    pod = min(one["metadata"]["name"] for one in play.list("pods"))
    why = f"failed to get cpu utilization: missing request for cpu in container c of Pod {pod}"
    assert condition(play, "ScalingActive") == (
        "FailedGetResourceMetric",
        f"the HPA was unable to compute the replica count: {why}",
    )
    assert play.get("hpa", "web")["status"]["currentMetrics"] == [{"type": ""}]
    assert said(play)[-1] == (
        "FailedComputeMetricsReplicas",
        f"invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: {why}",
    )


def test_what_has_not_been_measured_is_said(play: Any) -> None:
    settled(play, 2)
    play.apply(autoscaler(1, 5))
    play.run(5)
    assert condition(play, "ScalingActive")[1].endswith("no metrics returned from resource metrics API")
    assert replicas(play) == 2


@pytest.mark.parametrize(
    ("metric", "reason", "why"),
    [
        (
            {
                "type": "Pods",
                "pods": {"metric": {"name": "rps"}, "target": {"type": "AverageValue", "averageValue": "1k"}},
            },
            "FailedGetPodsMetric",
            f"unable to get metric rps: {NO_CUSTOM}",
        ),
        (
            {
                "type": "External",
                "external": {
                    "metric": {"name": "queue", "selector": {"matchLabels": {"q": "x"}}},
                    "target": {"type": "AverageValue", "averageValue": "30"},
                },
            },
            "FailedGetExternalMetric",
            NO_EXTERNAL,
        ),
        (
            {
                "type": "Object",
                "object": {
                    "metric": {"name": "hits"},
                    "describedObject": {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "name": "main"},
                    "target": {"type": "Value", "value": "10k"},
                },
            },
            "FailedGetObjectMetric",
            f"unable to get metric hits on Ingress default/main: {NO_CUSTOM}",
        ),
    ],
)
def test_metrics_of_others_are_missing_as_on_any_cluster_that_was_not_given_them(
    play: Any, metric: Obj, reason: str, why: str
) -> None:
    settled(play, 1)
    play.apply(autoscaler(1, 3, metric))
    play.run(5)
    assert condition(play, "ScalingActive") == (reason, f"the HPA was unable to compute the replica count: {why}")
    assert (reason, why) in said(play)


def test_a_starting_pods_cpu_does_not_count(play: Any) -> None:
    play.apply(deployment(2, {"cpu": "100m"}))
    play.apply(autoscaler(1, 10))
    load(play, 1.0)
    play.run(20)
    assert condition(play, "ScalingActive")[1].endswith(
        "did not receive metrics for targeted pods (pods might be unready)"
    )
    assert replicas(play) == 2


def test_a_target_that_is_not_there(play: Any) -> None:
    play.apply(autoscaler(1, 5))
    play.run(5)
    assert condition(play, "AbleToScale")[1] == (
        'the HPA controller was unable to get the target\'s current scale: deployments.apps "web" not found'
    )
    play.apply(deployment(2))
    play.run(20)
    assert conditions.is_true(play.get("hpa", "web"), "AbleToScale")


def test_a_target_that_is_switched_off_stays_so(play: Any) -> None:
    play.apply(deployment(0))
    play.apply(autoscaler(1, 5))
    play.run(20)
    assert condition(play, "ScalingActive")[0] == "ScalingDisabled"
    assert replicas(play) == 0


def test_one_that_is_made_anew_does_not_remember_the_last(play: Any) -> None:
    settled(play, 4)
    load(play, 0.2)
    play.apply(autoscaler(1, 10))
    play.run(5)
    play.local.delete(play.get("hpa", "web"))
    load(play, 0.01)
    play.run(5)
    play.apply(autoscaler(1, 10, behavior={"scaleDown": {"stabilizationWindowSeconds": 0}}))
    play.run(5)
    assert replicas(play) == 1
