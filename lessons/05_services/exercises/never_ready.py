"""Pods that run and are never ready."""

from __future__ import annotations

from k8s_tutor.exercises import (
    Exercise,
    Mistake,
    Obj,
    Seen,
    State,
    Verdict,
    answers,
    exists,
    failed,
    has_ready_pods,
    inspect,
    list_pods,
    msg,
    see,
    selects_pods,
)

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


def _is_not_overruled(_state: State, service: Obj) -> Seen | Verdict:
    if not service["spec"].get("publishNotReadyAddresses"):
        return see()
    return failed(
        msg("Service `clinic` now leads to pods that are not ready, on purpose."),
        msg("publishNotReadyAddresses: true"),
        hint=msg("That silences the alarm. What is it that asks the pods, and what does it get?"),
    )


def _is_asked(state: State, service: Obj) -> Seen | Verdict:
    pods = list_pods(state, service)
    asked = [pod for pod in pods if any("readinessProbe" in one for one in pod["spec"]["containers"])]
    if len(asked) == len(pods):
        return see(msg("pods with a readiness probe: {asked} of {pods}", asked=len(asked), pods=len(pods)))
    return failed(
        msg("the pods are ready because nobody asks them any more."),
        msg("pods with a readiness probe: {asked} of {pods}", asked=len(asked), pods=len(pods)),
        hint=msg("Somebody should still ask, and ask for something that podinfo answers."),
    )


EXERCISE = Exercise(
    id="services-5",
    title=msg("The clinic that is always closed"),
    task=msg(
        "The pods of `clinic` run, and its Service does not lead to them. Find out why, and mend it. Kubernetes should "
        "still ask the pods whether they are ready."
    ),
    checks=(
        exists(
            "service/clinic",
            gone_hint=msg('The clinic needs its Service. `t.exercise("services-5")` brings the old one back.'),
        ),
        inspect("service/clinic", _is_not_overruled),
        selects_pods("service/clinic"),
        inspect("service/clinic", _is_asked),
        has_ready_pods(
            "service/clinic", hint=msg("Do they get a probe's good answer by now? `t.events()` says what it gets.")
        ),
        answers("service/clinic", 80),
    ),
    solved=msg("the clinic is open."),
    hints=(
        msg("Running is not ready. `t.events()` says what the readiness probe gets."),
        msg("404: podinfo has no page `/ready`. The Deployment `web` above asks podinfo, too: at which path?"),
        msg("It answers at `/readyz`. The probe stands in the Deployment, under `spec.template`: apply that."),
    ),
    start=_START,
    first_step=msg('Begin with `t.graph("service/clinic")`, then the events.'),
    looks_at=("endpointslices",),
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
            says="a probe's good answer",
        ),
    ),
    objects=("service/clinic", "deployment/clinic"),
    pods="app=clinic",
)
