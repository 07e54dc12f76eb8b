"""Admission: what may enter the cluster beyond being well-formed, plugin by plugin in the real server's order.

First the plugins that change an object (`admit`), then, once it is validated, those that only refuse (`validate`).
Order of plugins: pkg/kubeapiserver/options/plugins.go of k8s.io/kubernetes 1.37.
"""

from __future__ import annotations

from functools import partial

from k8s_tutor.embedded.apiserver.admission import (
    defaults,
    escalation,
    limits,
    podsecurity,
    policies,
    webhooks,
)
from k8s_tutor.embedded.apiserver.admission.attributes import Attributes, delete_attributes, write_attributes
from k8s_tutor.embedded.apiserver.context import Call, ServerContext
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = [
    "Attributes",
    "admit",
    "asks_outside",
    "charge",
    "check_rights",
    "delete_attributes",
    "review",
    "validate",
    "validate_delete",
    "write_attributes",
]

_REVIEWED = "scale"
"""The subresource whose own kind has been reviewed before the object is changed."""


def asks_outside(context: ServerContext) -> bool:
    """Whether a write may have to wait for servers outside, so that the cluster changes while it is admitted."""
    return webhooks.configured(context.store)


def check_rights(call: Call, kind: Kind, new: Obj, old: Obj | None) -> None:
    """Refuses what gives more than the writer has: roles, bindings, certificates.

    Raises:
        StatusError: 403; 404 for a binding to a role that is not there.
    """
    escalation.check_escalation(call, kind, new, old)
    escalation.check_certificates(call, kind, new, old)


def admit(attributes: Attributes) -> Obj:
    """The object with what admission changes in it.

    Raises:
        StatusError: a refusal.
    """
    _admit(attributes)
    if asks_outside(attributes.call.context) and attributes.subresource != _REVIEWED:
        webhooks.mutate(attributes, partial(_admit, attributes))
    assert attributes.obj is not None
    return attributes.obj


def validate(attributes: Attributes) -> None:
    """What admission says against a write that is otherwise fine.

    Raises:
        StatusError: a refusal.
    """
    limits.validate(attributes)
    podsecurity.validate(attributes)
    defaults.validate(attributes)
    if attributes.kind.group_resource == "persistentvolumeclaims" and not attributes.subresource:
        defaults.check_growth(attributes)
    if attributes.subresource != _REVIEWED:
        policies.validate(attributes)
        if asks_outside(attributes.call.context):
            webhooks.validate(attributes)
    limits.check(attributes)


def review(call: Call, obj: Obj, old: Obj | None = None) -> Obj:
    """What webhooks and policies make of an object that is not stored: a Binding, an Eviction, a Scale.

    Raises:
        StatusError: a refusal.
    """
    attributes = write_attributes(call, call.kind, obj, old)
    asks = asks_outside(call.context)
    if asks:
        webhooks.mutate(attributes, lambda: None)
    policies.validate(attributes)
    if asks:
        webhooks.validate(attributes)
    return attributes.obj or obj


def charge(attributes: Attributes) -> None:
    """Takes what a write uses off its namespace's quotas, at the moment it is stored.

    Raises:
        StatusError: 403: another write was quicker while this one waited.
    """
    limits.charge(attributes)


def validate_delete(attributes: Attributes) -> None:
    """What admission says against a deletion.

    Raises:
        StatusError: 403, or what a webhook says.
    """
    limits.validate_delete(attributes)
    defaults.validate_delete(attributes)
    if asks_outside(attributes.call.context):
        webhooks.mutate(attributes, lambda: None)
    policies.validate(attributes)
    if asks_outside(attributes.call.context):
        webhooks.validate(attributes)


def _admit(attributes: Attributes) -> None:
    call, kind, obj = attributes.call, attributes.kind, attributes.obj
    assert obj is not None
    if attributes.operation == "UPDATE":
        if kind.group_resource == "pods" and not attributes.subresource:
            assert attributes.old is not None
            defaults.keep_priority(obj, attributes.old)
            defaults.tolerate_short_outages(obj)
        return
    limits.admit_create(attributes)
    limits.admit(attributes)
    match kind.group_resource:
        case "pods":
            defaults.admit(call, obj, kind)
            defaults.set_priority(attributes)
            defaults.tolerate_short_outages(obj)
            defaults.admit_pod(attributes)
        case "nodes":
            defaults.distrust(obj)
        case "persistentvolumeclaims":
            defaults.choose_storage_class(call, obj)
            defaults.protect("persistentvolumeclaims", obj)
        case "persistentvolumes":
            defaults.protect("persistentvolumes", obj)
            defaults.begin_phase(call, obj)
        case "ingresses.networking.k8s.io":
            defaults.choose_ingress_class(call, obj)
