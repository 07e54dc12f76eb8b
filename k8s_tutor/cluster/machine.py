"""What of this machine matters to kind, as facts: gathered once, with a deadline for each program that is asked.

Nothing is changed: programs are asked, files are read. What cannot be found out is empty, or None. `findings.py` and
`doctor.py` judge.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import psutil

from k8s_tutor.cluster.engine import (
    PROVIDER,
    Engine,
    EngineFacts,
    find_kind,
    find_systems,
    list_engines,
    look_inside,
    parse_number,
    read_info,
    run,
    spell_architecture,
)
from k8s_tutor.cluster.images import choose_node_image
from k8s_tutor.cluster.kind import IMAGE, NAME, choose_cluster_name
from k8s_tutor.cluster.metallb_manifest import find_subnets
from k8s_tutor.errors import UsageError
from k8s_tutor.objects.types import Json

__all__ = [
    "Candidate",
    "Machine",
    "Node",
    "NodeImage",
    "Route",
    "Version",
    "gather_machine",
    "read_routes",
    "read_tag",
    "read_version",
    "spell",
]

Version = tuple[int, ...]
"""Three numbers; empty where it is not known."""

_PATIENCE = 20.0  # seconds for a program to answer: a busy machine is not a broken one
_LABEL = "io.x-k8s.kind.cluster"
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
_HEARD = ("DOCKER_HOST", "TMPDIR", PROVIDER, NAME, IMAGE, *_PROXIES)
_DAEMONS = {"docker": "dockerd", "nerdctl": "containerd"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """An engine that is installed.

    Attributes:
        name: `docker`, `podman` or `nerdctl`.
        path: Its program.
        problem: Why it does not answer, in its own words; empty where it answers.
    """

    name: str
    path: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class NodeImage:
    """The node image that a new cluster would get.

    Attributes:
        reference: Its name; empty where kind chooses.
        version: The version of Kubernetes in it.
        local: Whether the engine holds it.
        pulled: Whether it comes from a registry as it is; one that was loaded from a file may be anybody's.
        architecture: For which it was built; empty where that is not known.
        on_cgroup_1: Whether its kubelet is told to start on cgroup v1, too; None where its files cannot be read.
    """

    reference: str = ""
    version: Version = ()
    local: bool = False
    pulled: bool = True
    architecture: str = ""
    on_cgroup_1: bool | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """A node's container, of any kind cluster."""

    name: str
    image: str
    running: bool


@dataclass(frozen=True, slots=True)
class Route:
    """A network that this machine reaches, and by which interface."""

    network: IPv4Network
    interface: str


@dataclass(frozen=True, slots=True)
class Machine:
    """The facts.

    Attributes:
        systems: What this system goes by, see `find_systems`.
        architecture: In Go's words: `amd64`, `arm64`, …
        environment: The variables that matter here, those that are set; of proxies the names in capitals.
        engines: The engines that are installed.
        engine: What the one that answers says; None where none does.
        local: Whether that one shares our kernel, so that our limits are its limits.
        kind: The version of `kind`; empty where it is not installed, or does not say.
        has_kind: Whether it is installed.
        kubectl: The version of `kubectl`.
        cluster: The name of our kind cluster; empty where what was wanted is no name.
        image: The node image a new cluster would get.
        nodes: Nodes of all kind clusters, in the engine that answers.
        instances: How many places a user may watch files from; 0 where not limited, or not known.
        watches: How many files.
        capabilities: What whoever starts containers may ever have, as bits; None where not known.
        free: Bytes free where the engine keeps things; None where that is not to be seen.
        available: Bytes of memory that are free for programs, on the engine's kernel; None where not to be seen.
        routes: The networks this machine reaches, but for the rest of the world.
        subnets: The IPv4 networks of kind's nodes; empty where there are none yet.
        deaf: Why no port of 127.0.0.1 can be listened on; empty where it can.
        taken: Ports of our stopped cluster that another program has.
    """

    systems: tuple[str, ...]
    architecture: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    engines: tuple[Candidate, ...] = ()
    engine: EngineFacts | None = None
    local: bool = False
    kind: Version = ()
    has_kind: bool = False
    kubectl: Version = ()
    cluster: str = ""
    image: NodeImage = NodeImage()
    nodes: tuple[Node, ...] = ()
    instances: int = 0
    watches: int = 0
    capabilities: int | None = None
    free: int | None = None
    available: int | None = None
    routes: tuple[Route, ...] = ()
    subnets: tuple[IPv4Network, ...] = ()
    deaf: str = ""
    taken: tuple[int, ...] = ()


# ---- Gathering


def gather_machine() -> Machine:
    """Looks at everything once: at most some ten programs, each for 20 s at most."""
    found = list(list_engines(_PATIENCE))
    engine = next((engine for engine, problem in found if not problem), None)
    facts = _ask_engine(engine) if engine else None
    local = facts is not None and facts.kernel == platform.release()
    cluster = _find_cluster_name()
    nodes = tuple(_list_nodes(engine)) if engine else ()
    return Machine(
        systems=find_systems(),
        architecture=spell_architecture(platform.machine()),
        environment=dict(_read_environment()),
        engines=tuple(Candidate(each.name, each.path, problem) for each, problem in found),
        engine=facts,
        local=local,
        kind=read_version(_ask([find_kind() or "", "version"])),
        has_kind=find_kind() is not None,
        kubectl=_ask_kubectl(),
        cluster=cluster,
        image=_find_image(engine),
        nodes=nodes,
        instances=_read_number("/proc/sys/fs/inotify/max_user_instances") if local else 0,
        watches=_read_number("/proc/sys/fs/inotify/max_user_watches") if local else 0,
        capabilities=_read_capabilities(facts) if facts and local else None,
        free=_measure_disk(facts.folder) if facts and local else None,
        available=psutil.virtual_memory().available if local else None,
        routes=tuple(read_routes(_read_text("/proc/net/route"))),
        subnets=tuple(_find_subnets(engine)) if engine else (),
        deaf=_listen(0),
        taken=tuple(port for port in _list_stopped_ports(engine, cluster, nodes) if _listen(port)) if engine else (),
    )


# ---- Programs


def _ask(command: Sequence[str]) -> str:
    """What a program prints; empty where it fails, is not there, or takes too long."""
    with suppress(OSError, subprocess.TimeoutExpired):
        answer = run(command, timeout=_PATIENCE)
        return answer.stdout if answer.returncode == 0 else ""
    return ""


def _ask_json(command: Sequence[str]) -> Json:
    with suppress(ValueError):
        found: Json = json.loads(_ask(command))
        return found
    return None


def _ask_engine(engine: Engine) -> EngineFacts:
    form = "json" if engine.name == "podman" else "{{json .}}"
    answer = _ask_json([engine.path, "info", "--format", form])
    return read_info(engine.name, answer if isinstance(answer, dict) else {})


def _list_nodes(engine: Engine) -> Iterator[Node]:
    form = "{{.Names}}\t{{.Image}}\t{{.Status}}"
    for line in _ask([engine.path, "ps", "-a", "--filter", f"label={_LABEL}", "--format", form]).splitlines():
        name, image, status = [*line.split("\t"), "", ""][:3]
        yield Node(name, image, status.startswith("Up"))


def _find_image(engine: Engine | None) -> NodeImage:
    reference = os.environ.get(IMAGE, "") or (choose_node_image(_list_images(engine)) if engine else "")
    version = read_tag(reference)
    command = [engine.path, "image", "inspect", "--format", "{{json .}}", reference] if engine and reference else []
    said = _ask_json(command) if command else None
    if not isinstance(said, dict):
        return NodeImage(reference, version)
    places = look_inside(look_inside(said, "GraphDriver"), "Data").values()
    layers = [Path(folder) for place in places for folder in str(place).split(":")]
    return NodeImage(
        reference,
        version,
        local=True,
        pulled=bool(said.get("RepoDigests")),
        architecture=str(said.get("Architecture") or ""),
        on_cgroup_1=_read_kubelet(layers),
    )


def _read_kubelet(layers: Sequence[Path]) -> bool | None:
    """What a node image's layers, where the engine has unpacked them, have its kubelet told about cgroup v1."""
    found = None
    for layer in layers:
        units = layer / "etc" / "systemd" / "system"
        for path in (units / "kubelet.service", *(units / "kubelet.service.d").glob("*.conf")):
            if words := _read_text(str(path)):
                found = found or bool(re.search(r"(?i)fail-?cgroupv1[=: ]+false", words))
    return found


def _list_images(engine: Engine) -> list[str]:
    return _ask([engine.path, "images", "--format", "{{.Repository}}:{{.Tag}}"]).splitlines()


def _find_subnets(engine: Engine) -> Iterator[IPv4Network]:
    name = os.environ.get(f"KIND_EXPERIMENTAL_{engine.name.upper()}_NETWORK", "") or "kind"
    for network in find_subnets(_ask_json([engine.path, "network", "inspect", name])):
        if isinstance(network, IPv4Network):
            yield network


def _list_stopped_ports(engine: Engine, cluster: str, nodes: Sequence[Node]) -> Iterator[int]:
    """The ports of this machine that our cluster wants back when it starts again."""
    for node in nodes:
        if node.name == f"{cluster}-control-plane" and not node.running:
            form = "{{json .HostConfig.PortBindings}}"
            answer = _ask_json([engine.path, "inspect", "--format", form, node.name])
            for rows in answer.values() if isinstance(answer, dict) else ():
                yield from (parse_number(row.get("HostPort")) for row in rows or () if isinstance(row, dict))


def _ask_kubectl() -> Version:
    path = shutil.which("kubectl")
    answer = _ask_json([path, "version", "--client", "-o", "json"]) if path else None
    client = look_inside(answer, "clientVersion")
    return read_version(str(client.get("gitVersion") or ""))


def read_version(text: str) -> Version:
    """The first three numbers with dots between them."""
    found = re.search(r"(\d+)\.(\d+)\.(\d+)", text)
    return tuple(int(part) for part in found.groups()) if found else ()


def read_tag(image: str) -> Version:
    """The version in an image's tag; what stands before it may be an address, and behind it a digest."""
    return read_version(image.partition("@")[0].rpartition("/")[2].partition(":")[2])


def spell(version: Version) -> str:
    """A version as people write it."""
    return ".".join(str(part) for part in version)


# ---- Files, variables and the kernel's answers


def _read_environment() -> Iterator[tuple[str, str]]:
    for name in _HEARD:
        value = os.environ.get(name, "") or (os.environ.get(name.lower(), "") if name in _PROXIES else "")
        if value:
            yield name, value


def _find_cluster_name() -> str:
    with suppress(UsageError):
        return choose_cluster_name()
    return ""


def _read_number(path: str) -> int:
    return parse_number(_read_text(path).strip())


def _read_text(path: str) -> str:
    with suppress(OSError):
        return Path(path).read_text(encoding="utf-8", errors="replace")
    return ""


def _read_capabilities(engine: EngineFacts) -> int | None:
    """Of the daemon that starts containers; where there is none, of ourselves."""
    daemon = _DAEMONS.get(engine.name, "")
    pids = [each.pid for each in psutil.process_iter() if daemon and _read_name(each) == daemon] if daemon else ["self"]
    for pid in pids:
        if found := re.search(r"(?m)^CapBnd:\s*([0-9a-f]+)", _read_text(f"/proc/{pid}/status")):
            return int(found[1], 16)
    return None


def _read_name(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        return str(process.name())
    return ""


def _measure_disk(folder: str) -> int | None:
    with suppress(OSError):
        return shutil.disk_usage(folder).free
    return None


def read_routes(table: str) -> Iterator[Route]:
    """The routes in /proc/net/route but for the default one; see proc(5): each address has its lowest byte first."""
    for line in table.splitlines()[1:]:
        interface, address, *_, mask = line.split()[:8]
        network, bits = _turn_round(address), _turn_round(mask)
        if int(bits):
            yield Route(IPv4Network(f"{network}/{bits}", strict=False), interface)


def _turn_round(number: str) -> IPv4Address:
    return IPv4Address(bytes.fromhex(number)[::-1])


def _listen(port: int) -> str:
    """Why a port of 127.0.0.1 cannot be listened on (0: any); empty where it can."""
    try:
        with socket.socket() as door:
            if sys.platform != "win32":  # there it would share a port that somebody has
                door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind(("127.0.0.1", port))
            door.listen()
    except OSError as error:
        return error.strerror or str(error)
    return ""
