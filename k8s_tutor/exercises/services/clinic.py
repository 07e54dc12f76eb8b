"""Pods that run and are never ready."""

from __future__ import annotations

from k8s_tutor.exercises.exercise import Exercise, Mistake, ladder
from k8s_tutor.exercises.scene import Scene
from k8s_tutor.exercises.servicerungs import answers, exists, on_service, ready_pods, selects_somebody, served_by
from k8s_tutor.exercises.verdict import Verdict, failed, not_attempted, passed
from k8s_tutor.objects.types import Obj

__all__ = ["EXERCISE"]

_START = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: clinic}
spec:
  replicas: 2
  selector: {matchLabels: {app: clinic}}
  template:
    metadata: {labels: {app: clinic}}
    spec:
      containers:
      - name: app
        image: ghcr.io/stefanprodan/podinfo:6.9.2
        readinessProbe: {periodSeconds: 2, httpGet: {path: /ready, port: 9898}}
---
apiVersion: v1
kind: Service
metadata: {name: clinic}
spec:
  selector: {app: clinic}
  ports: [{port: 80, targetPort: 9898}]
"""
_PATH = "/ready"


def _probe(scene: Scene) -> Obj | None:
    deployment = scene.find("deployments", "clinic")
    if deployment is None:
        return None
    containers = deployment["spec"]["template"]["spec"]["containers"]
    probe: Obj | None = containers[0].get("readinessProbe")
    return probe


def _deployed(scene: Scene) -> Verdict | None:
    if scene.find("deployments", "clinic") is not None:
        return None
    return failed(
        "There is no Deployment `clinic` any more.",
        hint='Its pods go with it. `t.exercise("services-5")` brings it back as it was.',
    )


def _not_overruled(_scene: Scene, service: Obj) -> Verdict | None:
    if not service["spec"].get("publishNotReadyAddresses"):
        return None
    return failed(
        "Service clinic now leads to pods that are not ready, on purpose.",
        "publishNotReadyAddresses: true",
        hint="That silences the alarm. The pods could be ready: what is it that asks them, and what does it get?",
    )


def _asks_well(scene: Scene, service: Obj) -> Verdict | None:
    probe = _probe(scene)
    if probe is None:
        return failed(
            "the pods are ready because nobody asks them any more.",
            "the container has no readinessProbe",
            hint="Keep the probe, and let it ask for something that podinfo answers.",
        )
    if probe.get("httpGet", {}).get("path") == _PATH and ready_pods(scene, service) == 0:
        return not_attempted(
            "Service clinic has 0 of 2 pods ready.", hint='Begin with `t.graph("service/clinic")`, then the events.'
        )
    return None


EXERCISE = Exercise(
    id="services-5",
    title="The clinic that is always closed",
    task="The pods of `clinic` run, and its Service does not lead to them. Find out why, and mend it. Somebody should "
    "still ask the pods whether they are ready.",
    judge=ladder(
        exists("clinic", gone_hint='The clinic needs its Service. `t.exercise("services-5")` brings the old one back.'),
        _deployed,
        on_service("clinic", _not_overruled),
        on_service("clinic", _asks_well),
        selects_somebody("clinic"),
        served_by(
            "clinic",
            2,
            hint="The probe still gets no good answer. podinfo says at `/readyz`, port 9898, whether it is ready.",
        ),
        answers("clinic", 80),
        then=lambda _: passed("the clinic is open.", "2 of 2 pods ready, 10 of 10 requests answered"),
    ),
    hints=(
        "Running is not ready. `t.events()` says what the readiness probe gets.",
        "404: podinfo has no page `/ready`. It answers at `/readyz`.",
        "The probe stands in the Deployment, under `spec.template`. Apply the Deployment with path: /readyz.",
    ),
    start=_START,
    solution='''t.apply("""
apiVersion: apps/v1
kind: Deployment
metadata: {name: clinic}
spec:
  replicas: 2
  selector: {matchLabels: {app: clinic}}
  template:
    metadata: {labels: {app: clinic}}
    spec:
      containers:
      - {name: app, image: "ghcr.io/stefanprodan/podinfo:6.9.2",
         readinessProbe: {periodSeconds: 2, httpGet: {path: /readyz, port: 9898}}}
""")''',
    alternative="""path = "/spec/template/spec/containers/0/readinessProbe/httpGet/path"
change = [{"op": "replace", "path": path, "value": "/healthz"}]
t.client.patch("deployments", "clinic", change, t.namespace, type="json")""",
    mistakes=(
        Mistake(
            name="unready pods are let through",
            cell="""t.client.patch("services", "clinic", {"spec": {"publishNotReadyAddresses": True}}, t.namespace)""",
            says="That silences the alarm",
        ),
        Mistake(
            name="the probe is removed",
            cell="""path = "/spec/template/spec/containers/0/readinessProbe"
t.client.patch("deployments", "clinic", [{"op": "remove", "path": path}], t.namespace, type="json")""",
            says="nobody asks them any more",
        ),
        Mistake(
            name="the probe asks at a port where nobody listens",
            cell="""probe = {"periodSeconds": 2, "httpGet": {"path": "/readyz", "port": 8080}}
change = [{"op": "replace", "path": "/spec/template/spec/containers/0/readinessProbe", "value": probe}]
t.client.patch("deployments", "clinic", change, t.namespace, type="json")""",
            says="still gets no good answer",
        ),
    ),
    objects=("service/clinic", "deployment/clinic"),
    pods="app=clinic",
)
