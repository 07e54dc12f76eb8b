"""Admission: what may enter the cluster beyond being well-formed, plugin by plugin in the real server's order.

Not here yet: ResourceQuota, LimitRanger, PodSecurity, webhooks, admission policies.
"""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.admission import lifecycle, nodes, pods, serviceaccount, storage
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["admit_create", "admit_update", "validate_delete"]


def admit_create(call: Call, obj: Obj, kind: Kind) -> None:
    """What admission changes in, or says against, a new object, before its validation.

    Raises:
        StatusError: 403 or 404.
    """
    lifecycle.admit_create(call, obj, kind)
    match kind.group_resource:
        case "pods":
            serviceaccount.admit(call, obj, kind)
            pods.set_priority(call, obj, kind)
            pods.tolerate_short_outages(obj)
        case "nodes":
            nodes.distrust(obj)
        case "persistentvolumeclaims":
            storage.choose_storage_class(call, obj)
        case "ingresses.networking.k8s.io":
            storage.choose_ingress_class(call, obj)


def admit_update(call: Call, new: Obj, old: Obj, kind: Kind) -> None:
    """What admission changes in, or says against, a change."""
    if kind.group_resource == "pods" and not call.route.subresource:
        pods.keep_priority(new, old)
        pods.tolerate_short_outages(new)


def validate_delete(call: Call, obj: Obj, kind: Kind) -> None:
    """What admission says against a deletion.

    Raises:
        StatusError: 403.
    """
    lifecycle.validate_delete(call, obj, kind)
