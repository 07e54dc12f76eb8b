"""DefaultStorageClass and DefaultIngressClass: who does not choose gets the default.

StorageObjectInUseProtection: claims and volumes that are in use are not taken away.
"""

from __future__ import annotations

from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.admission.attributes import Attributes
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.objects.quantity import parse
from k8s_tutor.objects.types import Obj

__all__ = ["begin_phase", "check_growth", "choose_ingress_class", "choose_storage_class", "protect"]

_PROTECTIONS = {
    "persistentvolumeclaims": "kubernetes.io/pvc-protection",
    "persistentvolumes": "kubernetes.io/pv-protection",
}


def protect(resource: str, obj: Obj) -> None:
    """Adds the finalizer that a controller takes off once nobody uses the object."""
    finalizers = obj["metadata"].setdefault("finalizers", [])
    if _PROTECTIONS[resource] not in finalizers:
        finalizers.append(_PROTECTIONS[resource])


def begin_phase(call: Call, volume: Obj) -> None:
    """Notes when a new volume came into its first phase."""
    volume["status"]["lastPhaseTransitionTime"] = rfc3339(call.ground.now())


def check_growth(attributes: Attributes) -> None:
    """PersistentVolumeClaimResize: only what its class lets grow can grow.

    Raises:
        StatusError: 403.
    """
    new, old = attributes.obj, attributes.old
    if new is None or old is None or (old.get("status") or {}).get("phase") != "Bound":
        return
    wanted, present = (parse((obj["spec"]["resources"].get("requests") or {}).get("storage", 0)) for obj in (new, old))
    if wanted <= present:
        return
    name = old["spec"].get("storageClassName", "")
    found = attributes.call.ground.store.get("storageclasses.storage.k8s.io", "", name) if name else None
    if not (found or {}).get("allowVolumeExpansion"):
        why = (
            "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support "
            "resize"
        )
        raise errors.forbidden(attributes.kind, attributes.shown_name, why)


def choose_storage_class(call: Call, claim: Obj) -> None:
    """The default StorageClass, for a claim that names none."""
    _choose(call, claim, "storageClassName", "storageclasses.storage.k8s.io", "storageclass.kubernetes.io")


def choose_ingress_class(call: Call, ingress: Obj) -> None:
    """The default IngressClass, for an Ingress that names none."""
    if "kubernetes.io/ingress.class" not in ingress["metadata"].get("annotations", {}):
        _choose(call, ingress, "ingressClassName", "ingressclasses.networking.k8s.io", "ingressclass.kubernetes.io")


def _choose(call: Call, obj: Obj, field: str, resource: str, prefix: str) -> None:
    if field in obj["spec"]:
        return
    for candidate in call.ground.store.list(resource):
        if candidate["metadata"].get("annotations", {}).get(f"{prefix}/is-default-class") == "true":
            obj["spec"][field] = candidate["metadata"]["name"]
            return
