"""A Service that passes requests on to a port where nobody listens."""

from __future__ import annotations

from k8s_tutor.exercises import (
    Exercise,
    Mistake,
    answers,
    exists,
    has_ready_pods,
    listens_on,
    msg,
    resolves_target_ports,
    selects_pods,
)

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


EXERCISE = Exercise(
    id="services-4",
    title=msg("The bakery that does not answer"),
    task=msg(
        "The Service `bakery` has its pods, all are ready, and still every request to port 80 is refused. Find out "
        "why, and mend it."
    ),
    checks=(
        exists(
            "service/bakery",
            gone_hint=msg('The bakery needs its Service. `t.exercise("services-4")` brings the old one back.'),
        ),
        selects_pods("service/bakery"),
        listens_on("service/bakery", 80),
        resolves_target_ports("service/bakery"),
        has_ready_pods("service/bakery"),
        answers("service/bakery", 80),
    ),
    solved=msg("the bakery answers."),
    hints=(
        msg("The right pods are there. What remains is the port: which one does the Service pass requests on to?"),
        msg('`t.get("service/bakery")["spec"]["ports"]` says it. At which port does the pods\' probe ask?'),
        msg("Apply the Service again with ports: [{{port: 80, targetPort: 9898}}]."),
    ),
    start=_START,
    first_step=msg('Begin with `t.graph("service/bakery")`.'),
    looks_at=("endpointslices",),
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
            says="leads to port 80 of the pods",
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
