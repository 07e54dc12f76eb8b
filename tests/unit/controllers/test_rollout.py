from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.embedded.controllers import rollout
from k8s_tutor.objects.deployments import Limits
from k8s_tutor.objects.types import Obj


def deployment(replicas: int, surge: Any = "25%", unavailable: Any = "25%") -> Obj:
    rolling = {"maxSurge": surge, "maxUnavailable": unavailable}
    return {"spec": {"replicas": replicas, "strategy": {"type": "RollingUpdate", "rollingUpdate": rolling}}}


def version(name: str, size: int, available: int | None = None, *, maximum: int = 0) -> Obj:
    meta = {"name": name, "uid": name, "creationTimestamp": f"2026-01-01T00:00:0{name[-1]}Z", "annotations": {}}
    if maximum:
        meta["annotations"] = {"deployment.kubernetes.io/max-replicas": str(maximum)}
    up = size if available is None else available
    return {"metadata": meta, "spec": {"replicas": size}, "status": {"availableReplicas": up}}


@pytest.mark.parametrize(
    ("replicas", "surge", "unavailable", "expected"),
    [
        (3, "25%", "25%", (1, 0)),
        (10, "25%", "25%", (3, 2)),
        (4, 0, 0, (0, 1)),
        (1, "25%", "25%", (1, 0)),
        (0, "25%", "25%", (0, 0)),
        (5, 2, "100%", (2, 5)),
    ],
)
def test_surge_rounds_up_and_unavailable_down_and_never_both_are_zero(
    replicas: int, surge: Any, unavailable: Any, expected: tuple[int, int]
) -> None:
    limits = Limits.of(deployment(replicas, surge, unavailable))
    assert (limits.surge, limits.unavailable) == expected


def test_the_new_version_grows_by_what_the_surge_leaves() -> None:
    limits = Limits.of(deployment(3))
    old = version("old-1", 3)
    (step,) = rollout.scale_new(limits, version("new-2", 0), [old, version("new-2", 0)])
    assert step.size == 1


def test_an_old_version_shrinks_only_when_new_pods_are_available() -> None:
    limits = Limits.of(deployment(3))
    assert rollout.shrink_old(limits, version("new-2", 1, 0), [version("old-1", 3)]) == []
    (step,) = rollout.shrink_old(limits, version("new-2", 1, 1), [version("old-1", 3)])
    assert step.size == 2


def test_pods_that_never_became_available_go_first() -> None:
    limits = Limits.of(deployment(10, surge=0, unavailable=2))
    broken, good = version("old-2", 4, 0), version("old-1", 8, 8)
    (step,) = rollout.shrink_old(limits, version("new-3", 0), [good, broken])
    assert (step.replica_set["metadata"]["name"], step.size) == ("old-2", 0)


def test_a_deployment_scaled_in_mid_rollout_keeps_the_shares_of_its_versions() -> None:
    limits = Limits.of(deployment(15, surge=3, unavailable=2))
    versions = [version("old-1", 8, maximum=13), version("new-2", 5, maximum=13)]
    sizes = {scale.replica_set["metadata"]["name"]: scale.size for scale in rollout.proportional(limits, versions, 13)}
    assert sizes == {"old-1": 11, "new-2": 7}


@given(
    replicas=st.integers(1, 30),
    surge=st.one_of(st.integers(0, 10), st.integers(0, 100).map(lambda n: f"{n}%")),
    unavailable=st.one_of(st.integers(0, 10), st.integers(0, 100).map(lambda n: f"{n}%")),
    ready=st.lists(st.booleans(), min_size=200, max_size=200),
)
def test_a_rollout_ends_and_never_breaks_its_limits(
    replicas: int, surge: Any, unavailable: Any, ready: list[bool]
) -> None:
    """Whatever the limits and however slowly pods become ready: enough are available, never too many exist."""
    limits = Limits.of(deployment(replicas, surge, unavailable))
    old, new = version("old-1", replicas), version("new-2", 0)
    lucky = iter(ready)
    for _ in range(400):
        steps = rollout.scale_new(limits, new, [old, new]) or rollout.shrink_old(limits, new, [old])
        for step in steps:
            obj = step.replica_set
            obj["spec"]["replicas"] = step.size
            obj["status"]["availableReplicas"] = min(obj["status"]["availableReplicas"], step.size)
        assert rollout.replicas(old) + rollout.replicas(new) <= limits.maximum
        assert rollout.available(old) + rollout.available(new) >= limits.minimum_available
        if rollout.available(new) < rollout.replicas(new) and next(lucky, True):
            new["status"]["availableReplicas"] += 1
    assert (rollout.replicas(old), rollout.replicas(new)) == (0, replicas)
