"""Two containers of one pod share an address, and a volume, and each has its own life."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment


def statuses(obj: Obj) -> dict[str, Obj]:
    return {one["name"]: one for one in obj.get("status", {}).get("containerStatuses") or []}


def running(obj: Obj) -> bool:
    return bool(obj.get("status", {}).get("phase") == "Running")


def test_one_reaches_the_other_by_localhost(env: Environment) -> None:
    env.apply(
        """
apiVersion: v1
kind: Pod
metadata: {name: pair}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - {name: web, image: nginx:1.22}
  - {name: friend, image: busybox:1.35, command: [sh, -c, "sleep 2; wget -qO- localhost | grep title; sleep 1000"]}
"""
    )
    env.wait("pods", "pair", running)
    log = env.client.follow_logs("pair", env.namespace, "friend")

    try:
        text = ""
        while not text.endswith("\n") and (more := log.next(20)):
            text += more
    finally:
        log.close()

    assert text == "<title>Welcome to nginx!</title>\n"


def test_one_restarts_and_the_other_goes_on(env: Environment) -> None:
    env.apply(
        """
apiVersion: v1
kind: Pod
metadata: {name: pair}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - {name: web, image: nginx:1.22}
  - {name: crasher, image: busybox:1.35, command: [sh, -c, "sleep 1; exit 1"]}
"""
    )

    both = env.wait("pods", "pair", lambda obj: statuses(obj).get("crasher", {}).get("restartCount") == 1)

    assert statuses(both)["web"]["restartCount"] == 0
    assert "running" in statuses(both)["web"]["state"]


def test_two_cannot_have_the_same_port(env: Environment) -> None:
    env.apply(
        """
apiVersion: v1
kind: Pod
metadata: {name: pair}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{name: first, image: nginx:1.22}, {name: second, image: nginx:1.22}]
"""
    )

    both = env.wait("pods", "pair", lambda obj: "terminated" in statuses(obj).get("second", {}).get("state", {}))

    assert statuses(both)["first"]["restartCount"] == 0
    assert statuses(both)["second"]["state"]["terminated"]["exitCode"] == 1
    words = "bind() to 0.0.0.0:80 failed (98: Address already in use)"
    assert words in env.client.logs("pair", env.namespace, "second")


def test_they_share_a_volume(env: Environment) -> None:
    env.apply(
        """
apiVersion: v1
kind: Pod
metadata: {name: pair}
spec:
  restartPolicy: Never
  containers:
  - name: writer
    image: busybox:1.35
    command: [sh, -c, "echo hello > /scratch/x"]
    volumeMounts: [&w {name: w, mountPath: /scratch}]
  - {name: reader, image: busybox:1.35, command: [sh, -c, "until cat /scratch/x; do sleep 1; done"], volumeMounts: [*w]}
  volumes: [{name: w, emptyDir: {}}]
"""
    )

    env.wait("pods", "pair", lambda obj: obj.get("status", {}).get("phase") == "Succeeded")

    assert env.client.logs("pair", env.namespace, "reader").splitlines()[-1] == "hello"
