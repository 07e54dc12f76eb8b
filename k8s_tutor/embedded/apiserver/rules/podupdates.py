"""What may change in a pod once it exists: little.

Source: ValidatePodUpdate and ValidatePodStatusUpdate of k8s.io/kubernetes 1.37, checked against a real server.
"""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, forbidden, invalid
from k8s_tutor.embedded.apiserver.rules.checks import immutable
from k8s_tutor.embedded.apiserver.rules.godiff import go_diff
from k8s_tutor.embedded.apiserver.rules.podvalidation import validate_pod_spec
from k8s_tutor.objects.types import Obj

__all__ = ["validate_pod_status", "validate_pod_update"]

_UPDATABLE = (
    "`spec.containers[*].image`",
    "`spec.initContainers[*].image`",
    "`spec.activeDeadlineSeconds`",
    "`spec.tolerations` (only additions to existing tolerations)",
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
)


def validate_pod_update(new: Obj, old: Obj) -> list[FieldError]:
    """A change of a pod's spec."""
    now, before = new["spec"], old["spec"]
    if now == before:
        return []
    found = validate_pod_spec(now, "spec")
    for group in ("containers", "initContainers"):
        if len(now.get(group, ())) != len(before.get(group, ())):
            words = "pod updates may not add or remove containers"
            return [*found, forbidden(f"spec.{group}", words)]
    found += _deadline(now, before)
    found += _only_added_tolerations(now, before)
    found += _only_removed_gates(now, before)
    comparable = _with_old_where_allowed(now, before)
    if comparable != before:
        difference = go_diff(before, comparable)
        words = f"pod updates may not change fields other than {','.join(_UPDATABLE)}\n{difference}"
        found.append(forbidden("spec", words))
    return found


def validate_pod_status(new: Obj, old: Obj) -> list[FieldError]:
    """A change of a pod's status."""
    return immutable(new["status"].get("qosClass", ""), old["status"].get("qosClass", ""), "status.qosClass")


def _deadline(now: Obj, before: Obj) -> list[FieldError]:
    path = "spec.activeDeadlineSeconds"
    wanted, present = now.get("activeDeadlineSeconds"), before.get("activeDeadlineSeconds")
    if wanted is None and present is not None:
        return [invalid(path, None, "must not update from a positive integer to nil value")]
    if wanted is not None and present is not None and present < wanted:
        return [invalid(path, wanted, "must be less than or equal to previous value")]
    return []


def _only_added_tolerations(now: Obj, before: Obj) -> list[FieldError]:
    wanted = [_without_seconds(row) for row in now.get("tolerations", ())]
    missing = [row for row in before.get("tolerations", ()) if _without_seconds(row) not in wanted]
    if not missing:
        return []
    words = "existing toleration can not be modified except its tolerationSeconds"
    return [forbidden("spec.tolerations", words)]


def _without_seconds(toleration: Obj) -> Obj:
    return {key: value for key, value in toleration.items() if key != "tolerationSeconds"}


def _only_removed_gates(now: Obj, before: Obj) -> list[FieldError]:
    present = [gate["name"] for gate in before.get("schedulingGates", ())]
    words = "only deletion is allowed, but found new scheduling gate"
    return [
        forbidden(f"spec.schedulingGates[{index}].name", f"{words} '{gate['name']}'")
        for index, gate in enumerate(now.get("schedulingGates", ()))
        if gate["name"] not in present
    ]


def _with_old_where_allowed(now: Obj, before: Obj) -> Obj:
    """The new spec with the old values of the fields that may change: what still differs is forbidden."""
    spec = dict(now)
    for group in ("containers", "initContainers"):
        if group in spec:
            spec[group] = [
                {**container, "image": old.get("image")} if "image" in old else container
                for container, old in zip(spec[group], before[group], strict=True)
            ]
    for key in ("activeDeadlineSeconds", "tolerations", "schedulingGates"):
        spec.pop(key, None)
        if key in before:
            spec[key] = before[key]
    if before.get("schedulingGates"):
        for key in ("nodeSelector", "affinity"):  # a gated pod's place may still be narrowed
            spec.pop(key, None)
            if key in before:
                spec[key] = before[key]
    return spec
