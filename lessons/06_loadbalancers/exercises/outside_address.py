"""An address for people outside."""

from __future__ import annotations

from k8s_tutor.exercises import (
    Exercise,
    Mistake,
    answers,
    exists,
    has_address,
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


EXERCISE = Exercise(
    id="loadbalancers-1",
    title=msg("The museum opens"),
    task=msg(
        "The Service `museum` has an address inside the cluster only. Give it one that visitors from outside can use, "
        "at port 80."
    ),
    checks=(
        exists(
            "service/museum",
            gone_hint=msg('The museum needs its Service. `t.exercise("loadbalancers-1")` starts over.'),
        ),
        has_address("service/museum"),
        selects_pods("service/museum"),
        listens_on("service/museum", 80),
        resolves_target_ports("service/museum"),
        has_ready_pods("service/museum"),
        answers("service/museum", 80),
    ),
    solved=msg("the museum is open to everybody."),
    hints=(
        msg("One line made the Service `web` above different from a ClusterIP."),
        msg("Apply the Service `museum` again, with everything it has, and `type: LoadBalancer` under `spec`."),
        msg("spec: {{type: LoadBalancer, selector: {{app: museum}}, ports: [{{port: 80, targetPort: 9898}}]}}"),
    ),
    start=_START,
    first_step=msg('Begin with `t.kubectl("get service museum")`.'),
    looks_at=("endpointslices",),
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
            says="names an address that nobody has given it",
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
