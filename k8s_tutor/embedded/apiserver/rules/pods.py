"""Pods: defaults, what may change after creation, grace of deletion.

Source: pkg/registry/core/pod/strategy.go of k8s.io/kubernetes 1.37.
"""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.rules.podspec import default_pod_spec
from k8s_tutor.embedded.apiserver.rules.podupdates import validate_pod_status, validate_pod_update
from k8s_tutor.embedded.apiserver.rules.podvalidation import validate_pod, warn_about_pod
from k8s_tutor.embedded.apiserver.rules.qos import qos_class
from k8s_tutor.embedded.apiserver.rules.rule import Rules
from k8s_tutor.objects.types import Obj

__all__ = ["POD"]


def _default(pod: Obj) -> None:
    spec = pod["spec"]
    default_pod_spec(spec)
    if spec["terminationGracePeriodSeconds"] < 0:
        spec["terminationGracePeriodSeconds"] = 1
    spec.setdefault("enableServiceLinks", True)
    for container in (*spec.get("containers", ()), *spec.get("initContainers", ())):
        resources = container["resources"]
        if limits := resources.get("limits"):
            resources["requests"] = {**limits, **resources.get("requests", {})}
        if spec.get("hostNetwork"):
            for port in container.get("ports", ()):
                port.setdefault("hostPort", port.get("containerPort"))
    _sync_addresses(pod["status"])


def _sync_addresses(status: Obj) -> None:
    address, addresses = status.get("podIP"), status.get("podIPs")
    if address and (not addresses or addresses[0]["ip"] != address):
        status["podIPs"] = [{"ip": address}]
    elif addresses and not address:
        status["podIP"] = addresses[0]["ip"]


def _prepare_create(pod: Obj) -> None:
    pod["status"] = {"phase": "Pending"}
    if pod["spec"].get("schedulingGates"):
        pod["status"]["conditions"] = [
            {
                "type": "PodScheduled",
                "status": "False",
                "reason": "SchedulingGated",
                "message": "Scheduling is blocked due to non-empty scheduling gates",
                "lastProbeTime": None,
                "lastTransitionTime": pod["metadata"]["creationTimestamp"],
            }
        ]
    pod["status"]["qosClass"] = qos_class(pod["spec"])


def _prepare_update(new: Obj, old: Obj) -> None:
    new["status"] = old["status"]


def _prepare_status(new: Obj, old: Obj) -> None:
    new["spec"] = old["spec"]
    owners = old["metadata"].get("ownerReferences")
    if owners:
        new["metadata"]["ownerReferences"] = owners
    else:
        new["metadata"].pop("ownerReferences", None)
    if qos := old["status"].get("qosClass"):
        new["status"].setdefault("qosClass", qos)
    if observed := old["status"].get("observedGeneration"):
        new["status"].setdefault("observedGeneration", observed)


def _graceful(pod: Obj, asked: int | None) -> int:
    if not pod["spec"].get("nodeName") or pod["status"].get("phase") in ("Failed", "Succeeded"):
        return 0
    seconds = pod["spec"].get("terminationGracePeriodSeconds", 0) if asked is None else asked
    return seconds if seconds >= 0 else 1


POD = Rules(
    default=_default,
    prepare_create=_prepare_create,
    prepare_update=_prepare_update,
    prepare_status=_prepare_status,
    validate=validate_pod,
    validate_update=validate_pod_update,
    validate_status=validate_pod_status,
    warn=warn_about_pod,
    generation=True,
    graceful=_graceful,
    returns_deleted=True,
)
