"""Untouched: one rule for all exercises."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from k8s_tutor.exercises import Exercise, State, see
from k8s_tutor.exercises.exercise import STARTED, find_untouched, is_as_started, record_start, start_refs

START = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.22"}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{port: 80}]}
"""
DEPLOYMENT = {"kind": "Deployment", "metadata": {"name": "web", "uid": "d"}, "spec": {"replicas": 2}}
SERVICE = {"kind": "Service", "metadata": {"name": "web", "uid": "s"}, "spec": {"ports": [{"port": 80}]}}


class _Client:
    """Keeps what is written on the objects."""

    def __init__(self, *objects: dict[str, Any]) -> None:
        self.objects = {obj["kind"].lower() + "s": deepcopy(obj) for obj in objects}

    def get(self, kind: str, *_: str) -> dict[str, Any]:
        return self.objects[kind]

    def patch(self, kind: str, _name: str, patch: dict[str, Any], _namespace: str) -> None:
        self.objects[kind]["metadata"]["annotations"] = patch["metadata"]["annotations"]


def _exercise(
    start: str = START, objects: tuple[str, ...] = ("service/web", "deployment/web"), pods: str = ""
) -> Exercise:
    return Exercise("demo-1", "", "", (lambda _: see(),), "", (), "", "", (), start=start, objects=objects, pods=pods)


@pytest.fixture
def begun() -> list[dict[str, Any]]:
    client = _Client(DEPLOYMENT, SERVICE)
    record_start(client, "demo", _exercise().start)  # type: ignore[arg-type]
    return [client.objects["deployments"], client.objects["services"]]


def _is_untouched(objects: list[dict[str, Any]], exercise: Exercise | None = None) -> bool:
    return find_untouched(exercise or _exercise(), State.of(objects)) is not None


def test_a_start_names_its_objects() -> None:
    assert start_refs(START) == ("deployment/web", "service/web")
    assert start_refs("") == ()


def test_as_it_began_it_is_untouched(begun: list[dict[str, Any]]) -> None:
    assert _is_untouched(begun)


@pytest.mark.parametrize(
    ("index", "path", "value"),
    [
        (0, ("spec", "replicas"), 5),
        (0, ("spec", "paused"), True),
        (1, ("spec", "publishNotReadyAddresses"), True),
        (1, ("metadata", "labels"), {"a": "b"}),
        (1, ("metadata", "uid"), "another"),
        (1, ("metadata", "annotations"), {}),
        (1, ("metadata", "deletionTimestamp"), "2026-01-01T00:00:00Z"),
    ],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else str(value),
)
def test_whatever_is_changed_touches_it(
    begun: list[dict[str, Any]], index: int, path: tuple[str, str], value: Any
) -> None:
    begun[index][path[0]][path[1]] = value
    assert not _is_untouched(begun)


@pytest.mark.parametrize("field", ["status", "managedFields", "resourceVersion", "generation", "nodeName", "ephemeral"])
def test_what_the_cluster_does_and_a_look_with_kubectl_debug_touch_nothing(
    begun: list[dict[str, Any]], field: str
) -> None:
    match field:
        case "status":
            begun[1]["status"] = {"loadBalancer": {}}
        case "nodeName":
            begun[1]["spec"]["nodeName"] = "worker"
        case "ephemeral":
            begun[1]["spec"]["ephemeralContainers"] = [{"name": "debugger"}]
        case _:
            begun[1]["metadata"][field] = 7
    assert _is_untouched(begun)


def test_a_copy_of_the_annotation_on_another_object_is_no_proof(begun: list[dict[str, Any]]) -> None:
    copy = {**deepcopy(begun[1]), "metadata": {**begun[1]["metadata"], "uid": "another"}}
    assert STARTED in copy["metadata"]["annotations"]
    assert not is_as_started(copy)


def test_what_belongs_to_it_and_was_made_touches_it(begun: list[dict[str, Any]]) -> None:
    wider = _exercise(objects=("service/shop", "service/web", "deployment/web"))
    assert str(find_untouched(wider, State.of(begun))) == "○ not attempted yet: there is no Service `shop` yet."
    for name in ("shop", "shpo"):
        assert not _is_untouched([*begun, {"kind": "Service", "metadata": {"name": name}}], wider)
    assert _is_untouched([*begun, {"kind": "Service", "metadata": {"name": "elsewhere"}}], wider)


def test_a_pod_of_its_own_with_the_exercises_label_touches_it(begun: list[dict[str, Any]]) -> None:
    labelled = _exercise(pods="app=web")
    pod: dict[str, Any] = {"kind": "Pod", "metadata": {"name": "a", "labels": {"app": "web"}}}
    assert not _is_untouched([*begun, pod], labelled)
    pod["metadata"]["ownerReferences"] = [{"kind": "ReplicaSet", "controller": True}]
    assert _is_untouched([*begun, pod], labelled)


def test_without_a_start_it_is_untouched_while_none_of_its_objects_is_there() -> None:
    plain = _exercise("", ("pod/hello",))
    assert _is_untouched([], plain)
    assert _is_untouched([{"kind": "Pod", "metadata": {"name": "count"}}], plain)
    assert not _is_untouched([{"kind": "Pod", "metadata": {"name": "hello"}}], plain)
    assert not _is_untouched([{"kind": "Pod", "metadata": {"name": "helo"}}], plain)


def test_an_exercise_about_a_function_has_no_objects_to_touch() -> None:
    assert not _is_untouched([], _exercise("", ()))
