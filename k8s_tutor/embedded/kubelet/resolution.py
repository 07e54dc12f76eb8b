"""How a pod's containers find names: the `/etc/hosts` and `/etc/resolv.conf` that the kubelet writes for them.

Source of the rules: kubernetes.io/docs/concepts/services-networking/dns-pod-service; the files are as a real kubelet
writes them.
"""

from __future__ import annotations

from collections.abc import Iterable

from k8s_tutor.embedded.network.names import DNS, Resolver, search_domains
from k8s_tutor.objects.types import Obj

__all__ = ["hosts_file", "resolv_conf", "resolver_of"]

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
