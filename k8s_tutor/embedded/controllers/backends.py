"""The pods behind a Service: which count, at which address and ports, how ready."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from k8s_tutor.embedded.controllers import pods
from k8s_tutor.embedded.controllers.view import View
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import conditions, metadata, selectors
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = [
    "HEADLESS",
    "TRIGGER",
    "behind",
    "is_headless",
    "pod_ip",
    "ports_of",
    "readiness_changed",
    "services_concerned",
    "target_reference",
]

HEADLESS = "service.kubernetes.io/headless"
TRIGGER = "endpoints.kubernetes.io/last-change-trigger-time"


def services_concerned(change: Change, view: View) -> Iterator[Key]:
    """The Services that select a pod, or selected it before this change; nothing where its backend stays the same."""
    pod, before = change.obj, change.previous
    if change.type == "MODIFIED" and before is not None and _as_backend(pod) == _as_backend(before):
        return
    rows = [metadata.labels(pod)] + ([metadata.labels(before)] if before is not None else [])
    for service in view.list("services", metadata.namespace(pod)):
        selector = service["spec"].get("selector")
        if selector and any(selectors.from_labels(selector).matches(labels) for labels in rows):
            yield metadata.key(service)


def _as_backend(pod: Obj) -> tuple[object, ...]:
    return (
        metadata.labels(pod),
        pod_ip(pod),
        pods.phase(pod) in ("Succeeded", "Failed"),
        pods.is_ready(pod),
        metadata.is_deleting(pod),
        pod["spec"].get("nodeName"),
    )


def behind(service: Obj, view: View, *, terminating: bool) -> Iterable[Obj]:
    """The pods a Service selects that have an address and have not ended, with or without those being deleted."""
    selector = selectors.from_labels(service["spec"]["selector"])
    for pod in view.list("pods", metadata.namespace(service)):
        if pods.is_terminal(pod) or not pod_ip(pod) or not selector.matches(metadata.labels(pod)):
            continue
        if terminating or not metadata.is_deleting(pod):
            yield pod


def ports_of(service: Obj, pod: Obj) -> tuple[Obj, ...]:
    """The Service's ports as this pod serves them; a named target port that the pod lacks is left out."""
    found = []
    for port in service["spec"].get("ports") or ():
        number = _number(port.get("targetPort", port["port"]), port.get("protocol", "TCP"), pod)
        if number is not None:
            row = {"name": port.get("name", ""), "port": number, "protocol": port.get("protocol", "TCP")}
            if "appProtocol" in port:
                row["appProtocol"] = port["appProtocol"]
            found.append(row)
    return tuple(found)


def target_reference(pod: Obj) -> Obj:
    """`targetRef` of an endpoint."""
    return {
        "kind": "Pod",
        "namespace": metadata.namespace(pod),
        "name": metadata.name(pod),
        "uid": metadata.uid(pod),
    }


def pod_ip(pod: Obj) -> str:
    """The pod's address, or `""`."""
    return str((pod.get("status") or {}).get("podIP", ""))


def is_headless(service: Obj) -> bool:
    """Whether it has a name only, and no address of its own."""
    return bool(service["spec"].get("clusterIP") == "None")


def readiness_changed(pod: Obj) -> str:
    """When the pod's readiness last changed, as the API writes it, or `""`."""
    return str((conditions.get(pod, "Ready") or {}).get("lastTransitionTime", ""))


def _number(target: int | str, protocol: str, pod: Obj) -> int | None:
    if isinstance(target, int):
        return target
    sidecars = [row for row in pod["spec"].get("initContainers") or () if row.get("restartPolicy") == "Always"]
    for container in (*pod["spec"]["containers"], *sidecars):
        for port in container.get("ports") or ():
            if port.get("name") == target and port.get("protocol", "TCP") == protocol:
                return int(port["containerPort"])
    return None
