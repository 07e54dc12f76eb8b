"""Claims and the volumes they can have: who names whom, what fits, what fits best.

See kubernetes.io/docs/concepts/storage/persistent-volumes (Binding, Reserving a PersistentVolume).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from k8s_tutor.objects import metadata, nodeselectors, selectors
from k8s_tutor.objects.quantity import Quantity, parse
from k8s_tutor.objects.types import Obj

__all__ = [
    "BIND_COMPLETED",
    "BOUND_BY_CONTROLLER",
    "PROVISIONED_BY",
    "SELECTED_NODE",
    "STORAGE_PROVISIONER",
    "best_match",
    "class_of",
    "is_bound",
    "is_provided",
    "misfit",
    "phase",
    "reserve",
    "reserved_for",
    "storage_of",
    "used_claims",
]

BIND_COMPLETED = "pv.kubernetes.io/bind-completed"
BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller"
PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"
SELECTED_NODE = "volume.kubernetes.io/selected-node"
STORAGE_PROVISIONER = "volume.kubernetes.io/storage-provisioner"
_CLASS = "volume.beta.kubernetes.io/storage-class"


def phase(obj: Obj) -> str:
    """`status.phase` of a claim or a volume."""
    return str((obj.get("status") or {}).get("phase", ""))


def class_of(obj: Obj) -> str:
    """The StorageClass that a claim or a volume names; `""` for none."""
    return str(metadata.annotations(obj).get(_CLASS) or (obj.get("spec") or {}).get("storageClassName") or "")


def storage_of(obj: Obj) -> Quantity:
    """How much a claim asks for, or how much a volume holds."""
    spec = obj.get("spec") or {}
    amounts = spec.get("capacity") or (spec.get("resources") or {}).get("requests") or {}
    return parse(amounts.get("storage", 0))


def is_bound(claim: Obj) -> bool:
    """Whether a claim has its volume for good."""
    return BIND_COMPLETED in metadata.annotations(claim) and bool((claim.get("spec") or {}).get("volumeName"))


def is_provided(volume: Obj) -> bool:
    """Whether a volume was made for its claim, and goes with it."""
    policy = (volume.get("spec") or {}).get("persistentVolumeReclaimPolicy")
    return PROVISIONED_BY in metadata.annotations(volume) and policy == "Delete"


def used_claims(pod: Obj) -> dict[str, str]:
    """The claims a pod mounts, by the names of its volumes; those of ephemeral volumes among them."""
    names = {}
    for volume in (pod.get("spec") or {}).get("volumes") or ():
        if volume.get("persistentVolumeClaim"):
            names[volume["name"]] = str(volume["persistentVolumeClaim"].get("claimName", ""))
        elif "ephemeral" in volume:
            names[volume["name"]] = f"{metadata.name(pod)}-{volume['name']}"
    return names


def reserved_for(volume: Obj, claim: Obj) -> bool:
    """Whether a volume's `claimRef` names this claim: this very one where it says which."""
    reference = (volume.get("spec") or {}).get("claimRef")
    if not reference or (reference.get("namespace"), reference.get("name")) != tuple(metadata.key(claim)):
        return False
    return reference.get("uid", "") in ("", metadata.uid(claim))


def reserve(volume: Obj, claim: Obj) -> Obj:
    """The volume with a `claimRef` to this very claim, and a note where it was not kept for it before.

    The volume itself where it is so already.
    """
    reference = (volume.get("spec") or {}).get("claimRef") or {}
    if reference.get("uid") == metadata.uid(claim):
        return volume
    meta = volume["metadata"]
    if not reserved_for(volume, claim):
        meta = {**meta, "annotations": {**metadata.annotations(volume), BOUND_BY_CONTROLLER: "yes"}}
    claimed = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "namespace": metadata.namespace(claim),
        "name": metadata.name(claim),
        "uid": metadata.uid(claim),
        "resourceVersion": claim["metadata"]["resourceVersion"],
    }
    return {**volume, "metadata": meta, "spec": {**volume["spec"], "claimRef": claimed}}


def misfit(volume: Obj, claim: Obj) -> str:
    """Why a volume that a claim asks for by name cannot be its; `""` where it can."""
    if storage_of(volume) < storage_of(claim):
        return "requested PV is too small"
    if class_of(volume) != class_of(claim):
        return "storageClassName does not match"
    if _mode(volume) != _mode(claim):
        return "incompatible volumeMode"
    if not _allows(volume, claim):
        return "incompatible accessMode"
    return ""


def best_match(claim: Obj, volumes: Iterable[Obj], *, node: Obj | None = None, delayed: bool = False) -> Obj | None:
    """The volume for a claim: one reserved for it, else the free one with the fewest access modes, then the smallest.

    Args:
        claim: Not bound yet.
        volumes: All there are.
        node: Where the volume has to be within reach; None for wherever.
        delayed: The claim waits for its first pod: without a node, only what is reserved for it will do.
    """
    fitting = [volume for volume in volumes if _could_be(volume, claim)]
    for volume in fitting:
        if reserved_for(volume, claim):
            return volume if node is None or nodeselectors.reaches(volume, node) else None
    if delayed and node is None:
        return None
    free = [volume for volume in fitting if _is_free(volume, claim)]
    if node is not None:
        free = [volume for volume in free if nodeselectors.reaches(volume, node)]
    return min(free, key=_preference, default=None)


def _could_be(volume: Obj, claim: Obj) -> bool:
    taken = (volume.get("spec") or {}).get("claimRef") and not reserved_for(volume, claim)
    fits = storage_of(volume) >= storage_of(claim) and _mode(volume) == _mode(claim) and _allows(volume, claim)
    return fits and not taken and not metadata.is_deleting(volume)


def _is_free(volume: Obj, claim: Obj) -> bool:
    if phase(volume) != "Available" or class_of(volume) != class_of(claim):
        return False
    selector = (claim.get("spec") or {}).get("selector")
    return not selector or selectors.matches(selector, metadata.labels(volume))


def _preference(volume: Obj) -> tuple[int, Quantity, str]:
    return len(_modes(volume)), storage_of(volume), metadata.name(volume)


def _allows(volume: Obj, claim: Obj) -> bool:
    return all(mode in _modes(volume) for mode in _modes(claim))


def _modes(obj: Obj) -> Sequence[str]:
    return (obj.get("spec") or {}).get("accessModes") or ()


def _mode(obj: Obj) -> str:
    return str((obj.get("spec") or {}).get("volumeMode") or "Filesystem")
