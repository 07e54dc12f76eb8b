"""A Deployment whose author meant thousandths of a CPU, and wrote whole ones."""

from __future__ import annotations

from k8s_tutor.exercises import (
    Exercise,
    Mistake,
    Obj,
    Seen,
    State,
    Verdict,
    exists,
    failed,
    inspect,
    msg,
    parse_quantity,
    see,
)

__all__ = ["EXERCISE"]

_START = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: ledger}
spec:
  replicas: 2
  selector: {matchLabels: {app: ledger}}
  template:
    metadata: {labels: {app: ledger}}
    spec:
      containers:
      - name: app
        image: ghcr.io/stefanprodan/podinfo:6.9.2
        resources:
          requests: {cpu: 300}
"""
_WANTED = "300m"


def _requests_thousandths(_state: State, deployment: Obj) -> Seen | Verdict:
    containers = deployment["spec"]["template"]["spec"]["containers"]
    asked = [((one.get("resources") or {}).get("requests") or {}).get("cpu") for one in containers]
    said = [str(each) for each in asked if each is not None]
    if not said:
        return failed(
            msg("its Pods request no CPU any more."),
            hint=msg("Then the scheduler sets nothing aside for them. 300 thousandths were meant."),
        )
    fact = msg("requests: cpu {cpu}", cpu=" + ".join(said))
    total = sum((parse_quantity(each) for each in said), parse_quantity("0"))
    if total == parse_quantity(_WANTED):
        return see(fact)
    unit = msg("A number without a unit is whole CPUs. Which letter stands for a thousandth?")
    return failed(msg("300 thousandths of a CPU were meant, for each Pod."), fact, hint=unit)


def _wants_two(_state: State, deployment: Obj) -> Seen | Verdict:
    replicas = deployment["spec"].get("replicas")
    if replicas == 2:
        return see()
    return failed(
        msg("Deployment `ledger` wants {count} Pods now; the task asks for 2.", count=replicas),
        hint=msg("The number was right. It is the request that fits nowhere."),
    )


def _runs(state: State, deployment: Obj) -> Seen | Verdict:
    status = deployment.get("status") or {}
    seen = status.get("observedGeneration") == deployment["metadata"].get("generation")
    ready = int(status.get("readyReplicas") or 0)
    if seen and ready == status.get("updatedReplicas") == status.get("replicas") == 2:
        return see(msg("2 of 2 Pods of the new template are ready"))
    del state
    return failed(
        msg("the request is right, and the new Pods do not all run yet."),
        msg("ready: {ready}", ready=ready),
        hint=msg('`t.graph("deploy/ledger", lens="placement")` shows where they are.'),
        settling=True,
    )


EXERCISE = Exercise(
    id="start-four-2",
    title=msg("Three hundred what?"),
    task=msg(
        "The two Pods of Deployment `ledger` run nowhere. Its author wanted 300 thousandths of a CPU for each of them. "
        "Put that right, so that both run."
    ),
    checks=(
        exists("deployment/ledger", gone_hint=msg('`t.exercise("start-four-2")` brings it back.')),
        inspect("deployment/ledger", _wants_two),
        inspect("deployment/ledger", _requests_thousandths),
        inspect("deployment/ledger", _runs),
    ),
    solved=msg("a unit makes all the difference."),
    hints=(
        msg('Look at one of its Pods: `t.graph("deploy/ledger", lens="placement")`. What does it request?'),
        msg("CPU is counted in whole CPUs; `m` stands for a thousandth: half a CPU is `500m`, or `0.5`."),
        msg("A Deployment's template may be changed at any time: `kubectl set resources` does, or `t.apply`."),
    ),
    start=_START,
    first_step=msg('What does one of them request, in `t.graph("deploy/ledger", lens="placement")`?'),
    objects=("deployment/ledger",),
    pods="app=ledger",
    solution='t.kubectl("set resources deployment ledger --requests=cpu=300m")',
    alternative='''t.apply("""
apiVersion: apps/v1
kind: Deployment
metadata: {name: ledger}
spec:
  replicas: 2
  selector: {matchLabels: {app: ledger}}
  template:
    metadata: {labels: {app: ledger}}
    spec:
      containers:
      - name: app
        image: ghcr.io/stefanprodan/podinfo:6.9.2
        resources: {requests: {cpu: 0.3}}
""")''',
    mistakes=(
        Mistake(
            name="fewer, and still whole CPUs",
            cell='t.kubectl("set resources deployment ledger --requests=cpu=30")',
            says="Which letter stands for a thousandth?",
        ),
        Mistake(
            name="no request at all",
            cell="""change = '[{"op": "remove", "path": "/spec/template/spec/containers/0/resources"}]'
t.kubectl(f"patch deployment ledger --type=json -p '{change}'")""",
            says="request no CPU any more",
        ),
        Mistake(
            name="nobody waits if nobody is wanted",
            cell='t.kubectl("scale deployment ledger --replicas=0")',
            says="The number was right",
        ),
        Mistake(
            name="half a CPU",
            cell='t.kubectl("set resources deployment ledger --requests=cpu=0.5")',
            says="300 thousandths of a CPU were meant, for each Pod",
        ),
    ),
)
