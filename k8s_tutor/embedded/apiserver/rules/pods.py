"""Pods: defaults, what may change after creation, grace of deletion.

Source: pkg/registry/core/pod/strategy.go of k8s.io/kubernetes 1.37.
"""

from __future__ import annotations

from collections.abc import Iterator

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, forbidden, invalid
from k8s_tutor.embedded.apiserver.rules.checks import go_diff, immutable
from k8s_tutor.embedded.apiserver.rules.metadata import Rules
from k8s_tutor.embedded.apiserver.rules.podvalidation import validate_pod, validate_pod_spec, warn_about_pod
from k8s_tutor.embedded.apiserver.rules.quotas import default_whole_pod
from k8s_tutor.objects import quantity
from k8s_tutor.objects.types import Obj

__all__ = [
    "POD",
    "containers_of",
    "default_pod_spec",
    "pull_policy",
    "validate_pod_status",
    "validate_pod_update",
]


# ---- Defaults of a pod's spec, wherever it stands: in a Pod or in a template
#
# Source: pkg/apis/core/v1/defaults.go of k8s.io/kubernetes 1.37, checked against a real server.

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


# ---- What may change in a pod once it exists: little
#
# Source: ValidatePodUpdate and ValidatePodStatusUpdate of k8s.io/kubernetes 1.37, checked against a real server.

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


# ---- Pods: defaults, what may change after creation, grace of deletion


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
    default_whole_pod(spec)
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
    pod["status"]["qosClass"] = quantity.qos_class(pod["spec"])


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
