"""A headless Service: a name that gives every pod's address."""

from __future__ import annotations

from k8s_tutor.exercises import (
    Exercise,
    Mistake,
    Obj,
    Seen,
    State,
    Verdict,
    count_ready,
    exists,
    failed,
    has_ready_pods,
    inspect,
    msg,
    see,
    selects_pods,
)

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
metadata: {name: choir}
spec:
  selector: {app: choir}
  ports: [{port: 9898}]
"""


def _is_headless(_state: State, service: Obj) -> Seen | Verdict:
    address = service["spec"].get("clusterIP")
    fact = msg("clusterIP: {address}", address=address or "(none)")
    if address == "None":
        return see(fact)
    return failed(
        msg("Service `choir` still has an address of its own, and its name leads there."),
        msg("type: {type}", type=service["spec"].get("type")),
        fact,
        hint=msg("As long as it has one, its name gives that one. How is it with `web-direct`?"),
    )


def _gives_addresses(state: State, service: Obj) -> Seen | Verdict:
    return see(msg("the name `choir` gives {count} addresses", count=count_ready(state, service)))


EXERCISE = Exercise(
    id="services-2",
    title=msg("Every voice by itself"),
    task=msg(
        "Several pods sing in a choir, and the Service `choir` answers with one address for all. Make it headless: the "
        "name `choir` should give the address of each ready pod."
    ),
    checks=(
        exists("service/choir", gone_hint=msg("The old one had to go. What comes in its place?")),
        inspect("service/choir", _is_headless),
        selects_pods("service/choir", hint=msg("Then its name gives no address at all.")),
        has_ready_pods("service/choir"),
        inspect("service/choir", _gives_addresses),
    ),
    solved=msg("the name `choir` gives every pod's own address."),
    hints=(
        msg("Which field made `web-direct` above headless?"),
        msg("The address of a Service cannot be changed once it is given: delete the Service first."),
        msg('t.delete("service/choir"), then apply it anew with `clusterIP: None` under `spec`.'),
    ),
    start=_START,
    first_step=msg('What does the name give now? `t.kubectl("get service choir")`.'),
    looks_at=("endpointslices",),
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
            says="What comes in its place",
        ),
        Mistake(
            name="a node port instead",
            cell="""t.apply("{apiVersion: v1, kind: Service, metadata: {name: choir}, \
spec: {type: NodePort, selector: {app: choir}, ports: [{port: 9898}]}}")""",
            says="type: NodePort",
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
