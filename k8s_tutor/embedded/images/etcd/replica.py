"""What every member of a cluster knows: who belongs to it, and its keys. Pure data, copied as JSON between members."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha1
from typing import Any
from urllib.parse import urlsplit

from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.images import web
from k8s_tutor.embedded.images.etcd.printing import Flags
from k8s_tutor.embedded.images.program import System
from k8s_tutor.embedded.network import Fault
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest

__all__ = [
    "NOT_STARTED",
    "SINCE",
    "STATE",
    "UNHEALTHY",
    "Entry",
    "Member",
    "Node",
    "Replica",
    "adding_refused",
    "ask_member",
    "cluster_id",
    "member_id",
    "removing_refused",
    "write_log",
]


def _first_eight(data: bytes) -> int:
    return int.from_bytes(sha1(data, usedforsecurity=False).digest()[:8], "big")


def member_id(peer_urls: list[str], token: str, added: int | None = None) -> int:
    """A member's id, as etcd computes it: from its peer URLs and the cluster's token, and when it was added later."""
    moment = "" if added is None else str(added)
    return _first_eight(("".join(sorted(peer_urls)) + token + moment).encode())


def cluster_id(members: list[int]) -> int:
    """A cluster's id: from those of its first members."""
    return _first_eight(b"".join(one.to_bytes(8, "big") for one in sorted(members)))


@dataclass(slots=True)
class Member:
    """One member; without a name it has been added and has not started yet."""

    id: int
    peer_urls: list[str]
    name: str = ""
    client_urls: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Entry:
    """One key's value and its revisions."""

    value: str
    created: int
    modified: int
    version: int


@dataclass(slots=True)
class Replica:
    """A cluster's state at one moment.

    Attributes:
        index: Counts every change, of members too; the higher one is the newer state.
        revision: Counts changes of keys; 1 in an empty store.
        term: Counts elections.
        leader: Id of the leader.
        removed: Ids that may never come back.
    """

    cluster: int
    token: str
    members: dict[int, Member]
    index: int = 0
    revision: int = 1
    term: int = 2
    leader: int = 0
    removed: list[int] = field(default_factory=list)
    keys: dict[str, Entry] = field(default_factory=dict)

    @classmethod
    def new(cls, peers: dict[str, list[str]], token: str) -> Replica:
        """The state of a cluster that is just born.

        Args:
            peers: Peer URLs by member name.
            token: `--initial-cluster-token`.
        """
        members = [Member(member_id(urls, token), urls) for urls in peers.values()]
        return cls(cluster_id([one.id for one in members]), token, {one.id: one for one in members})

    @property
    def quorum(self) -> int:
        """How many members must agree."""
        return len(self.members) // 2 + 1

    def find(self, peer_urls: list[str]) -> Member | None:
        """The member with these peer URLs."""
        return next((one for one in self.ordered() if sorted(one.peer_urls) == sorted(peer_urls)), None)

    def ordered(self) -> list[Member]:
        """Members by id, as etcd lists them."""
        return [self.members[number] for number in sorted(self.members)]

    def put(self, key: str, value: str) -> None:
        """Writes a key."""
        self.revision += 1
        old = self.keys.get(key)
        created, version = (old.created, old.version + 1) if old else (self.revision, 1)
        self.keys[key] = Entry(value, created, self.revision, version)

    def delete(self, keys: list[str]) -> None:
        """Deletes keys, in one revision."""
        if keys:
            self.revision += 1
        for key in keys:
            del self.keys[key]

    def range(self, key: str, end: str) -> list[str]:
        """Keys from `key` up to `end`; only `key` where `end` is empty, all from it on where `end` is a zero byte."""
        if not end:
            return [key] if key in self.keys else []
        return [one for one in sorted(self.keys) if one >= key and (end == "\0" or one < end)]

    def text(self) -> bytes:
        """As JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def of(cls, text: bytes) -> Replica:
        """From JSON."""
        data = json.loads(text)
        data["members"] = {int(key): Member(**one) for key, one in data["members"].items()}
        data["keys"] = {key: Entry(**one) for key, one in data["keys"].items()}
        return cls(**data)


# ---- When etcd lets a member be added or removed: its strict check of reconfigurations, on by default
#
# Source of the rules: etcd's `mayAddMember` and `mayRemoveMember` (server/etcdserver/server.go), seen on a real 3.7.1:
# a change that could leave the cluster without a majority is refused before it is tried.

NOT_STARTED = "etcdserver: re-configuration failed due to not enough started members"
UNHEALTHY = "etcdserver: unhealthy cluster"
_HEALTHY_FOR = 5.0  # seconds a member must have been connected to count: etcd's HealthInterval


def adding_refused(replica: Replica, own: int, connected: Mapping[int, float]) -> str:
    """Why no member may be added now; empty where one may.

    Args:
        replica: The cluster as it is.
        own: Id of the member that is asked.
        connected: For how many seconds the others have been connected to it, by id; those that are not are missing.
    """
    members = replica.ordered()
    if len(members) == 1:  # one becomes two although one of two is no majority
        return ""
    needed = _majority(len(members) + 1)
    if _started(members) < needed:
        return NOT_STARTED
    return "" if _steady(members, own, connected) >= needed else UNHEALTHY


def removing_refused(replica: Replica, own: int, connected: Mapping[int, float], gone: int) -> str:
    """Why a member may not be removed now; empty where it may.

    Args:
        replica: The cluster as it is.
        own: Id of the member that is asked.
        connected: See `adding_refused`.
        gone: Id of the member to remove.
    """
    members = replica.ordered()
    left = [member for member in members if member.id != gone]
    if not left or _started(left) < _majority(len(left)):
        return NOT_STARTED
    if gone != own and gone not in connected:  # one that is down is no part of the majority that works
        return ""
    return "" if _steady(members, own, connected) - 1 >= 1 + (len(members) - 1) // 2 else UNHEALTHY


def _majority(size: int) -> int:
    return size // 2 + 1


def _started(members: list[Member]) -> int:
    return sum(bool(member.name) for member in members)


def _steady(members: list[Member], own: int, connected: Mapping[int, float]) -> int:
    return sum(member.id == own or connected.get(member.id, 0.0) >= _HEALTHY_FOR for member in members)


# ---- A running member of etcd: what it knows, how it reaches the others and agrees with them

STATE = "member/state.json"
SINCE = "X-Simulated-Since"


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
        write_log(self.system, level, caller, message, **more)

    def save(self) -> None:
        """Writes the state into the data directory."""
        self.system.files.make_directory(f"{self.flags.data_dir}/member")
        self.system.files.write(f"{self.flags.data_dir}/{STATE}", self.replica.text())

    def reach(self) -> list[tuple[Member, Replica]]:
        """The members that answer now, this one first, each with what it knows."""
        found = [(self.replica.members[self.id], self.replica)] if self.id in self.replica.members else []
        self.connected.clear()
        for member in self.replica.ordered():
            if member.id == self.id:
                continue
            reply = ask_member(self.system, member.peer_urls, "GET", "/simulated/replica")
            known = Replica.of(reply.body) if reply else None
            if reply and known and known.cluster == self.replica.cluster and member.id not in known.removed:
                found.append((member, known))
                since = max(self.started, float(reply.headers[SINCE]))
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
                ask_member(self.system, member.peer_urls, "POST", "/simulated/replica", self.replica.text())

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


def ask_member(system: System, urls: list[str], method: str, path: str, body: bytes = b"") -> HttpAnswer | None:
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


def write_log(system: System, level: str, caller: str, message: str, **more: Any) -> None:
    """One JSON line on standard error."""
    now = system.now()
    stamp = rfc3339(now)[:-1] + f".{int(now * 1_000_000) % 1_000_000:06d}Z"
    system.err(web.go_json({"level": level, "ts": stamp, "caller": caller, "msg": message, **more}) + "\n")
