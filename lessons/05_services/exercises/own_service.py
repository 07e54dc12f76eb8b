"""A name for two pods."""

from __future__ import annotations

from k8s_tutor.exercises import (
    Exercise,
    Mistake,
    State,
    Wording,
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


def _second_hint(state: State) -> Wording:
    service = state.find("service/books")
    if service is not None and service["spec"].get("clusterIP") == "None":
        return msg("`books` is headless: nobody stands between a client and the pods, who could pass port 80 on.")
    return msg("A port has two numbers: the one that clients use, and the one at which the pods listen.")


EXERCISE = Exercise(
    id="services-1",
    title=msg("A name for the books"),
    task=msg(
        "Two pods with the label `app: books` listen on port 9898. Give them a name: a client in this namespace "
        "should get an answer at `http://books`, that is, at port 80."
    ),
    checks=(
        exists("service/books"),
        selects_pods("service/books"),
        listens_on("service/books", 80),
        resolves_target_ports("service/books"),
        has_ready_pods("service/books"),
        answers("service/books", 80),
    ),
    solved=msg("`books` is a name that answers."),
    hints=(
        msg("The Service `web` above needs two changes: its name, and the label it looks for."),
        _second_hint,
        msg("`port: 80` is what clients use, `targetPort: 9898` is where the pods listen."),
        msg(
            "Name, selector and port are written metadata: {{name: books}}, "
            "spec: {{selector: {{app: books}}, ports: [{{port: 80, targetPort: 9898}}]}}"
        ),
    ),
    start=_START,
    looks_at=("endpointslices",),
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
            says="leads to port 80 of the pods",
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
            says="but there is one called `book`",
        ),
    ),
    objects=("service/books", "service/book", "deployment/books"),
    pods="app=books",
)
