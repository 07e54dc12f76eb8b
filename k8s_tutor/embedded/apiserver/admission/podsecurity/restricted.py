"""The standard `restricted`: how pods are hardened today."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.admission.podsecurity.finding import (
    Finding,
    containers,
    context,
    joined,
    named,
    plural,
    setters,
)
from k8s_tutor.objects.types import Obj

__all__ = ["capabilities", "non_root", "privilege_escalation", "seccomp", "user", "volumes"]

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
