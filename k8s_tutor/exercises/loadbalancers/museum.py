"""An address for people outside."""

from __future__ import annotations

from k8s_tutor.exercises.exercise import Exercise, Mistake, ladder
from k8s_tutor.exercises.scene import Scene
from k8s_tutor.exercises.servicerungs import (
    answers,
    exists,
    has_address,
    listens_on,
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
metadata: {name: museum}
spec:
  replicas: 2
  selector: {matchLabels: {app: museum}}
  template:
    metadata: {labels: {app: museum}}
    spec:
      containers:
      - name: app
        image: ghcr.io/stefanprodan/podinfo:6.9.2
        readinessProbe: {periodSeconds: 2, httpGet: {path: /readyz, port: 9898}}
---
apiVersion: v1
kind: Service
metadata: {name: museum}
spec:
  selector: {app: museum}
  ports: [{port: 80, targetPort: 9898}]
"""


def _untouched(_scene: Scene, service: Obj) -> Verdict | None:
    spec = service["spec"]
    if spec.get("type") != "ClusterIP" or spec.get("externalIPs"):
        return None
    return not_attempted("Service museum can be reached from inside the cluster only.", "type: ClusterIP")


EXERCISE = Exercise(
    id="loadbalancers-1",
    title="The museum opens",
    task="The Service `museum` has an address inside the cluster only. Give it one that visitors from outside can use, "
    "at port 80.",
    judge=ladder(
        exists("museum", gone_hint="The museum needs its Service: apply it again, with the type that you want."),
        on_service("museum", _untouched),
        has_address("museum"),
        selects_somebody("museum"),
        listens_on("museum", 80),
        served_by("museum", 2),
        answers("museum", 80),
        then=lambda _: passed("the museum is open to everybody.", "2 of 2 pods ready, 10 of 10 requests answered"),
    ),
    hints=(
        "One line made the Service `web` above different from a ClusterIP.",
        "Apply the Service `museum` again, with everything it has, and `type: LoadBalancer` under `spec`.",
        "spec: {type: LoadBalancer, selector: {app: museum}, ports: [{port: 80, targetPort: 9898}]}",
    ),
    start=_START,
    solution='''t.apply("""
apiVersion: v1
kind: Service
metadata: {name: museum}
spec:
  type: LoadBalancer
  selector: {app: museum}
  ports: [{port: 80, targetPort: 9898}]
""")
t.wait("service/museum", "address")''',
    alternative="""t.client.patch("services", "museum", {"spec": {"type": "LoadBalancer"}}, t.namespace)""",
    mistakes=(
        Mistake(
            name="a node port only",
            cell="""t.client.patch("services", "museum", {"spec": {"type": "NodePort"}}, t.namespace)""",
            says="an odd port on every node",
        ),
        Mistake(
            name="an address of one's own making",
            cell="""t.client.patch("services", "museum", {"spec": {"externalIPs": ["192.0.2.80"]}}, t.namespace)""",
            says="Writing an address down does not make it lead here",
        ),
        Mistake(
            name="the wrong port for visitors",
            cell="""t.apply("{apiVersion: v1, kind: Service, metadata: {name: museum}, \
spec: {type: LoadBalancer, selector: {app: museum}, ports: [{port: 9898}]}}")""",
            says="the task asks for 80",
        ),
    ),
    objects=("service/museum", "deployment/museum"),
    pods="app=museum",
    load_balancers=True,
)
