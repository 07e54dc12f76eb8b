"""Kinds without particulars: what discovery and the shape of the object say is enough."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from k8s_tutor.embedded.apiserver.builtintypes import shape_of
from k8s_tutor.embedded.apiserver.fielderrors import FieldError, invalid, required
from k8s_tutor.embedded.apiserver.rules.checks import IMMUTABLE, nonnegative
from k8s_tutor.embedded.apiserver.rules.metadata import Check, Rules
from k8s_tutor.embedded.apiserver.rules.pods import default_pod_spec
from k8s_tutor.embedded.apiserver.rules.podvalidation import validate_template
from k8s_tutor.embedded.apiserver.shapes import Report
from k8s_tutor.objects import metadata
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = [
    "DEFAULTS",
    "both",
    "default_pod_template",
    "drop_status",
    "keep_all_but_status",
    "keep_status",
    "plain",
    "update_revision",
    "validate_autoscaler",
    "validate_lease",
    "validate_pod_template",
]


# ---- Defaults of the kinds that have nothing else particular
#
# Source: the `SetDefaults_…` functions under pkg/apis of k8s.io/kubernetes 1.37.


def _persistent_volume(obj: Obj) -> None:
    obj["status"].setdefault("phase", "Pending")
    obj["spec"].setdefault("persistentVolumeReclaimPolicy", "Retain")
    obj["spec"].setdefault("volumeMode", "Filesystem")
    if "hostPath" in obj["spec"]:
        obj["spec"]["hostPath"].setdefault("type", "")


def _persistent_volume_claim(obj: Obj) -> None:
    obj["status"].setdefault("phase", "Pending")
    obj["spec"].setdefault("volumeMode", "Filesystem")


def _limit_range(obj: Obj) -> None:
    for item in obj["spec"].get("limits", ()):
        if item.get("type") != "Container":
            continue
        defaults = {**item.get("max", {}), **item.get("default", {})}
        requests = {**item.get("min", {}), **defaults, **item.get("defaultRequest", {})}
        if defaults:
            item["default"] = defaults
        if requests:
            item["defaultRequest"] = requests


def _network_policy(obj: Obj) -> None:
    spec = obj["spec"]
    for direction in ("ingress", "egress"):
        for rule in spec.get(direction, ()):
            for port in rule.get("ports", ()):
                port.setdefault("protocol", "TCP")
    if not spec.get("policyTypes"):
        spec["policyTypes"] = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]


def _ingress_class(obj: Obj) -> None:
    if parameters := obj["spec"].get("parameters"):
        parameters.setdefault("scope", "Cluster")


def _storage_class(obj: Obj) -> None:
    obj.setdefault("reclaimPolicy", "Delete")
    obj.setdefault("volumeBindingMode", "Immediate")


def _csi_driver(obj: Obj) -> None:
    spec = obj["spec"]
    spec.setdefault("attachRequired", True)
    for key in ("podInfoOnMount", "storageCapacity", "requiresRepublish", "seLinuxMount"):
        spec.setdefault(key, False)
    spec.setdefault("fsGroupPolicy", "ReadWriteOnceWithFSType")
    spec.setdefault("volumeLifecycleModes", ["Persistent"])


def _priority_class(obj: Obj) -> None:
    obj.setdefault("preemptionPolicy", "PreemptLowerPriority")


def _autoscaler(obj: Obj) -> None:
    spec = obj["spec"]
    spec.setdefault("minReplicas", 1)
    if not spec.get("metrics"):
        target = {"type": "Utilization", "averageUtilization": 80}
        spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    if (behavior := spec.get("behavior")) is not None:
        for way, (window, policies) in _BEHAVIOR.items():
            rules = behavior[way] = {**(behavior.get(way) or {})}
            rules.setdefault("selectPolicy", "Max")
            if not rules.get("policies"):
                rules["policies"] = [dict(policy) for policy in policies]
            if window is not None:
                rules.setdefault("stabilizationWindowSeconds", window)


_DOUBLE = {"type": "Percent", "value": 100, "periodSeconds": 15}
_BEHAVIOR: dict[str, tuple[int | None, tuple[Obj, ...]]] = {
    "scaleUp": (0, ({"type": "Pods", "value": 4, "periodSeconds": 15}, _DOUBLE)),
    "scaleDown": (None, (_DOUBLE,)),  # the controller's own flag says how long
}


def _webhooks(obj: Obj) -> None:
    for hook in obj.get("webhooks", ()):
        hook.setdefault("failurePolicy", "Fail")
        hook.setdefault("matchPolicy", "Equivalent")
        hook.setdefault("namespaceSelector", {})
        hook.setdefault("objectSelector", {})
        hook.setdefault("timeoutSeconds", 10)
        if obj["kind"] == "MutatingWebhookConfiguration":
            hook.setdefault("reinvocationPolicy", "Never")
        for rule in hook.get("rules", ()):
            rule.setdefault("scope", "*")
        if service := hook["clientConfig"].get("service"):
            service.setdefault("port", 443)


def _admission_policy(obj: Obj) -> None:
    obj["spec"].setdefault("failurePolicy", "Fail")


DEFAULTS: dict[str, Callable[[Obj], None]] = {
    "persistentvolumes": _persistent_volume,
    "persistentvolumeclaims": _persistent_volume_claim,
    "limitranges": _limit_range,
    "networkpolicies.networking.k8s.io": _network_policy,
    "ingressclasses.networking.k8s.io": _ingress_class,
    "storageclasses.storage.k8s.io": _storage_class,
    "csidrivers.storage.k8s.io": _csi_driver,
    "priorityclasses.scheduling.k8s.io": _priority_class,
    "horizontalpodautoscalers.autoscaling": _autoscaler,
    "mutatingwebhookconfigurations.admissionregistration.k8s.io": _webhooks,
    "validatingwebhookconfigurations.admissionregistration.k8s.io": _webhooks,
    "validatingadmissionpolicies.admissionregistration.k8s.io": _admission_policy,
    "mutatingadmissionpolicies.admissionregistration.k8s.io": _admission_policy,
}


# ---- Kinds without particulars: what discovery and the shape of the object say is enough

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
        name=metadata.dns1123_subdomain,
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


# ---- Leases, ControllerRevisions, HorizontalPodAutoscalers, PodTemplates
#
# Source: pkg/apis/{coordination,apps,autoscaling,core}/validation of k8s.io/kubernetes 1.37, recorded from a real
# server.


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
