"""Leases, ControllerRevisions, HorizontalPodAutoscalers, PodTemplates.

Source: pkg/apis/{coordination,apps,autoscaling,core}/validation of k8s.io/kubernetes 1.37, recorded from a real server.
"""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, invalid, required
from k8s_tutor.embedded.apiserver.rules.checks import IMMUTABLE, nonnegative
from k8s_tutor.embedded.apiserver.rules.podspec import default_pod_spec
from k8s_tutor.embedded.apiserver.rules.podvalidation import validate_template
from k8s_tutor.objects.types import Obj

__all__ = ["default_pod_template", "update_revision", "validate_autoscaler", "validate_lease", "validate_pod_template"]


def validate_lease(obj: Obj) -> list[FieldError]:
    """What is wrong with a Lease."""
    spec = obj.get("spec") or {}
    seconds = spec.get("leaseDurationSeconds")
    found: list[FieldError] = []
    if seconds is not None and seconds <= 0:
        found.append(invalid("spec.leaseDurationSeconds", seconds, "must be greater than 0"))
    return found + nonnegative(spec.get("leaseTransitions"), "spec.leaseTransitions")


def update_revision(new: Obj, old: Obj) -> list[FieldError]:
    """What is wrong with a change of a ControllerRevision, of which only the revision may change."""
    found = nonnegative(new.get("revision"), "revision")
    return found if new.get("data") == old.get("data") else [*found, invalid("data", new.get("data"), IMMUTABLE)]


def validate_autoscaler(obj: Obj) -> list[FieldError]:
    """What is wrong with a HorizontalPodAutoscaler."""
    spec = obj["spec"]
    most, least = spec.get("maxReplicas", 0), spec.get("minReplicas", 1)
    found: list[FieldError] = []
    if least < 1:
        found.append(invalid("spec.minReplicas", least, "must be greater than or equal to 1"))
    if most < 1:
        path, words = "spec.maxReplicas", "must be greater than 0"
        found.append(invalid(path, most, words) if most < 0 else required(path))
    if most < least:
        found.append(invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`"))
    return found + _validate_target(spec.get("scaleTargetRef") or {}, "spec.scaleTargetRef")


def _validate_target(target: Obj, path: str) -> list[FieldError]:
    found = [required(f"{path}.{key}") for key in ("kind", "name") if not target.get(key)]
    if not target.get("apiVersion"):
        found.append(invalid(f"{path}.apiVersion", "", "apiVersion must specify API group"))
    return found


def default_pod_template(obj: Obj) -> None:
    """Fills in the defaults of a PodTemplate."""
    default_pod_spec(obj["template"]["spec"])


def validate_pod_template(obj: Obj) -> list[FieldError]:
    """What is wrong with a PodTemplate."""
    return validate_template(obj["template"], "template")
