"""Defaults of the kinds that have nothing else particular.

Source: the `SetDefaults_…` functions under pkg/apis of k8s.io/kubernetes 1.37.
"""

from __future__ import annotations

from collections.abc import Callable

from k8s_tutor.objects.types import Obj

__all__ = ["DEFAULTS"]


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
