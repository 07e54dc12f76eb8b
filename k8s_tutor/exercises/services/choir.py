"""A headless Service: a name that gives every pod's address."""

from __future__ import annotations

from k8s_tutor.exercises.exercise import Exercise, Mistake, ladder
from k8s_tutor.exercises.scene import Scene
from k8s_tutor.exercises.servicerungs import exists, on_service, selects_somebody, served_by
from k8s_tutor.exercises.verdict import Verdict, failed, not_attempted, passed
from k8s_tutor.objects.types import Obj

__all__ = ["EXERCISE"]

_START = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: choir}
spec:
  replicas: 3
  selector: {matchLabels: {app: choir}}
  template:
    metadata: {labels: {app: choir}}
    spec:
      containers:
      - {name: voice, image: "ghcr.io/stefanprodan/podinfo:6.9.2"}
---
apiVersion: v1
kind: Service
metadata: {name: choir, labels: {as: found}}
spec:
  selector: {app: choir}
  ports: [{port: 9898}]
"""


def _headless(_scene: Scene, service: Obj) -> Verdict | None:
    spec = service["spec"]
    if spec.get("clusterIP") == "None":
        return None
    if (service["metadata"].get("labels") or {}).get("as") == "found" and spec.get("type") == "ClusterIP":
        return not_attempted("Service choir still has an address of its own.", f"clusterIP: {spec.get('clusterIP')}")
    return failed(
        "Service choir still has an address of its own, and its name leads there.",
        f"clusterIP: {spec.get('clusterIP')}",
        hint="A headless Service says `clusterIP: None`. A NodePort adds a way in, it takes none away.",
    )


EXERCISE = Exercise(
    id="services-2",
    title="Every voice by itself",
    task="Three pods sing in a choir, and the Service `choir` answers with one address for all. Make it headless: the "
    "name `choir` should give the address of each ready pod.",
    judge=ladder(
        exists(
            "choir",
            gone_hint="The old one had to go; now apply a new `choir`, with the same selector and `clusterIP: None`.",
        ),
        on_service("choir", _headless),
        selects_somebody("choir", hint="Without `selector: {app: choir}` the name gives no address at all."),
        served_by("choir", 3),
        then=lambda _: passed("the name `choir` gives three addresses.", "clusterIP: None, 3 of 3 pods ready"),
    ),
    hints=(
        "Which field made `web-direct` above headless?",
        "The address of a Service cannot be changed once it is given: delete the Service first.",
        't.delete("service/choir"), then apply it anew with `clusterIP: None` under `spec`.',
    ),
    start=_START,
    solution='''t.delete("service/choir")
t.apply("""
apiVersion: v1
kind: Service
metadata: {name: choir}
spec:
  clusterIP: None
  selector: {app: choir}
""")''',
    alternative="""t.kubectl("delete service choir")
t.apply({
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "choir"},
    "spec": {"clusterIP": "None", "selector": {"app": "choir"}, "ports": [{"name": "http", "port": 9898}]},
})""",
    mistakes=(
        Mistake(
            name="deleted and not brought back",
            cell='t.delete("service/choir")',
            says="now apply a new `choir`",
        ),
        Mistake(
            name="a node port instead",
            cell="""t.apply("{apiVersion: v1, kind: Service, metadata: {name: choir}, \
spec: {type: NodePort, selector: {app: choir}, ports: [{port: 9898}]}}")""",
            says="it takes none away",
        ),
        Mistake(
            name="the selector is lost",
            cell="""t.delete("service/choir")
t.apply("{apiVersion: v1, kind: Service, metadata: {name: choir}, spec: {clusterIP: None, ports: [{port: 9898}]}}")""",
            says="no address at all",
        ),
    ),
    objects=("service/choir", "deployment/choir"),
    pods="app=choir",
)
