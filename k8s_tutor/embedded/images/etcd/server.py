"""`etcd`: one member."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.images import web
from k8s_tutor.embedded.images.etcd import flags
from k8s_tutor.embedded.images.etcd.api import VERSION, answer
from k8s_tutor.embedded.images.etcd.flags import BadFlag, Flags
from k8s_tutor.embedded.images.etcd.replica import Member, Replica
from k8s_tutor.embedded.images.program import AddressInUse, Forever, Interrupted, Program, Reply, Sleep, System
from k8s_tutor.embedded.network.faults import Fault
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest

__all__ = ["Node", "etcd"]

_START = 0.1  # seconds from the start to the first word with the others
_ELECTION = 1.2
_RETRY = 0.5
_RESOLVING = 30.0  # seconds an unknown host name is given
_STATE = "member/state.json"
_SINCE = "X-Simulated-Since"


class _Fatal(Exception):
    """The member cannot start; the error for its log."""


class _Panic(Exception):
    """etcd breaks off where going on would lose data."""


@dataclass(slots=True)
class Node:
    """A running member.

    Attributes:
        replica: What it knows.
        id: Its own id.
        started: When it began to listen to the others.
        connected: Seconds for which the others have been connected to it, by id, when it last looked.
    """

    system: System
    flags: Flags
    replica: Replica
    id: int
    started: float = 0.0
    connected: dict[int, float] = field(default_factory=dict)

    def log(self, level: str, caller: str, message: str, **more: Any) -> None:
        """One JSON line on standard error."""
        _log(self.system, level, caller, message, **more)

    def save(self) -> None:
        """Writes the state into the data directory."""
        self.system.files.make_directory(f"{self.flags.data_dir}/member")
        self.system.files.write(f"{self.flags.data_dir}/{_STATE}", self.replica.text())

    def reach(self) -> list[tuple[Member, Replica]]:
        """The members that answer now, this one first, each with what it knows."""
        found = [(self.replica.members[self.id], self.replica)] if self.id in self.replica.members else []
        self.connected.clear()
        for member in self.replica.ordered():
            if member.id == self.id:
                continue
            reply = _ask(self.system, member.peer_urls, "GET", "/simulated/replica")
            known = Replica.of(reply.body) if reply else None
            if reply and known and known.cluster == self.replica.cluster and member.id not in known.removed:
                found.append((member, known))
                since = max(self.started, float(reply.headers[_SINCE]))
                self.connected[member.id] = self.system.now() - since
        return found

    def agree(self) -> list[Member] | None:
        """Brings this member to the newest state of those that can be reached; None where they are no majority."""
        reached = self.reach()
        newest = max((known for _, known in reached), key=lambda known: known.index)
        if newest is not self.replica:
            self.replica = newest
            self.save()
        there = [member for member, _ in reached]
        if len(there) < self.replica.quorum:
            return None
        if self.replica.leader not in {member.id for member in there}:
            self.replica.term += self.replica.leader != 0
            self.replica.leader = min(member.id for member in there)
        return there

    def spread(self, there: list[Member]) -> None:
        """Gives the new state to the others."""
        self.replica.index += 1
        self.save()
        for member in there:
            if member.id != self.id:
                _ask(self.system, member.peer_urls, "POST", "/simulated/replica", self.replica.text())

    def take(self, text: bytes) -> None:
        """Takes a state that another member spreads."""
        newer = Replica.of(text)
        if newer.cluster != self.replica.cluster or newer.index <= self.replica.index:
            return
        self.replica = newer
        self.save()
        if self.id in newer.removed:
            self.leave()

    def leave(self) -> None:
        """This member has been removed: it stops."""
        error = "the member has been permanently removed from the cluster"
        self.log("warn", "etcdserver/server.go:849", "server error", error=error)
        self.log("warn", "etcdserver/server.go:850", "data-dir used by this member must be removed")
        self.system.exit(0)


def etcd(system: System) -> Program:
    """Starts, joins, serves, until it is stopped or removed."""
    try:
        given = flags.read(system)
        _log(system, "info", "etcdmain/etcd.go:63", "Running: ", args=list(system.args))
        system.catch("TERM", "INT")
        yield Sleep(_START)
        yield from _resolved(system, given)
        node = _prepared(system, given)
        _listen(node)
    except BadFlag as fault:
        _log(system, "warn", "etcdmain/etcd.go:65", "failed to verify flags", error=str(fault))
        return 1
    except _Fatal as fault:
        _log(system, "error", "etcdserver/server.go:298", "bootstrap failed", error=str(fault))
        _log(system, "fatal", "etcdmain/etcd.go:157", "discovery failed", error=str(fault))
        return 1
    except _Panic as panic:
        _log(system, "panic", "v3@v3.7.0/log.go:326", str(panic))
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
            _log(system, "warn", "netutil/netutil.go:121", "failed to resolve URL Host", **words)
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
    path = f"{given.data_dir}/{_STATE}"
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
        if name != given.name and (reply := _ask(system, urls, "GET", "/simulated/replica")) is not None:
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
                return Reply(HttpAnswer(200, node.replica.text(), {_SINCE: str(node.started)}))
            case "/simulated/replica", "POST":
                node.take(request.body)
                return Reply(HttpAnswer(200))
            case "/version", _:
                return Reply(web.answer(now, 200, VERSION, {"Content-Type": "application/json"}))
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


def _ask(system: System, urls: list[str], method: str, path: str, body: bytes = b"") -> HttpAnswer | None:
    """What another member answers; None where it does not."""
    for url in urls:
        parts = urlsplit(url)
        try:
            reply = system.ask(parts.hostname or "", parts.port or 80, HttpRequest(method, path, {}, body))
        except Fault:
            continue
        if reply.code == 200:
            return reply
    return None


def _log(system: System, level: str, caller: str, message: str, **more: Any) -> None:
    now = system.now()
    stamp = rfc3339(now)[:-1] + f".{int(now * 1_000_000) % 1_000_000:06d}Z"
    system.err(web.go_json({"level": level, "ts": stamp, "caller": caller, "msg": message, **more}) + "\n")
