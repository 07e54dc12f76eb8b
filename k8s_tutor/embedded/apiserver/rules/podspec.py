"""Defaults of a pod's spec, wherever it stands: in a Pod or in a template.

Source: pkg/apis/core/v1/defaults.go of k8s.io/kubernetes 1.37, checked against a real server.
"""

from __future__ import annotations

from collections.abc import Iterator

from k8s_tutor.objects import quantity
from k8s_tutor.objects.types import Obj

__all__ = ["containers_of", "default_pod_spec", "pull_policy"]

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_READABLE = 0o644


def containers_of(spec: Obj) -> Iterator[Obj]:
    """Init containers, containers, ephemeral containers."""
    for group in ("initContainers", "containers", "ephemeralContainers"):
        yield from spec.get(group, ())


def default_pod_spec(spec: Obj) -> None:
    """Fills in what a pod's author left open."""
    account = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if account:
        spec["serviceAccountName"] = spec["serviceAccount"] = account
    else:
        spec.pop("serviceAccount", None)
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("securityContext", {})
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("schedulerName", "default-scheduler")
    for container in containers_of(spec):
        _default_container(container)
    for volume in spec.get("volumes", ()):
        _default_volume(volume)
    for constraint in spec.get("topologySpreadConstraints", ()):
        constraint.setdefault("whenUnsatisfiable", "DoNotSchedule")
    _round_up(spec.get("overhead"))


def _default_container(container: Obj) -> None:
    container.setdefault("imagePullPolicy", pull_policy(container.get("image", "")))
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    for port in container.get("ports", ()):
        port.setdefault("protocol", "TCP")
    for variable in container.get("env", ()):
        source = variable.get("valueFrom") or {}
        _default_field(source.get("fieldRef"))
        if (file := source.get("fileKeyRef")) is not None:
            file.setdefault("optional", False)
    for name in _PROBES:
        if (probe := container.get(name)) is not None:
            _default_probe(probe)
    for hook in (container.get("lifecycle") or {}).values():
        if isinstance(hook, dict):
            _default_http(hook.get("httpGet"))
    resources = container.get("resources") or {}
    _round_up(resources.get("limits"))
    _round_up(resources.get("requests"))


def pull_policy(image: str) -> str:
    """`Always` for `:latest` and for no tag, otherwise `IfNotPresent`."""
    if "@" in image:
        return "IfNotPresent"
    _, colon, tag = image.rpartition("/")[2].partition(":")
    return "Always" if not colon or tag == "latest" else "IfNotPresent"


def _default_probe(probe: Obj) -> None:
    probe.setdefault("timeoutSeconds", 1)
    probe.setdefault("periodSeconds", 10)
    probe.setdefault("successThreshold", 1)
    probe.setdefault("failureThreshold", 3)
    _default_http(probe.get("httpGet"))
    if (grpc := probe.get("grpc")) is not None:
        grpc.setdefault("service", "")


def _default_http(action: Obj | None) -> None:
    if action is not None:
        action.setdefault("path", "/")
        action.setdefault("scheme", "HTTP")


def _default_field(reference: Obj | None) -> None:
    if reference is not None:
        reference.setdefault("apiVersion", "v1")


def _default_volume(volume: Obj) -> None:
    if len(volume) <= 1:
        volume["emptyDir"] = {}
    for kind in ("secret", "configMap", "downwardAPI", "projected"):
        if kind in volume:
            volume[kind].setdefault("defaultMode", _READABLE)
    for source in (volume, *(volume.get("projected") or {}).get("sources", ())):
        if "serviceAccountToken" in source:
            source["serviceAccountToken"].setdefault("expirationSeconds", 3600)
        for item in (source.get("downwardAPI") or {}).get("items", ()):
            _default_field(item.get("fieldRef"))
    if "hostPath" in volume:
        volume["hostPath"].setdefault("type", "")
    if "image" in volume:
        volume["image"].setdefault("pullPolicy", pull_policy(volume["image"].get("reference", "")))
    claim = (volume.get("ephemeral") or {}).get("volumeClaimTemplate")
    if claim:
        claim["spec"].setdefault("volumeMode", "Filesystem")


def _round_up(resources: Obj | None) -> None:
    """Containers' amounts are kept in thousandths at the finest."""
    for name, amount in (resources or {}).items():
        if resources is not None and amount[-1:] in ("n", "u"):
            resources[name] = quantity.canonical(amount, milli=True)
