"""Levels and versions: which checks a policy consists of."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from k8s_tutor.embedded.apiserver.admission.podsecurity import baseline, restricted
from k8s_tutor.embedded.apiserver.admission.podsecurity.finding import Finding
from k8s_tutor.embedded.apiserver.fielderrors import FieldError, invalid
from k8s_tutor.objects.types import Obj

__all__ = ["LEVELS", "MODES", "Policy", "label_problems", "policy"]

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
    (restricted.privilege_escalation, 8),
    (restricted.capabilities, 22),
    (restricted.volumes, 0),
    (restricted.non_root, 0),
    (restricted.user, 23),
    (restricted.seccomp, 19),
)
_OVERRIDDEN: dict[Check, Check] = {
    baseline.capabilities: restricted.capabilities,
    baseline.host_paths: restricted.volumes,
    baseline.seccomp: restricted.seccomp,
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
