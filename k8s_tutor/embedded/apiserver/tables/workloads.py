"""Pods, what makes them, and where they run."""

from __future__ import annotations

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.embedded.apiserver.tables.words import (
    Cells,
    age,
    containers,
    join_some,
    labels_text,
    name,
    part,
    selector_text,
    since,
)
from k8s_tutor.embedded.encoding import recall
from k8s_tutor.objects import conditions, metadata, quantity, selectors
from k8s_tutor.objects.pods import pod_status
from k8s_tutor.objects.types import Json, Obj

__all__ = ["CELLS"]


def pod(obj: Obj, now: float) -> list[Json]:
    """Name, Ready, Status, Restarts, Age, IP, Node, Nominated Node, Readiness Gates."""
    cells, restarts, last_restart, created = recall(obj, _pod)
    since_restart = f" ({quantity.human_duration(now - last_restart)} ago)" if restarts and last_restart else ""
    age_now = "<unknown>" if created is None else quantity.human_duration(now - created)
    return [*cells[:3], f"{restarts}{since_restart}", age_now, *cells[3:]]


def _pod(obj: Obj) -> tuple[list[Json], int, float | None, float | None]:
    """What does not change as time goes by: the cells but two, and what those two are made of."""
    seen = pod_status(obj)
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    addresses = status.get("podIPs")
    gates = spec.get("readinessGates")
    created = part(obj, "metadata", "creationTimestamp")
    cells: list[Json] = [
        name(obj),
        f"{seen.ready}/{seen.total}",
        seen.word,
        (addresses and addresses[0].get("ip")) or "<none>",
        spec.get("nodeName") or "<none>",
        status.get("nominatedNodeName") or "<none>",
        _gates(obj, gates) if gates else "<none>",
    ]
    return cells, seen.restarts, seen.last_restart, from_rfc3339(created) if created else None


def _gates(obj: Obj, gates: list[Obj]) -> str:
    met = sum(conditions.is_true(obj, gate.get("conditionType", "")) for gate in gates)
    return f"{met}/{len(gates)}"


def node(obj: Obj, now: float) -> list[Json]:
    """Name, Status, Roles, Age, Version, addresses, system, kernel, runtime."""
    ready = conditions.status(obj, "Ready")
    status = "Unknown" if not ready else "Ready" if ready == "True" else "NotReady"
    if part(obj, "spec", "unschedulable"):
        status += ",SchedulingDisabled"
    info = part(obj, "status", "nodeInfo") or {}
    machine = f" ({info['architecture']})" if info.get("architecture") and info.get("kernelVersion") else ""
    return [
        name(obj),
        status,
        _roles(obj),
        age(obj, now),
        info.get("kubeletVersion", ""),
        _address(obj, "InternalIP"),
        _address(obj, "ExternalIP"),
        info.get("osImage") or "<unknown>",
        (info.get("kernelVersion") or "<unknown>") + machine,
        info.get("containerRuntimeVersion") or "<unknown>",
    ]


def _roles(obj: Obj) -> str:
    prefix = "node-role.kubernetes.io/"
    labels = metadata.labels(obj)
    roles = [key.removeprefix(prefix) for key in labels if key.startswith(prefix) and key != prefix]
    if labels.get("kubernetes.io/role"):
        roles.append(labels["kubernetes.io/role"])
    return ",".join(sorted(dict.fromkeys(roles))) or "<none>"


def _address(obj: Obj, kind: str) -> str:
    rows = part(obj, "status", "addresses") or []
    return next((str(row.get("address")) for row in rows if row.get("type") == kind), "<none>")


def namespace(obj: Obj, now: float) -> list[Json]:
    """Name, Status, Age."""
    return [name(obj), part(obj, "status", "phase") or "", age(obj, now)]


def deployment(obj: Obj, now: float) -> list[Json]:
    """Name, Ready, Up-to-date, Available, Age, Containers, Images, Selector."""
    status = obj.get("status") or {}
    return [
        name(obj),
        f"{status.get('readyReplicas', 0)}/{part(obj, 'spec', 'replicas') or 0}",
        status.get("updatedReplicas", 0),
        status.get("availableReplicas", 0),
        age(obj, now),
        *containers(part(obj, "spec", "template", "spec")),
        str(selectors.of(part(obj, "spec", "selector"))),
    ]


def replica_set(obj: Obj, now: float) -> list[Json]:
    """Name, Desired, Current, Ready, Age, Containers, Images, Selector."""
    return [*_replicas(obj, now), selector_text(part(obj, "spec", "selector"))]


def replication_controller(obj: Obj, now: float) -> list[Json]:
    """As a ReplicaSet, but its selector is plain labels."""
    return [*_replicas(obj, now), labels_text(part(obj, "spec", "selector"))]


def _replicas(obj: Obj, now: float) -> list[Json]:
    status = obj.get("status") or {}
    return [
        name(obj),
        part(obj, "spec", "replicas") or 0,
        status.get("replicas", 0),
        status.get("readyReplicas", 0),
        age(obj, now),
        *containers(part(obj, "spec", "template", "spec")),
    ]


def stateful_set(obj: Obj, now: float) -> list[Json]:
    """Name, Ready, Age, Containers, Images."""
    ready = f"{part(obj, 'status', 'readyReplicas') or 0}/{part(obj, 'spec', 'replicas') or 0}"
    return [name(obj), ready, age(obj, now), *containers(part(obj, "spec", "template", "spec"))]


def daemon_set(obj: Obj, now: float) -> list[Json]:
    """Name, Desired, Current, Ready, Up-to-date, Available, Node Selector, Age, Containers, Images, Selector."""
    status = obj.get("status") or {}
    counts = (
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
    )
    return [
        name(obj),
        *(status.get(count, 0) for count in counts),
        labels_text(part(obj, "spec", "template", "spec", "nodeSelector")),
        age(obj, now),
        *containers(part(obj, "spec", "template", "spec")),
        selector_text(part(obj, "spec", "selector")),
    ]


def job(obj: Obj, now: float) -> list[Json]:
    """Name, Status, Completions, Duration, Age, Containers, Images, Selector."""
    return [
        name(obj),
        _job_word(obj),
        _completions(obj),
        _duration(obj, now),
        age(obj, now),
        *containers(part(obj, "spec", "template", "spec")),
        selector_text(part(obj, "spec", "selector")),
    ]


def _job_word(obj: Obj) -> str:
    for condition, word in (("Complete", "Complete"), ("Failed", "Failed")):
        if conditions.is_true(obj, condition):
            return word
    if metadata.is_deleting(obj):
        return "Terminating"
    for condition in ("Suspended", "FailureTarget", "SuccessCriteriaMet"):
        if conditions.is_true(obj, condition):
            return condition
    return "Running"


def _completions(obj: Obj) -> str:
    succeeded = part(obj, "status", "succeeded") or 0
    wanted, parallel = part(obj, "spec", "completions"), part(obj, "spec", "parallelism") or 0
    if wanted is not None:
        return f"{succeeded}/{wanted}"
    return f"{succeeded}/1 of {parallel}" if parallel > 1 else f"{succeeded}/1"


def _duration(obj: Obj, now: float) -> str:
    started, ended = part(obj, "status", "startTime"), part(obj, "status", "completionTime")
    if not started:
        return ""
    return quantity.age(started, from_rfc3339(ended) if ended else now)


def cron_job(obj: Obj, now: float) -> list[Json]:
    """Name, Schedule, Timezone, Suspend, Active, Last Schedule, Age, Containers, Images, Selector."""
    spec = obj.get("spec") or {}
    last = part(obj, "status", "lastScheduleTime")
    suspend = spec.get("suspend")
    return [
        name(obj),
        spec.get("schedule", ""),
        spec.get("timeZone") or "<none>",
        "<unset>" if suspend is None else str(suspend),
        len(part(obj, "status", "active") or ()),
        since(last, now) if last else "<none>",
        age(obj, now),
        *containers(part(spec, "jobTemplate", "spec", "template", "spec")),
        selector_text(part(spec, "jobTemplate", "spec", "selector")),
    ]


def pod_template(obj: Obj, _: float) -> list[Json]:
    """Name, Containers, Images, Pod Labels."""
    return [
        name(obj),
        *containers(part(obj, "template", "spec")),
        labels_text(part(obj, "template", "metadata", "labels")),
    ]


def controller_revision(obj: Obj, now: float) -> list[Json]:
    """Name, Controller, Revision, Age."""
    owner = metadata.controller_of(obj)
    controller = "<none>"
    if owner is not None:
        group = metadata.api_group(owner["apiVersion"])
        controller = f"{owner['kind']}.{group}".rstrip(".").lower() + f"/{owner['name']}"
    return [name(obj), controller, obj.get("revision", 0), age(obj, now)]


def autoscaler(obj: Obj, now: float) -> list[Json]:
    """Name, Reference, Targets, MinPods, MaxPods, Replicas, Age."""
    spec, target = obj.get("spec") or {}, part(obj, "spec", "scaleTargetRef") or {}
    return [
        name(obj),
        f"{target.get('kind', '')}/{target.get('name', '')}",
        _targets(spec.get("metrics") or [], part(obj, "status", "currentMetrics") or []),
        "<unset>" if spec.get("minReplicas") is None else str(spec["minReplicas"]),
        spec.get("maxReplicas", 0),
        part(obj, "status", "currentReplicas") or 0,
        age(obj, now),
    ]


def _targets(metrics: list[Obj], current: list[Obj]) -> str:
    words = [_target(metric, current[index] if index < len(current) else {}) for index, metric in enumerate(metrics)]
    return join_some(words, most=2, separator=", ")


def _target(metric: Obj, status: Obj) -> str:
    kind = str(metric.get("type", ""))
    field = kind[:1].lower() + kind[1:]
    wanted, now = part(metric, field, "target") or {}, part(status, field, "current") or {}
    prefix = f"{part(metric, field, 'name')}: " if kind in ("Resource", "ContainerResource") else ""
    if "averageUtilization" in wanted:
        used = f"{now['averageUtilization']}%" if "averageUtilization" in now else "<unknown>"
        return f"{prefix}{used}/{wanted['averageUtilization']}%"
    if "averageValue" in wanted:
        average = " (avg)" if kind in ("Object", "External") else ""
        return f"{prefix}{now.get('averageValue', '<unknown>')}/{wanted['averageValue']}{average}"
    return f"{prefix}{now.get('value', '<unknown>')}/{wanted.get('value', '<auto>')}"


def scale(obj: Obj, now: float) -> list[Json]:
    """Name, Desired, Available, Age."""
    return [name(obj), part(obj, "spec", "replicas") or 0, part(obj, "status", "replicas") or 0, age(obj, now)]


def disruption_budget(obj: Obj, now: float) -> list[Json]:
    """Name, Min Available, Max Unavailable, Allowed Disruptions, Age."""
    limits = [part(obj, "spec", field) for field in ("minAvailable", "maxUnavailable")]
    words = ["N/A" if limit is None else str(limit) for limit in limits]
    return [name(obj), *words, part(obj, "status", "disruptionsAllowed") or 0, age(obj, now)]


CELLS: dict[str, Cells] = {
    "pods": pod,
    "nodes": node,
    "namespaces": namespace,
    "deployments.apps": deployment,
    "replicasets.apps": replica_set,
    "replicationcontrollers": replication_controller,
    "statefulsets.apps": stateful_set,
    "daemonsets.apps": daemon_set,
    "jobs.batch": job,
    "cronjobs.batch": cron_job,
    "podtemplates": pod_template,
    "controllerrevisions.apps": controller_revision,
    "horizontalpodautoscalers.autoscaling": autoscaler,
    "poddisruptionbudgets.policy": disruption_budget,
    "scales.autoscaling": scale,
}
