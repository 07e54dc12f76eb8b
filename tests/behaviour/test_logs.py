"""Logs: what a container wrote, the attempt before, and the words when there is nothing to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from k8s_tutor.api.protocol import StatusError

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment


def pod(container: str, restart: str = "Never") -> str:
    return f"""
apiVersion: v1
kind: Pod
metadata: {{name: p}}
spec:
  restartPolicy: {restart}
  terminationGracePeriodSeconds: 1
  containers: [{{name: main, {container}}}]
"""


def ended(obj: Obj) -> bool:
    return obj.get("status", {}).get("phase") in ("Succeeded", "Failed")


def test_the_log_outlives_the_container(env: Environment) -> None:
    env.apply(pod("image: 'busybox:1.35', command: [sh, -c, 'echo one; echo two; echo three >&2; exit 1']"))
    env.wait("pods", "p", ended)

    assert sorted(env.client.logs("p", env.namespace).splitlines()) == ["one", "three", "two"]


def test_only_the_last_lines(env: Environment) -> None:
    env.apply(pod("image: 'busybox:1.35', command: [sh, -c, 'seq 10']"))
    env.wait("pods", "p", ended)

    assert env.client.logs("p", env.namespace, tailLines=2) == "9\n10\n"


def test_lines_with_their_times(env: Environment) -> None:
    env.apply(pod("image: 'busybox:1.35', command: [sh, -c, 'echo hello']"))
    env.wait("pods", "p", ended)

    time, _, line = env.client.logs("p", env.namespace, timestamps=True).partition(" ")

    assert line == "hello\n"
    assert time.endswith("Z")
    assert "T" in time


def test_no_more_than_so_many_bytes(env: Environment) -> None:
    env.apply(pod("image: 'busybox:1.35', command: [sh, -c, 'echo hello']"))
    env.wait("pods", "p", ended)

    assert env.client.logs("p", env.namespace, limitBytes=4) == "hell"


def test_the_attempt_before(env: Environment) -> None:
    script = "test -f /scratch/x && echo second || echo first; touch /scratch/x; sleep 2; exit 1"
    env.apply(
        f"""
apiVersion: v1
kind: Pod
metadata: {{name: p}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - {{name: main, image: busybox:1.35, command: [sh, -c, "{script}"], volumeMounts: [{{name: w, mountPath: /scratch}}]}}
  volumes: [{{name: w, emptyDir: {{}}}}]
"""
    )
    env.wait("pods", "p", lambda obj: (obj["status"].get("containerStatuses") or [{}])[0].get("restartCount") == 1)

    assert env.client.logs("p", env.namespace, previous=True) == "first\n"
    assert env.client.logs("p", env.namespace) == "second\n"


def test_no_attempt_before(env: Environment) -> None:
    env.apply(pod("image: 'busybox:1.35', command: [sh, -c, 'exit 0']"))
    env.wait("pods", "p", ended)

    with pytest.raises(StatusError) as refused:
        env.client.logs("p", env.namespace, previous=True)

    assert refused.value.code == 400
    assert refused.value.what == 'previous terminated container "main" in pod "p" not found'


def test_a_container_that_waits_has_no_log(env: Environment) -> None:
    env.apply(pod("image: 'Nginx:1.22'"))
    env.wait_event("pods", "p", "InspectFailed")

    def stuck(obj: Obj) -> bool:
        statuses = obj["status"].get("containerStatuses") or [{}]
        return bool(statuses[0].get("state", {}).get("waiting", {}).get("reason") == "InvalidImageName")

    env.wait("pods", "p", stuck)
    with pytest.raises(StatusError) as refused:
        env.client.logs("p", env.namespace)

    assert refused.value.code == 400
    assert refused.value.reason == "BadRequest"
    assert refused.value.what == 'container "main" in pod "p" is waiting to start: InvalidImageName'


def test_a_container_has_to_be_chosen(env: Environment) -> None:
    env.apply(
        """
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{name: a, image: nginx:1.22}, {name: b, image: busybox:1.35, command: [sleep, "1000"]}]
"""
    )
    env.wait("pods", "p", lambda obj: obj.get("status", {}).get("phase") == "Running")

    with pytest.raises(StatusError) as refused:
        env.client.logs("p", env.namespace)

    assert refused.value.what == "a container name must be specified for pod p, choose one of: [a b]"
