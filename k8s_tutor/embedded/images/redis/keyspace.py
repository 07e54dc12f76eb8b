"""What a server keeps: 16 databases of keys, each with a value and perhaps a time to live; glob patterns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from k8s_tutor.embedded.images.redis.resp import Failure

__all__ = [
    "DATABASES",
    "Database",
    "Hash",
    "Keyspace",
    "List",
    "Members",
    "Ranking",
    "Value",
    "kind_of",
    "matches",
    "size_of",
]

DATABASES = 16
_CELL = 64  # bytes that a key, an item or a field costs beside its own
_EMPTY = 875928  # bytes that a server without keys uses
_WRONG_KIND = "WRONGTYPE Operation against a key holding the wrong kind of value"


class List(list[bytes]):
    """A list."""


class Hash(dict[bytes, bytes]):
    """Fields and their values."""


class Members(dict[bytes, None]):
    """A set, in the order of writing."""


class Ranking(dict[bytes, float]):
    """A sorted set: members and scores."""

    def ranked(self) -> list[tuple[bytes, float]]:
        """Lowest score first; members of one score by their bytes."""
        return sorted(self.items(), key=lambda item: (item[1], item[0]))


Value: TypeAlias = bytes | List | Hash | Members | Ranking
Kind = TypeVar("Kind", bytes, List, Hash, Members, Ranking)
_KINDS: tuple[tuple[type, str], ...] = (
    (bytes, "string"),
    (List, "list"),
    (Hash, "hash"),
    (Members, "set"),
    (Ranking, "zset"),
)


def kind_of(value: Value) -> str:
    """As TYPE says it."""
    return next(name for type_, name in _KINDS if isinstance(value, type_))


def size_of(value: Value) -> int:
    """Bytes of memory, roughly."""
    if isinstance(value, bytes):
        return len(value) + _CELL
    if isinstance(value, Hash):
        return sum(len(name) + len(content) + _CELL for name, content in value.items()) + _CELL
    return sum(len(item) + _CELL for item in value) + _CELL


@dataclass(slots=True)
class Database:
    """One of the databases. What has expired is gone for everyone who looks.

    Attributes:
        now: Virtual seconds since the epoch.
        on_expired: Told of each key whose time is over.
    """

    now: Callable[[], float]
    on_expired: Callable[[Database, bytes], None]
    values: dict[bytes, Value] = field(default_factory=dict)
    ends: dict[bytes, float] = field(default_factory=dict)

    def find(self, key: bytes) -> Value | None:
        """The value of a key."""
        end = self.ends.get(key)
        if end is not None and end <= self.now():
            self._expire(key)
        return self.values.get(key)

    def get(self, key: bytes, kind: type[Kind]) -> Kind | None:
        """The value of a key, which must be of that kind.

        Raises:
            Failure: it is of another kind.
        """
        value = self.find(key)
        if value is not None and not isinstance(value, kind):
            raise Failure(_WRONG_KIND)
        return value

    def make(self, key: bytes, kind: type[Kind]) -> Kind:
        """The same; where there is none, an empty one that the database then has.

        Raises:
            Failure: it is of another kind.
        """
        value = self.get(key, kind)
        if value is None:
            value = kind()
            self.values[key] = value
        return value

    def put(self, key: bytes, value: Value, end: float | None = None) -> None:
        """Replaces a key, and its time to live."""
        self.values[key] = value
        self.set_end(key, end)

    def set_end(self, key: bytes, end: float | None) -> None:
        """Lets a key end at that moment, in seconds since the epoch, or never."""
        if end is None:
            self.ends.pop(key, None)
        else:
            self.ends[key] = end

    def drop(self, key: bytes) -> bool:
        """Removes a key, if it is there."""
        if self.find(key) is None:
            return False
        del self.values[key]
        self.ends.pop(key, None)
        return True

    def tidy(self, key: bytes) -> None:
        """Removes a key whose last item is gone."""
        if not self.values.get(key, b"x") and not isinstance(self.values[key], bytes):
            self.drop(key)

    def clear(self) -> int:
        """Removes everything; gives the number of keys."""
        count = len(self.all_keys())
        self.values.clear()
        self.ends.clear()
        return count

    def all_keys(self) -> list[bytes]:
        """All keys that have not ended, in the order of writing."""
        now = self.now()
        for key in [key for key, end in self.ends.items() if end <= now]:
            self._expire(key)
        return list(self.values)

    def _expire(self, key: bytes) -> None:
        self.values.pop(key, None)
        self.ends.pop(key, None)
        self.on_expired(self, key)


class Keyspace:
    """All databases, and what they cost.

    Attributes:
        counted: Bytes: what has been written since they were last counted, on top of that count.
        expired: Keys whose time was over.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self.expired = 0
        self.counted = 0
        self._count_again = 1 << 20
        self._exact = 0
        self.on_expired: Callable[[int, bytes], None] = lambda _number, _key: None
        self.databases = [Database(now, self._note) for _ in range(DATABASES)]

    def _note(self, database: Database, key: bytes) -> None:
        self.expired += 1
        self.on_expired(next(n for n, one in enumerate(self.databases) if one is database), key)

    @property
    def memory(self) -> int:
        """Bytes that the server uses, those of an empty one included."""
        return _EMPTY + self.counted

    def grow(self, words: Sequence[bytes]) -> None:
        """Counts what a command is about to write, at most."""
        self.counted += sum(len(word) + _CELL for word in words)

    def count_again(self) -> None:
        """After a command: counts all there is once the count has doubled, so that it costs little on the whole."""
        if self.counted > self._count_again:
            self.recount()

    def recount(self) -> None:
        """Counts all there is."""
        everything = (item for database in self.databases for item in database.values.items())
        self.counted = sum(len(key) + size_of(value) for key, value in everything)
        self._exact = self.counted
        self._count_again = 2 * self.counted + (1 << 20)

    def settle(self) -> None:
        """Counts anew where the count may be far off: what was written over is still in it."""
        if self.counted - self._exact > max(self.counted >> 6, 16 << 10):
            self.recount()

    def evict(self, database: Database, key: bytes) -> None:
        """Removes a key to make room."""
        value = database.find(key)
        if value is not None:
            database.drop(key)
            self.counted -= len(key) + size_of(value)
            self._exact = min(self._exact, self.counted)

    def used(self) -> Iterator[tuple[int, Database]]:
        """The databases that hold something, with their numbers."""
        for number, database in enumerate(self.databases):
            if database.all_keys():
                yield number, database


def matches(pattern: bytes, text: bytes) -> bool:
    """Whether a glob pattern (`*`, `?`, `[a-z]`, `\\x`) matches; in steps that grow with both lengths, no faster."""
    place, at, star, mark = 0, 0, -1, 0
    while at < len(text):
        if pattern[place : place + 1] == b"*":
            star, mark = place, at
            place += 1
        elif place < len(pattern) and (length := _one(pattern, place, text[at])):
            place += length
            at += 1
        elif star >= 0:
            mark += 1
            place, at = star + 1, mark
        else:
            return False
    return not pattern[place:].strip(b"*")


def _one(pattern: bytes, place: int, byte: int) -> int:
    """The length of the part of the pattern that matches this byte; 0 where it does not."""
    first = pattern[place : place + 1]
    if first == b"?":
        return 1
    if first == b"\\" and place + 1 < len(pattern):
        return 2 if pattern[place + 1] == byte else 0
    if first == b"[" and (end := pattern.find(b"]", place + 1)) > 0:
        inside = pattern[place + 1 : end]
        wanted = not inside.startswith(b"^")
        return end + 1 - place if (byte in _range(inside.lstrip(b"^"))) is wanted else 0
    return 1 if pattern[place] == byte else 0


def _range(inside: bytes) -> set[int]:
    found: set[int] = set()
    place = 0
    while place < len(inside):
        if inside[place + 1 : place + 2] == b"-" and place + 2 < len(inside):
            low, high = sorted((inside[place], inside[place + 2]))
            found |= set(range(low, high + 1))
            place += 3
        else:
            found.add(inside[place])
            place += 1
    return found
