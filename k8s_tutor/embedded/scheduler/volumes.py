"""Volume claims: the scheduler waits for them. Binding and provisioning volumes is not simulated, and it says so."""

from __future__ import annotations

from k8s_tutor.embedded.store import Store
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = ["unbound"]


def unbound(pod: Obj, store: Store) -> tuple[str, str] | None:
    """Why the pod's volume claims keep it waiting (message, and what preemption adds); None when nothing does."""
    for volume in pod["spec"].get("volumes") or ():
        if "persistentVolumeClaim" in volume:
            name = volume["persistentVolumeClaim"]["claimName"]
        elif "ephemeral" in volume:
            name = f"{metadata.name(pod)}-{volume['name']}"
        else:
            continue
        claim = store.get("persistentvolumeclaims", metadata.namespace(pod), name)
        if claim is None:
            return f'persistentvolumeclaim "{name}" not found', "not found"
        if (claim.get("status") or {}).get("phase") != "Bound":
            return f'persistentvolumeclaim "{name}" is not bound, and this cluster does not simulate volumes', ""
    return None
