"""Endpoints: the older form of the same list, which Kubernetes still writes for each Service with a selector."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from typing import ClassVar

from k8s_tutor.embedded.actions import Action, Create, Delete, Update
from k8s_tutor.embedded.controllers import backends, pods
from k8s_tutor.embedded.controllers.controller import Reconciled, own_key
from k8s_tutor.embedded.controllers.view import View
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import metadata
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["EndpointsController"]

MANAGED_BY = "endpoints.kubernetes.io/managed-by"


class EndpointsController:
    """Keeps an Endpoints object of the Service's name, ready and not ready addresses apart."""

    name: ClassVar[str] = "endpoint-controller"
    watches: ClassVar[tuple[str, ...]] = ("services", "pods", "endpoints")

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """The Service itself, the Services of a pod, the Service of deleted Endpoints."""
        if change.resource == "pods":
            return backends.services_concerned(change, view)
        if change.resource == "endpoints" and change.type != "DELETED":
            return ()
        return own_key(change)

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Compares the Endpoints there are with what the pods ask for."""
        service = view.get("services", key.namespace, key.name)
        existing = view.get("endpoints", key.namespace, key.name)
        if service is None:
            ours = existing is not None and MANAGED_BY in metadata.labels(existing)
            return Reconciled([Delete(existing)] if existing and ours else (), ("The Service is gone.",))
        if not service["spec"].get("selector") or service["spec"].get("type") == "ExternalName":
            return Reconciled(analysis=("The Service has no selector: its endpoints are somebody else's.",))
        early = bool(service["spec"].get("publishNotReadyAddresses"))
        chosen = list(backends.behind(service, view, terminating=early))
        subsets = _subsets(service, chosen, early=early)
        trigger = max((backends.readiness_changed(pod) for pod in chosen), default="")
        return Reconciled(_write(service, existing, subsets, trigger), (f"{len(chosen)} pods with an address.",))


def _subsets(service: Obj, chosen: Iterable[Obj], *, early: bool) -> list[Obj]:
    """Addresses that share their ports, in the order of the addresses."""
    groups: dict[str, Obj] = {}
    for pod in sorted(chosen, key=lambda pod: int(ip_address(backends.pod_ip(pod)))):
        ports = backends.ports_of(service, pod)
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
    row: Obj = {"ip": backends.pod_ip(pod), "nodeName": spec.get("nodeName", "")}
    if spec.get("hostname") and spec.get("subdomain") == metadata.name(service):
        row["hostname"] = spec["hostname"]
    return {**row, "targetRef": backends.target_reference(pod)}


def _write(service: Obj, existing: Obj | None, subsets: list[Obj], trigger: str) -> list[Action]:
    labels = {**metadata.labels(service), MANAGED_BY: "endpoint-controller"}
    labels |= {backends.HEADLESS: ""} if backends.is_headless(service) else {}
    if existing is None:
        annotations = {backends.TRIGGER: service["metadata"]["creationTimestamp"]}
        meta: Obj = {"namespace": metadata.namespace(service), "name": metadata.name(service)}
        body = {
            "apiVersion": "v1",
            "kind": "Endpoints",
            "metadata": {**meta, "labels": labels, "annotations": annotations},
        }
        return [Create({**body, "subsets": subsets} if subsets else body)]
    if (existing.get("subsets") or []) == subsets and metadata.labels(existing) == labels:
        return []
    kept = {key: value for key, value in metadata.annotations(existing).items() if key != backends.TRIGGER}
    annotations = kept | ({backends.TRIGGER: trigger} if trigger else {})
    body = {key: value for key, value in existing.items() if key != "subsets"}
    body["metadata"] = {**existing["metadata"], "labels": labels, "annotations": annotations}
    return [Update({**body, "subsets": subsets} if subsets else body)]
