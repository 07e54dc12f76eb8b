"""Storage in use is not taken away: deleted claims and volumes stay until nobody needs them.

Admission gives both the finalizer that these controllers take off again, and give back to those that lost it.
Source: pkg/controller/volume/{pvcprotection,pvprotection} of k8s.io/kubernetes 1.37.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from k8s_tutor.embedded.actions import Update, UpdateStatus
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled, View, own_key
from k8s_tutor.embedded.store import Change
from k8s_tutor.language import msg
from k8s_tutor.objects import conditions, metadata, volumes
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.pods import is_terminal
from k8s_tutor.objects.types import Obj, OwnerReference

__all__ = ["CLAIMS", "ClaimProtection", "Retention", "VolumeProtection"]


# ---- Storage in use is not taken away: deleted claims and volumes stay until nobody needs them
#
# Admission gives both the finalizer that these controllers take off again, and give back to those that lost it.
# Source: pkg/controller/volume/{pvcprotection,pvprotection} of k8s.io/kubernetes 1.37.

CLAIM_FINALIZER = "kubernetes.io/pvc-protection"
VOLUME_FINALIZER = "kubernetes.io/pv-protection"
_CLAIMS, _VOLUMES = "persistentvolumeclaims", "persistentvolumes"


class ClaimProtection:
    """Lets a deleted claim go once no pod on a node uses it, and says of bound ones whether pods name them."""

    name: ClassVar[str] = "pvc-protection-controller"
    watches: ClassVar[tuple[str, ...]] = (_CLAIMS, "pods")

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """The claim itself; those of a pod that comes, ends or goes."""
        if change.resource == _CLAIMS:
            return own_key(change)
        if change.type == "MODIFIED" and not is_terminal(change.obj):
            return ()
        return [Key(metadata.namespace(change.obj), name) for name in volumes.used_claims(change.obj).values()]

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Takes the finalizer off where nothing uses the claim; else notes whether something does."""
        claim = view.get(_CLAIMS, key.namespace, key.name)
        if claim is None:
            return NOTHING_TO_DO
        if _bare(claim, CLAIM_FINALIZER):
            return Reconciled([_protected(claim, CLAIM_FINALIZER)], (msg("It is not protected."),))
        pods = [pod for pod in view.list("pods", key.namespace) if key.name in volumes.used_claims(pod).values()]
        if not _waits(claim, CLAIM_FINALIZER):
            return _noted(claim, any(not is_terminal(pod) for pod in pods), now)
        users = [metadata.name(pod) for pod in pods if pod["spec"].get("nodeName")]
        if users:
            return Reconciled(analysis=(msg("Still used by {users}.", users=", ".join(users)),))
        return Reconciled([_released(claim, CLAIM_FINALIZER)], (msg("Nobody uses it: let it go."),))


def _noted(claim: Obj, used: bool, now: float) -> Reconciled:
    """The condition `Unused` of a bound claim."""
    if volumes.phase(claim) != "Bound":
        return Reconciled(analysis=(msg("It is not bound, and not waiting to go."),))
    words = "A pod is currently referencing this PVC" if used else "No pods are currently referencing this PVC"
    row = {
        "type": "Unused",
        "status": "False" if used else "True",
        "reason": "PodUsingPVC" if used else "NoPodsUsingPVC",
        "message": words,
        "lastProbeTime": None,
    }
    rows = conditions.set_condition(claim["status"].get("conditions"), row, now)
    if rows == claim["status"].get("conditions"):
        return Reconciled(analysis=(msg("{words}, as it says.", words=words),))
    return Reconciled([UpdateStatus({**claim, "status": {**claim["status"], "conditions": rows}})], (f"{words}.",))


class VolumeProtection:
    """Lets a deleted volume go once it is bound to no claim."""

    name: ClassVar[str] = "pv-protection-controller"
    watches: ClassVar[tuple[str, ...]] = (_VOLUMES,)

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """A volume that is deleted, or that has lost its protection."""
        return own_key(change) if _waits(change.obj, VOLUME_FINALIZER) or _bare(change.obj, VOLUME_FINALIZER) else ()

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Takes the finalizer off where the volume is not bound."""
        volume = view.get(_VOLUMES, "", key.name)
        if volume is None:
            return NOTHING_TO_DO
        if _bare(volume, VOLUME_FINALIZER):
            return Reconciled([_protected(volume, VOLUME_FINALIZER)], (msg("It is not protected."),))
        if not _waits(volume, VOLUME_FINALIZER):
            return Reconciled(analysis=(msg("It is not waiting to go."),))
        if volumes.phase(volume) == "Bound":
            return Reconciled(analysis=(msg("A claim still has it."),))
        return Reconciled([_released(volume, VOLUME_FINALIZER)], (msg("No claim has it: let it go."),))


def _waits(obj: Obj, finalizer: str) -> bool:
    return metadata.is_deleting(obj) and finalizer in obj["metadata"].get("finalizers", ())


def _bare(obj: Obj, finalizer: str) -> bool:
    return not metadata.is_deleting(obj) and finalizer not in obj["metadata"].get("finalizers", ())


def _protected(obj: Obj, finalizer: str) -> Update:
    finalizers = [*obj["metadata"].get("finalizers", ()), finalizer]
    return Update({**obj, "metadata": {**obj["metadata"], "finalizers": finalizers}})


def _released(obj: Obj, finalizer: str) -> Update:
    rest = [one for one in obj["metadata"]["finalizers"] if one != finalizer]
    return Update({**obj, "metadata": {**obj["metadata"], "finalizers": rest}})


# ---- What becomes of the claims of a StatefulSet's pods: `persistentVolumeClaimRetentionPolicy`, said in owner
# references
#
# A claim owned by the set goes with the set; one owned by a pod that is one too many goes with that pod.
# See kubernetes.io/docs/concepts/workloads/controllers/statefulset (PersistentVolumeClaim retention).

CLAIMS = "persistentvolumeclaims"


@dataclass(frozen=True, slots=True)
class Retention:
    """The claims of one StatefulSet."""

    owner: Obj
    view: View

    def wanted(self, pod: str) -> list[Obj]:
        """The claims that a pod of that name has."""
        return [self._claim(template, pod) for template in self.owner["spec"].get("volumeClaimTemplates") or ()]

    def there(self, pod: str) -> Iterator[Obj]:
        """Those of them that are there."""
        for template in self.owner["spec"].get("volumeClaimTemplates") or ():
            name = f"{template['metadata']['name']}-{pod}"
            claim = self.view.get(CLAIMS, metadata.namespace(self.owner), name)
            if claim is not None:
                yield claim

    def corrections(self, pod: Obj, *, surplus: bool) -> list[Update]:
        """Gives a pod's claims the owners that the policy says.

        Args:
            pod: A pod of the set.
            surplus: There is one too many, and it is this.
        """
        return [
            Update({**claim, "metadata": {**claim["metadata"], "ownerReferences": owners}})
            for claim in self.there(metadata.name(pod))
            if (owners := self._owners(claim, pod, surplus)) != metadata.owners(claim)
        ]

    def is_stale(self, pod: str) -> bool:
        """Whether a claim still belongs to an earlier pod of that name, and goes with it."""
        return any(row["kind"] == "Pod" for claim in self.there(pod) for row in metadata.owners(claim))

    def _owners(self, claim: Obj, pod: Obj, surplus: bool) -> list[OwnerReference]:
        policy = self.owner["spec"].get("persistentVolumeClaimRetentionPolicy") or {}
        by_pod = surplus and policy.get("whenScaled") == "Delete"
        by_set = policy.get("whenDeleted") == "Delete" and not by_pod
        others = [
            row for row in metadata.owners(claim) if row["uid"] not in (metadata.uid(pod), metadata.uid(self.owner))
        ]
        mine = [metadata.owner_reference(owner) for owner, is_ in ((self.owner, by_set), (pod, by_pod)) if is_]
        return [*others, *mine]

    def _claim(self, template: Obj, pod: str) -> Obj:
        meta = template["metadata"]
        matched = (self.owner["spec"].get("selector") or {}).get("matchLabels") or {}
        return {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {
                **{field: meta[field] for field in ("annotations",) if meta.get(field)},
                "name": f"{meta['name']}-{pod}",
                "namespace": metadata.namespace(self.owner),
                "labels": {**(meta.get("labels") or {}), **matched},
            },
            "spec": template["spec"],
        }
