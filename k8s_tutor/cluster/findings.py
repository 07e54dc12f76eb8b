"""What of a machine's facts stops kind, or may trouble it: each with why it matters, and what mends it on this system.

Law: pure. A check is a function of a `Machine`; None where it says nothing of this one. kind.sigs.k8s.io has most of
them under "Known Issues" and "Rootless"; what has been met here stands with the check.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

from k8s_tutor.cluster.engine import (
    ALLOW_USER,
    ENGINES,
    INSTALL_ENGINE,
    INSTALL_KIND,
    PROVIDER,
    START_ENGINE,
    Advice,
    EngineFacts,
    advise,
)
from k8s_tutor.cluster.kind import IMAGE, NAME
from k8s_tutor.cluster.machine import Machine, Version, read_tag, spell
from k8s_tutor.language import Wording, join_words, msg

__all__ = [
    "CHECKS",
    "FINE",
    "OLDEST",
    "Finding",
    "Said",
    "State",
    "assign",
    "count_nodes",
    "find_host",
    "find_kubernetes",
    "is_loopback",
    "stops",
    "warns",
]


class State(StrEnum):
    """How much a finding matters, the worst first."""

    STOPS = "stops"
    WARNING = "warning"
    UNCLEAR = "unclear"
    FINE = "fine"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check says.

    Attributes:
        check: Its name.
        state: How much it matters.
        what: What is so; empty where all is well.
        why: Why that matters.
        next_step: What mends it on this system.
    """

    check: str
    state: State
    what: Wording = ""
    why: Wording = ""
    next_step: Wording = ""


_INSTANCES_A_NODE = 12  # with the usual 128 nine nodes run, and the tenth's systemd stops without a word
_FEW_WATCHES = 8192
_NO_CGROUPS_1 = (1, 35)  # from there on the kubelet refuses to start (KEP-5573)
OLDEST = (1, 30)
"""The first Kubernetes that has what the lessons show."""
_NEEDED = {"NET_ADMIN": 12, "SYS_CHROOT": 18, "SYS_PTRACE": 19, "SYS_ADMIN": 21, "MKNOD": 27}  # capabilities(7)
_HELPFUL = {"SYS_RESOURCE": 24}
# The Kubernetes of kind's own node image, by the release that brought it: github.com/kubernetes-sigs/kind/releases
_BRINGS = {20: 27, 21: 29, 23: 30, 24: 31, 26: 32, 28: 33, 30: 34, 31: 35, 32: 36, 33: 37}
_CGROUPS_2: Advice = {
    "darwin": msg(
        "update Docker Desktop, or `colima delete && colima start`: their machines have had cgroup v2 for years"
    ),
    "win32": msg("update Docker Desktop, and WSL: `wsl --update`"),
    "wsl": msg(
        "in Windows, %UserProfile%\\.wslconfig: `[wsl2]`, `kernelCommandLine=cgroup_no_v1=all`, then `wsl --shutdown`"
    ),
    "debian": (
        "`sudo sed -i 's/^GRUB_CMDLINE_LINUX=\"/&systemd.unified_cgroup_hierarchy=1 /' /etc/default/grub"
        " && sudo update-grub && sudo reboot`"
    ),
    "fedora": "`sudo grubby --update-kernel=ALL --args=systemd.unified_cgroup_hierarchy=1 && sudo reboot`",
    "rhel": "`sudo grubby --update-kernel=ALL --args=systemd.unified_cgroup_hierarchy=1 && sudo reboot`",
    "linux": msg("start the kernel with `systemd.unified_cgroup_hierarchy=1`"),
}
_DELEGATE = (
    "`sudo mkdir -p /etc/systemd/system/user@.service.d"
    " && printf '[Service]\\nDelegate=yes\\n' | sudo tee /etc/systemd/system/user@.service.d/delegate.conf"
    " && sudo systemctl daemon-reload`"
)
_WATCH_MORE = (
    "`printf 'fs.inotify.max_user_watches=524288\\nfs.inotify.max_user_instances=512\\n'"
    " | sudo tee /etc/sysctl.d/99-kind.conf && sudo sysctl --system`"
)
Said = tuple[State, Wording, Wording, Wording]
"""What a check says: the state, what, why, and the next step."""
FINE: Said = (State.FINE, "", "", "")


def stops(what: Wording, why: Wording, next_step: Wording) -> Said:
    """Says that something stops kind."""
    return State.STOPS, what, why, next_step


def warns(what: Wording, why: Wording, next_step: Wording) -> Said:
    """Says that something may trouble it."""
    return State.WARNING, what, why, next_step


# ---- The engine, and kind


def judge_engine(machine: Machine) -> Said | None:
    """Whether a container engine is installed, answers, lets this user in, and runs here."""
    wanted = machine.environment.get(PROVIDER, "")
    if machine.engine is not None:
        return _judge_place(machine, machine.engine)
    if machine.engines:
        return _judge_silence(machine)
    if wanted:
        return stops(
            msg('{variable} is "{name}", and no such container engine is on your PATH', variable=PROVIDER, name=wanted),
            msg("kind knows {engines}, and was told to use no other than that one", engines=join_words(ENGINES)),
            _unset(machine, PROVIDER),
        )
    return stops(
        msg("no container engine was found"),
        msg("kind runs Kubernetes in containers; neither docker, podman nor nerdctl is on your PATH"),
        advise(INSTALL_ENGINE, machine.systems),
    )


def _judge_silence(machine: Machine) -> Said:
    problems = "; ".join(f"{each.name}: {each.problem}" for each in machine.engines)
    low = problems.lower()
    if "permission denied" in low or "access is denied" in low:
        what = msg("this user may not talk to the container engine")
        return stops(what, problems, advise(ALLOW_USER, machine.systems))
    what = msg("the container engine does not answer")
    if "in this wsl 2 distro" in low:
        mend = msg("Docker Desktop: Settings → Resources → WSL integration, switch this distribution on")
        return stops(what, problems, mend)
    if "in this wsl 1 distro" in low:
        return stops(what, problems, msg("in Windows `wsl --set-version DISTRIBUTION 2`: kind needs a Linux kernel"))
    return stops(what, problems, advise(START_ENGINE, machine.systems))


def _judge_place(machine: Machine, engine: EngineFacts) -> Said:
    address = machine.environment.get("DOCKER_HOST", "")
    host = find_host(address)
    if engine.name != "docker" or not address.startswith(("tcp:", "ssh:")) or not host or is_loopback(host):
        return FINE
    return stops(
        msg("DOCKER_HOST leads to another machine, {host}", host=host),
        msg("kind's API server would listen on 127.0.0.1 of that machine, where nothing here reaches it"),
        _unset(machine, "DOCKER_HOST"),
    )


def judge_kind(machine: Machine) -> Said | None:
    """Whether kind is installed, and knows the Kubernetes that the course needs."""
    if not machine.has_kind:
        return stops(
            msg("the program `kind` was not found"),
            msg("kind creates Kubernetes clusters out of containers; it is not on your PATH"),
            advise(INSTALL_KIND, machine.systems),
        )
    brings = _brings(machine.kind)
    if brings and not machine.image.reference and brings < OLDEST:
        return warns(
            msg("kind {kind} makes clusters of Kubernetes {version}", kind=spell(machine.kind), version=spell(brings)),
            msg("the lessons show what Kubernetes has had since {version}", version=spell(OLDEST)),
            advise(INSTALL_KIND, machine.systems),
        )
    return FINE


def judge_name(machine: Machine) -> Said | None:
    """Whether the name that was wanted for our cluster is one."""
    if machine.cluster:
        return FINE
    return stops(
        msg("{variable} holds no name for a cluster", variable=NAME),
        msg("its nodes are named after it: lower-case letters, digits, dots and dashes, at most {count}", count=50),
        _unset(machine, NAME),
    )


def judge_containers(machine: Machine) -> Said | None:
    """Whether containers are Linux'."""
    if machine.engine is None:
        return None
    if machine.engine.os != "windows":
        return FINE
    return stops(
        msg("the container engine runs Windows containers"),
        msg("nodes are Linux containers, with systemd and the kubelet in them"),
        '`& "$Env:ProgramFiles\\Docker\\Docker\\DockerCli.exe" -SwitchLinuxEngine`',
    )


# ---- The kernel


def judge_cgroups(machine: Machine) -> Said | None:
    """Whether the kubelet starts on this engine's cgroups: since 1.35 it refuses version 1."""
    engine, image = machine.engine, machine.image
    if engine is None or not engine.cgroups:
        return None
    version = find_kubernetes(machine)
    if engine.cgroups == 2 or engine.rootless or not version or version[:2] < _NO_CGROUPS_1:
        return FINE
    if image.on_cgroup_1 or _runs_newer(machine):
        return FINE
    what = msg(
        "the container engine has cgroup v1, and the nodes would have Kubernetes {version}", version=spell(version)
    )
    mend = msg(
        "{advice}; or, for as long as it is there, an older Kubernetes: {older}",
        advice=advise(_CGROUPS_2, machine.systems),
        older=assign(machine, IMAGE, "kindest/node:v1.34.11"),
    )
    if image.local and not image.pulled and image.on_cgroup_1 is None:
        why = msg(
            "from 1.35 on the kubelet refuses cgroup v1 unless its image allows it; whether {image} does, which was"
            " loaded or built here, cannot be seen from outside",
            image=image.reference,
        )
        return State.UNCLEAR, what, why, mend
    return stops(what, msg("from 1.35 on the kubelet refuses to start on cgroup v1, and no node gets ready"), mend)


def _runs_newer(machine: Machine) -> bool:
    """Whether nodes of such a Kubernetes run on this engine already: then their image allows it."""
    return any(node.running and read_tag(node.image)[:2] >= _NO_CGROUPS_1 for node in machine.nodes)


def judge_rootless(machine: Machine) -> Said | None:
    """Whether an engine without root's rights was given what kind asks of it."""
    engine = machine.engine
    if engine is None or not engine.rootless:
        return None
    if engine.cgroups == 1:
        return stops(
            msg("{engine} runs rootless, on cgroup v1", engine=engine.name),
            msg("kind refuses that: without root's rights only cgroup v2 lets it limit what containers take"),
            advise(_CGROUPS_2, machine.systems),
        )
    if not engine.delegated:
        return stops(
            msg(
                "{engine} runs rootless, and may not limit CPU, memory and processes of its containers",
                engine=engine.name,
            ),
            msg('kind refuses that: systemd has to delegate them to this user ("Delegate=yes")'),
            msg("{command}, then log out and in again", command=_DELEGATE),
        )
    return FINE


def judge_capabilities(machine: Machine) -> Said | None:
    """Whether whoever starts containers has the rights that a node needs: in a container itself, it may not."""
    if machine.engine is None or machine.capabilities is None:
        return None
    missing = [name for name, bit in _NEEDED.items() if not machine.capabilities >> bit & 1]
    missing_too = [name for name, bit in _HELPFUL.items() if not machine.capabilities >> bit & 1]
    mend = msg("start the container in which the engine runs with `--privileged`, or the engine outside of containers")
    why = msg("nodes are privileged containers, and nobody can give rights that they do not have")
    if missing and not machine.engine.rootless:
        what = msg("the container engine runs without the capabilities {names}", names=", ".join(missing))
        return stops(what, why, mend)
    # Where something else than runc starts containers, somebody has seen to it.
    if missing_too and machine.engine.runtime in ("runc", "crun") and not any(node.running for node in machine.nodes):
        what = msg("the container engine runs without the capability {names}", names=", ".join(missing_too))
        return warns(what, why, mend)
    return FINE


def judge_inotify(machine: Machine) -> Said | None:
    """Whether another three nodes may watch files; it happened: with the usual limit nine nodes run, and no more."""
    if not machine.instances or machine.engine is None:
        return None
    ours, others = count_nodes(machine)
    needed = _INSTANCES_A_NODE * (others + 3)
    if not ours and machine.instances < needed:
        what = msg(
            "with {count} nodes running already, another three may watch no more files (max_user_instances is {limit})",
            count=others,
            limit=machine.instances,
        )
        why = msg("a node whose systemd cannot watch files stops at its start, without a word")
        return stops(what, why, _WATCH_MORE)
    if 0 < machine.watches < _FEW_WATCHES:
        what = msg("few files may be watched (max_user_watches is {limit})", limit=machine.watches)
        return warns(what, msg('Pods that follow files fail with "too many open files"'), _WATCH_MORE)
    return FINE


def judge_architecture(machine: Machine) -> Said | None:
    """Whether there is a node image for this processor."""
    engine, image = machine.engine, machine.image
    if engine is None or not engine.architecture:
        return None
    if image.architecture and image.architecture != engine.architecture:
        return warns(
            msg(
                "the node image {image} is for {other}, this engine for {own}",
                image=image.reference,
                other=image.architecture,
                own=engine.architecture,
            ),
            msg("emulated, a node takes minutes to start, and often does not"),
            f"`{engine.name} pull --platform linux/{engine.architecture} {image.reference}`",
        )
    if engine.architecture in ("amd64", "arm64") or image.architecture:
        return FINE
    return stops(
        msg("there is no node image for {architecture}", architecture=engine.architecture),
        msg("kind publishes node images for amd64 and arm64"),
        msg(
            "build one (kind.sigs.k8s.io/docs/user/quick-start#building-images), and name it with {variable}",
            variable=IMAGE,
        ),
    )


# ---- What several checks need


def count_nodes(machine: Machine) -> tuple[int, int]:
    """How many nodes run: of our own cluster, and of others."""
    running = [node for node in machine.nodes if node.running]
    own = sum(node.name.startswith(f"{machine.cluster}-") for node in running)
    return own, len(running) - own


def find_kubernetes(machine: Machine) -> Version:
    """The version of Kubernetes that a new cluster would have; empty where that is not known."""
    return machine.image.version or _brings(machine.kind)


def find_host(address: str) -> str:
    """The host in an address, with or without `http://`, a user and a port; empty where there is none."""
    with suppress(ValueError):
        return urlsplit(address if "//" in address else f"//{address}").hostname or ""
    return ""


def is_loopback(host: str) -> bool:
    """Whether an address is a machine's own."""
    if host == "localhost":
        return True
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return False


def _brings(kind: Version) -> Version:
    known = [minor for release, minor in _BRINGS.items() if kind[:2] >= (0, release)]
    return (1, max(known)) if known else ()


def assign(machine: Machine, variable: str, value: str) -> Wording:
    """What to type so that an environment variable has a value."""
    return f'`$Env:{variable} = "{value}"`' if machine.systems[0] == "win32" else f"`export {variable}={value}`"


def _unset(machine: Machine, variable: str) -> Wording:
    return f"`Remove-Item Env:{variable}`" if machine.systems[0] == "win32" else f"`unset {variable}`"


CHECKS: dict[str, Callable[[Machine], Said | None]] = {
    "engine": judge_engine,
    "kind": judge_kind,
    "name": judge_name,
    "containers": judge_containers,
    "cgroups": judge_cgroups,
    "rootless": judge_rootless,
    "capabilities": judge_capabilities,
    "architecture": judge_architecture,
    "inotify": judge_inotify,
}
"""What is looked at here, by the name of the check."""
