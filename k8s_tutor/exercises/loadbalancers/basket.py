"""Visitors who come back to the pod that knows them."""

from __future__ import annotations

from k8s_tutor.exercises.exercise import Exercise, Mistake, ladder
from k8s_tutor.exercises.scene import Scene
from k8s_tutor.exercises.servicerungs import answers, exists, has_address, on_service, selects_somebody, served_by
from k8s_tutor.exercises.verdict import Verdict, failed, not_attempted, passed
from k8s_tutor.objects.types import Obj

__all__ = ["EXERCISE"]

_HOUR = 3600
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


def _three(scene: Scene) -> Verdict | None:
    deployment = scene.find("deployments", "basket")
    wanted = deployment["spec"].get("replicas", 1) if deployment else 0
    if wanted >= 3:
        return None
    return failed(
        f"{wanted} of 3 pods are left.",
        hint="With one pod everybody meets the same one, true; and when it fails, nobody is served. Keep three.",
    )


def _affine(_scene: Scene, service: Obj) -> Verdict | None:
    spec = service["spec"]
    if spec.get("sessionAffinity") != "ClientIP":
        return not_attempted("each request of a visitor may meet another pod.", "sessionAffinity: None")
    seconds = ((spec.get("sessionAffinityConfig") or {}).get("clientIP") or {}).get("timeoutSeconds", 3 * _HOUR)
    if seconds >= _HOUR:
        return None
    return failed(
        f"a visitor is forgotten after {seconds} seconds without a request.",
        hint="`sessionAffinityConfig.clientIP.timeoutSeconds` says how long. Left out, it is three hours.",
    )


EXERCISE = Exercise(
    id="loadbalancers-4",
    title="Everybody's own basket",
    task="Each of the three pods behind the Service `basket` keeps what its visitors have put into their baskets. So a "
    "visitor should meet the same pod again, for an hour at least. All three pods stay in service.",
    judge=ladder(
        exists("basket", gone_hint="With the Service its address is gone. Change it in place instead."),
        _three,
        on_service("basket", _affine),
        selects_somebody("basket"),
        has_address("basket"),
        served_by("basket", 3),
        answers("basket", 80),
        then=lambda _: passed(
            "every visitor finds their basket again.", "sessionAffinity: ClientIP, 3 of 3 pods ready"
        ),
    ),
    hints=(
        "The Service `web` above had to learn the same.",
        "`sessionAffinity: ClientIP` stands under `spec`, beside `selector`.",
        "Apply the Service again with everything it has, and `sessionAffinity: ClientIP`.",
    ),
    start=_START,
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
            says="Keep three",
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
