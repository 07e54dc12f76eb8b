"""Probes: readiness takes a pod off, liveness and startup restart its container."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from k8s_tutor.objects import conditions

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment


def pod(container: str) -> str:
    return f"""
apiVersion: v1
kind: Pod
metadata: {{name: p}}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{{name: main, {container}}}]
"""


def ready(word: str):
    return lambda obj: conditions.status(obj, "Ready") == word


def running(obj: Obj) -> bool:
    return bool(obj.get("status", {}).get("phase") == "Running")


def status(obj: Obj) -> Obj:
    found: Obj = (obj.get("status", {}).get("containerStatuses") or [{"restartCount": 0, "state": {}}])[0]
    return found


def unhealthy(env: Environment) -> str:
    return str(env.wait_event("pods", "p", "Unhealthy")["message"])


def test_a_pod_is_not_ready_until_its_probe_says_so(env: Environment) -> None:
    probe = "readinessProbe: {exec: {command: [cat, /tmp/ok]}, periodSeconds: 1}"
    env.apply(pod(f"image: 'busybox:1.35', command: [sh, -c, 'sleep 5; touch /tmp/ok; sleep 1000'], {probe}"))

    not_yet = env.wait("pods", "p", running)
    env.wait("pods", "p", ready("True"))

    assert conditions.message(not_yet, "Ready") == "containers with unready status: [main]"
    assert status(not_yet)["started"] is True
    assert unhealthy(env) == "Readiness probe failed: cat: can't open '/tmp/ok': No such file or directory\n"


def test_a_pod_can_become_unready_again_without_a_restart(env: Environment) -> None:
    probe = "readinessProbe: {exec: {command: [cat, /tmp/ok]}, periodSeconds: 1, failureThreshold: 2}"
    script = "touch /tmp/ok; sleep 6; rm /tmp/ok; sleep 1000"
    env.apply(pod(f"image: 'busybox:1.35', command: [sh, -c, '{script}'], {probe}"))

    env.wait("pods", "p", ready("True"))
    unready = env.wait("pods", "p", lambda obj: running(obj) and ready("False")(obj))

    assert status(unready)["restartCount"] == 0


@pytest.mark.parametrize(
    ("probe", "words"),
    [
        ("httpGet: {path: /nope, port: 80}", "HTTP probe failed with statuscode: 404"),
        ("httpGet: {path: /, port: 81}", 'Get "http://IP:81/": dial tcp IP:81: connect: connection refused'),
        ("tcpSocket: {port: 81}", "dial tcp IP:81: connect: connection refused"),
        ("exec: {command: [sleep, '10']}, timeoutSeconds: 1", 'command timed out: "sleep 10" timed out after 1s'),
    ],
    ids=["status", "refused", "tcp", "timeout"],
)
def test_a_probe_says_why_it_failed(env: Environment, probe: str, words: str) -> None:
    # A moment's delay: otherwise a real nginx may not listen yet when the first probe comes.
    env.apply(pod(f"image: 'nginx:1.22', readinessProbe: {{{probe}, periodSeconds: 2, initialDelaySeconds: 2}}"))

    up = env.wait("pods", "p", running)

    assert unhealthy(env) == f"Readiness probe failed: {words}".replace("IP", up["status"]["podIP"])


def test_a_failed_liveness_probe_restarts_the_container(env: Environment) -> None:
    probe = "livenessProbe: {httpGet: {path: /healthz, port: 8080}, initialDelaySeconds: 3, periodSeconds: 3}"
    env.apply(pod(f"image: 'registry.k8s.io/e2e-test-images/agnhost:2.66.1', args: [liveness], {probe}"))

    again = env.wait("pods", "p", lambda obj: status(obj)["restartCount"] == 1)

    assert status(again)["lastState"]["terminated"]["exitCode"] == 2
    assert unhealthy(env) == "Liveness probe failed: HTTP probe failed with statuscode: 500"
    killing = env.wait_event("pods", "p", "Killing")
    assert killing["message"] == "Container main failed liveness probe, will be restarted"


def test_a_failed_startup_probe_restarts_the_container(env: Environment) -> None:
    probe = "startupProbe: {exec: {command: [cat, /nope]}, periodSeconds: 1, failureThreshold: 3}"
    env.apply(pod(f"image: 'busybox:1.35', command: [sleep, '1000'], {probe}"))

    up = env.wait("pods", "p", running)
    env.wait("pods", "p", lambda obj: status(obj)["restartCount"] == 1)

    assert status(up)["started"] is False
    killing = env.wait_event("pods", "p", "Killing")
    assert killing["message"] == "Container main failed startup probe, will be restarted"


def test_other_probes_wait_for_the_startup_probe(env: Environment) -> None:
    probes = (
        "startupProbe: {exec: {command: [cat, /tmp/ok]}, periodSeconds: 1, failureThreshold: 30}, "
        "livenessProbe: {exec: {command: [cat, /tmp/ok]}, periodSeconds: 1, failureThreshold: 1}"
    )
    script = "sleep 5; touch /tmp/ok; sleep 1000"
    env.apply(pod(f"image: 'busybox:1.35', command: [sh, -c, '{script}'], {probes}"))

    up = env.wait("pods", "p", ready("True"))

    assert status(up)["restartCount"] == 0
