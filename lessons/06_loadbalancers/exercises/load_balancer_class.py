"""A Service that waits for a load balancer nobody here is in charge of."""

from __future__ import annotations

from k8s_tutor.exercises import (
    Exercise,
    Mistake,
    answers,
    exists,
    has_address,
    has_ready_pods,
    msg,
    selects_pods,
)

__all__ = ["EXERCISE"]

_CLASS = "example.com/fast"
_START = f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: mail}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: mail}}}}
  template:
    metadata: {{labels: {{app: mail}}}}
    spec:
      containers:
      - name: app
        image: ghcr.io/stefanprodan/podinfo:6.9.2
        readinessProbe: {{periodSeconds: 2, httpGet: {{path: /readyz, port: 9898}}}}
---
apiVersion: v1
kind: Service
metadata: {{name: mail}}
spec:
  type: LoadBalancer
  loadBalancerClass: {_CLASS}
  selector: {{app: mail}}
  ports: [{{port: 80, targetPort: 9898}}]
"""


EXERCISE = Exercise(
    id="loadbalancers-2",
    title=msg("The mail that waits"),
    task=msg(
        "The Service `mail` is of type LoadBalancer, load balancers are on, and still it stays `<pending>`. Find out "
        "why, and get it an address."
    ),
    checks=(
        exists("service/mail", gone_hint=msg("The old one had to go. What comes in its place, and what stays out?")),
        has_address("service/mail"),
        selects_pods("service/mail"),
        has_ready_pods("service/mail"),
        answers("service/mail", 80),
    ),
    solved=msg("the mail has its address."),
    hints=(
        msg('Look at its `spec`: `t.get("service/mail")["spec"]`. Which line does `mail` have that `web` does not?'),
        msg(
            "`loadBalancerClass: {name}` asks for one giver of addresses, and that one is not in this cluster.",
            name=_CLASS,
        ),
        msg('t.delete("service/mail"), then apply it without loadBalancerClass: the field cannot be changed in place.'),
    ),
    start=_START,
    first_step=msg(
        'Others got their address within seconds. Compare: `t.get("service/mail")["spec"]`, and that of `web`.'
    ),
    looks_at=("endpointslices",),
    solution='''t.delete("service/mail")
t.apply("""
apiVersion: v1
kind: Service
metadata: {name: mail}
spec:
  type: LoadBalancer
  selector: {app: mail}
  ports: [{port: 80, targetPort: 9898}]
""")
t.wait("service/mail", "address")''',
    alternative="""unclassed = {"spec": {"type": "NodePort", "loadBalancerClass": None}}
t.client.patch("services", "mail", unclassed, t.namespace)
t.client.patch("services", "mail", {"spec": {"type": "LoadBalancer"}}, t.namespace)""",
    mistakes=(
        Mistake(
            name="deleted and not brought back",
            cell='t.delete("service/mail")',
            says="What comes in its place",
        ),
        Mistake(
            name="no load balancer any more",
            cell="""t.delete("service/mail")
t.apply("{apiVersion: v1, kind: Service, metadata: {name: mail}, \
spec: {type: NodePort, selector: {app: mail}, ports: [{port: 80, targetPort: 9898}]}}")""",
            says="an odd port on every node",
        ),
        Mistake(
            name="an address that is not there to be given",
            cell="""t.delete("service/mail")
t.apply("{apiVersion: v1, kind: Service, metadata: {name: mail}, spec: {type: LoadBalancer, \
loadBalancerIP: 192.0.2.25, selector: {app: mail}, ports: [{port: 80, targetPort: 9898}]}}")""",
            says="it asks for `192.0.2.25`",
        ),
    ),
    objects=("service/mail", "deployment/mail"),
    pods="app=mail",
    load_balancers=True,
)
