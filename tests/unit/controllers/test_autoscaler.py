"""HorizontalPodAutoscalers keep to their limits and say what they do not do."""

from __future__ import annotations

from typing import Any

import pytest

from k8s_tutor.objects import conditions
from k8s_tutor.objects.types import Obj


def deployment(replicas: int) -> Obj:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": template},
    }


def autoscaler(least: int, most: int) -> Obj:
    target = {"type": "Utilization", "averageUtilization": 60}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "minReplicas": least,
            "maxReplicas": most,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
        },
    }


@pytest.mark.parametrize(("replicas", "limits", "then"), [(1, (3, 5), 3), (9, (3, 5), 5), (4, (3, 5), 4)])
def test_it_keeps_its_target_within_the_limits(play: Any, replicas: int, limits: tuple[int, int], then: int) -> None:
    play.apply(deployment(replicas))
    play.apply(autoscaler(*limits))
    play.run(5)
    assert play.get("deploy", "web")["spec"]["replicas"] == then


def test_beyond_that_it_says_that_it_cannot(play: Any) -> None:
    play.apply(deployment(2))
    play.apply(autoscaler(1, 5))
    play.run(5)
    scaler = play.get("hpa", "web")
    assert conditions.reason(scaler, "ScalingActive") == "FailedGetResourceMetric"
    assert "the embedded cluster does not scale by metrics" in conditions.message(scaler, "ScalingActive")
    assert scaler["status"]["currentReplicas"] == 2


def test_a_target_that_is_not_there(play: Any) -> None:
    play.apply(autoscaler(1, 5))
    play.run(5)
    assert conditions.message(play.get("hpa", "web"), "AbleToScale") == (
        'the HPA controller was unable to get the target\'s current scale: deployments.apps "web" not found'
    )
    play.apply(deployment(2))
    play.run(20)
    assert conditions.is_true(play.get("hpa", "web"), "AbleToScale")


def test_a_target_that_is_switched_off_stays_so(play: Any) -> None:
    play.apply(deployment(0))
    play.apply(autoscaler(1, 5))
    play.run(20)
    assert conditions.reason(play.get("hpa", "web"), "ScalingActive") == "ScalingDisabled"
    assert play.get("deploy", "web")["spec"]["replicas"] == 0
