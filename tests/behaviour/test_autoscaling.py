"""HorizontalPodAutoscalers where nobody gives metrics but the cluster itself, on both clusters in the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_tutor.objects import conditions

if TYPE_CHECKING:
    from tests.behaviour.conftest import Environment

TARGET = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {terminationGracePeriodSeconds: 1, containers: [{name: c, image: registry.k8s.io/pause:3.10.2}]}
"""
RPS = "{type: Pods, pods: {metric: {name: rps}, target: {type: AverageValue, averageValue: 1k}}}"


def scaler(least: int, more: str, name: str = "web") -> str:
    return f"""
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: {name}}}
spec:
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}
  minReplicas: {least}
  maxReplicas: 5
  {more}
"""


def test_half_a_behavior_is_filled_in(env: Environment) -> None:
    (made,) = env.apply(scaler(1, "behavior: {scaleDown: {stabilizationWindowSeconds: 60}}"))
    double = {"type": "Percent", "value": 100, "periodSeconds": 15}
    four = {"type": "Pods", "value": 4, "periodSeconds": 15}
    assert made["spec"]["behavior"] == {
        "scaleUp": {"selectPolicy": "Max", "stabilizationWindowSeconds": 0, "policies": [four, double]},
        "scaleDown": {"selectPolicy": "Max", "stabilizationWindowSeconds": 60, "policies": [double]},
    }


def test_the_minimum_holds_whatever_the_metrics_say(env: Environment) -> None:
    env.apply(TARGET + "---" + scaler(3, f"metrics: [{RPS}]"))
    env.wait("deploy", "web", lambda web: web["spec"]["replicas"] == 3)
    event = env.wait_event("hpa", "web", "SuccessfulRescale")
    assert event["message"] == "New size: 3; reason: Current number of replicas below Spec.MinReplicas"


def test_a_metric_that_nobody_gives_is_said_in_the_condition_and_in_events(env: Environment) -> None:
    env.apply(TARGET)
    env.wait("deploy", "web", lambda web: web.get("status", {}).get("replicas") == 2)
    env.apply(scaler(1, f"metrics: [{RPS}]"))
    found = env.wait("hpa", "web", lambda web: conditions.status(web, "ScalingActive") == "False")
    why = (
        "unable to get metric rps: unable to fetch metrics from custom metrics API: "
        "no custom metrics API (custom.metrics.k8s.io) registered"
    )
    assert conditions.reason(found, "ScalingActive") == "FailedGetPodsMetric"
    assert conditions.message(found, "ScalingActive") == f"the HPA was unable to compute the replica count: {why}"
    assert found["status"]["currentMetrics"] == [{"type": ""}]
    assert env.wait_event("hpa", "web", "FailedGetPodsMetric")["message"] == why
    assert env.wait_event("hpa", "web", "FailedComputeMetricsReplicas")["message"] == (
        f"invalid metrics (1 invalid out of 1), first error is: failed to get pods metric value: {why}"
    )


def test_two_of_them_for_the_same_pods_do_nothing_and_say_why(env: Environment) -> None:
    env.apply(TARGET)
    env.wait("deploy", "web", lambda web: web.get("status", {}).get("replicas") == 2)
    env.apply(scaler(1, f"metrics: [{RPS}]", "one") + "---" + scaler(1, f"metrics: [{RPS}]", "two"))
    found = env.wait("hpa", "two", lambda two: conditions.reason(two, "ScalingActive") == "AmbiguousSelector")
    one, two = f"{env.namespace}/one", f"{env.namespace}/two"
    words = "pods by selector app=web are controlled by more than one HPA (e.g. [{}])"
    either = {words.format(f"{one} {two}"), words.format(f"{two} {one}")}  # a real one reads them in any order
    assert conditions.message(found, "ScalingActive") in either
    assert env.wait_event("hpa", "two", "AmbiguousSelector")["message"] in either
