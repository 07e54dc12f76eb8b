"""What is wrong with security contexts, of pods and of containers.

Source of rules and wording: pkg/apis/core/validation of k8s.io/kubernetes 1.37, checked against a real server.
Not checked: SELinux, AppArmor and what only pods for Windows have.
"""

from __future__ import annotations

import re

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, duplicate, invalid, required, unsupported
from k8s_tutor.objects.types import Json, Obj

__all__ = ["validate_pod_security", "validate_security"]

_LARGEST_ID = 2**31 - 1
_PROFILES = ("Localhost", "RuntimeDefault", "Unconfined")
_SYSCTL = r"^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$"
_ADMIN = "CAP_SYS_ADMIN"


def validate_pod_security(spec: Obj, path: str) -> list[FieldError]:
    """A pod's own context, and what it shares with its node."""
    context: Obj = spec.get("securityContext") or {}
    field_path = f"{path}.securityContext"
    found: list[FieldError] = []
    if spec.get("shareProcessNamespace") and spec.get("hostPID"):
        words = "ShareProcessNamespace and HostPID cannot both be enabled"
        found.append(invalid(f"{path}.shareProcessNamespace", value=True, detail=words))
    for key in ("fsGroup", "runAsUser", "runAsGroup"):
        found += _identity(context.get(key), f"{field_path}.{key}")
    for index, group in enumerate(context.get("supplementalGroups", ())):
        found += _identity(group, f"{field_path}.supplementalGroups[{index}]")
    found += _sysctls(context.get("sysctls", []), f"{field_path}.sysctls")
    policy = context.get("fsGroupChangePolicy")
    if policy not in (None, "Always", "OnRootMismatch"):
        found.append(unsupported(f"{field_path}.fsGroupChangePolicy", policy, ("Always", "OnRootMismatch")))
    return found + _seccomp(context.get("seccompProfile"), f"{field_path}.seccompProfile")


def validate_security(context: Obj | None, path: str) -> list[FieldError]:
    """A container's context."""
    if not context:
        return []
    found = _identity(context.get("runAsUser"), f"{path}.runAsUser")
    found += _identity(context.get("runAsGroup"), f"{path}.runAsGroup")
    mount = context.get("procMount")
    if mount not in (None, "Default", "Unmasked"):
        found.append(unsupported(f"{path}.procMount", mount, ("Default", "Unmasked")))
    if context.get("allowPrivilegeEscalation") is False:
        words = "cannot set `allowPrivilegeEscalation` to false and "
        if context.get("privileged"):
            found.append(invalid(path, _in_go(context), f"{words}`privileged` to true"))
        if _ADMIN in (context.get("capabilities") or {}).get("add", ()):
            found.append(invalid(path, _in_go(context), f"{words}`capabilities.Add` {_ADMIN}"))
    return found + _seccomp(context.get("seccompProfile"), f"{path}.seccompProfile")


def _identity(number: int | None, path: str) -> list[FieldError]:
    if number is None or 0 <= number <= _LARGEST_ID:
        return []
    return [invalid(path, number, f"must be between 0 and {_LARGEST_ID}, inclusive")]


def _sysctls(rows: list[Obj], path: str) -> list[FieldError]:
    found: list[FieldError] = []
    taken: set[str] = set()
    for index, row in enumerate(rows):
        field_path, name = f"{path}[{index}].name", row.get("name", "")
        if not name:
            found.append(required(field_path))
        elif len(name) > 253 or not re.fullmatch(_SYSCTL, name):
            found.append(invalid(field_path, name, f"must have at most 253 characters and match regex {_SYSCTL}"))
        elif name in taken:
            found.append(duplicate(field_path, name))
        taken.add(name)
    return found


def _seccomp(profile: Obj | None, path: str) -> list[FieldError]:
    if profile is None:
        return []
    kind, file = profile.get("type", ""), profile.get("localhostProfile")
    field_path = f"{path}.localhostProfile"
    if not kind:
        return [required(f"{path}.type", "type is required when seccompProfile is set")]
    if kind not in _PROFILES:
        return [unsupported(f"{path}.type", kind, _PROFILES)]
    if kind == "Localhost" and not file:
        return [required(field_path, "must be set when seccomp type is Localhost")]
    if kind != "Localhost" and file is not None:
        printed = {"Type": kind, "LocalhostProfile": file}
        return [invalid(field_path, printed, "can only be set when seccomp type is Localhost")]
    return []


_GO = (
    "Privileged",
    "SELinuxOptions",
    "WindowsOptions",
    "RunAsUser",
    "RunAsGroup",
    "RunAsNonRoot",
    "ReadOnlyRootFilesystem",
    "AllowPrivilegeEscalation",
    "ProcMount",
    "SeccompProfile",
    "AppArmorProfile",
)


def _in_go(context: Obj) -> Obj:
    """A context as the real server's message shows it: by Go's field names, whether set or not."""
    capabilities = context.get("capabilities")
    printed: dict[str, Json] = {
        "Capabilities": capabilities and {"Add": capabilities.get("add"), "Drop": capabilities.get("drop")}
    }
    return printed | {name: context.get(name[:1].lower() + name[1:]) for name in _GO}
