"""A Service that passes requests on to a port where nobody listens."""

from __future__ import annotations

from k8s_tutor.exercises.exercise import Exercise, Mistake, ladder
from k8s_tutor.exercises.scene import Scene
from k8s_tutor.exercises.servicerungs import (
    answers,
    exists,
    listens_on,
    names_real_ports,
    on_service,
    selects_somebody,
    served_by,
)
from k8s_tutor.exercises.verdict import Verdict, not_attempted, passed
from k8s_tutor.objects.types import Obj

__all__ = ["EXERCISE"]

_START = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: bakery}
spec:
  replicas: 2
  selector: {matchLabels: {app: bakery}}
  template:
    metadata: {labels: {app: bakery}}
    spec:
      containers:
      - name: app
        image: ghcr.io/stefanprodan/podinfo:6.9.2
        readinessProbe: {periodSeconds: 2, httpGet: {path: /readyz, port: 9898}}
---
apiVersion: v1
kind: Service
metadata: {name: bakery}
spec:
  selector: {app: bakery}
  ports: [{port: 80, targetPort: 8080}]
"""


def _untouched(scene: Scene, service: Obj) -> Verdict | None:
    ports = [(row["port"], row.get("targetPort")) for row in service["spec"].get("ports") or ()]
    deployment = scene.find("deployments", "bakery")
    if ports != [(80, 8080)] or deployment is None or deployment["metadata"].get("generation", 1) > 1:
        return None
    return not_attempted(
        "Service bakery has its pods, and no request is answered.", hint='Begin with `t.graph("service/bakery")`.'
    )


EXERCISE = Exercise(
    id="services-4",
    title="The bakery that does not answer",
    task="The Service `bakery` has two pods, both are ready, and still every request to port 80 is refused. Find out "
    "why, and mend it.",
    judge=ladder(
        exists("bakery", gone_hint='The bakery needs its Service. `t.exercise("services-4")` brings the old one back.'),
        on_service("bakery", _untouched),
        selects_somebody("bakery"),
        listens_on("bakery", 80),
        names_real_ports("bakery"),
        served_by("bakery", 2),
        answers(
            "bakery",
            80,
            hint="The line leads to the right pods and to the wrong port. At which port does their probe ask?",
        ),
        then=lambda _: passed("the bakery answers.", "2 of 2 pods ready, 10 of 10 requests answered"),
    ),
    hints=(
        "The right pods are there. What remains is the port: which one does the Service pass requests on to?",
        't.get("service/bakery")["spec"]["ports"] says 8080. podinfo listens on 9898.',
        "Apply the Service again with ports: [{port: 80, targetPort: 9898}].",
    ),
    start=_START,
    solution='''t.apply("""
apiVersion: v1
kind: Service
metadata: {name: bakery}
spec:
  selector: {app: bakery}
  ports: [{port: 80, targetPort: 9898}]
""")''',
    alternative='''t.apply("""
apiVersion: apps/v1
kind: Deployment
metadata: {name: bakery}
spec:
  replicas: 2
  selector: {matchLabels: {app: bakery}}
  template:
    metadata: {labels: {app: bakery}}
    spec:
      containers:
      - name: app
        image: ghcr.io/stefanprodan/podinfo:6.9.2
        command: [./podinfo, --port=8080]
        readinessProbe: {periodSeconds: 2, httpGet: {path: /readyz, port: 8080}}
""")
t.wait("service/bakery", "2 ready pods")''',
    mistakes=(
        Mistake(
            name="the wrong one of the two ports",
            cell="""t.delete("service/bakery")
t.apply("{apiVersion: v1, kind: Service, metadata: {name: bakery}, \
spec: {selector: {app: bakery}, ports: [{port: 9898, targetPort: 8080}]}}")""",
            says="the task asks for 80",
        ),
        Mistake(
            name="the Service's own port as target",
            cell="""t.apply("{apiVersion: v1, kind: Service, metadata: {name: bakery}, \
spec: {selector: {app: bakery}, ports: [{port: 80, targetPort: 80}]}}")""",
            says="to the wrong port",
        ),
        Mistake(
            name="a port's name that no container has",
            cell="""t.apply("{apiVersion: v1, kind: Service, metadata: {name: bakery}, \
spec: {selector: {app: bakery}, ports: [{port: 80, targetPort: http}]}}")""",
            says="no container has a port called `http`",
        ),
    ),
    objects=("service/bakery", "deployment/bakery"),
    pods="app=bakery",
)
