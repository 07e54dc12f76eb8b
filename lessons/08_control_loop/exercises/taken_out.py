"""A Pod that its ReplicaSet lets go of."""

from __future__ import annotations

from k8s_tutor.exercises import Exercise, Mistake, Obj, Seen, State, Verdict, exists, failed, msg, see

__all__ = ["EXERCISE"]

REPLICAS = 2
START = """
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop, tier: front}}
    spec:
      containers:
      - {name: app, image: "ghcr.io/stefanprodan/podinfo:6.9.2"}
"""


def _owner(pod: Obj) -> str:
    owners = pod["metadata"].get("ownerReferences") or ()
    return next((one["name"] for one in owners if one.get("controller")), "")


def _name(pod: Obj) -> str:
    return str(pod["metadata"]["name"])


def _is_selected(pod: Obj) -> bool:
    return (pod["metadata"].get("labels") or {}).get("app") == "shop"


def _is_ready(pod: Obj) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def _wants_two(state: State) -> Seen | Verdict:
    shop = state.find("replicaset/shop") or {}
    if (wanted := shop["spec"].get("replicas", 1)) != REPLICAS:
        return failed(
            msg("ReplicaSet `shop` was told to keep {wanted} Pods instead of {number}.", wanted=wanted,
                number=REPLICAS),
            hint=msg("How many there are is not the question, but which of them it counts."),
        )  # fmt: skip
    return see()


def _one_is_out(state: State) -> Seen | Verdict:
    free = [pod for pod in state.list("pods", "tier=front") if not _owner(pod)]
    out = [pod for pod in free if pod["metadata"].get("generateName") == "shop-"]
    if not out and free:
        return failed(
            msg("pod `{name}` was started anew; it is none of the ReplicaSet's.", name=_name(free[0])),
            hint=msg("The Pod to be looked at is one that has been running all the time."),
        )
    if not out:
        count = len([pod for pod in state.list("pods") if _owner(pod) == "shop"])
        hint = msg("By what does a ReplicaSet know its Pods? `kubectl describe replicaset shop` says it.")
        return failed(msg("all {count} Pods belong to the ReplicaSet.", count=count), hint=hint, settling=True)
    if taken := [pod for pod in out if _is_selected(pod)]:
        return failed(
            msg("pod `{name}` has no owner, and still the label `app=shop`.", name=_name(taken[0])),
            hint=msg("A ReplicaSet adopts what it selects and nobody owns."),
            settling=True,
        )
    running = [pod for pod in out if _is_ready(pod)]
    if not running:
        return failed(msg("pod `{name}` is out, and is not running.", name=_name(out[0])), settling=True)
    return see(msg("pod/{name} runs, and belongs to nobody", name=_name(running[0])))


def _goes_on_with_two(state: State) -> Seen | Verdict:
    own = [pod for pod in state.list("pods", "app=shop") if _owner(pod) == "shop"]
    ready = [pod for pod in own if _is_ready(pod)]
    fact = msg("ReplicaSet shop: {ready} of {number} Pods ready", ready=len(ready), number=REPLICAS)
    if len(ready) < REPLICAS:
        return failed(msg("the ReplicaSet is not complete yet."), fact, settling=True)
    return see(fact)


EXERCISE = Exercise(
    id="control-loop-1",
    title=msg("A Pod that is let go"),
    task=msg(
        "ReplicaSet `shop` keeps two Pods. One of them, whichever you like, is to be looked at in peace: it runs on as "
        "it is and keeps its label `tier: front`, but no longer belongs to the ReplicaSet, which goes on with two "
        "others."
    ),
    checks=(exists("replicaset/shop", gone_hint=msg("It has two Pods to keep.")), _wants_two, _one_is_out,
            _goes_on_with_two),
    solved=msg("one Pod is out, and the ReplicaSet has replaced it."),
    hints=(
        msg("What does the ReplicaSet observe? Its Pods: those with its label. And if one of them had it no longer?"),
        msg("`kubectl label pod NAME KEY-` takes the label KEY off a Pod. Which key is in the ReplicaSet's selector?"),
        msg("Take the label `app` off one of the Pods, and leave the ReplicaSet alone."),
    ),
    solution="""t.wait("replicaset/shop", lambda shop: shop["status"].get("readyReplicas") == 2)
name = t.objects("pods", labels="app=shop")[0]["metadata"]["name"]
t.kubectl(f"label pod {name} app-")
t.wait(f"pod/{name}", lambda pod: not pod["metadata"].get("ownerReferences"))""",
    alternative="""t.wait("replicaset/shop", lambda shop: shop["status"].get("readyReplicas") == 2)
name = t.objects("pods", labels="app=shop")[-1]["metadata"]["name"]
t.client.patch("pods", name, {"metadata": {"labels": {"app": "in-quarantine"}}}, t.namespace)
t.wait(f"pod/{name}", lambda pod: not pod["metadata"].get("ownerReferences"))""",
    mistakes=(
        Mistake(
            name="one more instead of one out",
            cell='t.kubectl("scale replicaset shop --replicas=3")',
            says="was told to keep 3 Pods",
        ),
        Mistake(
            name="a Pod started by hand",
            cell="""t.apply("{apiVersion: v1, kind: Pod, metadata: {name: shop-x, labels: {tier: front}}, \
spec: {containers: [{name: app, image: 'ghcr.io/stefanprodan/podinfo:6.9.2'}]}}")
t.wait("pod/shop-x", "Ready")""",
            says="none of the ReplicaSet's",
        ),
        Mistake(
            name="the ReplicaSet is deleted, its Pods stay",
            cell="""t.client.delete("replicasets", "shop", t.namespace, propagation="Orphan")
t.wait("replicaset/shop", "deleted")""",
            says="It has two Pods to keep",
        ),
        Mistake(
            name="one out, and told to do with one",
            cell="""t.wait("replicaset/shop", lambda shop: shop["status"].get("readyReplicas") == 2)
name = t.objects("pods", labels="app=shop")[0]["metadata"]["name"]
t.kubectl(f"label pod {name} app-")
t.kubectl("scale replicaset shop --replicas=1")""",
            says="was told to keep 1 Pods",
        ),
    ),
    start=START,
    first_step=msg('Look at them first: `t.kubectl("get pods -l app=shop --show-labels")`.'),
    objects=("replicaset/shop",),
    pods="tier=front",
    looks_at=("pods",),
)
