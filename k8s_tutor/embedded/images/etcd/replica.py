"""What every member of a cluster knows: who belongs to it, and its keys. Pure data, copied as JSON between members."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from hashlib import sha1

__all__ = ["Entry", "Member", "Replica", "cluster_id", "member_id"]


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
