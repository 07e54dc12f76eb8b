"""Admission: what may enter the cluster beyond being well-formed, plugin by plugin in the real server's order.

First the plugins that change an object (`admit`), then, once it is validated, those that only refuse (`validate`).
Order of plugins: pkg/kubeapiserver/options/plugins.go of k8s.io/kubernetes 1.37.
"""

from __future__ import annotations

from functools import partial

from k8s_tutor.embedded.apiserver.admission import (
    classes,
    lifecycle,
    limits,
    nodes,
    pods,
    podsecurity,
    policies,
    quota,
    serviceaccount,
    storage,
    webhooks,
)
from k8s_tutor.embedded.apiserver.admission.attributes import Attributes, delete_attributes, write_attributes
from k8s_tutor.embedded.apiserver.ground import Call, Ground
from k8s_tutor.objects.types import Obj

__all__ = [
    "Attributes",
    "admit",
    "asks_outside",
    "charge",
    "delete_attributes",
    "review",
    "validate",
    "validate_delete",
    "write_attributes",
]

_REVIEWED = "scale"
"""The subresource whose own kind has been reviewed before the object is changed."""


def asks_outside(ground: Ground) -> bool:
    """Whether a write may have to wait for servers outside, so that the cluster changes while it is admitted."""
    return webhooks.configured(ground.store)


def admit(attributes: Attributes) -> Obj:
    """The object with what admission changes in it.

    Raises:
        StatusError: a refusal.
    """
    _admit(attributes)
    if asks_outside(attributes.call.ground) and attributes.subresource != _REVIEWED:
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
    classes.validate(attributes)
    if attributes.kind.group_resource == "persistentvolumeclaims" and not attributes.subresource:
        storage.check_growth(attributes)
    if attributes.subresource != _REVIEWED:
        policies.validate(attributes)
        if asks_outside(attributes.call.ground):
            webhooks.validate(attributes)
    quota.check(attributes)


def review(call: Call, obj: Obj, old: Obj | None = None) -> Obj:
    """What webhooks and policies make of an object that is not stored: a Binding, an Eviction, a Scale.

    Raises:
        StatusError: a refusal.
    """
    attributes = write_attributes(call, call.kind, obj, old)
    asks = asks_outside(call.ground)
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
    quota.charge(attributes)


def validate_delete(attributes: Attributes) -> None:
    """What admission says against a deletion.

    Raises:
        StatusError: 403, or what a webhook says.
    """
    lifecycle.validate_delete(attributes)
    classes.validate_delete(attributes)
    if asks_outside(attributes.call.ground):
        webhooks.mutate(attributes, lambda: None)
    policies.validate(attributes)
    if asks_outside(attributes.call.ground):
        webhooks.validate(attributes)


def _admit(attributes: Attributes) -> None:
    call, kind, obj = attributes.call, attributes.kind, attributes.obj
    assert obj is not None
    if attributes.operation == "UPDATE":
        if kind.group_resource == "pods" and not attributes.subresource:
            assert attributes.old is not None
            pods.keep_priority(obj, attributes.old)
            pods.tolerate_short_outages(obj)
        return
    lifecycle.admit_create(attributes)
    limits.admit(attributes)
    match kind.group_resource:
        case "pods":
            serviceaccount.admit(call, obj, kind)
            pods.set_priority(attributes)
            pods.tolerate_short_outages(obj)
            classes.admit_pod(attributes)
        case "nodes":
            nodes.distrust(obj)
        case "persistentvolumeclaims":
            storage.choose_storage_class(call, obj)
            storage.protect("persistentvolumeclaims", obj)
        case "persistentvolumes":
            storage.protect("persistentvolumes", obj)
            storage.begin_phase(call, obj)
        case "ingresses.networking.k8s.io":
            storage.choose_ingress_class(call, obj)
