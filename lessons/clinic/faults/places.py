"""Faults that keep Pods from being made, or from finding a node."""

from __future__ import annotations

from k8s_tutor.exercises import App, Fault, State, msg, parse_quantity

from .shop import STOCK, WEB, container, in_stock, in_web, patch, pod_spec

__all__ = ["FAULTS"]

_ROLE = "node-role.kubernetes.io/control-plane"
_SCHEDULING = "get events --field-selector reason=FailedScheduling"
_CREATING = "get events --field-selector reason=FailedCreate"


def _spec(ref: str, **changes: object):  # type: ignore[no-untyped-def]
    return lambda app: app[ref]["spec"]["template"]["spec"].update(changes)


def _removed(ref: str, field: str) -> str:
    return patch(ref, [{"op": "remove", "path": f"/spec/template/spec/{field}"}], " --type=json")


def _hard(state: State) -> dict[str, str]:
    hard: dict[str, str] = state.find("resourcequota/shop")["spec"]["hard"]  # type: ignore[index]
    return hard


FAULTS = (
    Fault(
        "request-too-large",
        msg("`web` asks for more CPU than any node has."),
        1, ("web.request",),
        lambda app: in_web(app)["resources"]["requests"].update(cpu="400"),
        ("t.kubectl('set resources deploy/web -c web --requests=cpu=10m,memory=16Mi')",),
        lambda state: parse_quantity(str(container(state)["resources"]["requests"]["cpu"])) <= parse_quantity("2"),
        (
            msg("Pods of `web` are Pending."),
            msg("The scheduler says of each node why not: `kubectl describe pod -l app=web`, FailedScheduling."),
            msg("The field is `resources.requests.cpu` of the container `web`: `10m` is a hundredth of one CPU."),
        ),
        ("get pods", _SCHEDULING),
    ),
    Fault(
        "node-selector",
        msg("`stock` wants a node with a label that no node has."),
        1, ("stock.node",),
        _spec(STOCK, nodeSelector={"disk": "ssd"}),
        (_removed(STOCK, "nodeSelector"),),
        lambda state: "disk" not in (pod_spec(state, STOCK).get("nodeSelector") or {}),
        (
            msg("The Pod of `stock` is Pending."),
            msg("No node matched: which labels are wanted (`kubectl describe pod -l app=stock`), and which are there?"),
            msg("The field is `nodeSelector` of the Pod template of `stock`."),
        ),
        (_SCHEDULING, "get nodes --show-labels"),
    ),
    Fault(
        "tainted",
        msg("`web` wants to run on the control plane, whose taint keeps it away."),
        2, ("web.node",),
        _spec(WEB, nodeSelector={_ROLE: ""}),
        (_removed(WEB, "nodeSelector"),),
        lambda state: _ROLE not in (pod_spec(state).get("nodeSelector") or {})
        or any(row.get("key", _ROLE) == _ROLE for row in pod_spec(state).get("tolerations") or ()),
        (
            msg("Pods of `web` are Pending, though nodes have room."),
            msg("The scheduler speaks of a taint and of a selector: `kubectl describe pod -l app=web`. Which node does the Pod want?"),
            msg("The field is `nodeSelector` of the Pod template of `web`: that node tolerates few."),
        ),
        (_SCHEDULING, "describe nodes"),
        needs=("tainted",),
    ),
    Fault(
        "no-scheduler",
        msg("`web` waits for a scheduler that is not there."),
        3, ("web.scheduler",),
        _spec(WEB, schedulerName="shop-scheduler"),
        (patch(WEB, {"spec": {"template": {"spec": {"schedulerName": "default-scheduler"}}}}),),
        lambda state: pod_spec(state).get("schedulerName") == "default-scheduler",
        (
            msg("Pods of `web` are Pending, and there is not one event about them."),
            msg("A silent scheduler may think that it was not asked: `kubectl get deploy web -o yaml`."),
            msg("The field is `schedulerName` of the Pod template of `web`."),
        ),
        ("describe pod -l app=web", "get pods -o yaml"),
    ),
    Fault(
        "gated",
        msg("Pods of `stock` have a gate that nobody opens."),
        3, ("stock.node",),
        _spec(STOCK, schedulingGates=[{"name": "shop.example/audited"}]),
        (_removed(STOCK, "schedulingGates"),),
        lambda state: not pod_spec(state, STOCK).get("schedulingGates"),
        (
            msg("The Pod of `stock` is at SchedulingGated: the scheduler has not even looked at it."),
            msg("Somebody wanted to be asked first. Where is that written? `kubectl get deploy stock -o yaml`."),
            msg("The field is `schedulingGates` of the Pod template of `stock`."),
        ),
        ("get pods", "get deploy stock -o yaml"),
    ),
    Fault(
        "quota",
        msg("The quota allows no Pods."),
        1, ("quota",),
        lambda app: app["resourcequota/shop"]["spec"]["hard"].update(pods="0"),
        (
            patch("resourcequota/shop", {"spec": {"hard": {"pods": "12"}}}),
            "t.kubectl('rollout restart deploy/web deploy/stock')",
        ),
        lambda state: int(_hard(state)["pods"]) >= 6,
        (
            msg("There is not one Pod, though the Deployments want some."),
            msg("Who makes Pods for a Deployment, and why does it not? `kubectl describe rs`, FailedCreate."),
            msg("The field is `spec.hard.pods` of ResourceQuota `shop`: it has to be large enough for an update, too."),
        ),
        (_CREATING, "describe quota"),
        needs=("quotas",),
    ),
    Fault(
        "limit-range",
        msg("The limit range allows less memory than `web` wants."),
        2, ("limitrange", "web.memory"),
        lambda app: app["limitrange/shop"]["spec"]["limits"][0]["max"].update(memory="64Mi"),
        (
            patch("limitrange/shop", [{"op": "replace", "path": "/spec/limits/0/max/memory", "value": "256Mi"}], " --type=json"),
            "t.kubectl('rollout restart deploy/web')",
        ),
        lambda state: parse_quantity(state.find("limitrange/shop")["spec"]["limits"][0]["max"]["memory"])  # type: ignore[index]
        >= parse_quantity(container(state)["resources"]["limits"]["memory"]),
        (
            msg("There is no Pod of `web`, though two are wanted."),
            msg("The one who makes them is refused: `kubectl describe rs -l app=web`, FailedCreate. By whom?"),
            msg("The field is `spec.limits[].max.memory` of LimitRange `shop`."),
        ),
        (_CREATING, "describe limits"),
        needs=("quotas",),
    ),
    Fault(
        "no-account",
        msg("`web` wants to run as a service account that does not exist."),
        2, ("web.account",),
        _spec(WEB, serviceAccountName="clark"),
        (patch(WEB, {"spec": {"template": {"spec": {"serviceAccountName": "clerk", "serviceAccount": "clerk"}}}}),),
        lambda state: pod_spec(state).get("serviceAccountName") != "clark",
        (
            msg("There is no Pod of `web`, though two are wanted."),
            msg("The one who makes them is refused: `kubectl describe rs -l app=web`, FailedCreate."),
            msg("The field is `serviceAccountName` of the Pod template; `kubectl get serviceaccounts` says who there is."),
        ),
        (_CREATING, "get serviceaccounts"),
        needs=("rights",),
    ),
    Fault(
        "no-priority",
        msg("`stock` wants a priority class that the cluster does not have."),
        2, ("stock.priority",),
        _spec(STOCK, priorityClassName="shop-first"),
        (_removed(STOCK, "priorityClassName"),),
        lambda state: not pod_spec(state, STOCK).get("priorityClassName"),
        (
            msg("There is no Pod of `stock`, though one is wanted."),
            msg("The one who makes it is refused: `kubectl describe rs -l app=stock`, FailedCreate."),
            msg("The field is `priorityClassName` of the Pod template; `kubectl get priorityclasses` says which there are."),
        ),
        (_CREATING, "get priorityclasses"),
    ),
    Fault(
        "no-runtime",
        msg("`stock` wants a runtime class that the cluster does not have."),
        3, ("stock.priority",),
        _spec(STOCK, runtimeClassName="gvisor"),
        (_removed(STOCK, "runtimeClassName"),),
        lambda state: not pod_spec(state, STOCK).get("runtimeClassName"),
        (
            msg("There is no Pod of `stock`, though one is wanted."),
            msg("The one who makes it is refused: `kubectl describe rs -l app=stock`, FailedCreate."),
            msg("The field is `runtimeClassName` of the Pod template; `kubectl get runtimeclasses` says which there are."),
        ),
        (_CREATING, "get runtimeclasses"),
    ),
)
