"""Deleting a pod: the grace period, what the container hears, how it ends, and that nobody brings it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment


def pod(container: str, grace: int = 30, more: str = "") -> str:
    return f"""
apiVersion: v1
kind: Pod
metadata: {{name: p}}
spec:
  terminationGracePeriodSeconds: {grace}
  containers: [{{name: main, {container}}}]
  {more}
"""


def running(obj: Obj) -> bool:
    return bool(obj.get("status", {}).get("phase") == "Running")


def last_status(env: Environment) -> Obj:
    """The pod's only container as it stood when the pod was last seen."""
    states = env.states("pods", "p")
    return dict(states[-1]["status"]["containerStatuses"][0])


def test_a_deleted_pod_goes_and_does_not_come_back(env: Environment) -> None:
    env.apply(pod("image: 'nginx:1.22'"))
    env.wait("pods", "p", running)

    env.delete("pods", "p")
    env.wait_gone("pods", "p")

    assert env.client.list("pods", env.namespace) == []
    assert env.wait_event("pods", "p", "Killing")["message"] == "Stopping container main"


def test_a_deleted_pod_is_marked_first(env: Environment) -> None:
    env.apply(pod("image: 'busybox:1.35', command: [sleep, '1000']", grace=3))
    env.wait("pods", "p", running)

    env.delete("pods", "p")
    marked = env.get("pods", "p")

    assert marked["metadata"]["deletionGracePeriodSeconds"] == 3
    assert "deletionTimestamp" in marked["metadata"]
    assert marked["status"]["phase"] == "Running"
    env.wait_gone("pods", "p")


@pytest.mark.parametrize(
    ("container", "code"),
    [
        ("image: 'nginx:1.22'", 0),
        ("image: 'busybox:1.35', command: [sleep, '1000']", 137),
        ("image: 'busybox:1.35', command: [sh, -c, 'trap \"exit 5\" TERM; while true; do sleep 0.2; done']", 5),
    ],
    ids=["listens", "ignores", "traps"],
)
def test_how_a_container_ends_when_it_is_told_to(env: Environment, container: str, code: int) -> None:
    env.apply(pod(container, grace=2))
    env.wait("pods", "p", running)

    env.delete("pods", "p")
    env.wait_gone("pods", "p")

    assert last_status(env)["state"]["terminated"]["exitCode"] == code
    assert env.states("pods", "p")[-1]["status"]["phase"] == ("Succeeded" if code == 0 else "Failed")


def test_a_container_that_does_not_listen_takes_the_whole_grace_period(env: Environment) -> None:
    env.apply(pod("image: 'busybox:1.35', command: [sleep, '1000']", grace=5))
    env.wait("pods", "p", running)

    begun = env.clock.now()
    env.delete("pods", "p")
    env.wait_gone("pods", "p")

    assert 4.5 <= env.clock.now() - begun <= 12


def test_a_hook_before_the_end(env: Environment) -> None:
    hook = "lifecycle: {preStop: {exec: {command: [sh, -c, 'echo going > /proc/1/fd/1; sleep 1']}}}"
    env.apply(pod(f"image: 'nginx:1.22', {hook}", grace=10))
    env.wait("pods", "p", running)

    begun = env.clock.now()
    env.delete("pods", "p")
    env.wait_gone("pods", "p")

    assert env.clock.now() - begun >= 1


def test_a_hook_that_fails_is_told(env: Environment) -> None:
    hook = "lifecycle: {preStop: {exec: {command: [sh, -c, 'exit 4']}}}"
    env.apply(pod(f"image: 'nginx:1.22', {hook}", grace=10))
    env.wait("pods", "p", running)

    env.delete("pods", "p")
    env.wait_gone("pods", "p")

    assert env.wait_event("pods", "p", "FailedPreStopHook")["message"] == "PreStopHook failed"


def test_without_grace_it_is_gone_at_once(env: Environment) -> None:
    env.apply(pod("image: 'busybox:1.35', command: [sleep, '1000']"))
    env.wait("pods", "p", running)

    env.delete("pods", "p", grace_seconds=0)

    assert env.client.find("pods", "p", env.namespace) is None


def test_a_pod_that_never_ran_is_deleted_too(env: Environment) -> None:
    env.apply(pod("image: 'Nginx:1.22'"))
    env.wait_event("pods", "p", "InspectFailed")

    env.delete("pods", "p")
    env.wait_gone("pods", "p")

    ended = last_status(env)["state"]["terminated"]
    assert ended["reason"] == "ContainerStatusUnknown"
    assert ended["message"] == "The container could not be located when the pod was terminated"
