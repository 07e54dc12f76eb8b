"""Endpoints: the older form of the same list, which Kubernetes still writes for each Service with a selector."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import ClassVar

from k8s_tutor.embedded.actions import Action, Create, Delete, Update
from k8s_tutor.embedded.controllers import pods
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled, View, own_key
from k8s_tutor.embedded.store import Change
from k8s_tutor.language import msg
from k8s_tutor.objects import conditions, metadata, selectors
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.pods import address_of
from k8s_tutor.objects.services import SERVICE_NAME, is_headless
from k8s_tutor.objects.types import Obj

__all__ = [
    "HEADLESS",
    "TRIGGER",
    "EndpointSliceController",
    "EndpointsController",
    "behind",
    "ports_of",
    "readiness_changed",
    "services_concerned",
    "target_reference",
]

# ---- The pods behind a Service: which count, at which address and ports, how ready

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
        address_of(pod),
        pods.is_terminal(pod),
        pods.is_ready(pod),
        metadata.is_deleting(pod),
        pod["spec"].get("nodeName"),
    )


def behind(service: Obj, view: View, *, terminating: bool) -> Iterable[Obj]:
    """The pods a Service selects that have an address and have not ended, with or without those being deleted."""
    selector = selectors.from_labels(service["spec"]["selector"])
    for pod in view.list("pods", metadata.namespace(service)):
        if pods.is_terminal(pod) or not address_of(pod) or not selector.matches(metadata.labels(pod)):
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


# ---- Endpoints: the older form of the same list, which Kubernetes still writes for each Service with a selector

MANAGED_BY = "endpoints.kubernetes.io/managed-by"


class EndpointsController:
    """Keeps an Endpoints object of the Service's name, ready and not ready addresses apart."""

    name: ClassVar[str] = "endpoint-controller"
    watches: ClassVar[tuple[str, ...]] = ("services", "pods", "endpoints")

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """The Service itself, the Services of a pod, the Service of deleted Endpoints."""
        if change.resource == "pods":
            return services_concerned(change, view)
        if change.resource == "endpoints" and change.type != "DELETED":
            return ()
        return own_key(change)

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Compares the Endpoints there are with what the pods ask for."""
        service = view.get("services", key.namespace, key.name)
        existing = view.get("endpoints", key.namespace, key.name)
        if service is None:
            ours = existing is not None and MANAGED_BY in metadata.labels(existing)
            return Reconciled([Delete(existing)] if existing and ours else (), (msg("The Service is gone."),))
        if not service["spec"].get("selector") or service["spec"].get("type") == "ExternalName":
            return Reconciled(analysis=(msg("The Service has no selector: its endpoints are somebody else's."),))
        early = bool(service["spec"].get("publishNotReadyAddresses"))
        chosen = list(behind(service, view, terminating=early))
        subsets = _subsets(service, chosen, early=early)
        trigger = max((readiness_changed(pod) for pod in chosen), default="")
        return Reconciled(
            _write(service, existing, subsets, trigger), (msg("{count} pods with an address.", count=len(chosen)),)
        )


def _subsets(service: Obj, chosen: Iterable[Obj], *, early: bool) -> list[Obj]:
    """Addresses that share their ports, in the order of the addresses."""
    groups: dict[str, Obj] = {}
    for pod in sorted(chosen, key=lambda pod: int(ip_address(address_of(pod)))):
        ports = ports_of(service, pod)
        if not ports and service["spec"].get("ports"):
            continue
        rows = [{key: value for key, value in port.items() if value != ""} for port in ports]
        rows.sort(key=lambda port: (port.get("name", ""), port["port"], port["protocol"]))
        group = groups.setdefault(repr(rows), {"addresses": [], "notReadyAddresses": [], "ports": rows})
        side = "addresses" if early or pods.is_ready(pod) else "notReadyAddresses"
        group[side].append(_address(service, pod))
    return [{key: rows for key, rows in group.items() if rows} for group in groups.values()]


def _address(service: Obj, pod: Obj) -> Obj:
    spec = pod["spec"]
    row: Obj = {"ip": address_of(pod), "nodeName": spec.get("nodeName", "")}
    if spec.get("hostname") and spec.get("subdomain") == metadata.name(service):
        row["hostname"] = spec["hostname"]
    return {**row, "targetRef": target_reference(pod)}


def _write(service: Obj, existing: Obj | None, subsets: list[Obj], trigger: str) -> list[Action]:
    labels = {**metadata.labels(service), MANAGED_BY: "endpoint-controller"}
    labels |= {HEADLESS: ""} if is_headless(service) else {}
    if existing is None:
        annotations = {TRIGGER: service["metadata"]["creationTimestamp"]}
        meta: Obj = {"namespace": metadata.namespace(service), "name": metadata.name(service)}
        body = {
            "apiVersion": "v1",
            "kind": "Endpoints",
            "metadata": {**meta, "labels": labels, "annotations": annotations},
        }
        return [Create({**body, "subsets": subsets} if subsets else body)]
    if (existing.get("subsets") or []) == subsets and metadata.labels(existing) == labels:
        return []
    kept = {key: value for key, value in metadata.annotations(existing).items() if key != TRIGGER}
    annotations = kept | ({TRIGGER: trigger} if trigger else {})
    body = {key: value for key, value in existing.items() if key != "subsets"}
    body["metadata"] = {**existing["metadata"], "labels": labels, "annotations": annotations}
    return [Update({**body, "subsets": subsets} if subsets else body)]


# ---- EndpointSlice: for each Service, the addresses of its pods, each with how ready it is

SLICE_MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
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
            return services_concerned(change, view)
        labels = metadata.labels(change.obj)
        if labels.get(SLICE_MANAGED_BY) != MANAGER or SERVICE_NAME not in labels or change.type == "ADDED":
            return ()
        return (Key(metadata.namespace(change.obj), labels[SERVICE_NAME]),)

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Compares the slices there are with those the pods ask for."""
        service = view.get("services", key.namespace, key.name)
        if service is None or metadata.is_deleting(service):
            return NOTHING_TO_DO
        if not service["spec"].get("selector") or service["spec"].get("type") == "ExternalName":
            return Reconciled(analysis=(msg("The Service has no selector: its endpoints are somebody else's."),))
        existing = [
            slice_ for slice_ in view.list("endpointslices.discovery.k8s.io", key.namespace) if _is_ours(slice_, key)
        ]
        chosen = list(behind(service, view, terminating=True))
        wanted = _pack(service, chosen, existing, view)
        ready = sum(endpoint["conditions"]["ready"] for content in wanted for endpoint in content.endpoints)
        words = msg(
            "The selector matches {count} pods with an address; {ready} of them are ready.",
            count=len(chosen),
            ready=ready,
        )
        trigger = max((readiness_changed(pod) for pod in chosen), default="")
        return Reconciled(_difference(service, existing, wanted, trigger), (words,))


def _is_ours(slice_: Obj, service: Key) -> bool:
    labels = metadata.labels(slice_)
    return labels.get(SERVICE_NAME) == service.name and labels.get(SLICE_MANAGED_BY) == MANAGER


def _pack(service: Obj, chosen: Sequence[Obj], existing: Sequence[Obj], view: View) -> list[_Content]:
    """Endpoints by their ports, in the order in which the slices already list them, newcomers last."""
    order: dict[str, int] = {}
    for slice_ in existing:
        for endpoint in slice_.get("endpoints") or ():
            order.setdefault((endpoint.get("targetRef") or {}).get("uid", ""), len(order))
    zones = _zones(chosen, view)
    groups: dict[str, tuple[tuple[Obj, ...], list[Obj]]] = {}
    for pod in sorted(chosen, key=lambda pod: order.get(metadata.uid(pod), len(order))):
        ports = ports_of(service, pod)
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
        "addresses": [address_of(pod)],
        "conditions": {"ready": ready, "serving": serving, "terminating": terminating},
        "targetRef": target_reference(pod),
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
    labels = {**metadata.labels(service), SLICE_MANAGED_BY: MANAGER, SERVICE_NAME: metadata.name(service)}
    return labels | ({HEADLESS: ""} if is_headless(service) else {})


def _new(service: Obj, content: _Content) -> Obj:
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "generateName": f"{metadata.name(service)}-",
            "namespace": metadata.namespace(service),
            "labels": _labels(service),
            "annotations": {TRIGGER: service["metadata"]["creationTimestamp"]},
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
        annotations[TRIGGER] = trigger
    meta = {**slice_["metadata"], "labels": labels, "annotations": annotations}
    return {**slice_, "metadata": meta, "endpoints": endpoints, "ports": ports}
