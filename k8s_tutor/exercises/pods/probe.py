"""A readiness probe."""

from __future__ import annotations

from k8s_tutor.exercises.exercise import Exercise, Mistake, ladder
from k8s_tutor.exercises.podfacts import container
from k8s_tutor.exercises.podrungs import exists, nothing_broken, on_pod, ready, seen, uses_image
from k8s_tutor.exercises.scene import Scene
from k8s_tutor.exercises.verdict import Verdict, failed, passed
from k8s_tutor.objects.types import Obj

__all__ = ["EXERCISE"]

PODINFO = "ghcr.io/stefanprodan/podinfo:6.9.2"


def _probe(_scene: Scene, pod: Obj) -> Verdict | None:
    app = container(pod) or {}
    probe = app.get("readinessProbe")
    if probe is None:
        kind = "livenessProbe" if "livenessProbe" in app else "no probe"
        return failed(
            f"the container has {kind}, so Kubernetes never asks whether it is ready."
            if kind == "no probe"
            else "the container has a livenessProbe: a bad answer to it restarts the container.",
            hint="Whether a pod gets requests is asked by a `readinessProbe`. A pod's probes cannot be changed: "
            'first `t.delete("pod/shop")`.',
        )
    return None


def _probe_target(_scene: Scene, pod: Obj) -> Verdict | None:
    get = (container(pod) or {}).get("readinessProbe", {}).get("httpGet")
    if get is None:
        return failed(
            "the readiness probe does not ask over HTTP.",
            hint="The task asks for `httpGet` with `path: /readyz` and `port: 9898`.",
        )
    if get.get("path") != "/readyz":
        return failed(
            f"the probe asks for `{get.get('path', '/')}`.",
            hint="podinfo answers at `/readyz` whether it is ready; another path tells you something else, or 404.",
        )
    return None


def _probe_port(_scene: Scene, pod: Obj) -> Verdict | None:
    app = container(pod) or {}
    port = app.get("readinessProbe", {}).get("httpGet", {}).get("port")
    named = {item.get("name"): item.get("containerPort") for item in app.get("ports", [])}
    if port == 9898 or named.get(port) == 9898:
        return None
    return failed(
        f"the probe asks at port {port}.",
        hint="Nobody listens there: podinfo listens on 9898.",
    )


EXERCISE = Exercise(
    id="pods-4",
    title="Ready only when it says so",
    task=f"Start a pod called `shop` from `{PODINFO}` that counts as ready only while `/readyz` on port 9898 "
    "answers well.",
    judge=ladder(
        exists("shop"),
        uses_image("shop", PODINFO),
        on_pod("shop", _probe),
        on_pod("shop", _probe_target),
        on_pod("shop", _probe_port),
        nothing_broken("shop"),
        ready("shop"),
        then=lambda scene: passed("pod/shop is ready, and Kubernetes knows whom to ask.", seen(scene, "shop")),
    ),
    hints=(
        "Look at the probe of pod `duo` above. To which container does it belong, and how far is it indented?",
        "`readinessProbe` stands beside `image`; inside it `httpGet`, and inside that `path` and `port`.",
        "readinessProbe: {httpGet: {path: /readyz, port: 9898}}",
    ),
    solution='''t.apply("""
apiVersion: v1
kind: Pod
metadata:
  name: shop
spec:
  containers:
  - name: app
    image: ghcr.io/stefanprodan/podinfo:6.9.2
    readinessProbe:
      httpGet: {path: /readyz, port: 9898}
""")''',
    alternative='''t.apply("""
apiVersion: v1
kind: Pod
metadata: {name: shop}
spec:
  containers:
  - name: podinfo
    image: ghcr.io/stefanprodan/podinfo:6.9.2
    ports: [{name: http, containerPort: 9898}]
    readinessProbe: {periodSeconds: 2, httpGet: {path: /readyz, port: http}}
""")''',
    mistakes=(
        Mistake(
            name="no probe at all",
            cell="""t.apply("{apiVersion: v1, kind: Pod, metadata: {name: shop}, \
spec: {containers: [{name: app, image: 'ghcr.io/stefanprodan/podinfo:6.9.2'}]}}")""",
            says="never asks whether it is ready",
        ),
        Mistake(
            name="a liveness probe instead",
            cell="""t.apply("{apiVersion: v1, kind: Pod, metadata: {name: shop}, spec: {containers: [{name: app, \
image: 'ghcr.io/stefanprodan/podinfo:6.9.2', livenessProbe: {httpGet: {path: /readyz, port: 9898}}}]}}")""",
            says="restarts the container",
        ),
        Mistake(
            name="the wrong port",
            cell="""t.apply("{apiVersion: v1, kind: Pod, metadata: {name: shop}, spec: {containers: [{name: app, \
image: 'ghcr.io/stefanprodan/podinfo:6.9.2', readinessProbe: {httpGet: {path: /readyz, port: 8080}}}]}}")""",
            says="podinfo listens on 9898",
        ),
        Mistake(
            name="the wrong path",
            cell="""t.apply("{apiVersion: v1, kind: Pod, metadata: {name: shop}, spec: {containers: [{name: app, \
image: 'ghcr.io/stefanprodan/podinfo:6.9.2', readinessProbe: {httpGet: {path: /ready, port: 9898}}}]}}")""",
            says="podinfo answers at `/readyz`",
        ),
    ),
    objects=("pod/shop",),
)
