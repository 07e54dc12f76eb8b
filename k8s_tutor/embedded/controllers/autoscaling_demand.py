"""How many pods a measured use asks for: the autoscaler's arithmetic.

Source: kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale (Algorithm details), and for its
corners `pkg/controller/podautoscaler/replica_calculator.go` of Kubernetes 1.37. Amounts are thousandths of the
resource's unit: millicores, thousandths of a byte.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.embedded.controllers.controller import View
from k8s_tutor.embedded.nodeservices import Usage
from k8s_tutor.objects import conditions, metadata
from k8s_tutor.objects.quantity import Quantity, parse
from k8s_tutor.objects.types import Obj

__all__ = [
    "Average",
    "MetricTarget",
    "NoFigures",
    "Proposal",
    "Subject",
    "Tolerances",
    "Unmeasured",
    "Utilization",
    "proposal",
    "replicas_for",
    "requests_of",
]

WINDOW = 15.0  # seconds that a measurement covers
_INITIALISATION = 300.0  # seconds after its start in which a pod's CPU counts only while it is ready
_INITIAL_READINESS = 30.0  # seconds after its start in which a pod that is not ready has not been ready yet


class NoFigures(Exception):
    """Why nothing can be said: in Kubernetes' words, for a condition."""


@dataclass(frozen=True)
class Tolerances:
    """Shares by which a use may miss its target without anything happening."""

    down: float = 0.1
    up: float = 0.1

    def cover(self, ratio: float) -> bool:
        """Whether a use of `ratio` times the target is near enough."""
        return 1.0 - self.down <= ratio <= 1.0 + self.up


@dataclass(frozen=True)
class Subject:
    """Whose use is looked at.

    Attributes:
        pods: Those that the target's selector covers.
        current: How many replicas it should have by now.
        now: Seconds since the epoch.
        tolerances: How much a use may miss its target.
    """

    pods: Sequence[Obj]
    current: int
    now: float
    tolerances: Tolerances


class MetricTarget(Protocol):
    """What the use is compared with."""

    def ratio(self, used: Mapping[str, int]) -> float:
        """How often the target goes into the use.

        Raises:
            NoFigures: there is nothing to compare.
        """
        ...

    def assumed(self, pod: str) -> int:
        """What a pod that was not measured is taken to use before pods are taken away."""
        ...

    def current(self, used: Mapping[str, int], style: str) -> Obj:
        """A `MetricValueStatus`."""
        ...


@dataclass(frozen=True)
class Utilization:
    """So many percent of what the pods request."""

    percent: int
    requests: Mapping[str, int]

    def ratio(self, used: Mapping[str, int]) -> float:
        """Of the whole, not the mean of the pods' own."""
        return self._utilization(used) / self.percent

    def assumed(self, pod: str) -> int:
        """All it requests, or more where more is wanted."""
        return self.requests[pod] * max(100, self.percent) // 100

    def current(self, used: Mapping[str, int], style: str) -> Obj:
        """In percent, and the amount."""
        return {"averageUtilization": self._utilization(used), "averageValue": _average(used, style)}

    def _utilization(self, used: Mapping[str, int]) -> int:
        requested = sum(self.requests[pod] for pod in used)
        if not requested:
            raise NoFigures("no metrics returned matched known pods")
        return sum(used.values()) * 100 // requested


@dataclass(frozen=True)
class Average:
    """So much a pod."""

    value: int

    def ratio(self, used: Mapping[str, int]) -> float:
        """Of the whole, not the mean of the pods' own."""
        return sum(used.values()) // len(used) / self.value

    def assumed(self, pod: str) -> int:
        """Just what is wanted."""
        return self.value

    def current(self, used: Mapping[str, int], style: str) -> Obj:
        """The amount."""
        return {"averageValue": _average(used, style)}


@dataclass
class _Groups:
    """Pods by what their figures are good for. Those on their way out, or failed, are in none."""

    measured: dict[str, int]
    unready: list[str]
    missing: list[str]


def replicas_for(
    subject: Subject, used: Mapping[str, int], target: MetricTarget, *, cpu: bool
) -> tuple[int, Mapping[str, int]]:
    """How many replicas there should be, and the figures that counted.

    Args:
        subject: Whose use it is.
        used: The use of its pods, by name; without those that have not been measured.
        target: What it is compared with.
        cpu: Whether it is CPU time: that of a starting pod says little.

    Raises:
        NoFigures: nothing can be said.
    """
    groups = _grouped(subject, used, cpu=cpu)
    current, tolerances = subject.current, subject.tolerances
    measured = groups.measured
    if not measured:
        raise NoFigures("did not receive metrics for targeted pods (pods might be unready)")
    ratio = target.ratio(measured)
    growing = ratio > 1.0
    idle = groups.unready if growing else []
    if not idle and not groups.missing:
        return (current if tolerances.cover(ratio) else math.ceil(ratio * len(measured))), measured
    # Careful in both directions: who was not measured needs nothing where pods would be added, and all where pods
    # would be taken away.
    assumed = {pod: 0 if growing else target.assumed(pod) for pod in groups.missing if ratio != 1.0}
    everybody = {**measured, **assumed, **dict.fromkeys(idle, 0)}
    careful = target.ratio(everybody)
    wanted = math.ceil(careful * len(everybody))
    turned = (ratio - 1.0) * (careful - 1.0) < 0 or (wanted > current if careful < 1.0 else wanted < current)
    return (current if turned or tolerances.cover(careful) else wanted), measured


def requests_of(pods: Sequence[Obj], resource: str, container: str) -> dict[str, int]:
    """What each pod requests; of the one container, where one is named.

    Raises:
        NoFigures: a container requests nothing: then nobody knows what 100 percent are.
    """
    return {metadata.name(pod): _requested(pod, resource, container) for pod in pods}


def _requested(pod: Obj, resource: str, container: str) -> int:
    whole = ((pod["spec"].get("resources") or {}).get("requests") or {}).get(resource)
    if whole is not None and not container:
        return parse(whole).millis
    sidecars = [row for row in pod["spec"].get("initContainers") or () if row.get("restartPolicy") == "Always"]
    rows = [row for row in (*pod["spec"]["containers"], *sidecars) if container in ("", row["name"])]
    if not rows:
        raise NoFigures(f"container {container} not found in Pod {metadata.name(pod)}")
    total = 0
    for row in rows:
        amount = ((row.get("resources") or {}).get("requests") or {}).get(resource)
        if amount is None:
            raise NoFigures(f"missing request for {resource} in container {row['name']} of Pod {metadata.name(pod)}")
        total += parse(amount).millis
    return total


def _grouped(subject: Subject, used: Mapping[str, int], *, cpu: bool) -> _Groups:
    groups = _Groups({}, [], [])
    for pod in subject.pods:
        name, phase = metadata.name(pod), (pod.get("status") or {}).get("phase")
        if metadata.is_deleting(pod) or phase == "Failed":
            continue
        if phase == "Pending":
            groups.unready.append(name)
        elif name not in used:
            groups.missing.append(name)
        elif cpu and _starting(pod, subject.now):
            groups.unready.append(name)
        else:
            groups.measured[name] = used[name]
    return groups


def _starting(pod: Obj, now: float) -> bool:
    """Whether its CPU time is that of a start and not of its work."""
    ready = conditions.get(pod, "Ready")
    started = pod["status"].get("startTime")
    if ready is None or started is None:
        return True
    begun, since = from_rfc3339(started), from_rfc3339(ready["lastTransitionTime"])
    if begun + _INITIALISATION > now:
        return ready["status"] == "False" or now // WINDOW * WINDOW < since + WINDOW
    return ready["status"] == "False" and begun + _INITIAL_READINESS > since


def _average(used: Mapping[str, int], style: str) -> str:
    return str(Quantity(sum(used.values()) // len(used) * 10**6, style))


# ---- Where an autoscaler's figures come from: each metric of its spec becomes a proposal, or a reason why there is
# none
#
# Source: kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale (Support for metrics APIs). A
# cluster that was not given more has the resource metrics API alone; the words for what is missing are those of a real
# one.

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
    wanted: MetricTarget
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
