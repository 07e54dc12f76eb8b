"""Another program at the same address: from blue to green."""

from __future__ import annotations

from k8s_tutor.exercises import (
    Exercise,
    Mistake,
    Obj,
    Seen,
    State,
    Verdict,
    answers,
    describe_selector,
    exists,
    failed,
    find_container,
    has_address,
    has_ready_pods,
    inspect,
    msg,
    see,
    selects_pods,
)

__all__ = ["EXERCISE"]

_OLD = "ghcr.io/stefanprodan/podinfo:6.9.1"
_DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: stage, colour: {colour}}}}}
  template:
    metadata: {{labels: {{app: stage, colour: {colour}}}}}
    spec:
      containers:
      - name: app
        image: {image}
        readinessProbe: {{periodSeconds: 2, httpGet: {{path: /readyz, port: 9898}}}}
---
"""
_SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: stage}
spec:
  type: LoadBalancer
  selector: {app: stage, colour: blue}
  ports: [{port: 80, targetPort: 9898}]
"""
_START = (
    _DEPLOYMENT.format(name="stage-blue", colour="blue", image=_OLD)
    + _DEPLOYMENT.format(name="stage-green", colour="green", image="ghcr.io/stefanprodan/podinfo:6.9.2")
    + _SERVICE
)


def _keeps_blue(state: State, _service: Obj) -> Seen | Verdict:
    blue = state.find("deployment/stage-blue")
    wanted = blue["spec"].get("replicas", 1) if blue else 0
    if blue is None or not wanted or find_container(blue["spec"]["template"], image=_OLD) is None:
        return failed(
            msg("the blue version no longer runs as it did."),
            msg("replicas of Deployment `stage-blue`: {wanted}", wanted=wanted),
            hint=msg("If green turns out to be broken, everybody should be back at blue within a second."),
        )
    ready = (blue.get("status") or {}).get("readyReplicas", 0)
    fact = msg("blue: {ready} of {wanted} pods ready", ready=ready, wanted=wanted)
    return see(fact) if ready else failed(msg("no pod of the blue version is ready."), fact, settling=True)


def _means_green_alone(_state: State, service: Obj) -> Seen | Verdict:
    fact = msg("selector: {selector}", selector=describe_selector(service))
    colours = [
        colour
        for colour in ("blue", "green")
        if all(
            {"app": "stage", "colour": colour}.get(key) == value
            for key, value in (service["spec"].get("selector") or {}).items()
        )
    ]
    if "blue" not in colours:
        return see(fact)
    if "green" in colours:
        hint = msg("Whom does it mean without a colour?")
        return failed(msg("some visitors see blue, some see green."), fact, hint=hint)
    return failed(msg("everybody still sees the blue version."), fact)


EXERCISE = Exercise(
    id="loadbalancers-3",
    title=msg("From blue to green"),
    task=msg(
        "Two versions are running, `stage-blue` and `stage-green`, and every visitor of the Service `stage` sees "
        "blue. Let all of them see green, at the same address. Both versions keep running."
    ),
    checks=(
        exists("service/stage", gone_hint=msg("With the Service its address is gone. It can be changed in place.")),
        inspect("service/stage", _keeps_blue),
        selects_pods("service/stage"),
        inspect("service/stage", _means_green_alone),
        has_address("service/stage"),
        has_ready_pods("service/stage"),
        answers("service/stage", 80),
    ),
    solved=msg("everybody sees green."),
    hints=(
        msg("What makes a visitor see blue? Follow the lines from the address to the pods."),
        msg("It is the selector that says `colour: blue`. It may be changed in place."),
        msg("Apply the Service again with selector: {{app: stage, colour: green}}."),
    ),
    start=_START,
    first_step=msg('Begin with `t.graph("service/stage")`.'),
    looks_at=("endpointslices",),
    solution='''t.apply("""
apiVersion: v1
kind: Service
metadata: {name: stage}
spec:
  type: LoadBalancer
  selector: {app: stage, colour: green}
  ports: [{port: 80, targetPort: 9898}]
""")''',
    alternative="""t.client.patch("services", "stage", {"spec": {"selector": {"colour": "green"}}}, t.namespace)""",
    mistakes=(
        Mistake(
            name="both versions are meant",
            cell="""t.client.patch("services", "stage", {"spec": {"selector": {"colour": None}}}, t.namespace)""",
            says="some visitors see blue, some see green",
        ),
        Mistake(
            name="blue is taken down",
            cell="""t.kubectl("scale deployment stage-blue --replicas=0")
t.client.patch("services", "stage", {"spec": {"selector": {"colour": None}}}, t.namespace)""",
            says="no longer runs as it did",
        ),
        Mistake(
            name="a colour that no pod has",
            cell="""t.client.patch("services", "stage", {"spec": {"selector": {"colour": "gren"}}}, t.namespace)""",
            says="no pod has `app=stage,colour=gren`",
        ),
    ),
    objects=("service/stage", "deployment/stage-blue", "deployment/stage-green"),
    pods="app=stage",
    load_balancers=True,
)
