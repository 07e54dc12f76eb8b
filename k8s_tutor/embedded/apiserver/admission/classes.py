"""RuntimeClass and Priority: what the classes that pods name ask of them, and which classes there may be.

Source: plugin/pkg/admission/{runtimeclass,priority} of k8s.io/kubernetes 1.37, checked against a real server.
"""

from __future__ import annotations

from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.admission.attributes import Attributes
from k8s_tutor.embedded.apiserver.quota.amounts import amounts
from k8s_tutor.embedded.apiserver.rules.classes import SYSTEM_PRIORITIES
from k8s_tutor.objects.types import Obj

__all__ = ["admit_pod", "validate", "validate_delete"]


_PRIORITY = "priorityclasses.scheduling.k8s.io"
_RUNTIME = "runtimeclasses.node.k8s.io"


def admit_pod(attributes: Attributes) -> None:
    """Gives a new pod what its RuntimeClass asks: overhead, place, tolerations.

    Raises:
        StatusError: 403.
    """
    assert attributes.obj is not None
    spec = attributes.obj["spec"]
    found = _runtime_class(attributes, spec.get("runtimeClassName", ""))
    overhead = ((found or {}).get("overhead") or {}).get("podFixed")
    if not overhead:
        if spec.get("overhead"):
            raise _rejected(attributes, "Pod Overhead set without corresponding RuntimeClass defined Overhead")
    elif spec.get("overhead") and amounts(spec["overhead"]) != amounts(overhead):
        raise _rejected(attributes, "Pod's Overhead doesn't match RuntimeClass's defined Overhead")
    else:
        spec["overhead"] = dict(overhead)
    if found is not None:
        _place(attributes, spec, found.get("scheduling") or {})


def validate(attributes: Attributes) -> None:
    """Refuses a second default class of priority.

    Raises:
        StatusError: 403.
    """
    obj = attributes.obj
    if attributes.kind.group_resource != _PRIORITY or obj is None or not obj.get("globalDefault"):
        return
    for other in attributes.call.ground.store.list(_PRIORITY):
        if other.get("globalDefault") and other["metadata"]["name"] != obj["metadata"]["name"]:
            why = f"PriorityClass {other['metadata']['name']} is already marked as default. Only one default can exist"
            raise errors.forbidden(attributes.kind, attributes.shown_name, why)


def validate_delete(attributes: Attributes) -> None:
    """Refuses to delete the classes a cluster cannot be without.

    Raises:
        StatusError: 403.
    """
    if attributes.kind.group_resource != _PRIORITY or attributes.old is None:
        return
    name = attributes.old["metadata"]["name"]
    if name in SYSTEM_PRIORITIES:
        raise errors.forbidden(attributes.kind, name, "this is a system priority class and cannot be deleted")


def _runtime_class(attributes: Attributes, name: str) -> Obj | None:
    if not name:
        return None
    found = attributes.call.ground.store.get(_RUNTIME, "", name)
    if found is None:
        raise _rejected(attributes, f'RuntimeClass "{name}" not found')
    return found


def _place(attributes: Attributes, spec: Obj, scheduling: Obj) -> None:
    chosen, wanted = spec.get("nodeSelector") or {}, scheduling.get("nodeSelector") or {}
    for key, value in wanted.items():
        if chosen.get(key, value) != value:
            words = (
                f"runtimeClass.scheduling.nodeSelector[{key}] = {value}; pod.spec.nodeSelector[{key}] = {chosen[key]}"
            )
            raise errors.forbidden(attributes.kind, attributes.shown_name, f"conflict: {words}")
    if wanted:
        spec["nodeSelector"] = {**chosen, **wanted}
    tolerations = list(spec.get("tolerations") or ())
    added = [row for row in scheduling.get("tolerations") or () if row not in tolerations]
    if added:
        spec["tolerations"] = tolerations + added


def _rejected(attributes: Attributes, why: str) -> Exception:
    return errors.forbidden(attributes.kind, attributes.shown_name, f"pod rejected: {why}")
