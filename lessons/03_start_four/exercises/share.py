"""A Deployment in a namespace with a quota: four Pods are wanted, and only three of this size get in."""

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

# One Pod stands at the beginning, not four: on a real cluster a quota counts only once its controller has taken it up.
# `Recreate`, since a rolling update could wait for ever: no room for a new Pod before an old one goes, and none may go.
_START = """
apiVersion: v1
kind: ResourceQuota
metadata: {name: office}
spec:
  hard: {requests.cpu: "1"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: choir}
spec:
  replicas: 1
  strategy: {type: Recreate}
  selector: {matchLabels: {app: choir}}
  template:
    metadata: {labels: {app: choir}}
    spec:
      containers:
      - name: app
        image: ghcr.io/stefanprodan/podinfo:6.9.2
        resources:
          requests: {cpu: 300m}
"""
_WANTED = 4
_SHARE = "1"


def _leaves_the_quota(_state: State, quota: Obj) -> Seen | Verdict:
    spec = quota["spec"]
    allowed = (spec.get("hard") or {}).get("requests.cpu")
    narrowed = spec.get("scopes") or spec.get("scopeSelector")
    if allowed is not None and parse_quantity(allowed) == parse_quantity(_SHARE) and not narrowed:
        return see()
    said = msg("requests.cpu: {allowed}", allowed=allowed) if allowed is not None else msg("it counts no CPU any more")
    return failed(
        msg("the office's quota is not what it was."),
        said,
        hint=msg("One CPU is the share, and the office decides on it. What you decide on is what your Pods ask for."),
    )


def _wants_four(_state: State, deployment: Obj) -> Seen | Verdict:
    replicas = deployment["spec"].get("replicas")
    if replicas == _WANTED:
        return see()
    return failed(
        msg("Deployment `choir` wants {count} Pods; four are to sing.", count=replicas),
        hint=msg("`kubectl scale` says how many are wanted."),
    )


def _all_sing(state: State, deployment: Obj) -> Seen | Verdict:
    status = deployment.get("status") or {}
    seen = status.get("observedGeneration") == deployment["metadata"].get("generation")
    ready = int(status.get("readyReplicas") or 0)
    if seen and ready == status.get("updatedReplicas") == status.get("replicas") == _WANTED:
        return see(msg("4 of 4 Pods are ready"))
    fact = msg("ready: {ready} of 4", ready=ready)
    asked = [cpu for one in deployment["spec"]["template"]["spec"]["containers"] if (cpu := _cpu(one)) is not None]
    if not asked:
        return _without_requests(state, deployment)
    if sum((parse_quantity(each) for each in asked * _WANTED), parse_quantity("0")) > parse_quantity(_SHARE):
        return failed(
            msg("four Pods of this size are more than the share, and the API server lets no more in."),
            msg("each requests cpu {cpu}, and the quota allows {share} in all", cpu=" + ".join(asked), share=_SHARE),
            fact,
            hint=msg("How much may each of four ask for, if all are to have the same?"),
        )
    return failed(
        msg("four of this size fit into the share, and they do not all run yet."),
        fact,
        hint=msg("If it stays so, `kubectl describe quota` says whether others use the share, too."),
        settling=True,
    )


def _cpu(container: Obj) -> str | None:
    """What a container requests; one that has only a limit requests as much."""
    resources = container.get("resources") or {}
    said = (resources.get("requests") or {}).get("cpu", (resources.get("limits") or {}).get("cpu"))
    return None if said is None else str(said)


def _without_requests(state: State, deployment: Obj) -> Verdict:
    rows = [row for one in state.list("limitranges") for row in one["spec"].get("limits") or ()]
    if any("cpu" in {**(row.get("default") or {}), **(row.get("defaultRequest") or {})} for row in rows):
        return failed(
            msg("a LimitRange gives the Pods of `choir` a default, and they do not all run yet."),
            hint=msg(
                "Is four times the default within the share? And a ReplicaSet that was refused asks ever more seldom: "
                "`kubectl rollout restart` lets it begin anew."
            ),
            settling=True,
        )
    conditions = (deployment.get("status") or {}).get("conditions") or ()
    refused = any(row["type"] == "ReplicaFailure" and "must specify" in row.get("message", "") for row in conditions)
    return failed(
        msg("the Pods of `choir` request no CPU, and this quota lets in none that does not say."),
        hint=msg("Saying nothing is not asking for little. What is the number, if four share one CPU?"),
        settling=not refused,
    )


EXERCISE = Exercise(
    id="start-four-5",
    title=msg("Four voices, one CPU"),
    task=msg(
        "Four Pods of Deployment `choir` are to run, and ResourceQuota `office` gives this namespace one CPU. Make all "
        "four run, and leave the quota as it is."
    ),
    checks=(
        exists(
            "resourcequota/office",
            gone_hint=msg("It was the office's. `t.exercise(\"start-four-5\")` brings it back."),
        ),
        inspect("resourcequota/office", _leaves_the_quota),
        exists("deployment/choir", gone_hint=msg('`t.exercise("start-four-5")` brings it back.')),
        inspect("deployment/choir", _wants_four),
        inspect("deployment/choir", _all_sing),
    ),
    solved=msg("four voices, and the share is kept."),
    hints=(
        msg(
            "Ask for four: `kubectl scale deployment choir --replicas=4`. How many come? "
            '`t.explain("deploy/choir")` says why.'
        ),
        msg("`kubectl describe quota office` shows what is used, and what is allowed. Divide what is allowed by four."),
        msg("A request belongs to the Deployment's template: `kubectl set resources` changes it, or `t.apply`."),
    ),
    start=_START,
    first_step=msg("Ask for four: `kubectl scale deployment choir --replicas=4`. How many come?"),
    objects=("resourcequota/office", "deployment/choir"),
    pods="app=choir",
    looks_at=("limitranges",),
    solution='''t.kubectl("set resources deployment choir --requests=cpu=250m")
t.kubectl("scale deployment choir --replicas=4")
t.wait("deploy/choir", "4 of 4 pods ready")''',
    alternative='''t.apply("""
apiVersion: v1
kind: LimitRange
metadata: {name: modest}
spec:
  limits:
  - {type: Container, defaultRequest: {cpu: 200m}}
""")
change = [{"op": "remove", "path": "/spec/template/spec/containers/0/resources"},
          {"op": "replace", "path": "/spec/replicas", "value": 4}]
import json
t.kubectl(f"patch deployment choir --type=json -p '{json.dumps(change)}'")
t.wait("deploy/choir", "4 of 4 pods ready")''',
    mistakes=(
        Mistake(
            name="four of the same size",
            cell='t.kubectl("scale deployment choir --replicas=4")',
            says="How much may each of four ask for",
        ),
        Mistake(
            name="a larger share",
            cell="""t.kubectl('patch quota office -p \\'{"spec": {"hard": {"requests.cpu": "2"}}}\\'')
t.kubectl("scale deployment choir --replicas=4")""",
            says="the office decides on it",
        ),
        Mistake(
            name="no quota",
            cell='t.kubectl("delete quota office")\nt.kubectl("scale deployment choir --replicas=4")',
            says="It was the office's",
        ),
        Mistake(
            name="as many as fit",
            cell='t.kubectl("scale deployment choir --replicas=3")',
            says="four are to sing",
        ),
        Mistake(
            name="no request at all",
            cell="""import json
change = [{"op": "remove", "path": "/spec/template/spec/containers/0/resources"},
          {"op": "replace", "path": "/spec/replicas", "value": 4}]
t.kubectl(f"patch deployment choir --type=json -p '{json.dumps(change)}'")""",
            says="Saying nothing is not asking for little",
        ),
        Mistake(
            name="a limit, and the request as it was",
            cell="""t.kubectl("set resources deployment choir --limits=cpu=500m")
t.kubectl("scale deployment choir --replicas=4")""",
            says="each requests cpu 300m",
        ),
    ),
)
