"""Deployments: the room a rollout has, and which ReplicaSet holds which version of the template.

See kubernetes.io/docs/concepts/workloads/controllers/deployment (Rolling Update Deployment; pod-template-hash label).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = ["HASH_LABEL", "REVISION", "Limits", "is_rolled_out", "plain_template", "revision_of", "wanted_replicas"]

HASH_LABEL = "pod-template-hash"
"""The label that tells the pods of a Deployment's versions apart."""
REVISION = "deployment.kubernetes.io/revision"
"""The annotation that numbers the versions."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a Deployment allows during a rollout.

    Attributes:
        replicas: Pods wanted.
        surge: Pods allowed above that.
        unavailable: Pods that may be missing.
        rolling: False for the strategy Recreate.
    """

    replicas: int
    surge: int
    unavailable: int
    rolling: bool

    @classmethod
    def of(cls, deployment: Obj) -> Limits:
        """Percentages resolved: surge rounds up, unavailable down, and they are never both zero."""
        wanted = wanted_replicas(deployment)
        strategy = (deployment.get("spec") or {}).get("strategy") or {}
        if strategy.get("type") == "Recreate":
            return cls(wanted, 0, 0, rolling=False)
        rolling = strategy.get("rollingUpdate") or {}
        surge = math.ceil(_share(rolling.get("maxSurge", "25%"), wanted))
        unavailable = math.floor(_share(rolling.get("maxUnavailable", "25%"), wanted))
        if surge == 0 and unavailable == 0:
            unavailable = 1
        return cls(wanted, surge, min(unavailable, wanted), rolling=True)

    @property
    def maximum(self) -> int:
        """The most pods at one time."""
        return self.replicas + self.surge

    @property
    def minimum_available(self) -> int:
        """The fewest available pods at any time."""
        return self.replicas - self.unavailable if self.rolling else self.replicas


def wanted_replicas(obj: Obj) -> int:
    """`spec.replicas` of a Deployment or ReplicaSet; 1 where it is left out."""
    wanted = (obj.get("spec") or {}).get("replicas")
    return 1 if wanted is None else int(wanted)


def is_rolled_out(deployment: Obj) -> bool:
    """Whether all pods are of the present template and available, as `kubectl rollout status` waits for it."""
    status = deployment.get("status") or {}
    wanted = wanted_replicas(deployment)
    counts = (int(status.get(key) or 0) for key in ("updatedReplicas", "replicas", "availableReplicas"))
    seen = int(status.get("observedGeneration") or 0) >= int((deployment.get("metadata") or {}).get("generation") or 0)
    return seen and tuple(counts) == (wanted, wanted, wanted)


def revision_of(replica_set: Obj) -> int:
    """The number of the version that a ReplicaSet holds; 0 where it has none."""
    text = metadata.annotations(replica_set).get(REVISION, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def plain_template(template: Obj) -> Obj:
    """A pod template as people wrote it: without the hash its ReplicaSet added."""
    meta = {key: value for key, value in (template.get("metadata") or {}).items() if key != "creationTimestamp"}
    labels = {key: value for key, value in (meta.pop("labels", None) or {}).items() if key != HASH_LABEL}
    return {**template, "metadata": {**meta, **({"labels": labels} if labels else {})}}


def _share(value: int | str, of: int) -> float:
    if isinstance(value, str) and value.endswith("%"):
        return int(value[:-1]) * of / 100
    return int(value)
