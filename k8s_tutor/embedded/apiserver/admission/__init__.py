"""Admission: what may enter the cluster beyond being well-formed, plugin by plugin in the real server's order."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.admission import lifecycle
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["admit_create", "admit_update", "validate_create", "validate_delete"]


def admit_create(call: Call, obj: Obj, kind: Kind) -> None:
    """What admission changes in, or says against, a new object, before its validation.

    Raises:
        StatusError: 403 or 404.
    """
    lifecycle.admit_create(call, obj, kind)


def validate_create(call: Call, obj: Obj, kind: Kind) -> None:
    """What admission says against a new, valid object.

    Raises:
        StatusError: 403.
    """


def admit_update(call: Call, new: Obj, old: Obj, kind: Kind) -> None:
    """What admission changes in, or says against, a change.

    Raises:
        StatusError: 403.
    """


def validate_delete(call: Call, obj: Obj, kind: Kind) -> None:
    """What admission says against a deletion.

    Raises:
        StatusError: 403.
    """
    lifecycle.validate_delete(call, obj, kind)
