"""A Pod is taken out of its ReplicaSet, to be looked at."""

from __future__ import annotations

from k8s_tutor.exercises import (
    Exercise,
    Mistake,
    Obj,
    Outcome,
    Seen,
    State,
    Verdict,
    describe_pod,
    exists,
    failed,
    inspect,
    is_unchanged,
    msg,
    see,
)

__all__ = ["EXERCISE"]

_REF, _COUNT = "replicaset/market", 3

_START = """
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: market}
spec:
  replicas: 3
  selector: {matchLabels: {app: market}}
  template:
    metadata: {labels: {app: market, made-for: market}}
    spec:
      containers:
      - name: app
        image: ghcr.io/stefanprodan/podinfo:6.9.2
        readinessProbe: {periodSeconds: 1, httpGet: {path: /readyz, port: 9898}}
"""


def _controller(pod: Obj) -> str:
    """The uid of whoever counts this pod; empty for nobody."""
    owners = pod["metadata"].get("ownerReferences") or ()
    return next((str(owner.get("uid", "")) for owner in owners if owner.get("controller")), "")


def _has_somebody_to_look_at(state: State) -> Seen | Verdict:
    """A pod that the ReplicaSet has made, and that it counts no more. Its maker wrote down how it came to its name."""
    made = [pod for pod in state.list("pods") if pod["metadata"].get("generateName") == "market-"]
    free = [pod for pod in made if not _controller(pod)]
    by_hand = [
        pod
        for pod in state.list("pods")
        if "generateName" not in pod["metadata"] and pod["metadata"]["name"].startswith(("market", "doctor", "patient"))
    ]
    if not free and by_hand:
        return failed(
            msg("pod/{name} was made by hand.", name=by_hand[0]["metadata"]["name"]),
            hint=msg("The doctor wants to see one of those that have been serving, not a healthy newcomer."),
        )
    if not free:
        return failed(
            msg("every Pod that is left is counted: there is nobody to look at."),
            msg("Pods: {count}", count=len(made)),
            hint=msg("A deleted Pod is gone with its log. Which of its labels makes it one of those that are counted?"),
        )
    running = [pod for pod in free if (pod.get("status") or {}).get("phase") == "Running"]
    if not running:
        return failed(msg("the Pod that was taken out does not run."), describe_pod(free[0]), settling=True)
    return see(msg("pod/{name} runs, and nobody counts it", name=running[0]["metadata"]["name"]))


def _is_complete(state: State, market: Obj) -> Seen | Verdict:
    uid = market["metadata"]["uid"]
    counted = [pod for pod in state.list("pods") if _controller(pod) == uid]
    ready = [pod for pod in counted if _is_ready(pod)]
    if len(ready) == len(counted) == _COUNT:
        return see(msg("of those that are counted, {ready} of {count} are ready", ready=len(ready), count=len(counted)))
    return failed(
        msg("`market` has {ready} ready Pods, and {count} are wanted.", ready=len(ready), count=_COUNT), settling=True
    )


def _is_ready(pod: Obj) -> bool:
    rows = (pod.get("status") or {}).get("conditions") or ()
    return any(row.get("type") == "Ready" and row.get("status") == "True" for row in rows)


EXERCISE = Exercise(
    id="deployments-1",
    title=msg("One for the doctor"),
    task=msg(
        "They say that one of the three Pods of `market` behaves oddly. Take one out, no matter which: it must go on "
        "running, so that a doctor can look at it, and must not be counted any more. `market` itself stays as it is, "
        "with three Pods."
    ),
    checks=(
        exists(_REF, gone_hint=msg('`t.exercise("deployments-1")` brings it back.')),
        is_unchanged(_REF, hint=msg("The number was right. It is one of the Pods that has to leave.")),
        _has_somebody_to_look_at,
        inspect(_REF, _is_complete),
    ),
    solved=msg("one to look at, three to serve."),
    hints=(
        msg('`t.kubectl("get pods --show-labels")` shows the labels of each; `market` counts those with `app=market`.'),
        msg("A label can be changed while a Pod runs: `kubectl label pod NAME app=… --overwrite`."),
        msg('`t.kubectl("label pod NAME app=patient --overwrite")`, with the name of any of the three'),
    ),
    start=_START,
    first_step=msg('Begin with `t.graph("rs/market")`.'),
    looks_at=("pods",),
    solution="""t.wait("rs/market", "3 ready pods")
name = t.objects("pods", "app=market")[0]["metadata"]["name"]
t.kubectl(f"label pod {name} app=patient --overwrite")
t.wait("rs/market", "3 ready pods")""",
    alternative="""t.wait("rs/market", "3 ready pods")
pod = t.objects("pods", "app=market")[-1]["metadata"]
t.client.patch("pods", pod["name"], {"metadata": {"labels": {"app": None}}})
t.wait("rs/market", "3 ready pods")""",
    mistakes=(
        Mistake(
            name="the Pod is deleted",
            cell="""t.wait("rs/market", "3 ready pods")
name = t.objects("pods", "app=market")[0]["metadata"]["name"]
t.delete(f"pod/{name}", now=True)
t.wait("rs/market", "3 ready pods")""",
            says="nothing has been changed yet",
            outcome=Outcome.NOT_ATTEMPTED,
        ),
        Mistake(
            name="one more is wanted",
            cell='t.kubectl("scale rs/market --replicas=4")',
            says="The number was right",
        ),
        Mistake(
            name="a newcomer for the doctor",
            cell="""t.apply("{apiVersion: v1, kind: Pod, metadata: {name: doctor, labels: {made-for: market}}, \
spec: {containers: [{name: a, image: 'busybox:1.35', command: [sleep, '3600']}]}}")""",
            says="was made by hand",
        ),
        Mistake(
            name="the ReplicaSet goes, its Pods stay",
            cell="""t.wait("rs/market", "3 ready pods")
t.kubectl("delete rs market --cascade=orphan")""",
            says="there is no ReplicaSet `market`",
        ),
    ),
    objects=(_REF,),
    pods="made-for=market",
)
