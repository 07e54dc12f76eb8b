"""What a container is given: its machine, its environment, how it finds names, and the process that will run."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Any

from k8s_tutor.embedded.images.files import Files, Share
from k8s_tutor.embedded.images.image import SEARCH_PATH, Image
from k8s_tutor.embedded.images.permissions import USUAL_CAPABILITIES, Attributes, Identity, capability_bits, rows
from k8s_tutor.embedded.images.pipe import Pipe
from k8s_tutor.embedded.images.program import System, instant
from k8s_tutor.embedded.images.tree import Mount, Volume
from k8s_tutor.embedded.kubelet.container import Runtime
from k8s_tutor.embedded.kubelet.node import Node
from k8s_tutor.embedded.kubelet.process import Machine, Process, ProcessTable, Streams
from k8s_tutor.embedded.kubelet.resources import (
    PodLocation,
    SourceMissing,
    config_map,
    field_value,
    memory_limit,
    resource_value,
    secret,
)
from k8s_tutor.embedded.kubelet.volumes import mounts_of
from k8s_tutor.embedded.names import DNS, Resolver, search_domains
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects.types import Obj

__all__ = ["environment", "expand", "hosts_file", "identity_of", "resolv_conf", "resolver_of", "set_up_container"]


# ---- A container's environment variables: its own, those from ConfigMaps and Secrets, those of Services

_REFERENCE = re.compile(r"\$(\$|\(([^)]*)\))")


def expand(text: str, values: Mapping[str, str]) -> str:
    """Replaces `$(NAME)`; an unknown name stays as it is, `$$` is a dollar."""

    def one(match: re.Match[str]) -> str:
        if match.group(1) == "$":
            return "$"
        return values.get(match.group(2), match.group(0))

    return _REFERENCE.sub(one, text)


def environment(store: Store, pod: Obj, spec: Obj, location: PodLocation) -> dict[str, str]:
    """All variables of a container, in order.

    Raises:
        SourceMissing: a ConfigMap, a Secret or a key is not there and not optional.
    """
    services = _service_variables(store, pod)
    values: dict[str, str] = {}
    for source in spec.get("envFrom", []):
        values |= _whole(store, pod, source)
    for variable in spec.get("env", []):
        value: str | None = variable.get("value", "")
        if value:
            value = expand(value, {**services, **values})
        elif variable.get("valueFrom"):
            value = _taken(store, pod, spec, variable["valueFrom"], location)
        if value is not None:
            values[variable["name"]] = value
    return {**values, **{name: value for name, value in services.items() if name not in values}}


def _whole(store: Store, pod: Obj, source: Obj) -> dict[str, str]:
    """`envFrom`: every key of an object."""
    namespace, prefix = pod["metadata"]["namespace"], source.get("prefix", "")
    reference, read = (
        (source["configMapRef"], config_map) if "configMapRef" in source else (source["secretRef"], secret)
    )
    try:
        data = read(store, namespace, reference["name"])
    except SourceMissing:
        if reference.get("optional"):
            return {}
        raise
    return {prefix + key: data[key].decode(errors="replace") for key in sorted(data)}


def _taken(store: Store, pod: Obj, spec: Obj, source: Obj, location: PodLocation) -> str | None:
    """`valueFrom`; None where something optional is not there."""
    if "fieldRef" in source:
        return field_value(pod, source["fieldRef"]["fieldPath"], location)
    if "resourceFieldRef" in source:
        return resource_value(pod, spec["name"], source["resourceFieldRef"], location)
    namespace = pod["metadata"]["namespace"]
    kind, read = ("ConfigMap", config_map) if "configMapKeyRef" in source else ("Secret", secret)
    reference = source["configMapKeyRef" if kind == "ConfigMap" else "secretKeyRef"]
    key, optional = reference["key"], reference.get("optional")
    try:
        data = read(store, namespace, reference["name"])
    except SourceMissing:
        if optional:
            return None
        raise
    if key in data:
        return data[key].decode(errors="replace")
    if optional:
        return None
    raise SourceMissing(f"couldn't find key {key} in {kind} {namespace}/{reference['name']}")


def _service_variables(store: Store, pod: Obj) -> dict[str, str]:
    """`KUBERNETES_SERVICE_HOST` and its kin, for Services that were there before the container."""
    namespace = pod["metadata"]["namespace"]
    services = [store.get("services", "default", "kubernetes")]
    if pod["spec"].get("enableServiceLinks", True):
        services += store.list("services", namespace)
    values: dict[str, str] = {}
    for service in services:
        if service is not None and service["spec"].get("clusterIP", "None") not in ("", "None"):
            values |= _links(service)
    return values


def _links(service: Obj) -> dict[str, str]:
    address, ports = service["spec"]["clusterIP"], service["spec"]["ports"]
    prefix = service["metadata"]["name"].replace("-", "_").upper()
    values = {f"{prefix}_SERVICE_HOST": address, f"{prefix}_SERVICE_PORT": str(ports[0]["port"])}
    for port in ports:
        if port.get("name"):
            values[f"{prefix}_SERVICE_PORT_{port['name'].replace('-', '_').upper()}"] = str(port["port"])
    for number, port in enumerate(ports):
        protocol = port.get("protocol", "TCP").lower()
        url = f"{protocol}://{address}:{port['port']}"
        if number == 0:
            values[f"{prefix}_PORT"] = url
        own = f"{prefix}_PORT_{port['port']}_{protocol.upper()}"
        values |= {own: url, f"{own}_PROTO": protocol, f"{own}_PORT": str(port["port"]), f"{own}_ADDR": address}
    return values


# ---- How a pod's containers find names: the `/etc/hosts` and `/etc/resolv.conf` that the kubelet writes for them
#
# Source of the rules: kubernetes.io/docs/concepts/services-networking/dns-pod-service; the files are as a real kubelet
# writes them.

_OWN = (
    "# Kubernetes-managed hosts file.",
    "127.0.0.1\tlocalhost",
    "::1\tlocalhost ip6-localhost ip6-loopback",
    "fe00::0\tip6-localnet",
    "fe00::0\tip6-mcastprefix",
    "fe00::1\tip6-allnodes",
    "fe00::2\tip6-allrouters",
)


def hosts_file(pod: Obj, address: str, host: str) -> str:
    """A pod's `/etc/hosts`: itself, and the names that it says itself."""
    spec, lines = pod["spec"], list(_OWN)
    domain = f"{spec['subdomain']}.{pod['metadata']['namespace']}.svc.cluster.local" if spec.get("subdomain") else ""
    lines.append(f"{address}\t{host}.{domain}\t{host}" if domain else f"{address}\t{host}")
    if aliases := spec.get("hostAliases"):
        lines += ["", "# Entries added by HostAliases."]
        lines += ["\t".join([alias["ip"], *alias.get("hostnames", [])]) for alias in aliases]
    return "\n".join(lines) + "\n"


def resolver_of(pod: Obj) -> Resolver:
    """Where a pod's names are looked up: `dnsPolicy`'s way, and what `dnsConfig` adds to it."""
    spec, namespace = pod["spec"], pod["metadata"]["namespace"]
    config: Obj = spec.get("dnsConfig") or {}
    ours = spec.get("dnsPolicy") != "None"
    options = {"ndots": "5"} if ours else {}
    options |= {option["name"]: option.get("value", "") for option in config.get("options", ())}
    return Resolver(
        servers=_distinct([*([DNS] if ours else []), *config.get("nameservers", ())]),
        search=_distinct([*(search_domains(namespace) if ours else []), *config.get("searches", ())]),
        options=tuple(options.items()),
        hosts=tuple((name, row["ip"]) for row in spec.get("hostAliases", ()) for name in row.get("hostnames", ())),
    )


def resolv_conf(resolver: Resolver) -> str:
    """A pod's `/etc/resolv.conf`."""
    lines = [f"search {' '.join(resolver.search)}"] if resolver.search else []
    lines += [f"nameserver {server}" for server in resolver.servers]
    options = [f"{name}:{value}" if value else name for name, value in resolver.options]
    return "\n".join([*lines, *([f"options {' '.join(options)}"] if options else [])]) + "\n"


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


# ---- What a container is given: its machine (files, host name, user, limits) and the process that will be its first


def set_up_container(
    node: Node, pod: Obj, spec: Obj, runtime: Runtime, image: Image, variables: Mapping[str, str]
) -> None:
    """Gives the latest attempt at a container its machine and its first process.

    Args:
        node: Where it runs.
        pod: Whose container it is.
        spec: The container's.
        runtime: What runs of the pod.
        image: Of the container.
        variables: Its environment, as the pod asks for it.
    """
    container = runtime.latest(spec["name"])
    assert container is not None
    assert runtime.net is not None
    host = node.name if pod["spec"].get("hostNetwork") else _host_name(pod)
    # A container that keeps its input open has one nobody writes to until somebody attaches.
    stdin = Pipe() if spec.get("stdin") else None
    streams = Streams(container.log.sink("stdout"), container.log.sink("stderr"), stdin, bool(spec.get("tty")))
    container.machine = machine = Machine(
        loop=node.loop,
        network=node.network,
        net=runtime.net,
        image=image,
        files=_files(pod, spec, image, runtime, host),
        hostname=host,
        random=Random(node.random.getrandbits(64)),
        who=identity_of(pod, spec, image),
        sealed=bool(_setting(pod, spec, "readOnlyRootFilesystem")),
        memory_limit=memory_limit(spec),
        share=Share(node.memory, memory_limit(spec)),
        console=streams,
        table=_table(spec, runtime),
    )

    def exhausted() -> None:
        container.out_of_memory = True

    machine.on_memory_exhausted = exhausted
    args = _command(spec, image, variables)
    directory = spec.get("workingDir") or image.directory
    files = machine.files.seen_by(machine.who)
    main = (image.find_main(args[0], directory, files) if args else None) or _never
    home = {"HOME": variables.get("HOME", _home(image, machine.who.uid))}
    env = {"PATH": ":".join(SEARCH_PATH), "HOSTNAME": host, **variables, **home}
    container.process = Process(machine, main, args or [""], env, streams, directory)


def identity_of(pod: Obj, spec: Obj, image: Image) -> Identity:
    """Who a container's processes run as: what it says, what its pod says, what the image says."""
    asked = _setting(pod, spec, "runAsUser")
    uid = int(image.user if asked is None else asked)
    own = next((row for row in rows(image.files.get("/etc/passwd", b"")) if int(row[2]) == uid), None)
    asked = _setting(pod, spec, "runAsGroup")
    gid = int((own[3] if own else 0) if asked is None else asked)
    shared: Obj = pod["spec"].get("securityContext") or {}
    groups = {gid, *shared.get("supplementalGroups", ()), *([shared["fsGroup"]] if "fsGroup" in shared else [])}
    if own is not None and shared.get("supplementalGroupsPolicy") != "Strict":
        groups |= {int(row[2]) for row in rows(image.files.get("/etc/group", b"")) if own[0] in row[3].split(",")}
    bounding = _capabilities(spec.get("securityContext") or {})
    kept = _setting(pod, spec, "allowPrivilegeEscalation")
    return Identity(uid, gid, tuple(sorted(groups)), bounding, 0 if uid else bounding, kept is False)


def _capabilities(own: Obj) -> int:
    if own.get("privileged"):
        return capability_bits(["ALL"])
    asked: Obj = own.get("capabilities") or {}
    left = USUAL_CAPABILITIES & ~capability_bits(asked.get("drop") or ())
    return left | capability_bits(asked.get("add") or ())


def _setting(pod: Obj, spec: Obj, name: str) -> Any:
    """A field of the container's security context; where it says nothing, the pod's."""
    shared: Obj = pod["spec"].get("securityContext") or {}
    return (spec.get("securityContext") or {}).get(name, shared.get(name))


def _home(image: Image, uid: int) -> str:
    """HOME as the runtime sets it: by the image's own list of users."""
    own = next((row for row in rows(image.files.get("/etc/passwd", b"")) if int(row[2]) == uid), None)
    return own[5] if own and len(own) > 5 and own[5] else "/root" if uid == 0 else "/"


def _command(spec: Obj, image: Image, variables: Mapping[str, str]) -> Sequence[str]:
    """The first process and its arguments; a command of the pod's own replaces the image's arguments too."""
    command = spec.get("command") or image.entrypoint
    args = spec.get("args") or (() if spec.get("command") else image.cmd)
    return [expand(word, variables) for word in (*command, *args)]


@instant
def _never(_: System) -> int:
    raise AssertionError("a program that is not there is not run")


def _table(spec: Obj, runtime: Runtime) -> ProcessTable:
    """A container's processes: its own, or, for `kubectl debug --target`, those of the one it looks into."""
    target = runtime.latest(spec.get("targetContainerName", ""))
    return target.machine.table if target is not None and target.machine is not None else ProcessTable()


def _host_name(pod: Obj) -> str:
    return str(pod["spec"].get("hostname") or pod["metadata"]["name"])[:63].rstrip("-.")


def _files(pod: Obj, spec: Obj, image: Image, runtime: Runtime, host: str) -> Files:
    assert runtime.net is not None
    written = {"/etc/hostname": f"{host}\n", "/etc/resolv.conf": resolv_conf(resolver_of(pod))}
    mounts = (
        *mounts_of(spec, runtime.volumes),
        Mount("/dev/shm", runtime.shared_memory),
        _mounted_file("/etc/hosts", hosts_file(pod, runtime.net.address, host), 0o644),
        _mounted_file(spec.get("terminationMessagePath", "/dev/termination-log"), "", 0o666),
    )
    files = {**image.files, **{path: text.encode() for path, text in written.items()}}
    return Files(files, mounts, image.about)


def _mounted_file(path: str, text: str, mode: int) -> Mount:
    """A file that the kubelet mounts: it stays writable where the image's files are read-only."""
    name = posixpath.basename(path)
    return Mount(path, Volume({name: text.encode()}, about={name: Attributes(mode=mode)}), sub_path=name)
