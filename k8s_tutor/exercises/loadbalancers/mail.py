"""A Service that waits for a load balancer nobody here is in charge of."""

from __future__ import annotations

from k8s_tutor.exercises.exercise import Exercise, Mistake, ladder
from k8s_tutor.exercises.scene import Scene
from k8s_tutor.exercises.servicerungs import answers, exists, has_address, on_service, selects_somebody, served_by
from k8s_tutor.exercises.verdict import Verdict, not_attempted, passed
from k8s_tutor.objects.types import Obj

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


def _untouched(_scene: Scene, service: Obj) -> Verdict | None:
    if service["spec"].get("loadBalancerClass") != _CLASS:
        return None
    return not_attempted(
        "Service mail is still waiting for an address.",
        hint='Others got theirs within seconds. Compare: `t.get("service/mail")["spec"]`, and that of `web`.',
    )


EXERCISE = Exercise(
    id="loadbalancers-2",
    title="The mail that waits",
    task="The Service `mail` is of type LoadBalancer, load balancers are on, and still it stays `<pending>`. Find out "
    "why, and get it an address.",
    judge=ladder(
        exists("mail", gone_hint="The old one had to go; now apply a new `mail`, without what kept it waiting."),
        on_service("mail", _untouched),
        has_address("mail"),
        selects_somebody("mail"),
        served_by("mail", 2),
        answers("mail", 80),
        then=lambda _: passed("the mail has its address.", "2 of 2 pods ready, 10 of 10 requests answered"),
    ),
    hints=(
        'Look at its `spec`, line by line: `t.get("service/mail")["spec"]`. Which line has `web` not?',
        f"`loadBalancerClass: {_CLASS}` asks for a certain giver of addresses, and that one is not in this cluster.",
        't.delete("service/mail"), then apply it without loadBalancerClass: the field cannot be changed in place.',
    ),
    start=_START,
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
            says="now apply a new `mail`",
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
            says="It asks for `192.0.2.25`",
        ),
    ),
    objects=("service/mail", "deployment/mail"),
    pods="app=mail",
    load_balancers=True,
)
