"""Restarts: policies, CrashLoopBackOff, what a container's last end was."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment


def pod(command: str, restart: str = "Always") -> str:
    return f"""
apiVersion: v1
kind: Pod
metadata: {{name: p}}
spec:
  restartPolicy: {restart}
  terminationGracePeriodSeconds: 1
  containers: [{{name: main, image: busybox:1.35, command: [sh, -c, "{command}"]}}]
"""


def status(obj: Obj) -> Obj:
    found: Obj = (obj.get("status", {}).get("containerStatuses") or [{"state": {}, "restartCount": 0}])[0]
    return found


def restarts(count: int):
    return lambda obj: status(obj)["restartCount"] >= count


def is_backing_off(obj: Obj) -> bool:
    return bool(status(obj)["state"].get("waiting", {}).get("reason") == "CrashLoopBackOff")


def test_a_container_that_ends_is_started_again(env: Environment) -> None:
    env.apply(pod("sleep 1; exit 1"))

    again = env.wait("pods", "p", restarts(1))

    assert again["status"]["phase"] == "Running"
    ended = status(again)["lastState"]["terminated"]
    assert (ended["exitCode"], ended["reason"]) == (1, "Error")


def test_from_the_second_end_on_it_has_to_wait(env: Environment) -> None:
    env.apply(pod("sleep 1; exit 1"))

    waiting = env.wait("pods", "p", is_backing_off)

    uid, namespace = waiting["metadata"]["uid"], env.namespace
    who = f"p_{namespace}({uid})"
    assert status(waiting)["state"]["waiting"]["message"] == f"back-off 10s restarting failed container=main pod={who}"
    event = env.wait_event("pods", "p", "BackOff")
    assert event["message"] == f"Back-off restarting failed container main in pod {who}"
    assert event["type"] == "Warning"
    assert waiting["status"]["phase"] == "Running"


def test_each_wait_is_twice_as_long(env: Environment) -> None:
    env.apply(pod("exit 1"))

    env.wait("pods", "p", restarts(3), timeout=120)

    waits = [status(state)["state"]["waiting"]["message"] for state in env.states("pods", "p") if is_backing_off(state)]
    seen = list(dict.fromkeys(words.split()[1] for words in waits))
    assert seen[:2] == ["10s", "20s"]


def test_always_means_also_after_success(env: Environment) -> None:
    env.apply(pod("exit 0"))

    again = env.wait("pods", "p", restarts(1))

    assert status(again)["lastState"]["terminated"]["reason"] == "Completed"


def test_on_failure_means_not_after_success(env: Environment) -> None:
    env.apply(pod("sleep 1", "OnFailure"))

    done = env.wait("pods", "p", lambda obj: obj.get("status", {}).get("phase") == "Succeeded")

    assert status(done)["restartCount"] == 0


def test_an_init_container_that_fails_holds_the_pod_up(env: Environment) -> None:
    env.apply(
        """
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  terminationGracePeriodSeconds: 1
  initContainers: [{name: first, image: busybox:1.35, command: [sh, -c, "exit 7"]}]
  containers: [{name: main, image: nginx:1.22}]
"""
    )

    def failed_twice(obj: Obj) -> bool:
        return bool((obj.get("status", {}).get("initContainerStatuses") or [{"restartCount": 0}])[0]["restartCount"])

    stuck = env.wait("pods", "p", failed_twice)

    assert stuck["status"]["phase"] == "Pending"
    assert status(stuck)["state"] == {"waiting": {"reason": "PodInitializing"}}
    assert stuck["status"]["initContainerStatuses"][0]["lastState"]["terminated"]["exitCode"] == 7


def test_an_init_container_that_fails_for_good_fails_the_pod(env: Environment) -> None:
    env.apply(
        """
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  restartPolicy: Never
  initContainers: [{name: first, image: busybox:1.35, command: [sh, -c, "exit 7"]}]
  containers: [{name: main, image: nginx:1.22}]
"""
    )

    failed = env.wait("pods", "p", lambda obj: obj.get("status", {}).get("phase") == "Failed")

    assert status(failed)["state"] == {"waiting": {"reason": "PodInitializing"}}


def test_a_sidecar_runs_beside_and_does_not_keep_the_pod(env: Environment) -> None:
    env.apply(
        """
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 2
  initContainers: [{name: side, image: busybox:1.35, restartPolicy: Always, command: [sleep, "1000"]}]
  containers: [{name: main, image: busybox:1.35, command: [sh, -c, "sleep 2"]}]
"""
    )

    done = env.wait("pods", "p", lambda obj: obj.get("status", {}).get("phase") == "Succeeded")

    side = done["status"]["initContainerStatuses"][0]
    assert side["state"]["terminated"]["exitCode"] == 137
    assert side["restartCount"] == 0
