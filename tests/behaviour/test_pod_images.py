"""Images that cannot be had, commands that cannot be started, configuration that is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment

NOT_RUN = (
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "
    "unable to start container process: "
)


def pod(container: str, restart: str = "Always") -> str:
    return f"""
apiVersion: v1
kind: Pod
metadata: {{name: p}}
spec:
  restartPolicy: {restart}
  terminationGracePeriodSeconds: 1
  containers: [{{name: main, {container}}}]
"""


def waits_for(reason: str):
    def waits(obj: Obj) -> bool:
        statuses = obj.get("status", {}).get("containerStatuses") or [{}]
        return bool(statuses[0].get("state", {}).get("waiting", {}).get("reason") == reason)

    return waits


def waiting(obj: Obj) -> Obj:
    found: Obj = obj["status"]["containerStatuses"][0]["state"]["waiting"]
    return found


def test_an_image_that_is_not_there(env: Environment) -> None:
    env.apply(pod("image: 'nginx:no-such-tag'"))

    failed = env.wait("pods", "p", waits_for("ErrImagePull"))
    backing_off = env.wait("pods", "p", waits_for("ImagePullBackOff"), timeout=120)

    text = 'failed to pull and unpack image "docker.io/library/nginx:no-such-tag": failed to resolve reference'
    assert failed["status"]["phase"] == "Pending"
    assert waiting(failed)["message"].startswith(text)
    assert waiting(backing_off)["message"].startswith(
        f'Back-off pulling image "nginx:no-such-tag": ErrImagePull: {text}'
    )


def test_the_events_of_an_image_that_is_not_there(env: Environment) -> None:
    env.apply(pod("image: 'nginx:no-such-tag'"))
    env.wait_event("pods", "p", "BackOff", timeout=120)

    seen = [(event["type"], event["reason"], event["message"]) for event in env.events("pods", "p")]

    assert ("Normal", "Pulling", 'Pulling image "nginx:no-such-tag"') in seen
    assert ("Warning", "Failed", "Error: ErrImagePull") in seen
    assert ("Normal", "BackOff", 'Back-off pulling image "nginx:no-such-tag"') in seen
    (words,) = [message for _, _, message in seen if message.startswith("Failed to pull image")]
    assert words.startswith('Failed to pull image "nginx:no-such-tag": failed to pull and unpack image')


def test_an_image_that_must_be_there_and_is_not(env: Environment) -> None:
    env.apply(pod("image: 'nosuch:1', imagePullPolicy: Never"))

    stuck = env.wait("pods", "p", waits_for("ErrImageNeverPull"))

    assert waiting(stuck)["message"] == 'Container image "nosuch:1" is not present with pull policy of Never'


def test_an_image_name_that_is_none(env: Environment) -> None:
    env.apply(pod("image: 'Nginx:1.22'"))

    stuck = env.wait("pods", "p", waits_for("InvalidImageName"))

    assert waiting(stuck)["message"] == (
        'Failed to apply default image tag "Nginx:1.22": couldn\'t parse image name "Nginx:1.22": '
        "invalid reference format: repository name (library/Nginx) must be lowercase"
    )
    assert env.wait_event("pods", "p", "InspectFailed")["type"] == "Warning"


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("nosuch", 'exec: "nosuch": executable file not found in $PATH: unknown'),
        ("/nosuch", 'exec: "/nosuch": stat /nosuch: no such file or directory: unknown'),
    ],
)
def test_a_command_that_is_not_there(env: Environment, command: str, why: str) -> None:
    env.apply(pod(f"image: 'busybox:1.35', command: [{command}]", "Never"))

    failed = env.wait("pods", "p", lambda obj: obj.get("status", {}).get("phase") == "Failed")

    ended = failed["status"]["containerStatuses"][0]["state"]["terminated"]
    assert (ended["exitCode"], ended["reason"], ended["message"]) == (128, "StartError", NOT_RUN + why)
    assert env.wait_event("pods", "p", "Failed")["message"] == f"Error: {NOT_RUN}{why}"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("envFrom: [{configMapRef: {name: nope}}]", 'configmap "nope" not found'),
        ("env: [{name: A, valueFrom: {secretKeyRef: {name: nope, key: x}}}]", 'secret "nope" not found'),
    ],
)
def test_configuration_that_is_not_there(env: Environment, source: str, words: str) -> None:
    env.apply(pod(f"image: 'busybox:1.35', command: [sleep, '1000'], {source}"))

    stuck = env.wait("pods", "p", waits_for("CreateContainerConfigError"))

    assert waiting(stuck)["message"] == words
    assert env.wait_event("pods", "p", "Failed")["message"] == f"Error: {words}"


def test_a_pod_starts_once_its_configuration_is_there(env: Environment) -> None:
    env.apply(pod("image: 'busybox:1.35', command: [sleep, '1000'], envFrom: [{configMapRef: {name: later}}]"))
    env.wait("pods", "p", waits_for("CreateContainerConfigError"))

    env.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: later}, data: {A: b}}")

    env.wait("pods", "p", lambda obj: obj["status"]["phase"] == "Running")


def test_a_key_that_is_not_there(env: Environment) -> None:
    env.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: there}, data: {a: b}}")
    env.apply(pod("image: busybox:1.35, env: [{name: A, valueFrom: {configMapKeyRef: {name: there, key: nope}}}]"))

    stuck = env.wait("pods", "p", waits_for("CreateContainerConfigError"))

    assert waiting(stuck)["message"] == f"couldn't find key nope in ConfigMap {env.namespace}/there"


def test_a_volume_that_cannot_be_mounted(env: Environment) -> None:
    env.apply(
        """
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{name: main, image: nginx:1.22, volumeMounts: [{name: v, mountPath: /v}]}]
  volumes: [{name: v, configMap: {name: nope}}]
"""
    )

    event = env.wait_event("pods", "p", "FailedMount")

    assert event["message"] == 'MountVolume.SetUp failed for volume "v" : configmap "nope" not found'
    env.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: nope}, data: {a: b}}")
    env.wait("pods", "p", lambda obj: obj["status"]["phase"] == "Running")
