"""A name for two pods."""

from __future__ import annotations

from k8s_tutor.exercises.exercise import Exercise, Mistake, ladder
from k8s_tutor.exercises.servicerungs import answers, exists, listens_on, selects_somebody, served_by
from k8s_tutor.exercises.verdict import passed

__all__ = ["EXERCISE"]

_START = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: books}
spec:
  replicas: 2
  selector: {matchLabels: {app: books}}
  template:
    metadata: {labels: {app: books}}
    spec:
      containers:
      - name: app
        image: ghcr.io/stefanprodan/podinfo:6.9.2
        readinessProbe: {periodSeconds: 2, httpGet: {path: /readyz, port: 9898}}
"""

EXERCISE = Exercise(
    id="services-1",
    title="A name for the books",
    task="Two pods with the label `app: books` listen on port 9898. Give them a name: a client in this namespace "
    "should get an answer at `http://books`, that is, at port 80.",
    judge=ladder(
        exists("books"),
        selects_somebody("books"),
        listens_on("books", 80),
        served_by("books", 2),
        answers("books", 80),
        then=lambda _: passed("`books` is a name that answers.", "2 of 2 pods ready, 10 of 10 requests answered"),
    ),
    hints=(
        "The Service `web` above needs two changes: its name, and the label it looks for.",
        "`port: 80` is what clients use, `targetPort: 9898` is where the pods listen.",
        "metadata: {name: books}, spec: {selector: {app: books}, ports: [{port: 80, targetPort: 9898}]}",
    ),
    start=_START,
    solution='''t.apply("""
apiVersion: v1
kind: Service
metadata: {name: books}
spec:
  selector: {app: books}
  ports: [{port: 80, targetPort: 9898}]
""")''',
    alternative="""t.apply({
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "books"},
    "spec": {
        "type": "NodePort",
        "selector": {"app": "books"},
        "ports": [{"name": "http", "port": 80, "targetPort": 9898}],
    },
})""",
    mistakes=(
        Mistake(
            name="no target port",
            cell="""t.apply("{apiVersion: v1, kind: Service, metadata: {name: books}, \
spec: {selector: {app: books}, ports: [{port: 80}]}}")""",
            says="passed on to port `80` of a pod",
        ),
        Mistake(
            name="a label that no pod has",
            cell="""t.apply("{apiVersion: v1, kind: Service, metadata: {name: books}, \
spec: {selector: {app: book}, ports: [{port: 80, targetPort: 9898}]}}")""",
            says="no pod has `app=book`",
        ),
        Mistake(
            name="the containers' port for clients",
            cell="""t.apply("{apiVersion: v1, kind: Service, metadata: {name: books}, \
spec: {selector: {app: books}, ports: [{port: 9898}]}}")""",
            says="the task asks for 80",
        ),
        Mistake(
            name="another name",
            cell="""t.apply("{apiVersion: v1, kind: Service, metadata: {name: book}, \
spec: {selector: {app: books}, ports: [{port: 80, targetPort: 9898}]}}")""",
            says="what clients will type",
        ),
    ),
    objects=("service/books", "service/book", "deployment/books"),
    pods="app=books",
)
