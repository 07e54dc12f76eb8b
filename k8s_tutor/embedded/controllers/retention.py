"""What becomes of the claims of a StatefulSet's pods: `persistentVolumeClaimRetentionPolicy`, said in owner references.

A claim owned by the set goes with the set; one owned by a pod that is one too many goes with that pod.
See kubernetes.io/docs/concepts/workloads/controllers/statefulset (PersistentVolumeClaim retention).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from k8s_tutor.embedded.actions import Update
from k8s_tutor.embedded.controllers.view import View
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj, OwnerReference

__all__ = ["CLAIMS", "Retention"]

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
