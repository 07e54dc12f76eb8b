"""Pictures say the same of the same thing, whichever cluster it happens on."""

from __future__ import annotations

import pytest
import yaml

from k8s_tutor.graph.build import build
from k8s_tutor.objects import conditions
from k8s_tutor.objects.pods import pod_word
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.informer import Informer
from k8s_tutor.observe.recording import RecordedChange, Recording
from k8s_tutor.observe.snapshot import take_snapshot
from k8s_tutor.render.alt_text import describe_graph
from k8s_tutor.render.timeline import draw_timeline

PODINFO = """
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers:
  - name: web
    image: ghcr.io/stefanprodan/podinfo:6.9.2
    readinessProbe: {httpGet: {path: /readyz, port: 9898}, initialDelaySeconds: 3, periodSeconds: 1}
"""
SHELL = """
apiVersion: v1
kind: Pod
metadata: {{name: web}}
spec:
  restartPolicy: {policy}
  containers:
  - {{name: web, image: "{image}", command: [sh, -c, "{command}"]}}
"""


def story(env, manifest: str, until) -> str:  # type: ignore[no-untyped-def]
    """The first line of a pod's life, from its creation until something holds."""
    env.client.create(yaml.safe_load(manifest), env.namespace)
    env.wait("pods", "web", until, timeout=90)
    changes = [RecordedChange.of(0.0, "MODIFIED", obj) for obj in env.states("pods", "web")]
    return draw_timeline(Recording(changes), "pod/web").alt_text.splitlines()[0]


def ready(pod: Obj) -> bool:
    return conditions.is_true(pod, "Ready")


def test_a_pod_with_a_probe_becomes_ready_in_four_steps(env) -> None:  # type: ignore[no-untyped-def]
    told = story(env, PODINFO, ready)
    assert told == "Life of Pod web: Pending → ContainerCreating → Running (not ready) → Ready"


@pytest.mark.parametrize(
    ("policy", "image", "command", "word", "states"),
    [
        ("Never", "busybox:1.35", "sleep 1", "Completed", "ContainerCreating → Running → Completed"),
        ("Never", "busybox:1.35", "exit 3", "Error", "ContainerCreating → Running → Error"),
        (
            "Always", "busybox:1.35", "exit 1", "CrashLoopBackOff",
            "ContainerCreating → Running → Error → CrashLoopBackOff",
        ),
        (
            "Always", "ghcr.io/stefanprodan/podinfoo:1", "sleep 1", "ImagePullBackOff",
            "ContainerCreating → ErrImagePull → ImagePullBackOff",
        ),
    ],
    ids=["completes", "fails", "crashes", "wrong-image"],
)  # fmt: skip
def test_the_ends_of_a_pod(env, policy: str, image: str, command: str, word: str, states: str) -> None:  # type: ignore[no-untyped-def]
    manifest = SHELL.format(policy=policy, image=image, command=command)
    told = story(env, manifest, lambda pod: pod_word(pod) == word)
    assert told == f"Life of Pod web: Pending → {states}"


def test_a_service_that_selects_nobody_says_so(env) -> None:  # type: ignore[no-untyped-def]
    service = {
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 9898}]},
    }  # fmt: skip
    env.client.create(service, env.namespace)
    graph = build(take_snapshot(env.client, env.namespace), "service/web")
    assert describe_graph(graph) == "Service web → no endpoints\n  no Pod has app=web"


def test_an_informer_hears_of_a_deletion(env) -> None:  # type: ignore[no-untyped-def]
    env.client.create(yaml.safe_load(PODINFO), env.namespace)
    env.wait("pods", "web", ready)
    with Informer(env.client, env.namespace, ("pods",)) as informer:
        env.client.delete("pods", "web", env.namespace, grace_seconds=0)
        env.wait_gone("pods", "web")
        assert informer.sync()
        assert informer.snapshot().of("pods") == ()
        assert informer.recording.about("Pod", "web")[-1].type == "DELETED"
