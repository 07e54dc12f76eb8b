"""NamespaceLifecycle: nothing new in a namespace that is not there or is going; some namespaces cannot go."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.admission.attributes import Attributes
from k8s_tutor.objects.kinds import builtin_kinds

__all__ = ["IMMORTAL", "admit_create", "validate_delete"]

IMMORTAL = ("default", "kube-public", "kube-system")


def admit_create(attributes: Attributes) -> None:
    """Refuses an object in a namespace that does not exist (404) or is terminating (403).

    Raises:
        StatusError: as said.
    """
    name, kind = attributes.namespace, attributes.kind
    if not kind.namespaced or not name:
        return
    namespace = attributes.call.ground.store.get("namespaces", "", name)
    if namespace is None:
        namespaces = builtin_kinds().of("v1", "Namespace")
        assert namespaces is not None
        raise errors.not_found(namespaces, name)
    if "deletionTimestamp" not in namespace["metadata"]:
        return
    why = f"unable to create new content in namespace {name} because it is being terminated"
    error = errors.forbidden(kind, attributes.shown_name, why)
    error.status["details"]["causes"] = [
        {
            "reason": "NamespaceTerminating",
            "message": f"namespace {name} is being terminated",
            "field": "metadata.namespace",
        }
    ]
    raise error


def validate_delete(attributes: Attributes) -> None:
    """Refuses to delete the namespaces a cluster cannot be without.

    Raises:
        StatusError: 403.
    """
    assert attributes.old is not None
    name = attributes.old["metadata"]["name"]
    if attributes.kind.group_resource == "namespaces" and name in IMMORTAL:
        raise errors.forbidden(attributes.kind, name, "this namespace may not be deleted")
