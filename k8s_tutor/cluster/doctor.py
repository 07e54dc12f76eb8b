"""`k8s-tutor doctor`: all that kind needs of this machine, judged and told; and the checks of what is around kind.

What the engine and its kernel must be stands in `findings.py`. Nothing is changed; what is missing is a finding, never
an error.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from k8s_tutor.cluster import findings
from k8s_tutor.cluster.engine import INSTALL_KIND, Advice, advise
from k8s_tutor.cluster.findings import (
    FINE,
    OLDEST,
    Finding,
    Said,
    State,
    assign,
    count_nodes,
    find_host,
    is_loopback,
    stops,
    warns,
)
from k8s_tutor.cluster.kind import IMAGE
from k8s_tutor.cluster.machine import Machine, gather_machine, spell
from k8s_tutor.language import Wording, join_words, msg, msg_n, plain

__all__ = ["CHECKS", "TITLES", "Report", "doctor", "judge"]

TITLES: dict[str, Wording] = {
    "engine": msg("container engine"),
    "kind": "kind",
    "name": msg("the cluster's name"),
    "containers": msg("Linux containers"),
    "cgroups": "cgroups",
    "rootless": "rootless",
    "capabilities": msg("capabilities"),
    "architecture": msg("architecture"),
    "image": msg("node image"),
    "inotify": msg("inotify limits"),
    "disk": msg("disk"),
    "memory": msg("memory"),
    "ports": msg("ports"),
    "proxy": msg("proxy"),
    "NO_PROXY": "NO_PROXY",
    "subnets": msg("subnets"),
    "snap": "snap",
    "kubectl": "kubectl",
}
"""What is looked at, by the name of its check, as it is told."""
_GB = 1 << 30
_ROOM, _SOME_ROOM = 2 * _GB, 5 * _GB  # three nodes unpack some 600 MB each; a node image to pull is 1 GB
_MEMORY, _SOME_MEMORY = _GB * 3 // 2, 3 * _GB  # three nodes with nothing on them take about 1.5 GB
_POOLS = [IPv4Network(f"172.{second}.0.0/16") for second in range(17, 32)]
_POOLS += [IPv4Network(f"192.168.{third}.0/20") for third in range(0, 256, 16)]  # docker's own, in its order
_INSIDE = (IPv4Network("10.244.0.0/16"), IPv4Network("10.96.0.0/16"))  # kind's Pods and Services
# "failed to detect containerd snapshotter": kind#3853, and the notes of its release 0.32
_NEEDS_KIND = {(1, 32, 1): (0, 27), (1, 36, 0): (0, 32)}
_OWN_INTERFACES = ("br-", "docker", "veth", "podman", "cni", "nerdctl")

_SPARE = [IPv4Network(f"10.{second}.0.0/16") for second in range(222, 240)]
_MORE_MEMORY: Advice = {
    "darwin": msg("Docker Desktop: Settings → Resources → Memory; colima: `colima stop && colima start --memory 4`"),
    "win32": msg("%UserProfile%\\.wslconfig: `[wsl2]` and `memory=4GB`, then `wsl --shutdown`"),
    "wsl": msg("in Windows, %UserProfile%\\.wslconfig: `[wsl2]` and `memory=4GB`, then `wsl --shutdown`"),
    "linux": msg("close something big, or give this machine more memory"),
}
_WHO_LISTENS: Advice = {
    "darwin": "`lsof -nP -iTCP:{port} -sTCP:LISTEN`",
    "win32": "`Get-NetTCPConnection -LocalPort {port}`",
    "linux": "`sudo ss -ltnp 'sport = :{port}'`",
}
_OTHER_KUBECTL: Advice = {
    "darwin": "`brew install kubernetes-cli && brew link --overwrite kubernetes-cli`",
    "win32": "`winget install Kubernetes.kubectl`",
    "linux": (
        "`curl -fLO https://dl.k8s.io/release/v{version}/bin/linux/{architecture}/kubectl"
        " && sudo install kubectl /usr/local/bin/kubectl`"
    ),
}


_PROXY_OF_ENGINE: Advice = {
    "darwin": msg("Docker Desktop: Settings → Resources → Proxies"),
    "win32": msg("Docker Desktop: Settings → Resources → Proxies"),
    "linux": (
        "`sudo mkdir -p /etc/systemd/system/docker.service.d"
        ' && printf \'[Service]\\nEnvironment=HTTPS_PROXY=%s NO_PROXY=%s\\n\' "$HTTPS_PROXY" "$NO_PROXY"'
        " | sudo tee /etc/systemd/system/docker.service.d/proxy.conf"
        " && sudo systemctl daemon-reload && sudo systemctl restart docker`"
    ),
}
_GLYPHS = {State.FINE: "✓", State.UNCLEAR: "?", State.WARNING: "!", State.STOPS: "✗"}
_WORDS = {
    State.FINE: msg("fine"),
    State.UNCLEAR: msg("unclear"),
    State.WARNING: msg("warning"),
    State.STOPS: msg("stops kind"),
}


# ---- What is around kind: room, network, and other programs


def judge_disk(machine: Machine) -> Said | None:
    """Whether there is room for nodes where the engine keeps things."""
    if machine.free is None or machine.engine is None or count_nodes(machine)[0]:
        return None if machine.free is None else FINE
    if machine.free >= _SOME_ROOM:
        return FINE
    what = msg("only {free:.1f} GB are free in {folder}", free=machine.free / _GB, folder=machine.engine.folder)
    why = msg("three nodes unpack about 2 GB, and a node image to download takes another")
    mend = msg(
        "`{engine} system df` shows what takes it, `{engine} system prune` frees what nothing uses",
        engine=machine.engine.name,
    )
    return stops(what, why, mend) if machine.free < _ROOM else warns(what, why, mend)


def judge_memory(machine: Machine) -> Said | None:
    """Whether three nodes fit into what the engine's kernel has, or has left."""
    if machine.engine is None or not machine.engine.memory:
        return None
    has, left = machine.engine.memory, machine.available
    why, mend = msg("three nodes with nothing on them take about 1.5 GB"), advise(_MORE_MEMORY, machine.systems)
    if has < _SOME_MEMORY:
        what = msg("the container engine has only {has:.1f} GB of memory", has=has / _GB)
        return stops(what, why, mend) if has < _MEMORY else warns(what, why, mend)
    if left is not None and left < _MEMORY and not count_nodes(machine)[0]:
        return warns(msg("only {left:.1f} GB of memory are free", left=left / _GB), why, mend)
    return FINE


def judge_ports(machine: Machine) -> Said | None:
    """Whether ports of this machine can be listened on, and our stopped cluster gets its own back."""
    if machine.deaf:
        return stops(
            msg("nothing can listen on a port of 127.0.0.1: {why}", why=machine.deaf),
            msg("a node publishes the API server's port there"),
            msg("ask whoever set up this sandbox or firewall"),
        )
    if not machine.taken:
        return FINE
    return stops(
        msg("another program has port {port}, which our stopped cluster needs to start again", port=machine.taken[0]),
        msg("the container engine gives a container the ports that it was made with"),
        msg(
            "{command} names the program; or make the cluster anew: `k8s-tutor down`, `k8s-tutor up`",
            command=str(advise(_WHO_LISTENS, machine.systems)).format(port=machine.taken[0]),
        ),
    )


def judge_proxy(machine: Machine) -> Said | None:
    """Whether nodes, and the engine itself, reach the proxy that this machine is told to use."""
    named = {name: machine.environment[name] for name in ("HTTPS_PROXY", "HTTP_PROXY") if name in machine.environment}
    if not named:
        return None
    for name, address in named.items():
        host = find_host(address)
        if is_loopback(host):
            return warns(
                msg("{name} leads to {host}, this machine itself", name=name, host=host),
                msg("kind hands it to the nodes, and in a node that address is the node: it pulls no image"),
                msg("name it by an address that containers reach: host.docker.internal, or this machine's own"),
            )
    if machine.engine is None or machine.engine.proxied or machine.image.local:
        return FINE
    return warns(
        msg("the container engine uses no proxy, and this machine does"),
        msg("it pulls the node image itself, and asks its own settings only"),
        advise(_PROXY_OF_ENGINE, machine.systems),
    )


def judge_no_proxy(machine: Machine) -> Said | None:
    """Whether requests to the cluster, which listens on 127.0.0.1, go past the proxy."""
    if not {"HTTPS_PROXY", "HTTP_PROXY"} & machine.environment.keys():
        return None
    around = [word.strip() for word in machine.environment.get("NO_PROXY", "").split(",")]
    if any(word == "*" or word.startswith("127.") for word in around):
        return FINE
    both = ",".join([*filter(None, around), "localhost", "127.0.0.1"])
    return warns(
        msg("NO_PROXY does not name 127.0.0.1"),
        msg("the cluster listens there, and clients of your own (the Python client, kopf) would ask the proxy for it"),
        assign(machine, "NO_PROXY", both),
    )


def judge_subnets(machine: Machine) -> Said | None:
    """Whether a VPN, or another network, has the addresses that kind's containers have or would get."""
    others = [route for route in machine.routes if not route.interface.startswith(_OWN_INTERFACES)]
    if not machine.local or machine.engine is None:
        return None
    for route in others:
        if own := next((net for net in machine.subnets if route.network.overlaps(net)), None):
            what = msg(
                "the network of kind's nodes, {own}, is also behind {interface} ({other})",
                own=own,
                interface=route.interface,
                other=route.network,
            )
            return warns(
                what, msg("one of the two is not reached, often for as long as a VPN is on"), _other_network(machine)
            )
        if inner := next((net for net in _INSIDE if route.network.subnet_of(net)), None):
            what = msg(
                "{other} behind {interface} lies in {own}, which kind gives to Pods and Services",
                other=route.network,
                interface=route.interface,
                own=inner,
            )
            return warns(
                what,
                msg("from inside the cluster nothing there is reached"),
                msg("nothing to do, unless your Pods should reach it"),
            )
    if machine.engine.name == "docker" and not machine.subnets and not _has_free(_POOLS, machine):
        what = msg("this machine has a network for every address that docker would give to kind's nodes")
        return stops(
            what, msg("docker finds no range of its own, often for as long as a VPN is on"), _other_network(machine)
        )
    return FINE


def _has_free(pools: Sequence[IPv4Network], machine: Machine) -> bool:
    return any(not any(pool.overlaps(route.network) for route in machine.routes) for pool in pools)


def _other_network(machine: Machine) -> Wording:
    free = next((pool for pool in _SPARE if _has_free([pool], machine)), _SPARE[0])
    create = f"docker network create --subnet {free} kind"
    return f"`k8s-tutor down; docker network rm kind; {create}`" if machine.subnets else f"`{create}`"


def judge_snap(machine: Machine) -> Said | None:
    """Whether docker reads the folder into which kind writes images: a snap does not see /tmp."""
    docker = next((each.path for each in machine.engines if each.name == "docker"), "")
    if "/snap/" not in docker:
        return None
    if machine.environment.get("TMPDIR", "").startswith("/home/"):
        return FINE
    return warns(
        msg("docker is a snap, which does not see the folder for temporary files"),
        msg("kind hands images to the nodes by way of a file there, and the course's images do not get onto them"),
        "`mkdir -p ~/kind-files && export TMPDIR=~/kind-files`",
    )


def judge_image(machine: Machine) -> Said | None:
    """Whether kind and the node image fit each other, and the course."""
    image, needs = machine.image, [kind for node, kind in _NEEDS_KIND.items() if machine.image.version >= node]
    if not image.version:
        return None
    if image.version[:2] < OLDEST:
        return warns(
            msg("the node image {image} has Kubernetes {version}", image=image.reference, version=spell(image.version)),
            msg("the lessons show what Kubernetes has had since {version}", version=spell(OLDEST)),
            msg("name a newer one with {variable}, or none", variable=IMAGE),
        )
    if machine.kind and needs and machine.kind[:2] < max(needs):
        return warns(
            msg("kind {kind} is older than the node image {image}", kind=spell(machine.kind), image=image.reference),
            msg(
                "its nodes start, but kind {needed} is the first that copies images onto them", needed=spell(max(needs))
            ),
            advise(INSTALL_KIND, machine.systems),
        )
    return FINE


def judge_kubectl(machine: Machine) -> Said | None:
    """Whether kubectl and the cluster are at most one minor version apart, as Kubernetes asks."""
    version = machine.image.version
    if not machine.kubectl or not version:
        return None
    if abs(machine.kubectl[1] - version[1]) <= 1:
        return FINE
    command = str(advise(_OTHER_KUBECTL, machine.systems)).format(
        version=spell(version), architecture=machine.architecture
    )
    return warns(
        msg(
            "kubectl is {kubectl}, and the cluster would be {version}",
            kubectl=spell(machine.kubectl),
            version=spell(version),
        ),
        msg("Kubernetes supports one minor version of difference; beyond it some commands fail or leave fields out"),
        msg("{command}; or K8S_TUTOR_KUBECTL=builtin for the one that comes with k8s-tutor", command=command),
    )


CHECKS: dict[str, Callable[[Machine], Said | None]] = {
    **findings.CHECKS,
    "image": judge_image,
    "disk": judge_disk,
    "memory": judge_memory,
    "ports": judge_ports,
    "proxy": judge_proxy,
    "NO_PROXY": judge_no_proxy,
    "subnets": judge_subnets,
    "snap": judge_snap,
    "kubectl": judge_kubectl,
}
"""All that is looked at, by the name of the check."""


# ---- The report


def judge(machine: Machine) -> list[Finding]:
    """What each check says of a machine, in the order of `CHECKS`."""
    found = [(name, check(machine)) for name, check in CHECKS.items()]
    return [Finding(name, *said) for name, said in found if said is not None]


@dataclass(frozen=True)
class Report:
    """What the doctor found; in a notebook it shows itself as text.

    Attributes:
        findings: One for each check that says something here; what stops kind first, what is fine last.
    """

    findings: tuple[Finding, ...]

    @property
    def can_run(self) -> bool:
        """Whether kind can run here: nothing stops it. Warnings do not count."""
        return not any(finding.state is State.STOPS for finding in self.findings)

    def __str__(self) -> str:
        told = [_tell(finding) for finding in self.findings if finding.state is not State.FINE]
        fine = join_words(TITLES[finding.check] for finding in self.findings if finding.state is State.FINE)
        told += [_write_line(State.FINE, fine)] if fine else []
        return "\n".join([*told, "", str(self._sum_up())])

    __repr__ = __str__

    def _sum_up(self) -> object:
        if self.can_run:
            return msg("kind can run here: `k8s-tutor up` makes a cluster.")
        count = sum(finding.state is State.STOPS for finding in self.findings)
        return msg_n(
            'kind cannot run here yet: {n} finding stops it. Meanwhile connect("embedded") needs none of this.',
            'kind cannot run here yet: {n} findings stop it. Meanwhile connect("embedded") needs none of this.',
            n=count,
        )

    def to_json(self) -> str:
        """The same for programs. States and names of checks are the same in every language."""
        rows = [
            {
                "check": finding.check,
                "state": finding.state.value,
                "what": str(finding.what),
                "why": str(finding.why),
                "next_step": str(finding.next_step),
            }
            for finding in self.findings
        ]
        return json.dumps({"kind_can_run": self.can_run, "findings": rows}, indent=2, ensure_ascii=False)


def doctor() -> Report:
    """Looks at all that kind needs of this machine. Works before `connect()`, and changes nothing.

    from k8s_tutor import doctor
    doctor()
    """
    order = list(State)
    return Report(tuple(sorted(judge(gather_machine()), key=lambda finding: order.index(finding.state))))


def _write_line(state: State, what: Wording) -> str:
    return f"{_GLYPHS[state]} {msg('{state}: {what}', state=_WORDS[state], what=plain(str(what)))}"


def _tell(finding: Finding) -> str:
    lines = [_write_line(finding.state, finding.what)]
    if finding.why:
        lines.append(str(msg("Why:  {why}", why=plain(str(finding.why)))))
    if finding.next_step:
        lines.append(str(msg("Next: {next_step}", next_step=finding.next_step)))
    return "\n  ".join(lines)
