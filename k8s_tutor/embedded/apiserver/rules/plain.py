"""Kinds without particulars: what discovery and the shape of the object say is enough."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from k8s_tutor.embedded.apiserver.builtintypes import shape_of
from k8s_tutor.embedded.apiserver.rules.defaults import DEFAULTS
from k8s_tutor.embedded.apiserver.rules.rule import Check, Rules
from k8s_tutor.embedded.apiserver.shapes import Report
from k8s_tutor.objects import names
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["both", "drop_status", "keep_all_but_status", "keep_status", "plain"]

# Kinds whose metadata.generation counts changes of the spec: those whose strategy sets it (in k8s.io/kubernetes).
_COUNTED = frozenset(
    {
        "controllerrevisions.apps",
        "cronjobs.batch",
        "daemonsets.apps",
        "deployments.apps",
        "deviceclasses.resource.k8s.io",
        "endpointslices.discovery.k8s.io",
        "flowschemas.flowcontrol.apiserver.k8s.io",
        "ingressclasses.networking.k8s.io",
        "horizontalpodautoscalers.autoscaling",
        "ingresses.networking.k8s.io",
        "jobs.batch",
        "mutatingadmissionpolicies.admissionregistration.k8s.io",
        "mutatingadmissionpolicybindings.admissionregistration.k8s.io",
        "mutatingwebhookconfigurations.admissionregistration.k8s.io",
        "networkpolicies.networking.k8s.io",
        "poddisruptionbudgets.policy",
        "podtemplates",
        "priorityclasses.scheduling.k8s.io",
        "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io",
        "replicasets.apps",
        "replicationcontrollers",
        "resourceslices.resource.k8s.io",
        "statefulsets.apps",
        "validatingadmissionpolicies.admissionregistration.k8s.io",
        "validatingadmissionpolicybindings.admissionregistration.k8s.io",
        "validatingwebhookconfigurations.admissionregistration.k8s.io",
    }
)

_RETURNED = frozenset(
    {
        "persistentvolumeclaims",
        "persistentvolumes",
        "podtemplates",
        "resourcequotas",
        "serviceaccounts",
        "services",
        "csidrivers.storage.k8s.io",
        "csinodes.storage.k8s.io",
        "storageclasses.storage.k8s.io",
        "volumeattachments.storage.k8s.io",
        "volumeattributesclasses.storage.k8s.io",
        "resourceclaims.resource.k8s.io",
        "resourceclaimtemplates.resource.k8s.io",
        "resourceslices.resource.k8s.io",
        "deviceclasses.resource.k8s.io",
    }
)
_UPSERTED = frozenset(
    {
        "endpoints",
        "events",
        "events.events.k8s.io",
        "leases.coordination.k8s.io",
        "limitranges",
        "runtimeclasses.node.k8s.io",
        "services",
    }
)


def drop_status(obj: Obj) -> None:
    """A new object starts with an empty status, whatever the client sent."""
    shape = shape_of(obj["apiVersion"], obj["kind"])
    status = shape and shape.fields["status"].shape
    obj["status"] = status.read({}, None, Report()) if status else {}


def keep_status(new: Obj, old: Obj) -> None:
    """A main update leaves the status as it is."""
    if "status" in old:
        new["status"] = old["status"]
    else:
        new.pop("status", None)


def keep_all_but_status(new: Obj, old: Obj) -> None:
    """A status update leaves everything but status and metadata as it is."""
    for key in list(new):
        if key not in ("metadata", "status", "apiVersion", "kind"):
            del new[key]
    new.update({key: value for key, value in old.items() if key not in ("metadata", "status")})


def plain(kind: Kind, **particulars: Any) -> Rules:
    """The rules of a kind about which nothing else is known but `particulars`: fields of `Rules`."""
    has_status = any(subresource.name == "status" for subresource in kind.subresources)
    default = DEFAULTS.get(kind.group_resource, _leave)
    found = Rules(
        default=default,
        prepare_create=partial(_renew_status, default) if has_status else _leave,
        prepare_update=keep_status if has_status else _leave_both,
        prepare_status=keep_all_but_status,
        name=names.dns1123_subdomain,
        generation=kind.group_resource in _COUNTED,
        upsert=kind.group_resource in _UPSERTED,
        returns_deleted=kind.group_resource in _RETURNED,
    )
    return replace(found, **particulars) if particulars else found


def both(check: Check) -> dict[str, Any]:
    """A check of new objects that changed ones must pass, too."""
    return {"validate": check, "validate_update": lambda new, _: check(new)}


def _renew_status(default: Callable[[Obj], None], obj: Obj) -> None:
    drop_status(obj)
    default(obj)


def _leave(_: Obj) -> None:
    return None


def _leave_both(_: Obj, __: Obj) -> None:
    return None
