"""Where an autoscaler's figures come from: each metric of its spec becomes a proposal, or a reason why there is none.

Source: kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale (Support for metrics APIs). A cluster
that was not given more has the resource metrics API alone; the words for what is missing are those of a real one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from k8s_tutor.embedded.controllers.autoscaling.demand import (
    Average,
    NoFigures,
    Subject,
    Target,
    Utilization,
    replicas_for,
    requests_of,
)
from k8s_tutor.embedded.controllers.view import View
from k8s_tutor.embedded.nodeservices import Usage
from k8s_tutor.objects.quantity import parse
from k8s_tutor.objects.types import Obj

__all__ = ["Proposal", "Unmeasured", "proposal"]

_NO_CUSTOM = "unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered"
_NO_EXTERNAL = "unable to fetch metrics from external metrics API: the server could not find the requested resource"


@dataclass(frozen=True)
class Proposal:
    """What one metric asks for.

    Attributes:
        replicas: So many.
        metric: Which it was, in words.
        status: Its `MetricStatus`.
    """

    replicas: int
    metric: str
    status: Obj


class Unmeasured(Exception):
    """A metric says nothing.

    Attributes:
        reason: Of the condition and of the event.
        why: In the controller's words.
        whole: The same, with what it means for the autoscaler.
    """

    def __init__(self, reason: str, why: str, whole: str) -> None:
        super().__init__(whole)
        self.reason, self.why, self.whole = reason, why, whole


def proposal(view: View, namespace: str, metric: Obj, subject: Subject) -> Proposal:
    """What a metric of the spec asks for.

    Raises:
        Unmeasured: nothing.
    """
    return _SOURCES[metric["type"]](view, namespace, metric, subject)


def _resource(view: View, namespace: str, metric: Obj, subject: Subject) -> Proposal:
    resource = metric["resource"]["name"]
    return _used(view, metric, subject, "resource", f"failed to get {resource} resource metric value")


def _container_resource(view: View, namespace: str, metric: Obj, subject: Subject) -> Proposal:
    container = metric["containerResource"]["container"]
    return _used(view, metric, subject, "containerResource", f"failed to get {container} container metric value")


def _used(view: View, metric: Obj, subject: Subject, field: str, meaning: str) -> Proposal:
    """By what the pods' containers use."""
    asked = metric[field]
    resource, target = asked["name"], asked["target"]
    relative = "averageUtilization" in target
    try:
        count, current = _counted(view, asked, subject)
    except NoFigures as error:
        why = f"failed to get {resource} {'utilization' if relative else 'usage'}: {error}"
        raise Unmeasured(f"FailedGet{metric['type']}Metric", why, f"{meaning}: {why}") from None
    kind = "container resource" if "container" in asked and relative else "resource"
    words = f"{resource} {kind}{' utilization (percentage of request)' if relative else ''}"
    about = {key: asked[key] for key in ("name", "container") if key in asked}
    return Proposal(count, words, {"type": metric["type"], field: {**about, "current": current}})


def _counted(view: View, asked: Obj, subject: Subject) -> tuple[int, Obj]:
    resource, container, target = asked["name"], asked.get("container", ""), asked["target"]
    measured = view.usage(subject.pods)
    if not measured:
        raise NoFigures(f"unable to get metrics for resource {resource}: no metrics returned from resource metrics API")
    used = {pod: _amount(rows, resource, container) for pod, rows in measured.items() if container in ("", *rows)}
    wanted: Target
    if "averageValue" in target:
        wanted = Average(parse(target["averageValue"]).millis)
    else:
        wanted = Utilization(target["averageUtilization"], requests_of(subject.pods, resource, container))
    count, counted = replicas_for(subject, used, wanted, cpu=resource == "cpu")
    return count, wanted.current(counted, "binary" if resource == "memory" else "decimal")


def _amount(rows: Mapping[str, Usage], resource: str, container: str) -> int:
    chosen = [used for name, used in rows.items() if container in ("", name)]
    if resource == "memory":
        return sum(used.memory for used in chosen) * 1000
    return sum(-int(-used.cpu * 1000 // 1) for used in chosen)  # millicores, rounded up


def _of_pods(view: View, namespace: str, metric: Obj, subject: Subject) -> Proposal:
    why = f"unable to get metric {metric['pods']['metric']['name']}: {_NO_CUSTOM}"
    raise Unmeasured("FailedGetPodsMetric", why, f"failed to get pods metric value: {why}")


def _of_object(view: View, namespace: str, metric: Obj, subject: Subject) -> Proposal:
    asked, about = metric["object"], metric["object"]["describedObject"]
    why = f"unable to get metric {asked['metric']['name']} on {about['kind']} {namespace}/{about['name']}: {_NO_CUSTOM}"
    raise Unmeasured("FailedGetObjectMetric", why, f"failed to get object metric value: {why}")


def _external(view: View, namespace: str, metric: Obj, subject: Subject) -> Proposal:
    asked = metric["external"]
    name, selector = asked["metric"]["name"], _go_selector(asked["metric"].get("selector"))
    cause = f"{_NO_EXTERNAL} (get {name}.external.metrics.k8s.io)"
    why = f"unable to get external metric {namespace}/{name}/{selector}: {cause}"
    what = f"{name} external metric" if "averageValue" in asked["target"] else f"external metric {name}"
    meaning = f"failed to get {what}"
    raise Unmeasured("FailedGetExternalMetric", why, f"failed to get {name} external metric value: {meaning}: {why}")


def _go_selector(selector: Obj | None) -> str:
    """As Go prints a LabelSelector."""
    if selector is None:
        return "nil"
    labels = "".join(f"{key}: {value}," for key, value in sorted((selector.get("matchLabels") or {}).items()))
    rows = "".join(map(_go_requirement, selector.get("matchExpressions") or ()))
    expressions = f"MatchExpressions:[]LabelSelectorRequirement{{{rows}}}"
    return f"&LabelSelector{{MatchLabels:map[string]string{{{labels}}},{expressions},}}"


def _go_requirement(row: Obj) -> str:
    values = " ".join(row.get("values") or ())
    return f"LabelSelectorRequirement{{Key:{row['key']},Operator:{row['operator']},Values:[{values}],}},"


_SOURCES: Mapping[str, Callable[[View, str, Obj, Subject], Proposal]] = {
    "Resource": _resource,
    "ContainerResource": _container_resource,
    "Pods": _of_pods,
    "Object": _of_object,
    "External": _external,
}
