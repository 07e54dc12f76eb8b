"""NamespaceLifecycle: nothing new in a namespace that is not there or is going; some namespaces cannot go."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.objects.kinds import Kind, builtin_kinds
from k8s_tutor.objects.types import Obj

__all__ = ["IMMORTAL", "admit_create", "validate_delete"]

IMMORTAL = ("default", "kube-public", "kube-system")


def admit_create(call: Call, obj: Obj, kind: Kind) -> None:
    """Refuses an object in a namespace that does not exist (404) or is terminating (403).

    Raises:
        StatusError: as said.
    """
    name = call.route.namespace
    if not kind.namespaced or not name:
        return
    namespace = call.ground.store.get("namespaces", "", name)
    if namespace is None:
        namespaces = builtin_kinds().of("v1", "Namespace")
        assert namespaces is not None
        raise errors.not_found(namespaces, name)
    if "deletionTimestamp" not in namespace["metadata"]:
        return
    why = f"unable to create new content in namespace {name} because it is being terminated"
    error = errors.forbidden(kind, obj["metadata"].get("name", ""), why)
    error.status["details"]["causes"] = [
        {
            "reason": "NamespaceTerminating",
            "message": f"namespace {name} is being terminated",
            "field": "metadata.namespace",
        }
    ]
    raise error


def validate_delete(call: Call, obj: Obj, kind: Kind) -> None:
    """Refuses to delete the namespaces a cluster cannot be without.

    Raises:
        StatusError: 403.
    """
    if (kind.group, kind.kind) == ("", "Namespace") and obj["metadata"]["name"] in IMMORTAL:
        raise errors.forbidden(kind, obj["metadata"]["name"], "this namespace may not be deleted")
