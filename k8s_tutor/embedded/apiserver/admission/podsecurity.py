"""PodSecurity: which checks a level of the Pod Security Standards consists of, in each version.

Source: k8s.io/pod-security-admission (1.37) and kubernetes.io/docs/concepts/security/pod-security-standards; words
recorded from a real server. Policies of older versions differ only in the checks they do not have yet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.admission import podsecurity_baseline as baseline
from k8s_tutor.embedded.apiserver.admission.attributes import Attributes
from k8s_tutor.embedded.apiserver.admission.podsecurity_baseline import (
    Finding,
    containers,
    context,
    joined,
    named,
    plural,
    setters,
)
from k8s_tutor.embedded.apiserver.fielderrors import FieldError, invalid
from k8s_tutor.objects.types import Obj

__all__ = [
    "LEVELS",
    "MODES",
    "Policy",
    "capabilities",
    "label_problems",
    "non_root",
    "policy",
    "privilege_escalation",
    "seccomp",
    "user",
    "validate",
    "volumes",
]


# ---- The standard `restricted`: how pods are hardened today

_VOLUMES = frozenset(
    {
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
    }
)
_PROFILES = ("RuntimeDefault", "Localhost")


def _is_windows(spec: Obj) -> bool:
    return bool((spec.get("os") or {}).get("name") == "windows")


def privilege_escalation(_: Obj, spec: Obj) -> Finding | None:
    """No process gains more privileges than its parent."""
    if _is_windows(spec):
        return None
    bad = [one["name"] for one in containers(spec) if context(one, "allowPrivilegeEscalation") is not False]
    words = "must set securityContext.allowPrivilegeEscalation=false"
    return Finding("allowPrivilegeEscalation != false", f"{named(bad)} {words}") if bad else None


def capabilities(_: Obj, spec: Obj) -> Finding | None:
    """All are dropped; one may come back."""
    if _is_windows(spec):
        return None
    keeping: list[str] = []
    adding: list[str] = []
    added: set[str] = set()
    for container in containers(spec):
        chosen = context(container, "capabilities") or {}
        if "ALL" not in (chosen.get("drop") or ()):
            keeping.append(container["name"])
        more = set(chosen.get("add") or ()) - {"NET_BIND_SERVICE"}
        if more:
            adding.append(container["name"])
            added |= more
    words = [f'{named(keeping)} must set securityContext.capabilities.drop=["ALL"]'] if keeping else []
    if adding:
        words.append(f"{named(adding)} must not include {joined(sorted(added))} in securityContext.capabilities.add")
    return Finding("unrestricted capabilities", "; ".join(words)) if words else None


def volumes(_: Obj, spec: Obj) -> Finding | None:
    """Only what Kubernetes itself brings along."""
    bad: list[str] = []
    types: set[str] = set()
    for volume in spec.get("volumes") or ():
        more = set(volume) - {"name"} - _VOLUMES
        if more:
            bad.append(volume["name"])
            types |= more
    if not bad:
        return None
    uses, kinds = "uses" if len(bad) == 1 else "use", sorted(types)
    detail = f"{plural('volume', bad)} {joined(bad)} {uses} restricted {plural('volume type', kinds)} {joined(kinds)}"
    return Finding("restricted volume types", detail)


def non_root(_: Obj, spec: Obj) -> Finding | None:
    """Nobody runs as root."""
    of_pod = context(spec, "runAsNonRoot")
    explicit = [one["name"] for one in containers(spec) if context(one, "runAsNonRoot") is False]
    reason = "runAsNonRoot != true"
    if explicit or of_pod is False:
        who = setters(explicit, pod=of_pod is False)
        return Finding(reason, f"{who} must not set securityContext.runAsNonRoot=false")
    silent = [] if of_pod else [one["name"] for one in containers(spec) if context(one, "runAsNonRoot") is None]
    return Finding(reason, f"pod or {named(silent)} must set securityContext.runAsNonRoot=true") if silent else None


def user(_: Obj, spec: Obj) -> Finding | None:
    """Nobody asks for root."""
    bad = [one["name"] for one in containers(spec) if context(one, "runAsUser") == 0]
    of_pod = context(spec, "runAsUser") == 0
    return Finding("runAsUser=0", f"{setters(bad, pod=of_pod)} must not set runAsUser=0") if bad or of_pod else None


def seccomp(_: Obj, spec: Obj) -> Finding | None:
    """Everybody has a seccomp profile."""
    if _is_windows(spec):
        return None
    types = {one["name"]: _profile(one) for one in containers(spec)}
    of_pod = _profile(spec)
    bad = [name for name, chosen in types.items() if chosen and chosen not in _PROFILES]
    pod_is_bad = bool(of_pod) and of_pod not in _PROFILES
    if bad or pod_is_bad:
        values = sorted({types[name] for name in bad} | ({of_pod} if pod_is_bad else set()))
        words = f"must not set securityContext.seccompProfile.type to {joined(values)}"
        return Finding("seccompProfile", f"{setters(bad, pod=pod_is_bad)} {words}")
    silent = [] if of_pod else [name for name, chosen in types.items() if not chosen]
    words = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
    return Finding("seccompProfile", f"pod or {named(silent)} {words}") if silent else None


def _profile(part: Obj) -> str:
    return str((context(part, "seccompProfile") or {}).get("type") or "")


# ---- Levels and versions: which checks a policy consists of

LEVELS = ("privileged", "baseline", "restricted")
MODES = ("enforce", "audit", "warn")
_LABEL = "pod-security.kubernetes.io/"
_VERSION = re.compile(r"v1\.(0|[1-9][0-9]*)")
_NEWEST = 10**6

Check = Callable[[Obj, Obj], Finding | None]

_BASELINE: tuple[tuple[Check, int], ...] = (  # each with the version of Kubernetes that brought it
    (baseline.app_armor, 0),
    (baseline.capabilities, 0),
    (baseline.host_namespaces, 0),
    (baseline.host_paths, 0),
    (baseline.host_ports, 0),
    (baseline.host_lifecycle, 34),
    (baseline.privileged, 0),
    (baseline.proc_mount, 0),
    (baseline.se_linux, 0),
    (baseline.seccomp, 19),
    (baseline.sysctls, 0),
    (baseline.host_process, 0),
)
_RESTRICTED: tuple[tuple[Check, int], ...] = (
    (privilege_escalation, 8),
    (capabilities, 22),
    (volumes, 0),
    (non_root, 0),
    (user, 23),
    (seccomp, 19),
)
_OVERRIDDEN: dict[Check, Check] = {
    baseline.capabilities: capabilities,
    baseline.host_paths: volumes,
    baseline.seccomp: seccomp,
}


@dataclass(frozen=True, slots=True)
class Policy:
    """A level as of a version.

    Attributes:
        level: `privileged`, `baseline` or `restricted`.
        version: `latest` or `v1.30`.
    """

    level: str = "privileged"
    version: str = "latest"

    def __str__(self) -> str:
        return f"{self.level}:{self.version}"

    def findings(self, metadata: Obj, spec: Obj) -> list[Finding]:
        """What a pod violates, in the real order."""
        if self.level == "privileged":
            return []
        match = _VERSION.fullmatch(self.version)
        minor = int(match[1]) if match else _NEWEST
        hard = [check for check, since in _RESTRICTED if minor >= since] if self.level == "restricted" else []
        soft = [check for check, since in _BASELINE if minor >= since and _OVERRIDDEN.get(check, check) not in hard]
        return [finding for check in (*soft, *hard) if (finding := check(metadata, spec)) is not None]


def policy(namespace: Obj, mode: str) -> Policy:
    """What a namespace's labels ask for in a mode; what is not understood asks for the strictest."""
    labels = namespace["metadata"].get("labels") or {}
    level = labels.get(f"{_LABEL}{mode}", "privileged")
    version = labels.get(f"{_LABEL}{mode}-version", "latest")
    return Policy(level if level in LEVELS else "restricted", version if _VERSION.fullmatch(version) else "latest")


def label_problems(namespace: Obj) -> list[FieldError]:
    """What is wrong with a namespace's labels."""
    labels = namespace["metadata"].get("labels") or {}
    found: list[FieldError] = []
    for mode in MODES:
        level, version = labels.get(f"{_LABEL}{mode}"), labels.get(f"{_LABEL}{mode}-version", "latest")
        if level is not None and level not in LEVELS:
            words = f"must be one of {', '.join(LEVELS)}"
            found.append(invalid(f"metadata.labels[{_LABEL}{mode}]", level, words))
        if version != "latest" and not _VERSION.fullmatch(version):
            words = 'must be "latest" or "v1.x"'
            found.append(invalid(f"metadata.labels[{_LABEL}{mode}-version]", version, words))
    return found


# ---- Where the policies of a namespace apply: to pods, to what makes pods, to the namespace's own labels

_JUDGED = ("", "ephemeralcontainers", "resize")
_TEMPLATES = {
    "cronjobs.batch": ("spec", "jobTemplate", "spec", "template"),
    "daemonsets.apps": ("spec", "template"),
    "deployments.apps": ("spec", "template"),
    "jobs.batch": ("spec", "template"),
    "podtemplates": ("template",),
    "replicasets.apps": ("spec", "template"),
    "replicationcontrollers": ("spec", "template"),
    "statefulsets.apps": ("spec", "template"),
}


def validate(attributes: Attributes) -> None:
    """Refuses pods, and warns of what would make such pods.

    Raises:
        StatusError: 403, or 422 for labels that mean nothing.
    """
    resource, obj = attributes.kind.group_resource, attributes.obj
    if obj is None or attributes.subresource not in _JUDGED:
        return
    if resource == "pods":
        _judge_pod(attributes, obj)
    elif resource in _TEMPLATES and not attributes.subresource:
        template: Obj | None = obj
        for key in _TEMPLATES[resource]:
            template = (template or {}).get(key)
        if template:
            _warn(attributes, _namespace(attributes), template)
    elif resource == "namespaces":
        _judge_labels(attributes, obj)


def _namespace(attributes: Attributes) -> Obj | None:
    return attributes.call.context.store.get("namespaces", "", attributes.namespace)


def _judge_pod(attributes: Attributes, pod: Obj) -> None:
    namespace = _namespace(attributes)
    if namespace is None or not _matters(attributes, pod):
        return
    enforced = policy(namespace, "enforce")
    found = enforced.findings(pod["metadata"], pod["spec"])
    if found:
        why = f'violates PodSecurity "{enforced}": {_listed(found)}'
        raise errors.forbidden(attributes.kind, attributes.display_name, why)
    _warn(attributes, namespace, pod)


def _matters(attributes: Attributes, pod: Obj) -> bool:
    """A new pod, or a change of what it runs."""
    if attributes.old is None:
        return True
    unimportant = ("tolerations", "activeDeadlineSeconds", "schedulingGates")
    now, before = (
        {key: value for key, value in one["spec"].items() if key not in unimportant} for one in (pod, attributes.old)
    )
    return now != before


def _warn(attributes: Attributes, namespace: Obj | None, pod: Obj) -> None:
    if namespace is None:
        return
    wanted = policy(namespace, "warn")
    found = wanted.findings(pod.get("metadata") or {}, pod.get("spec") or {})
    if found:
        attributes.call.warn(f'would violate PodSecurity "{wanted}": {_listed(found)}')


def _judge_labels(attributes: Attributes, namespace: Obj) -> None:
    if problems := label_problems(namespace):
        raise errors.invalid(attributes.kind, namespace["metadata"]["name"], problems)
    if attributes.old is None or attributes.subresource:
        return
    now, before = policy(namespace, "enforce"), policy(attributes.old, "enforce")
    if now == before or LEVELS.index(now.level) < LEVELS.index(before.level):
        return
    name = namespace["metadata"]["name"]
    rows = list(_violators(attributes, namespace))
    if rows:
        attributes.call.warn(f'existing pods in namespace "{name}" violate the new PodSecurity enforce level "{now}"')
    for row in rows:
        attributes.call.warn(row)


def _violators(attributes: Attributes, namespace: Obj) -> Iterator[str]:
    """The pods that could not be made any more, those with the same reasons in one line."""
    wanted = policy(namespace, "enforce")
    groups: dict[str, list[str]] = {}
    for pod in attributes.call.context.store.list("pods", namespace["metadata"]["name"]):
        found = wanted.findings(pod["metadata"], pod["spec"])
        if found:
            groups.setdefault(", ".join(finding.reason for finding in found), []).append(pod["metadata"]["name"])
    for reasons, names in groups.items():
        others = len(names) - 1
        more = f" (and {others} other {'pod' if others == 1 else 'pods'})" if others else ""
        yield f"{names[0]}{more}: {reasons}"


def _listed(findings: list[Finding]) -> str:
    return ", ".join(str(finding) for finding in findings)
