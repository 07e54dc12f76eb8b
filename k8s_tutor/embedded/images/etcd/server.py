"""`etcd`: one member."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from k8s_tutor.embedded.images import web
from k8s_tutor.embedded.images.etcd import printing
from k8s_tutor.embedded.images.etcd.api import answer, versions
from k8s_tutor.embedded.images.etcd.ctl import etcdctl
from k8s_tutor.embedded.images.etcd.printing import BadFlag, Flags
from k8s_tutor.embedded.images.etcd.replica import SINCE, STATE, Member, Node, Replica, ask_member, write_log
from k8s_tutor.embedded.images.image import Contents
from k8s_tutor.embedded.images.program import AddressInUse, Forever, Interrupted, Program, Reply, Sleep, System
from k8s_tutor.embedded.network import Fault
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest

__all__ = ["contents", "etcd"]

_START = 0.1  # seconds from the start to the first word with the others
_ELECTION = 1.2
_RETRY = 0.5
_RESOLVING = 30.0  # seconds an unknown host name is given


class _Fatal(Exception):
    """The member cannot start; the error for its log."""


class _Panic(Exception):
    """etcd breaks off where going on would lose data."""


def etcd(system: System) -> Program:
    """Starts, joins, serves, until it is stopped or removed."""
    try:
        given = printing.read(system)
        write_log(system, "info", "etcdmain/etcd.go:63", "Running: ", args=list(system.args))
        system.catch("TERM", "INT")
        yield Sleep(_START)
        yield from _resolved(system, given)
        node = _prepared(system, given)
        _listen(node)
    except BadFlag as fault:
        write_log(system, "warn", "etcdmain/etcd.go:65", "failed to verify flags", error=str(fault))
        return 1
    except _Fatal as fault:
        write_log(system, "error", "etcdserver/server.go:298", "bootstrap failed", error=str(fault))
        write_log(system, "fatal", "etcdmain/etcd.go:157", "discovery failed", error=str(fault))
        return 1
    except _Panic as panic:
        write_log(system, "panic", "v3@v3.7.0/log.go:326", str(panic))
        system.err(f"panic: {panic}\n")
        return 2
    except Interrupted:
        return 0
    try:
        yield from _serve(node)
    except Interrupted as signal:
        name = "terminated" if signal.signal == "TERM" else "interrupt"
        node.log("info", "osutil/interrupt_unix.go:65", "received signal; shutting down", signal=name)
        node.log("info", "embed/etcd.go:424", "closed etcd server", name=given.name)
    return 0


def _serve(node: Node) -> Program:
    node.log("info", "etcdserver/server.go", "starting etcd server", **{"local-member-id": f"{node.id:x}"})
    while (there := node.agree()) is None:
        yield Sleep(_RETRY)
    if not node.flags.existing:
        yield Sleep(_ELECTION)
        there = node.agree() or there
    own = node.replica.members[node.id]
    own.name, own.client_urls = node.flags.name, node.flags.client_urls
    node.spread(there)
    node.system.listen(node.flags.client_port, lambda request, _client: answer(node, request))
    node.log("info", "embed/serve.go:124", "ready to serve client requests")
    yield Forever()
    return 0


def _resolved(system: System, given: Flags) -> Program:
    """Looks up host names where the two lists of its own peer URLs differ in their letters; else it need not."""
    listed = given.initial.get(given.name, [])
    if sorted(listed) == sorted(given.peer_urls):
        return 0
    deadline = system.now() + _RESOLVING
    for url in listed:
        host = urlsplit(url).netloc
        while error := _unknown(system, host):
            if system.now() >= deadline:
                raise _Fatal(f"failed to resolve {url} to match --initial-cluster={given.name}={url} ({error})")
            words = {"url": url, "host": host, "retry-interval": "1s", "error": error}
            write_log(system, "warn", "netutil/netutil.go:121", "failed to resolve URL Host", **words)
            yield Sleep(1)
    return 0


def _unknown(system: System, host: str) -> str:
    name = host.partition(":")[0]
    try:
        found = system.resolve(name)
    except Fault:
        found = []
    return "" if found else f"lookup {name} on 10.96.0.10:53: no such host"


def _text(peers: dict[str, list[str]]) -> str:
    return ",".join(f"{name}={url}" for name, urls in peers.items() for url in urls)


def _prepared(system: System, given: Flags) -> Node:
    """The member with what it knows: from its data directory, from the cluster it joins, or from its flags."""
    path = f"{given.data_dir}/{STATE}"
    if system.files.is_file(path):
        replica = Replica.of(system.files.read(path))
    else:
        if given.name not in given.initial:
            raise _Fatal(f'couldn\'t find local name "{given.name}" in the initial cluster configuration')
        replica = _joined(system, given) if given.existing else _born(system, given)
    own = replica.find(given.peer_urls)
    if own is None:
        raise _Fatal(f"--initial-cluster has {_text(given.initial)} but missing from --initial-advertise-peer-urls")
    return Node(system, given, replica, own.id, system.now())


def _born(system: System, given: Flags) -> Replica:
    replica = Replica.new(given.initial, given.token)
    known = _others(system, given)
    own = known.find(given.peer_urls) if known else None
    if known and own and own.name and known.cluster == replica.cluster:
        raise _Fatal(f"member {own.id:x} has already been bootstrapped")
    return replica


def _others(system: System, given: Flags) -> Replica | None:
    """What the first of the others that answers knows."""
    for name, urls in given.initial.items():
        if name != given.name and (reply := ask_member(system, urls, "GET", "/simulated/replica")) is not None:
            return Replica.of(reply.body)
    return None


def _joined(system: System, given: Flags) -> Replica:
    replica = _others(system, given)
    if replica is None:
        raise _Fatal(
            "cannot fetch cluster info from peer urls: could not retrieve cluster information from the given URLs"
        )
    listed = sorted(url for urls in given.initial.values() for url in urls)
    if listed != sorted(url for member in replica.ordered() for url in member.peer_urls):
        equal = len(given.initial) == len(replica.members)
        why = "unmatched member while checking PeerURLs" if equal else "member count is unequal"
        members = " ".join(_go_text(member) for member in replica.ordered())
        removed = " ".join(f"{number:x}" for number in replica.removed)
        cluster = f"{{ClusterID:{replica.cluster:x} Members:[{members}] RemovedMemberIDs:[{removed}]}}"
        raise _Fatal(f"error validating peerURLs {cluster}: {why}")
    own = replica.find(given.peer_urls)
    if own is not None and own.name:  # it was here before, and has lost what it knew
        raise _Panic(
            f"tocommit({replica.index + 4}) is out of range [lastIndex(0)]. "
            "Was the raft log corrupted, truncated, or lost?"
        )
    return replica


def _go_text(member: Member) -> str:
    """A member as Go prints the struct."""
    raft = f"{{PeerURLs:[{' '.join(member.peer_urls)}] IsLearner:false}}"
    return (
        f"&{{ID:{member.id:x} RaftAttributes:{raft} "
        f"Attributes:{{Name:{member.name} ClientURLs:[{' '.join(member.client_urls)}]}}}}"
    )


def _listen(node: Node) -> None:
    """Opens the port for the other members."""

    def serve(request: HttpRequest, _client: str) -> Reply:
        now = node.system.now()
        match web.path_of(request), request.method:
            case "/simulated/replica", "GET":
                return Reply(HttpAnswer(200, node.replica.text(), {SINCE: str(node.started)}))
            case "/simulated/replica", "POST":
                node.take(request.body)
                return Reply(HttpAnswer(200))
            case "/version", _:
                return Reply(web.answer(now, 200, versions(node.system), {"Content-Type": "application/json"}))
            case "/members", _:
                own = {"Content-Type": "application/json", "X-Etcd-Cluster-Id": f"{node.replica.cluster:x}"}
                return Reply(web.answer(now, 200, web.go_json([_listed(one) for one in node.replica.ordered()]), own))
        return Reply(web.not_found(now))

    try:
        node.system.listen(node.flags.peer_port, serve)
    except AddressInUse:
        raise _Fatal(f"listen tcp 0.0.0.0:{node.flags.peer_port}: bind: address already in use") from None


def _listed(member: Member) -> dict[str, Any]:
    named = {"name": member.name, "clientURLs": member.client_urls} if member.name else {}
    return {"id": member.id, "peerURLs": member.peer_urls, **named}


# ---- The image: `etcd` and `etcdctl`, no shell


def contents() -> Contents:
    """What is inside the image."""
    return Contents({"/usr/local/bin/etcd": etcd, "/usr/local/bin/etcdctl": etcdctl})
