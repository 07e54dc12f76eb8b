"""Which pods belong together: those of the Services that select a pod, and of the controller that made it."""

from __future__ import annotations

from k8s_tutor.embedded.store import Store
from k8s_tutor.objects import metadata, selectors
from k8s_tutor.objects.selectors import Requirement, Selector
from k8s_tutor.objects.types import Obj

__all__ = ["selector"]

CONTROLLERS = {
    "ReplicaSet": "replicasets.apps",
    "StatefulSet": "statefulsets.apps",
    "ReplicationController": "replicationcontrollers",
}


def selector(pod: Obj, store: Store) -> Selector | None:
    """What selects the pod's kin; None for a pod that stands alone."""
    namespace = metadata.namespace(pod)
    rows: list[Requirement] = []
    for service in store.list("services", namespace):
        labels = service["spec"].get("selector")
        if labels and (found := selectors.from_labels(labels)).matches(metadata.labels(pod)):
            rows += found.requirements
    owner = metadata.controller_of(pod)
    resource = CONTROLLERS.get(owner["kind"]) if owner else None
    if owner and resource:
        controller = store.get(resource, namespace, owner["name"])
        if controller is not None:
            rows += _selector_of(controller).requirements
    return Selector(tuple(dict.fromkeys(rows))) if rows else None


def _selector_of(controller: Obj) -> Selector:
    wanted = controller["spec"].get("selector")
    if controller["kind"] == "ReplicationController":
        return selectors.from_labels(wanted)
    return selectors.of(wanted)
