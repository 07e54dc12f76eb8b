"""The standard `baseline`: no known ways to more privileges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from k8s_tutor.objects.types import Json, Obj

__all__ = [
    "Finding",
    "app_armor",
    "capabilities",
    "containers",
    "context",
    "host_lifecycle",
    "host_namespaces",
    "host_paths",
    "host_ports",
    "host_process",
    "joined",
    "named",
    "plural",
    "privileged",
    "proc_mount",
    "se_linux",
    "seccomp",
    "setters",
    "sysctls",
]


# ---- What a check of the standards finds, and how it words it


@dataclass(frozen=True, slots=True)
class Finding:
    """One standard that a pod violates.

    Attributes:
        reason: In a word or two.
        detail: Who does what; `""` where the reason says it all.
    """

    reason: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.reason} ({self.detail})" if self.detail else self.reason


def containers(spec: Obj) -> Iterator[Obj]:
    """All of a pod's containers, in the order in which they are judged."""
    for group in ("initContainers", "containers", "ephemeralContainers"):
        yield from spec.get(group) or ()


def context(container: Obj, key: str) -> Json:
    """A field of a container's (or the pod's) security context."""
    return (container.get("securityContext") or {}).get(key)


def plural(word: str, items: Sequence[object]) -> str:
    """The word, in the plural where there are several items."""
    return word if len(items) == 1 else f"{word}s"


def joined(words: Iterable[str]) -> str:
    """`"a", "b"`; a quotation mark inside stays as it is."""
    return ", ".join(f'"{word}"' for word in words)


def named(names: Sequence[str]) -> str:
    """`container "a"`, `containers "a", "b"`."""
    return f"{plural('container', names)} {joined(names)}"


def setters(names: Sequence[str], *, pod: bool) -> str:
    """Who set something: `pod and container "a"`."""
    return " and ".join([*(["pod"] if pod else []), *([named(names)] if names else [])])


# ---- The standard `baseline`: no known ways to more privileges

_CAPABILITIES = frozenset(
    {
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    }
)
_SYSCTLS = frozenset(
    {
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.tcp_wmem",
    }
)
_SE_LINUX = ("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")
_PROFILES = ("RuntimeDefault", "Localhost")
_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/"


def app_armor(metadata: Obj, spec: Obj) -> Finding | None:
    """Nobody goes unconfined."""
    pod, bad, values = _with_bad_type(spec, "appArmorProfile")
    noted = sorted(
        f'{key}="{value}"'
        for key, value in (metadata.get("annotations") or {}).items()
        if key.startswith(_ANNOTATION) and value not in ("", "runtime/default") and not value.startswith("localhost/")
    )
    who = [setters(bad, pod=pod)] if pod or bad else []
    if noted:
        who.append(plural("annotation", noted))
    if not who:
        return None
    values += noted
    detail = f"{' and '.join(who)} must not set AppArmor profile type to {joined(values)}"
    return Finding(plural("forbidden AppArmor profile", values), detail)


def capabilities(_: Obj, spec: Obj) -> Finding | None:
    """No capabilities beyond those that containers have anyway."""
    bad, added = _adding(spec, _CAPABILITIES)
    if not bad:
        return None
    detail = f"{named(bad)} must not include {joined(added)} in securityContext.capabilities.add"
    return Finding("non-default capabilities", detail)


def _adding(spec: Obj, allowed: frozenset[str]) -> tuple[list[str], list[str]]:
    """The containers that add capabilities that are not allowed, and those capabilities."""
    bad: list[str] = []
    added: set[str] = set()
    for container in containers(spec):
        more = set((context(container, "capabilities") or {}).get("add") or ()) - allowed
        if more:
            bad.append(container["name"])
            added |= more
    return bad, sorted(added)


def host_namespaces(_: Obj, spec: Obj) -> Finding | None:
    """The node's network, processes and memory are its own."""
    found = [f"{key}=true" for key in ("hostNetwork", "hostPID", "hostIPC") if spec.get(key)]
    return Finding("host namespaces", ", ".join(found)) if found else None


def host_paths(_: Obj, spec: Obj) -> Finding | None:
    """The node's files are its own."""
    found = [volume["name"] for volume in spec.get("volumes") or () if "hostPath" in volume]
    return Finding("hostPath volumes", f"{plural('volume', found)} {joined(found)}") if found else None


def host_ports(_: Obj, spec: Obj) -> Finding | None:
    """The node's ports are its own."""
    bad: list[str] = []
    ports: set[str] = set()
    for container in containers(spec):
        own = {str(port["hostPort"]) for port in container.get("ports") or () if port.get("hostPort")}
        if own:
            bad.append(container["name"])
            ports |= own
    if not bad:
        return None
    uses = "uses" if len(bad) == 1 else "use"
    detail = f"{named(bad)} {uses} {plural('hostPort', sorted(ports))} {', '.join(sorted(ports))}"
    return Finding(plural("hostPort", bad), detail)


def host_lifecycle(_: Obj, spec: Obj) -> Finding | None:
    """Probes and hooks ask the pod itself, no other host."""
    bad: list[str] = []
    hosts: set[str] = set()
    for container in containers(spec):
        own = {host for host in _hosts(container) if host not in ("", "127.0.0.1", "::1")}
        if own:
            bad.append(container["name"])
            hosts |= own
    if not bad:
        return None
    words, uses = "probe or lifecycle host", "uses" if len(bad) == 1 else "use"
    return Finding(plural(words, bad), f"{named(bad)} {uses} {plural(words, sorted(hosts))} {joined(sorted(hosts))}")


def _hosts(container: Obj) -> list[str]:
    actions = [container.get(f"{name}Probe") or {} for name in ("liveness", "readiness", "startup")]
    actions += [(container.get("lifecycle") or {}).get(name) or {} for name in ("postStart", "preStop")]
    return [(action.get(way) or {}).get("host", "") for action in actions for way in ("httpGet", "tcpSocket")]


def privileged(_: Obj, spec: Obj) -> Finding | None:
    """No container is as mighty as its node."""
    bad = [one["name"] for one in containers(spec) if context(one, "privileged")]
    return Finding("privileged", f"{named(bad)} must not set securityContext.privileged=true") if bad else None


def proc_mount(_: Obj, spec: Obj) -> Finding | None:
    """/proc is masked, but for pods with users of their own."""
    if spec.get("hostUsers") is False:
        return None
    bad, values = _setting(spec, "procMount", ("Default", None))
    if not bad:
        return None
    return Finding("procMount", f"{named(bad)} must not set securityContext.procMount to {joined(values)}")


def _setting(spec: Obj, key: str, allowed: tuple[Json, ...]) -> tuple[list[str], list[str]]:
    bad = [one for one in containers(spec) if context(one, key) not in allowed]
    return [one["name"] for one in bad], sorted({str(context(one, key)) for one in bad})


def se_linux(_: Obj, spec: Obj) -> Finding | None:
    """No other SELinux types, no users and roles at all."""
    types: set[str] = set()
    rest: set[str] = set()
    pod = _judge_se_linux(spec, types, rest)
    bad = [one["name"] for one in containers(spec) if _judge_se_linux(one, types, rest)]
    if not (pod or bad):
        return None
    data = [f"{plural('type', sorted(types))} {joined(sorted(types))}"] if types else []
    data += [f"{key} may not be set" for key in ("user", "role") if key in rest]
    who = setters(bad, pod=pod)
    return Finding("seLinuxOptions", f"{who} set forbidden securityContext.seLinuxOptions: {'; '.join(data)}")


def _judge_se_linux(part: Obj, types: set[str], rest: set[str]) -> bool:
    options = context(part, "seLinuxOptions") or {}
    wrong = {options["type"]} if options.get("type", "") not in _SE_LINUX else set()
    more = {key for key in ("user", "role") if options.get(key)}
    types |= wrong
    rest |= more
    return bool(wrong or more)


def seccomp(_: Obj, spec: Obj) -> Finding | None:
    """Nobody goes without a seccomp profile on purpose."""
    pod, bad, values = _with_bad_type(spec, "seccompProfile")
    if not (pod or bad):
        return None
    words = f"{setters(bad, pod=pod)} must not set securityContext.seccompProfile.type to {joined(values)}"
    return Finding("seccompProfile", words)


def _with_bad_type(spec: Obj, key: str) -> tuple[bool, list[str], list[str]]:
    """Whether the pod, and which containers, choose a profile that is not allowed; and the profiles."""

    def chosen(part: Obj) -> str:
        profile = (context(part, key) or {}).get("type", "")
        return "" if profile in _PROFILES else str(profile)

    bad = [one for one in containers(spec) if chosen(one)]
    values = {chosen(one) for one in (spec, *bad)} - {""}
    return bool(chosen(spec)), [one["name"] for one in bad], sorted(values)


def sysctls(_: Obj, spec: Obj) -> Finding | None:
    """Only those that are the pod's own."""
    found = [row["name"] for row in context(spec, "sysctls") or () if row["name"] not in _SYSCTLS]
    return Finding("forbidden sysctls", ", ".join(sorted(found))) if found else None


def host_process(_: Obj, spec: Obj) -> Finding | None:
    """No process of the node's on Windows."""

    def asks(part: Obj) -> bool:
        return bool((context(part, "windowsOptions") or {}).get("hostProcess"))

    bad = [one["name"] for one in containers(spec) if asks(one)]
    if not (asks(spec) or bad):
        return None
    who = setters(bad, pod=asks(spec))
    return Finding("hostProcess", f"{who} must not set securityContext.windowsOptions.hostProcess=true")
