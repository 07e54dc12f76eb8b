"""A door with a name, for two houses."""

from __future__ import annotations

from k8s_tutor.exercises import (
    Exercise,
    Mistake,
    answers,
    exists,
    has_ready_pods,
    is_unchanged,
    listens_on,
    msg,
    resolves_target_ports,
    selects_pods,
)

__all__ = ["EXERCISE"]

_START = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: tailor}
spec:
  replicas: 2
  selector: {matchLabels: {app: tailor}}
  template:
    metadata: {labels: {app: tailor}}
    spec:
      containers:
      - name: app
        image: ghcr.io/stefanprodan/podinfo:6.9.2
        readinessProbe: {periodSeconds: 2, httpGet: {path: /readyz, port: 9898}}
"""

EXERCISE = Exercise(
    id="picture-book-3",
    title=msg("A door for the tailor"),
    task=msg(
        "The tailor has two houses. They wear the ribbon `app: tailor` and listen on port 9898. Give them one door: "
        "whoever knocks at `http://tailor`, that is, at port 80, should be let in."
    ),
    checks=(
        is_unchanged("deployment/tailor", hint=msg('`t.exercise("picture-book-3")` puts the houses up again.')),
        exists("service/tailor"),
        selects_pods("service/tailor"),
        listens_on("service/tailor", 80),
        resolves_target_ports("service/tailor"),
        has_ready_pods("service/tailor", 2),
        answers("service/tailor", 80),
    ),
    solved=msg("the door is open, and leads to both houses."),
    hints=(
        msg("Page 9 shows a door, the Service `lark`. Two words in it are to be changed."),
        msg("Its own name, and the ribbon it looks for: `app: tailor`."),
        msg("Or in one line: `t.kubectl(\"expose deployment NAME --port=80 --target-port=9898\")`."),
    ),
    start=_START,
    looks_at=("endpointslices",),
    solution='''t.apply("""
apiVersion: v1
kind: Service
metadata: {name: tailor}
spec:
  selector: {app: tailor}
  ports: [{port: 80, targetPort: 9898}]
""")''',
    alternative='t.kubectl("expose deployment tailor --port=80 --target-port=9898")',
    mistakes=(
        Mistake(
            name="the ribbon of somebody else",
            cell="""t.apply("{apiVersion: v1, kind: Service, metadata: {name: tailor}, \
spec: {selector: {app: taylor}, ports: [{port: 80, targetPort: 9898}]}}")""",
            says="no pod has `app=taylor`",
        ),
        Mistake(
            name="the door leads to a wall",
            cell="""t.apply("{apiVersion: v1, kind: Service, metadata: {name: tailor}, \
spec: {selector: {app: tailor}, ports: [{port: 80}]}}")""",
            says="leads to port 80 of the pods",
        ),
        Mistake(
            name="another number on the door",
            cell='t.kubectl("expose deployment tailor --port=9898")',
            says="the task asks for 80",
        ),
        Mistake(
            name="another name on the door",
            cell='t.kubectl("expose deployment tailor --name=taylor --port=80 --target-port=9898")',
            says="but there is one called `taylor`",
        ),
    ),
    objects=("service/tailor", "service/taylor", "deployment/tailor"),
    pods="app=tailor",
)
