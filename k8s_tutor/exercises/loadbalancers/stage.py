"""Another program at the same address: from blue to green."""

from __future__ import annotations

from k8s_tutor.exercises.exercise import Exercise, Mistake, ladder
from k8s_tutor.exercises.podfacts import container
from k8s_tutor.exercises.scene import Scene
from k8s_tutor.exercises.servicerungs import (
    answers,
    exists,
    has_address,
    on_service,
    selector_text,
    selects_somebody,
    served_by,
)
from k8s_tutor.exercises.verdict import Verdict, failed, not_attempted, passed
from k8s_tutor.objects import selectors
from k8s_tutor.objects.types import Obj

__all__ = ["EXERCISE"]

_OLD = "ghcr.io/stefanprodan/podinfo:6.9.1"
_DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: stage, colour: {colour}}}}}
  template:
    metadata: {{labels: {{app: stage, colour: {colour}}}}}
    spec:
      containers:
      - name: app
        image: {image}
        readinessProbe: {{periodSeconds: 2, httpGet: {{path: /readyz, port: 9898}}}}
---
"""
_SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: stage}
spec:
  type: LoadBalancer
  selector: {app: stage, colour: blue}
  ports: [{port: 80, targetPort: 9898}]
"""
_START = (
    _DEPLOYMENT.format(name="stage-blue", colour="blue", image=_OLD)
    + _DEPLOYMENT.format(name="stage-green", colour="green", image="ghcr.io/stefanprodan/podinfo:6.9.2")
    + _SERVICE
)


def _blue_kept(scene: Scene) -> Verdict | None:
    blue = scene.find("deployments", "stage-blue")
    image = str((container(blue["spec"]["template"]) or {}).get("image")) if blue else ""
    if blue and blue["spec"].get("replicas") == 2 and image == _OLD:
        return None
    return failed(
        "the blue version is no longer there as it was.",
        hint="If green turns out to be broken, everybody should be back at blue within a second. Leave both running, "
        "and change who is meant.",
    )


def _all_green(_scene: Scene, service: Obj) -> Verdict | None:
    selector = selectors.from_labels(service["spec"].get("selector"))
    blue, green = (selector.matches({"app": "stage", "colour": colour}) for colour in ("blue", "green"))
    if not blue:
        return None
    if green:
        return failed(
            "some visitors see blue, some see green.",
            f"selector: {selector_text(service)}",
            hint="Without a colour the selector means both. Say which one.",
        )
    return not_attempted("everybody still sees the blue version.", f"selector: {selector_text(service)}")


EXERCISE = Exercise(
    id="loadbalancers-3",
    title="From blue to green",
    task="Two versions are running, `stage-blue` and `stage-green`, and every visitor of the Service `stage` sees "
    "blue. Let all of them see green, at the same address. Both versions keep running.",
    judge=ladder(
        exists("stage", gone_hint="With the Service its address is gone. Change it in place instead."),
        _blue_kept,
        selects_somebody("stage"),
        on_service("stage", _all_green),
        has_address("stage"),
        served_by("stage", 2),
        answers("stage", 80),
        then=lambda _: passed("everybody sees green.", "2 of 2 pods ready, 10 of 10 requests answered"),
    ),
    hints=(
        "What makes a visitor see blue? Follow the lines from the address to the pods.",
        "It is the selector that says `colour: blue`. It may be changed in place.",
        "Apply the Service again with selector: {app: stage, colour: green}.",
    ),
    start=_START,
    solution='''t.apply("""
apiVersion: v1
kind: Service
metadata: {name: stage}
spec:
  type: LoadBalancer
  selector: {app: stage, colour: green}
  ports: [{port: 80, targetPort: 9898}]
""")''',
    alternative="""t.client.patch("services", "stage", {"spec": {"selector": {"colour": "green"}}}, t.namespace)""",
    mistakes=(
        Mistake(
            name="both versions are meant",
            cell="""t.client.patch("services", "stage", {"spec": {"selector": {"colour": None}}}, t.namespace)""",
            says="Without a colour the selector means both",
        ),
        Mistake(
            name="blue is taken down",
            cell="""t.kubectl("scale deployment stage-blue --replicas=0")
t.client.patch("services", "stage", {"spec": {"selector": {"colour": None}}}, t.namespace)""",
            says="back at blue within a second",
        ),
        Mistake(
            name="a colour that no pod has",
            cell="""t.client.patch("services", "stage", {"spec": {"selector": {"colour": "gren"}}}, t.namespace)""",
            says="no pod has `app=stage,colour=gren`",
        ),
    ),
    objects=("service/stage", "deployment/stage-blue", "deployment/stage-green"),
    pods="app=stage",
    load_balancers=True,
)
