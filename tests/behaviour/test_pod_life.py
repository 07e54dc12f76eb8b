"""A pod's life: Pending, ContainerCreating, Running, Succeeded or Failed, with its conditions, reasons and events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_tutor.objects import conditions

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment

WEB = """
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{name: web, image: nginx:1.22}]
"""
TASK = """
apiVersion: v1
kind: Pod
metadata: {name: task}
spec:
  restartPolicy: Never
  containers: [{name: main, image: busybox:1.35, command: [sh, -c, "sleep 2; exit CODE"]}]
"""
OWN = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")


def phase(word: str):
    return lambda pod: pod.get("status", {}).get("phase") == word


def only(pod: Obj) -> Obj:
    """The status of the pod's only container."""
    (status,) = pod["status"]["containerStatuses"]
    return dict(status)


def reasons(env: Environment, name: str) -> list[str]:
    return [event["reason"] for event in env.events("pods", name)]


def test_a_pod_comes_to_run(env: Environment) -> None:
    env.apply(WEB)

    pod = env.wait("pods", "web", phase("Running"))

    assert all(conditions.is_true(pod, kind) for kind in OWN)
    status = only(pod)
    assert (status["ready"], status["started"], status["restartCount"]) == (True, True, 0)
    assert "startedAt" in status["state"]["running"]
    assert status["image"] == "docker.io/library/nginx:1.22"
    assert status["containerID"].startswith("containerd://")
    assert pod["status"]["podIP"].startswith("10.244.")
    assert pod["status"]["qosClass"] == "BestEffort"


def test_before_it_runs_it_waits_and_says_for_what(env: Environment) -> None:
    env.apply(WEB)
    env.wait("pods", "web", phase("Running"))

    waiting = next(pod for pod in env.states("pods", "web") if pod["status"].get("containerStatuses"))

    assert waiting["status"]["phase"] == "Pending"
    assert only(waiting)["state"] == {"waiting": {"reason": "ContainerCreating"}}
    assert conditions.reason(waiting, "Ready") == "ContainersNotReady"
    assert conditions.message(waiting, "Ready") == "containers with unready status: [web]"
    assert conditions.message(waiting, "PodReadyToStartContainers") == "no pod sandbox exists"
    assert conditions.status(waiting, "Initialized") == "True"


def test_its_events_tell_the_way(env: Environment) -> None:
    env.apply(WEB)
    env.wait("pods", "web", phase("Running"))
    env.wait_event("pods", "web", "Started")

    events = {event["reason"]: event for event in env.events("pods", "web")}

    assert list(events) == ["Scheduled", "Pulled", "Created", "Started"]
    present = 'Container image "nginx:1.22" already present on machine and can be accessed by the pod'
    assert events["Pulled"]["message"] == present
    assert events["Created"]["message"] == "Container created"
    assert events["Started"]["message"] == "Container started"
    assert events["Started"]["involvedObject"]["fieldPath"] == "spec.containers{web}"
    assert events["Started"]["source"]["component"] == "kubelet"


def test_a_task_that_succeeds(env: Environment) -> None:
    env.apply(TASK.replace("CODE", "0"))

    env.wait("pods", "task", phase("Succeeded"))
    pod = env.wait("pods", "task", lambda pod: not conditions.is_true(pod, "PodReadyToStartContainers"))

    ended = only(pod)["state"]["terminated"]
    assert (ended["exitCode"], ended["reason"]) == (0, "Completed")
    assert conditions.reason(pod, "Ready") == "PodCompleted"
    assert conditions.reason(pod, "Initialized") == "PodCompleted"
    assert conditions.message(pod, "PodReadyToStartContainers") == "pod sandbox is not ready"


def test_a_task_that_fails(env: Environment) -> None:
    env.apply(TASK.replace("CODE", "3"))

    pod = env.wait("pods", "task", phase("Failed"))

    ended = only(pod)["state"]["terminated"]
    assert (ended["exitCode"], ended["reason"]) == (3, "Error")
    assert conditions.reason(pod, "Ready") == "PodFailed"
    assert "BackOff" not in reasons(env, "task")


def test_init_containers_run_first_and_one_after_the_other(env: Environment) -> None:
    env.apply(
        """
apiVersion: v1
kind: Pod
metadata: {name: staged}
spec:
  terminationGracePeriodSeconds: 1
  initContainers:
  - name: one
    image: busybox:1.35
    command: [sh, -c, "echo one > /scratch/log; sleep 1"]
    volumeMounts: [&w {name: w, mountPath: /scratch}]
  - {name: two, image: busybox:1.35, command: [sh, -c, "echo two >> /scratch/log"], volumeMounts: [*w]}
  containers:
  - {name: main, image: busybox:1.35, command: [sh, -c, "cat /scratch/log; sleep 1000"], volumeMounts: [*w]}
  volumes: [{name: w, emptyDir: {}}]
"""
    )

    pod = env.wait("pods", "staged", phase("Running"))

    assert [one["state"]["terminated"]["reason"] for one in pod["status"]["initContainerStatuses"]] == ["Completed"] * 2
    first = next(state for state in env.states("pods", "staged") if state["status"].get("containerStatuses"))
    assert only(first)["state"] == {"waiting": {"reason": "PodInitializing"}}
    assert conditions.message(first, "Initialized") == "containers with incomplete status: [one two]"
    assert env.client.logs("staged", env.namespace, "main") == "one\ntwo\n"


def test_a_pod_past_its_deadline_fails(env: Environment) -> None:
    env.apply(
        """
apiVersion: v1
kind: Pod
metadata: {name: late}
spec:
  activeDeadlineSeconds: 4
  terminationGracePeriodSeconds: 1
  containers: [{name: main, image: busybox:1.35, command: [sleep, "1000"]}]
"""
    )

    pod = env.wait("pods", "late", phase("Failed"))

    assert pod["status"]["reason"] == "DeadlineExceeded"
    assert pod["status"]["message"] == "Pod was active on the node longer than the specified deadline"


def test_a_message_left_at_the_end_stands_in_the_status(env: Environment) -> None:
    env.apply(
        """
apiVersion: v1
kind: Pod
metadata: {name: last-words}
spec:
  restartPolicy: Never
  containers: [{name: main, image: busybox:1.35, command: [sh, -c, "echo out of milk > /dev/termination-log; exit 2"]}]
"""
    )

    pod = env.wait("pods", "last-words", phase("Failed"))

    assert only(pod)["state"]["terminated"]["message"] == "out of milk\n"


def test_too_much_memory_is_punished(env: Environment) -> None:
    env.apply(
        """
apiVersion: v1
kind: Pod
metadata: {name: greedy}
spec:
  restartPolicy: Never
  containers:
  - name: main
    image: busybox:1.35
    command: [sh, -c, "tail /dev/zero"]
    resources: {limits: {memory: 20Mi}}
"""
    )

    pod = env.wait("pods", "greedy", phase("Failed"))

    ended = only(pod)["state"]["terminated"]
    assert (ended["exitCode"], ended["reason"]) == (137, "OOMKilled")
    assert pod["status"]["qosClass"] == "Burstable"


def test_a_container_knows_what_it_is_told(env: Environment) -> None:
    env.apply(
        """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {COLOR: blue, page: hello}
---
apiVersion: v1
kind: Pod
metadata: {name: told, labels: {app: told}}
spec:
  restartPolicy: Never
  containers:
  - name: main
    image: busybox:1.35
    command: [sh, -c]
    args: ["echo $COLOR $ME $(GREETING) $LIMIT; cat /etc/settings/page; cat /etc/podinfo/labels"]
    envFrom: [{configMapRef: {name: settings}}]
    env:
    - {name: ME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
    - {name: GREETING, value: "I am $(ME)"}
    - {name: LIMIT, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}
    resources: {limits: {memory: 64Mi}}
    volumeMounts: [{name: settings, mountPath: /etc/settings}, {name: podinfo, mountPath: /etc/podinfo}]
  volumes:
  - {name: settings, configMap: {name: settings}}
  - {name: podinfo, downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}}
"""
    )

    env.wait("pods", "told", phase("Succeeded"))

    assert env.client.logs("told", env.namespace) == 'blue told I am told 64\nhelloapp="told"'


MEASURED = """
apiVersion: v1
kind: Pod
metadata: {name: measured}
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: main
      image: busybox:1.35
      command: [sleep, "1000"]
      env: [{name: SHARE, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}]
      resources: {limits: {cpu: 200m, ephemeral-storage: 1Gi}}
"""


def test_a_status_tells_of_the_resources_of_each_container_and_of_the_whole(env: Environment) -> None:
    env.apply(MEASURED)
    pod = env.wait("pods", "measured", lambda pod: pod.get("status", {}).get("phase") == "Running")

    assert pod["status"]["containerStatuses"][0]["resources"]["limits"] == {"cpu": "200m", "ephemeral-storage": "1Gi"}
    assert pod["status"]["resources"]["limits"]["cpu"] == "200m"
    (share,) = pod["spec"]["containers"][0]["env"]
    assert share["valueFrom"]["resourceFieldRef"] == {"resource": "limits.cpu", "divisor": "0"}
