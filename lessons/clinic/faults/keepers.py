"""Faults of those who look after Pods: Deployments, budgets, autoscalers, rights."""

from __future__ import annotations

from k8s_tutor.exercises import App, Fault, State, msg

from .shop import WEB, container, in_web, patch

__all__ = ["FAULTS"]

_BUDGET, _SCALER = "poddisruptionbudget/web", "horizontalpodautoscaler/web"


def _spec(ref: str, **changes: object):  # type: ignore[no-untyped-def]
    return lambda app: app[ref]["spec"].update(changes)


def _condition(state: State, ref: str, name: str) -> bool:
    rows = state.find(ref)["status"]["conditions"]  # type: ignore[index]
    return any(row["type"] == name and row["status"] == "True" for row in rows)


def _may_read(state: State) -> bool:
    return state.may("clerk", "get", "configmaps")


FAULTS = (
    Fault(
        "replicas-zero",
        msg("`web` was scaled to nothing, and nobody scaled it back."),
        1, ("web.replicas",),
        _spec(WEB, replicas=0),
        ("t.kubectl('scale deploy/web --replicas=2')",),
        lambda state: state.find(WEB)["spec"]["replicas"] >= 2,  # type: ignore[index]
        (
            msg("There is no Pod of `web`, and nobody complains about it."),
            msg("How many are wanted? `kubectl get deployments`: READY has two numbers."),
            msg("The field is `spec.replicas` of Deployment `web`; `kubectl scale` changes it."),
        ),
        ("get deployments",),
    ),
    Fault(
        "paused",
        msg("The Deployment `stock` is paused: it makes nothing."),
        2, ("stock.paused",),
        _spec("deployment/stock", paused=True),
        ("t.kubectl('rollout resume deploy/stock')",),
        lambda state: not state.find("deployment/stock")["spec"].get("paused"),  # type: ignore[index]
        (
            msg("There is no Pod of `stock`, no ReplicaSet, and not one event about them."),
            msg("What does the Deployment say of itself? `kubectl describe deploy stock`, or its YAML: which field would you not have expected?"),
            msg("The field is `spec.paused` of Deployment `stock`; `kubectl rollout resume` takes it away."),
        ),
        ("get deploy,rs", "get deploy stock -o yaml"),
    ),
    Fault(
        "min-ready",
        msg("A Pod of `web` counts as available only after ten hours."),
        3, ("web.minready",),
        _spec(WEB, minReadySeconds=36000, progressDeadlineSeconds=40000),
        (patch(WEB, {"spec": {"minReadySeconds": 0, "progressDeadlineSeconds": 600}}),),
        lambda state: state.find(WEB)["spec"].get("minReadySeconds", 0) <= 60,  # type: ignore[index]
        (
            msg("All Pods are ready and serve, and the rollout of `web` does not come to its end."),
            msg("`kubectl get deploy web`: READY says one thing, AVAILABLE another. How long has a Pod to be ready to count?"),
            msg("The field is `spec.minReadySeconds` of Deployment `web`."),
        ),
        ("get deployments", "rollout status deploy/web --timeout=1s"),
    ),
    Fault(
        "budget",
        msg("The disruption budget wants as many Pods as there are: no node with one of them can ever be drained."),
        2, ("budget",),
        _spec(_BUDGET, minAvailable=2),
        (patch(_BUDGET, {"spec": {"minAvailable": 1}}),),
        lambda state: state.find(_BUDGET)["status"]["disruptionsAllowed"] >= 1,  # type: ignore[index]
        (
            msg("All Pods are ready and serve, and whoever wants to maintain a node waits for ever."),
            msg("Who may be disturbed, and how many of them? `kubectl get pdb`: ALLOWED DISRUPTIONS."),
            msg("The field is `spec.minAvailable` of PodDisruptionBudget `web`: it leaves no one to spare."),
        ),
        ("get pdb",),
    ),
    Fault(
        "scaler-target",
        msg("The autoscaler looks after a Deployment that does not exist."),
        2, ("scaler",),
        lambda app: app[_SCALER]["spec"]["scaleTargetRef"].update(name="webb"),
        (patch(_SCALER, {"spec": {"scaleTargetRef": {"name": "web"}}}),),
        lambda state: state.find(_SCALER)["spec"]["scaleTargetRef"]["name"] == "web",  # type: ignore[index]
        (
            msg("All Pods are ready and serve, and more customers will not bring more Pods."),
            msg("Who would scale `web`, and can it? `kubectl describe hpa web`, its conditions and events."),
            msg("The field is `spec.scaleTargetRef.name` of HorizontalPodAutoscaler `web`."),
        ),
        ("get hpa", "describe hpa web"),
        needs=("autoscaler",),
    ),
    Fault(
        "scaler-blind",
        msg("The autoscaler counts CPU as a share of the request, and `web` has none."),
        3, ("web.request", "web.memory"),
        lambda app: in_web(app)["resources"].update(requests={"memory": "16Mi"}),
        ("t.kubectl('set resources deploy/web -c web --requests=cpu=10m,memory=16Mi')",),
        lambda state: "cpu" in container(state)["resources"]["requests"],
        (
            msg("All Pods are ready and serve, and the autoscaler of `web` does not know what they use."),
            msg("`kubectl describe hpa web`: what does it miss, to work out a percentage?"),
            msg("The field is `resources.requests.cpu` of the container `web`."),
        ),
        ("get hpa", "describe hpa web"),
        needs=("autoscaler", "metrics"),
    ),
    Fault(
        "binding-subject",
        msg("The role is bound to an account that does not exist, so that the clerk may do nothing."),
        2, ("rights",),
        lambda app: app["rolebinding/clerk-reads"]["subjects"][0].update(name="clark"),
        (patch("rolebinding/clerk-reads", [{"op": "replace", "path": "/subjects/0/name", "value": "clerk"}], " --type=json"),),
        _may_read,
        (
            msg("All Pods are ready and serve, and the clerk may not read the shop's ConfigMaps."),
            msg("Three have to fit together: account, role, and what binds them: `kubectl describe rolebinding clerk-reads`."),
            msg("The field is `subjects[].name` of RoleBinding `clerk-reads`."),
        ),
        ("auth can-i get configmaps --as=system:serviceaccount:NAMESPACE:clerk", "describe rolebinding clerk-reads"),
        needs=("rights",),
    ),
    Fault(
        "role-resource",
        msg("The role names a resource that does not exist: the singular."),
        3, ("rights",),
        lambda app: app["role/reader"]["rules"][0].update(resources=["configmap"]),
        (patch("role/reader", [{"op": "replace", "path": "/rules/0/resources/0", "value": "configmaps"}], " --type=json"),),
        _may_read,
        (
            msg("All Pods are ready and serve, and the clerk may not read the shop's ConfigMaps."),
            msg("The clerk has a role. What does it allow, word by word? `kubectl describe role reader`."),
            msg("The field is `rules[].resources` of Role `reader`: the API's own words are in the plural."),
        ),
        ("auth can-i get configmaps --as=system:serviceaccount:NAMESPACE:clerk", "describe role reader"),
        needs=("rights",),
    ),
)
