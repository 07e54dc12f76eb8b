"""Visitors who come back to the pod that knows them."""

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
    has_address,
    has_ready_pods,
    inspect,
    list_deployments,
    msg,
    see,
    selects_pods,
)

__all__ = ["EXERCISE"]

_HOUR = 3600
_PODS = 3
_START = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: basket}
spec:
  replicas: 3
  selector: {matchLabels: {app: basket}}
  template:
    metadata: {labels: {app: basket}}
    spec:
      containers:
      - name: app
        image: ghcr.io/stefanprodan/podinfo:6.9.2
        readinessProbe: {periodSeconds: 2, httpGet: {path: /readyz, port: 9898}}
---
apiVersion: v1
kind: Service
metadata: {name: basket}
spec:
  type: LoadBalancer
  selector: {app: basket}
  ports: [{port: 80, targetPort: 9898}]
"""


def _keeps_three(state: State, service: Obj) -> Seen | Verdict:
    wanted = sum(one["spec"].get("replicas", 1) for one in list_deployments(state, service))
    if wanted >= _PODS or not wanted:
        return see()
    return failed(
        msg("fewer pods are in service than there were."),
        msg("replicas: {wanted}", wanted=wanted),
        hint=msg("With one pod everybody meets the same one, true; and when it fails, nobody is served."),
    )


def _is_affine(_state: State, service: Obj) -> Seen | Verdict:
    spec = service["spec"]
    affinity = msg("sessionAffinity: {affinity}", affinity=spec.get("sessionAffinity", "None"))
    if spec.get("sessionAffinity") != "ClientIP":
        return failed(msg("each request of a visitor may meet another pod."), affinity)
    seconds = ((spec.get("sessionAffinityConfig") or {}).get("clientIP") or {}).get("timeoutSeconds", 3 * _HOUR)
    fact = msg("timeoutSeconds: {seconds}", seconds=seconds)
    if seconds >= _HOUR:
        return see(affinity, fact)
    summary = msg("a visitor is forgotten after {seconds} seconds without a request.", seconds=seconds)
    return failed(summary, affinity, fact, hint=msg("How long did the task say?"))


EXERCISE = Exercise(
    id="loadbalancers-4",
    title=msg("Everybody's own basket"),
    task=msg(
        "Each of the three pods behind the Service `basket` keeps what its visitors have put into their baskets. So a "
        "visitor who comes to the Service's address should meet the same pod again, for an hour at least. At least "
        "three pods stay in service."
    ),
    checks=(
        exists("service/basket", gone_hint=msg("With the Service its address is gone. It can be changed in place.")),
        inspect("service/basket", _keeps_three),
        inspect("service/basket", _is_affine),
        selects_pods("service/basket"),
        has_address("service/basket"),
        has_ready_pods("service/basket", _PODS),
        answers("service/basket", 80),
    ),
    solved=msg("every visitor finds their basket again."),
    hints=(
        msg("The Service `web` above had to learn the same."),
        msg("`sessionAffinity: ClientIP` stands under `spec`, beside `selector`."),
        msg("Apply the Service again with everything it has, and `sessionAffinity: ClientIP`."),
    ),
    start=_START,
    first_step=msg('Whom does a visitor meet? `t.traffic("service/basket")` shows it.'),
    looks_at=("endpointslices",),
    solution='''t.apply("""
apiVersion: v1
kind: Service
metadata: {name: basket}
spec:
  type: LoadBalancer
  sessionAffinity: ClientIP
  selector: {app: basket}
  ports: [{port: 80, targetPort: 9898}]
""")''',
    alternative="""long = {"clientIP": {"timeoutSeconds": 7200}}
change = {"spec": {"sessionAffinity": "ClientIP", "sessionAffinityConfig": long}}
t.client.patch("services", "basket", change, t.namespace)""",
    mistakes=(
        Mistake(
            name="one pod for everybody",
            cell='t.kubectl("scale deployment basket --replicas=1")',
            says="fewer pods are in service",
        ),
        Mistake(
            name="forgotten too soon",
            cell="""short = {"clientIP": {"timeoutSeconds": 60}}
change = {"spec": {"sessionAffinity": "ClientIP", "sessionAffinityConfig": short}}
t.client.patch("services", "basket", change, t.namespace)""",
            says="forgotten after 60 seconds",
        ),
        Mistake(
            name="the selector is lost",
            cell="""t.apply("{apiVersion: v1, kind: Service, metadata: {name: basket}, \
spec: {type: LoadBalancer, sessionAffinity: ClientIP, ports: [{port: 80, targetPort: 9898}]}}")""",
            says="has no selector",
        ),
    ),
    objects=("service/basket", "deployment/basket"),
    pods="app=basket",
    load_balancers=True,
)
