"""A Service that looks for a label nobody has."""

from __future__ import annotations

from k8s_tutor.exercises.exercise import Exercise, Mistake, ladder
from k8s_tutor.exercises.scene import Scene
from k8s_tutor.exercises.servicerungs import answers, exists, on_service, selected, selects_somebody, served_by
from k8s_tutor.exercises.verdict import Verdict, failed, not_attempted, passed
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = ["EXERCISE"]

_START = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
      - name: app
        image: ghcr.io/stefanprodan/podinfo:6.9.2
        readinessProbe: {periodSeconds: 2, httpGet: {path: /readyz, port: 9898}}
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec:
  selector: {app: store}
  ports: [{port: 80, targetPort: 9898}]
"""


def _untouched(scene: Scene, service: Obj) -> Verdict | None:
    if service["spec"].get("selector") != {"app": "store"}:
        return None
    if selected(scene, service):
        return failed(
            "the endpoints are there, but the pods' labels have changed.",
            "pods with `app=store` belong to no Deployment any more",
            hint="A Deployment replaces a pod whose label is taken away. Which side did the task ask you to change?",
        )
    return not_attempted("Service shop still has 0 of 2 pods.", hint='Begin with `t.graph("service/shop")`.')


def _whole_shop(scene: Scene, service: Obj) -> Verdict | None:
    """The Service leads to the shop's pods and to nobody else's."""
    strangers = [pod for pod in selected(scene, service) if metadata.labels(pod).get("app") != "shop"]
    if not strangers:
        return None
    return failed(
        "Service shop leads to pods that are not the shop's.",
        f"for example pod/{metadata.name(strangers[0])}",
        hint="A selector means every pod with those labels. Take the one label that only the shop's pods have.",
    )


EXERCISE = Exercise(
    id="services-3",
    title="The shop without a door",
    task="Somebody deployed `shop`, and its Service leads nowhere. Find out why, and mend it without touching the "
    "pods or their Deployment.",
    judge=ladder(
        exists("shop", gone_hint='The shop needs its Service. `t.exercise("services-3")` brings the old one back.'),
        on_service("shop", _untouched),
        selects_somebody("shop"),
        on_service("shop", _whole_shop),
        served_by("shop", 2),
        answers("shop", 80),
        then=lambda _: passed("the shop is open.", "2 of 2 pods ready, 10 of 10 requests answered"),
    ),
    hints=(
        '`t.graph("service/shop")` says whom it looks for, `t.kubectl("get pods --show-labels")` who is there.',
        "The Service looks for `app=store`, the pods carry `app=shop`.",
        "Apply the Service again with selector: {app: shop}. A selector may be changed in place.",
    ),
    start=_START,
    solution='''t.apply("""
apiVersion: v1
kind: Service
metadata: {name: shop}
spec:
  selector: {app: shop}
  ports: [{port: 80, targetPort: 9898}]
""")''',
    alternative="""service = t.get("service/shop")
service["spec"]["selector"]["app"] = "shop"
t.client.replace(service)""",
    mistakes=(
        Mistake(
            name="the pods are relabelled",
            cell="""t.wait("deploy/shop", "Available")
for pod in t.objects("pods", "app=shop"):
    t.kubectl(f"label pod {pod['metadata']['name']} app=store --overwrite")""",
            says="Which side did the task ask you to change",
        ),
        Mistake(
            name="the selector is misspelt again",
            cell="""t.apply("{apiVersion: v1, kind: Service, metadata: {name: shop}, \
spec: {selector: {app: Shop}, ports: [{port: 80, targetPort: 9898}]}}")""",
            says="no pod has `app=Shop`",
        ),
        Mistake(
            name="the target port is lost on the way",
            cell="""t.delete("service/shop")
t.apply("{apiVersion: v1, kind: Service, metadata: {name: shop}, \
spec: {selector: {app: shop}, ports: [{port: 80}]}}")""",
            says="passed on to port `80` of a pod",
        ),
    ),
    objects=("service/shop", "deployment/shop"),
    pods="app in (shop,store)",
)
