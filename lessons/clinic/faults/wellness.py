"""When the shop is well: nothing was thrown away, and whoever comes gets what they come for."""

from __future__ import annotations

from datetime import datetime

from k8s_tutor.exercises import Check, Obj, Seen, State, Verdict, cannot_tell, failed, keeps, msg, see

from .shop import GREETING, HOURS, STOCK, WEB

__all__ = ["CHECKS"]

_CALM = 8  # seconds for which a container has to have been running: what kills it would have by then
_LATELY = 60.0  # seconds within which a restart tells of a program that does not last
_TEMPLATE = "spec.template.spec"
_KEPT = (
    keeps(
        WEB,
        *(f"{_TEMPLATE}.containers[web].{field}" for field in ("readinessProbe", "livenessProbe")),
        f"{_TEMPLATE}.containers[web].resources.requests",
        f"{_TEMPLATE}.containers[web].resources.limits.memory",
        f"{_TEMPLATE}.containers[web].env",
        f"{_TEMPLATE}.containers[web].volumeMounts[settings]",
    ),
    keeps(
        STOCK,
        f"{_TEMPLATE}.initContainers[fill]",
        f"{_TEMPLATE}.containers[stock].volumeMounts[shelves]",
        f"{_TEMPLATE}.volumes[shelves]",
    ),
    keeps("service/web"),
    keeps("service/stock"),
    keeps("configmap/settings", "data"),
    keeps("poddisruptionbudget/web"),
)
_OPTIONAL = (
    keeps("persistentvolumeclaim/shelves"),
    keeps("resourcequota/shop", "spec.hard.pods"),
    keeps("limitrange/shop", "spec.limits"),
    keeps("horizontalpodautoscaler/web"),
)
_REPLICAS = {WEB: 2, STOCK: 1}


def _keeps_everything(state: State) -> Seen | Verdict:
    """What the shop consists of is there, and as many Pods are wanted as before."""
    for check in (*_KEPT, *(one for one, kind in zip(_OPTIONAL, _KINDS, strict=True) if _is_looked_at(state, kind))):
        found = check(state)
        if isinstance(found, Verdict):
            return found
    return see()


_KINDS = ("persistentvolumeclaims", "resourcequotas", "limitranges", "horizontalpodautoscalers")


def _is_looked_at(state: State, kind: str) -> bool:
    """Whether the case has such objects: what a cluster does not allow is left out from the beginning."""
    try:
        state.list(kind)
    except LookupError:
        return False
    return True


def _is_staffed(state: State) -> Seen | Verdict:
    """Every Pod that was there at the start is wanted, made, ready and available."""
    for ref, least in _REPLICAS.items():
        name, deployment = ref.partition("/")[2], state.find(ref)
        status, wanted = deployment.get("status") or {}, deployment["spec"].get("replicas", 1)
        ready = status.get("availableReplicas", 0)
        if wanted < least:
            return failed(msg("of `{name}` fewer Pods are wanted than the shop needs.", name=name))
        current = status.get("observedGeneration") == deployment["metadata"].get("generation")
        numbers = {status.get(field, 0) for field in ("replicas", "updatedReplicas", "availableReplicas")}
        if not current or numbers != {wanted}:
            return failed(
                msg("of `{name}` {ready} of {wanted} Pods are up to date and available.", name=name, ready=ready, wanted=wanted),
                settling=True,
            )  # fmt: skip
    return see(msg("`web` and `stock`: all Pods are ready"))


def _stays_so(state: State) -> Seen | Verdict:
    """No container was restarted of late, and each has been running for a while."""
    for pod in state.list("pods", "part-of=shop"):
        for status in (pod.get("status") or {}).get("containerStatuses") or ():
            since = (status.get("state") or {}).get("running", {}).get("startedAt")
            age = state.time - datetime.fromisoformat(since).timestamp() if since else 0.0
            values = {"name": pod["metadata"]["name"], "restarts": status.get("restartCount", 0), "seconds": round(age)}
            if status.get("restartCount", 0) and age < _LATELY:
                return failed(msg("pod/{name} does not stay: it was started again {restarts} times.", **values), settling=True)
            if age < _CALM:
                return cannot_tell(msg("pod/{name} has been running for {seconds} s: let us see whether it stays.", **values), settling=True)
    return see(msg("and none of them was started again of late"))


def _serves(service: str, path: str, wanted: str) -> Check:
    """Whoever asks a Service gets a good answer from each pod, with the words that belong there."""

    def check(state: State) -> Seen | Verdict:
        obj = state.find(service)
        name = service.partition("/")[2]
        url = f"http://{name}{path}"
        replies = [] if obj["spec"].get("type") == "ExternalName" else state.ask(obj, 80, path)
        good = [reply for reply in replies if reply.answered]
        if not replies or len(good) < len(replies):
            return failed(
                msg("`{url}` is answered by {good} of {asked} Pods.", url=url, good=len(good), asked=len(replies)), settling=True
            )
        if not all(wanted in reply.text for reply in good):
            return failed(msg("`{url}` answers, but “{wanted}” is not in what it says.", url=url, wanted=wanted), settling=True)
        return see(msg("`{url}` says “{wanted}”: {good} of {asked} Pods", url=url, wanted=wanted, good=len(good), asked=len(replies)))

    return check


def _may_be_disturbed(state: State) -> Seen | Verdict:
    """A node could be drained: the budget lets one Pod go."""
    status = state.find("poddisruptionbudget/web").get("status") or {}
    if status.get("disruptionsAllowed", 0) > 0:
        return see(msg("disruptions allowed: {count}", count=status["disruptionsAllowed"]))
    return failed(msg("nobody could drain a node: not one Pod of `web` may be disturbed."), settling=True)


def _is_scaled(state: State) -> Seen | Verdict:
    """The autoscaler finds what it is to scale and, where the cluster measures, what it needs to know."""
    if not _is_looked_at(state, "horizontalpodautoscalers"):
        return see()
    scaler: Obj = state.find("horizontalpodautoscaler/web")
    rows = {row["type"]: row for row in (scaler.get("status") or {}).get("conditions") or ()}
    if rows.get("AbleToScale", {}).get("status") != "True":
        return failed(msg("the autoscaler of `web` does not find what it is to scale."), settling=True)
    return see()


CHECKS: tuple[Check, ...] = (
    _keeps_everything,
    _is_staffed,
    _serves("service/web", "/", GREETING),
    _serves("service/web", "/configs", HOURS),
    _serves("service/stock", "/", "apples and pears"),
    _stays_so,
    _may_be_disturbed,
    _is_scaled,
    keeps("secret/till", "data.code"),  # last: where it was never made, that is the fault, and nobody's cheat
)
