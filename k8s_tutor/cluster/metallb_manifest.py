"""What MetalLB consists of: its own manifest, bundled, checked, and labelled as ours; and its settings."""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from ipaddress import IPv4Address, IPv4Network, ip_address, ip_network

import yaml

from k8s_tutor.cluster.engine import Engine
from k8s_tutor.cluster.kind_cli import MADE_BY
from k8s_tutor.errors import ClusterUnavailable, TutorError
from k8s_tutor.language import msg
from k8s_tutor.objects.types import Json, Obj

__all__ = [
    "IMAGES",
    "NAMESPACE",
    "POOL_PATH",
    "SELECTOR",
    "AddressRange",
    "choose_addresses",
    "find_kind_network",
    "find_subnets",
    "load_objects",
    "make_settings",
]


# ---- Which addresses MetalLB gives: a few at the top of the network that kind's nodes are in

_BLOCK = 32  # addresses a cluster gets
_BLOCKS = 32  # clusters that find a block of their own
_TAIL = 8  # left free at the very top: the broadcast address, and a gateway that somebody put there


@dataclass(frozen=True, slots=True)
class AddressRange:
    """Addresses from the first to the last, both included."""

    first: IPv4Address
    last: IPv4Address

    def __contains__(self, address: str) -> bool:
        try:
            return self.first <= IPv4Address(address) <= self.last
        except ValueError:
            return False

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


def choose_addresses(cluster: str, network: IPv4Network) -> AddressRange:
    """The addresses of a cluster.

    Engines hand out a network's addresses from the bottom; ours are at the top. Clusters on the same network would
    answer for each other's addresses, so that each takes a block chosen by its name.
    """
    if network.num_addresses < 4 * _BLOCK:
        last = int(network.broadcast_address) - 1
        return AddressRange(IPv4Address(last - max(network.num_addresses // 8, 1) + 1), IPv4Address(last))
    blocks = max(1, min(_BLOCKS, network.num_addresses // (2 * _BLOCK) - 1))
    number = zlib.crc32(cluster.encode()) % blocks
    last = int(network.broadcast_address) - _TAIL - number * _BLOCK
    return AddressRange(IPv4Address(last - _BLOCK + 1), IPv4Address(last))


def find_kind_network(engine: Engine) -> IPv4Network:
    """The IPv4 network that kind put its nodes in.

    Raises:
        ClusterUnavailable: the engine does not tell.
    """
    name = os.environ.get(f"KIND_EXPERIMENTAL_{engine.name.upper()}_NETWORK", "") or "kind"
    answer = engine.run("network", "inspect", name)
    try:
        found = [net for net in find_subnets(json.loads(answer.stdout)) if isinstance(net, IPv4Network)]
    except ValueError:
        found = []
    if found:
        return found[0]
    raise ClusterUnavailable(
        msg('{engine} does not say which IPv4 addresses its network "{network}" has', engine=engine.name, network=name),
        why=answer.stderr.strip() or msg("it has none: MetalLB needs some to give"),
        next_step=msg("`{engine} network inspect {network}` shows it", engine=engine.name, network=name),
    )


def find_subnets(answer: Json) -> Iterator[object]:
    """The subnets in what `network inspect` prints: docker and nerdctl say `Subnet`, podman says `subnet`."""
    if isinstance(answer, list):
        for item in answer:
            yield from find_subnets(item)
    elif isinstance(answer, dict):
        for key, value in answer.items():
            if key.lower() == "subnet" and _is_network(value):
                yield ip_network(str(value))
            else:
                yield from find_subnets(value)


def _is_network(value: Json) -> bool:
    base, slash, bits = str(value).partition("/")
    try:
        ip_address(base)
    except ValueError:
        return False
    return bool(slash) and bits.isdigit()


# ---- What MetalLB consists of: its own manifest, bundled, checked, and labelled as ours; and its settings

NAMESPACE = "metallb-system"
IMAGES = ("quay.io/metallb/controller:v0.13.5", "quay.io/metallb/speaker:v0.13.5")
SELECTOR = f"{MADE_BY}=k8s-tutor"
_GROUP = "metallb.io/v1beta1"
_NAME = "k8s-tutor"
POOL_PATH = f"/apis/{_GROUP}/namespaces/{NAMESPACE}/ipaddresspools/{_NAME}"

_FILE = "metallb-native.yaml"
_SHA256 = "b477af38dd34ab127fbec905ec1db4ff537bfd3c1490b1d6eed833486576808f"


def load_objects() -> list[Obj]:
    """The manifest's objects in its order, each with our label, asked for readiness as soon as they start.

    Raises:
        TutorError: the file is not the one we know.
    """
    content = (files(__package__) / _FILE).read_bytes()
    if hashlib.sha256(content).hexdigest() != _SHA256:
        raise TutorError(
            msg("MetalLB's manifest is not the one this package was made with"),
            why=msg("the checksum of {file} differs: the installation is damaged or was changed", file=_FILE),
            next_step=msg("install the package again: `pip install --force-reinstall k8s-tutor`"),
        )
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML brings it
    return [_impatient(_labelled(document)) for document in yaml.load_all(content, loader) if document]


def make_settings(addresses: AddressRange) -> list[Obj]:
    """The pool that addresses come from, and that every worker may answer for them (ARP)."""
    meta = {"namespace": NAMESPACE, "name": _NAME}
    pool = {"addresses": [str(addresses)]}
    advertised = {"ipAddressPools": [_NAME]}
    return [
        _labelled({"apiVersion": _GROUP, "kind": "IPAddressPool", "metadata": meta, "spec": pool}),
        _labelled({"apiVersion": _GROUP, "kind": "L2Advertisement", "metadata": meta, "spec": advertised}),
    ]


def _labelled(obj: Obj) -> Obj:
    meta = obj["metadata"]
    labels = {**(meta.get("labels") or {}), MADE_BY: "k8s-tutor"}
    return {**obj, "metadata": {**meta, "labels": labels}}


def _impatient(obj: Obj) -> Obj:
    """Whether a workload is ready is asked each second from the start: the manifest waits ten, and learners with it."""
    if obj["kind"] not in ("Deployment", "DaemonSet"):
        return obj
    template = obj["spec"]["template"]
    containers = [
        {**container, "readinessProbe": {**container["readinessProbe"], "initialDelaySeconds": 0, "periodSeconds": 1}}
        for container in template["spec"]["containers"]
    ]
    pod = {**template, "spec": {**template["spec"], "containers": containers}}
    return {**obj, "spec": {**obj["spec"], "template": pod}}
