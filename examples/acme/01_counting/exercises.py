"""The exercises of lesson counting: what stands there at first, what is checked, what solves it, what goes wrong."""

from k8s_tutor.exercises import Exercise, Mistake, Seen, State, Verdict, failed, msg, see

START = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 1
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: podinfo, image: "ghcr.io/stefanprodan/podinfo:6.9.2"}]}
"""


def asks_for_three(state: State) -> Seen | Verdict:
    """Looks at what is there, never at what was typed to get there."""
    shop = state.find("deploy/shop")
    if shop is None:
        return failed(msg("there is no Deployment `shop` any more."), hint=msg('`t.exercise("counting-1")` brings it back.'))
    wanted = shop["spec"]["replicas"]
    if wanted == 1:
        return failed(msg("there are more Pods, and nobody looks after them."), hint=msg("Which object counts Pods?"))
    if wanted != 3:
        return failed(msg("it wants {wanted}, not three.", wanted=wanted), hint=msg("`replicas` is the number of Pods."))
    return see(msg("Deployment shop wants three"))


def all_are_ready(state: State) -> Seen | Verdict:
    """Looks at what became of it; `settling`, because the cluster may still be on its way."""
    shop = state.find("deploy/shop") or {}
    ready = shop.get("status", {}).get("readyReplicas", 0)
    if ready != 3:
        return failed(msg("{ready} of three are ready.", ready=ready), hint=msg("`t.graph()` shows why."), settling=True)
    return see(msg("three are ready"))


EXERCISES = (
    Exercise(
        id="counting-1",
        title=msg("Three of them"),
        task=msg("Deployment `shop` has one Pod. See to it that there are always three, all ready."),
        checks=(asks_for_three, all_are_ready),
        solved=msg("three Pods are ready, and the Deployment looks after them."),
        hints=(
            msg("Which field of a Deployment is a number of Pods?"),
            msg("`spec.replicas`. `t.kubectl` can change it without a manifest: look for a verb about size."),
            msg('The verb is `scale`: t.kubectl("scale deployment shop --replicas=…")'),
        ),
        start=START,
        solution='t.kubectl("scale deployment shop --replicas=3")',
        alternative='t.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "shop"}, '
        '"spec": {"replicas": 3, "selector": {"matchLabels": {"app": "shop"}}, "template": {'
        '"metadata": {"labels": {"app": "shop"}}, "spec": {"containers": ['
        '{"name": "podinfo", "image": "ghcr.io/stefanprodan/podinfo:6.9.2"}]}}}})',
        mistakes=(
            Mistake(
                name="three more instead of three",
                cell='t.kubectl("scale deployment shop --replicas=4")',
                says="it wants 4, not three",
            ),
            Mistake(
                name="Pods by hand",
                cell='t.apply("{apiVersion: v1, kind: Pod, metadata: {name: shop-2}, spec: {containers: '
                "[{name: podinfo, image: 'ghcr.io/stefanprodan/podinfo:6.9.2'}]}}\")",
                says="nobody looks after them",
            ),
            Mistake(
                name="the Deployment is gone",
                cell='t.delete("deploy/shop")',
                says="there is no Deployment `shop` any more",
            ),
        ),
        objects=("deployment/shop", "pod/shop-2"),
    ),
)
