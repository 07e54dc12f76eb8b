"""`etcd`: one member."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.images import web
from k8s_tutor.embedded.images.etcd import flags
from k8s_tutor.embedded.images.etcd.api import answer
from k8s_tutor.embedded.images.etcd.flags import BadFlag, Flags
from k8s_tutor.embedded.images.etcd.replica import Member, Replica
from k8s_tutor.embedded.images.program import AddressInUse, Forever, Interrupted, Program, Reply, Sleep, System
from k8s_tutor.embedded.network.faults import Fault
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest

__all__ = ["Node", "etcd"]

_START = 0.1  # seconds from the start to the first word with the others
_ELECTION = 1.2
_RETRY = 0.5
_STATE = "member/state.json"


class _Fatal(Exception):
    """The member cannot start; message and error for its log."""

    def __init__(self, message: str, error: str) -> None:
        super().__init__(error)
        self.message = message
        self.error = error


@dataclass(slots=True)
class Node:
    """A running member.

    Attributes:
        replica: What it knows.
        id: Its own id.
        serving: It takes part: it has started, and a majority was there.
    """

    system: System
    flags: Flags
    replica: Replica
    id: int
    serving: bool = False
    words: dict[str, str] = field(default_factory=dict)

    def log(self, level: str, caller: str, message: str, **more: Any) -> None:
        """One JSON line on standard error."""
        _log(self.system, level, caller, message, **more)

    def save(self) -> None:
        """Writes the state into the data directory."""
        self.system.files.make_directory(f"{self.flags.data_dir}/member")
        self.system.files.write(f"{self.flags.data_dir}/{_STATE}", self.replica.text())

    def reach(self) -> list[tuple[Member, Replica]]:
        """The members that answer now, this one first, each with what it knows."""
        found: list[tuple[Member, Replica]] = []
        for member in self.replica.ordered():
            if member.id == self.id:
                found.insert(0, (member, self.replica))
                continue
            text = _ask(self.system, member.peer_urls, "GET", "/simulated/replica")
            if text is not None:
                known = Replica.of(text)
                if known.cluster == self.replica.cluster:
                    found.append((member, known))
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
        node = _prepared(system, given)
        _listen(node)
    except BadFlag as fault:
        _log(system, "warn", "etcdmain/etcd.go:65", "failed to verify flags", error=str(fault))
        return 1
    except _Fatal as fault:
        _log(system, "fatal", "etcdmain/etcd.go:157", fault.message, error=fault.error)
        return 1
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
    node.serving = True
    node.system.listen(node.flags.client_port, lambda request, _client: answer(node, request))
    node.log("info", "embed/serve.go:124", "ready to serve client requests")
    yield Forever()
    return 0


def _prepared(system: System, given: Flags) -> Node:
    """The member with what it knows: from its data directory, from the cluster it joins, or from its flags."""
    path = f"{given.data_dir}/{_STATE}"
    if system.files.is_file(path):
        replica = Replica.of(system.files.read(path))
    elif given.existing:
        replica = _joined(system, given)
    else:
        replica = Replica.new(given.initial, given.token)
    own = replica.find(given.peer_urls)
    if own is None:
        words = f'couldn\'t find local name "{given.name}" in the initial cluster configuration'
        raise _Fatal("discovery failed", words)
    return Node(system, given, replica, own.id)


def _joined(system: System, given: Flags) -> Replica:
    others = [url for name, urls in given.initial.items() if name != given.name for url in urls]
    text = next((one for url in others if (one := _ask(system, [url], "GET", "/simulated/replica")) is not None), None)
    if text is None:
        words = "cannot fetch cluster info from peer urls: could not retrieve cluster information from the given URLs"
        raise _Fatal("discovery failed", words)
    replica = Replica.of(text)
    listed = sorted(url for urls in given.initial.values() for url in urls)
    if listed != sorted(url for member in replica.ordered() for url in member.peer_urls):
        why = (
            "member count is unequal"
            if len(given.initial) != len(replica.members)
            else "unmatched member while checking PeerURLs"
        )
        names = [f"{member.id:x} {','.join(member.peer_urls)} {member.name}" for member in replica.ordered()]
        error = f"error validating peerURLs {{ClusterID:{replica.cluster:x} Members:[{' '.join(names)}]}}: {why}"
        raise _Fatal("discovery failed", error)
    return replica


def _listen(node: Node) -> None:
    """Opens the port for the other members."""

    def serve(request: HttpRequest, _client: str) -> Reply:
        now = node.system.now()
        match web.path_of(request), request.method:
            case "/simulated/replica", "GET":
                return Reply(HttpAnswer(200, node.replica.text()))
            case "/simulated/replica", "POST":
                node.take(request.body)
                return Reply(HttpAnswer(200))
            case "/version", _:
                return Reply(web.answer(now, 200, '{"etcdserver":"3.7.1","etcdcluster":"3.7.0"}'))
            case "/members", _:
                members = [asdict(member) for member in node.replica.ordered()]
                return Reply(web.answer(now, 200, json.dumps(members), {"Content-Type": "application/json"}))
        return Reply(web.not_found(now))

    try:
        node.system.listen(node.flags.peer_port, serve)
    except AddressInUse:
        error = f"listen tcp 0.0.0.0:{node.flags.peer_port}: bind: address already in use"
        raise _Fatal("discovery failed", error) from None


def _ask(system: System, urls: list[str], method: str, path: str, body: bytes = b"") -> bytes | None:
    """What another member answers; None where it does not."""
    for url in urls:
        parts = urlsplit(url)
        try:
            reply = system.ask(parts.hostname or "", parts.port or 80, HttpRequest(method, path, {}, body))
        except Fault:
            continue
        if reply.code == 200:
            return reply.body
    return None


def _log(system: System, level: str, caller: str, message: str, **more: Any) -> None:
    now = system.now()
    stamp = rfc3339(now)[:-1] + f".{int(now * 1_000_000) % 1_000_000:06d}Z"
    system.err(web.go_json({"level": level, "ts": stamp, "caller": caller, "msg": message, **more}) + "\n")
