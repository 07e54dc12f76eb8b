"""EndpointSlice: for each Service, the addresses of its pods, each with how ready it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from k8s_tutor.embedded.actions import Action, Create, Delete, Update
from k8s_tutor.embedded.controllers import backends, pods
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled, own_key
from k8s_tutor.embedded.controllers.view import View
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import metadata
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["EndpointSliceController"]

SERVICE_NAME = "kubernetes.io/service-name"
MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
MANAGER = "endpointslice-controller.k8s.io"
ZONE = "topology.kubernetes.io/zone"
PER_SLICE = 100


@dataclass(frozen=True, slots=True)
class _Content:
    """What one slice shall hold: endpoints that share their ports."""

    ports: tuple[Obj, ...]
    endpoints: tuple[Obj, ...]


class EndpointSliceController:
    """Keeps a Service's slices in step with the pods its selector matches."""

    name: ClassVar[str] = "endpointslice-controller"
    watches: ClassVar[tuple[str, ...]] = ("services", "pods", "endpointslices.discovery.k8s.io")

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """The Service itself; the Services of a pod; the Service of a slice that somebody touched."""
        if change.resource == "services":
            return own_key(change)
        if change.resource == "pods":
            return backends.services_concerned(change, view)
        labels = metadata.labels(change.obj)
        if labels.get(MANAGED_BY) != MANAGER or SERVICE_NAME not in labels or change.type == "ADDED":
            return ()
        return (Key(metadata.namespace(change.obj), labels[SERVICE_NAME]),)

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Compares the slices there are with those the pods ask for."""
        service = view.get("services", key.namespace, key.name)
        if service is None or metadata.is_deleting(service):
            return NOTHING_TO_DO
        if not service["spec"].get("selector") or service["spec"].get("type") == "ExternalName":
            return Reconciled(analysis=("The Service has no selector: its endpoints are somebody else's.",))
        existing = [
            slice_ for slice_ in view.list("endpointslices.discovery.k8s.io", key.namespace) if _is_ours(slice_, key)
        ]
        chosen = list(backends.behind(service, view, terminating=True))
        wanted = _pack(service, chosen, existing, view)
        ready = sum(endpoint["conditions"]["ready"] for content in wanted for endpoint in content.endpoints)
        words = f"The selector matches {len(chosen)} pods with an address; {ready} of them are ready."
        trigger = max((backends.readiness_changed(pod) for pod in chosen), default="")
        return Reconciled(_difference(service, existing, wanted, trigger), (words,))


def _is_ours(slice_: Obj, service: Key) -> bool:
    labels = metadata.labels(slice_)
    return labels.get(SERVICE_NAME) == service.name and labels.get(MANAGED_BY) == MANAGER


def _pack(service: Obj, chosen: Sequence[Obj], existing: Sequence[Obj], view: View) -> list[_Content]:
    """Endpoints by their ports, in the order in which the slices already list them, newcomers last."""
    places: dict[str, int] = {}
    for slice_ in existing:
        for endpoint in slice_.get("endpoints") or ():
            places.setdefault((endpoint.get("targetRef") or {}).get("uid", ""), len(places))
    zones = _zones(chosen, view)
    groups: dict[str, tuple[tuple[Obj, ...], list[Obj]]] = {}
    for pod in sorted(chosen, key=lambda pod: places.get(metadata.uid(pod), len(places))):
        ports = backends.ports_of(service, pod)
        groups.setdefault(repr(ports), (ports, []))[1].append(_endpoint(service, pod, zones))
    contents = [
        _Content(ports, tuple(endpoints[start : start + PER_SLICE]))
        for ports, endpoints in groups.values()
        for start in range(0, len(endpoints), PER_SLICE)
    ]
    return contents or [_Content((), ())]  # A Service without pods still has one slice, an empty one.


def _zones(chosen: Sequence[Obj], view: View) -> dict[str, str]:
    """The zone of each node that runs one of the pods, where it has one."""
    zones = {}
    for name in dict.fromkeys(pod["spec"].get("nodeName", "") for pod in chosen):
        node = view.get("nodes", "", name) if name else None
        if node is not None and (zone := metadata.labels(node).get(ZONE)):
            zones[name] = zone
    return zones


def _endpoint(service: Obj, pod: Obj, zones: dict[str, str]) -> Obj:
    serving, terminating = pods.is_ready(pod), metadata.is_deleting(pod)
    ready = bool(service["spec"].get("publishNotReadyAddresses")) or (serving and not terminating)
    endpoint: Obj = {
        "addresses": [backends.pod_ip(pod)],
        "conditions": {"ready": ready, "serving": serving, "terminating": terminating},
        "targetRef": backends.target_reference(pod),
    }
    spec = pod["spec"]
    if spec.get("hostname") and spec.get("subdomain") == metadata.name(service):
        endpoint["hostname"] = spec["hostname"]
    if node_name := spec.get("nodeName"):
        endpoint["nodeName"] = node_name
        if node_name in zones:
            endpoint["zone"] = zones[node_name]
    return endpoint


def _difference(service: Obj, existing: Sequence[Obj], wanted: Sequence[_Content], trigger: str) -> list[Action]:
    """Slices of the same ports are kept, others reused; what is left over goes, what is missing is made."""
    free = list(existing)
    pairs: list[tuple[Obj | None, _Content]] = []
    for content in wanted:
        same = next((slice_ for slice_ in free if tuple(slice_.get("ports") or ()) == content.ports), None)
        if same is not None:
            free.remove(same)
        pairs.append((same, content))
    actions: list[Action] = []
    for slice_, content in pairs:
        target = slice_ if slice_ is not None else (free.pop(0) if free else None)
        if target is None:
            actions.append(Create(_new(service, content)))
        elif (changed := _changed(service, target, content, trigger)) is not None:
            actions.append(Update(changed))
    return [*actions, *(Delete(slice_) for slice_ in free)]


def _labels(service: Obj) -> dict[str, str]:
    labels = {**metadata.labels(service), MANAGED_BY: MANAGER, SERVICE_NAME: metadata.name(service)}
    return labels | ({backends.HEADLESS: ""} if backends.is_headless(service) else {})


def _new(service: Obj, content: _Content) -> Obj:
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "generateName": f"{metadata.name(service)}-",
            "namespace": metadata.namespace(service),
            "labels": _labels(service),
            "annotations": {backends.TRIGGER: service["metadata"]["creationTimestamp"]},
            "ownerReferences": [metadata.owner_reference(service)],
        },
        "addressType": "IPv4",
        "endpoints": list(content.endpoints),
        "ports": list(content.ports),
    }


def _changed(service: Obj, slice_: Obj, content: _Content, trigger: str) -> Obj | None:
    labels = _labels(service)
    endpoints, ports = list(content.endpoints), list(content.ports)
    same = (slice_.get("endpoints") or [], slice_.get("ports") or []) == (endpoints, ports)
    if same and labels == metadata.labels(slice_):
        return None
    annotations = dict(metadata.annotations(slice_))
    if trigger:
        annotations[backends.TRIGGER] = trigger
    meta = {**slice_["metadata"], "labels": labels, "annotations": annotations}
    return {**slice_, "metadata": meta, "endpoints": endpoints, "ports": ports}
