"""One command on its way: who asks, of which database, and what came of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from k8s_tutor.embedded.images.redis.keyspace import Database
from k8s_tutor.embedded.images.redis.resp import Failure, Reply, Status

__all__ = [
    "NOT_AN_INTEGER",
    "OK",
    "Call",
    "Command",
    "Connection",
    "integer",
    "number",
    "removed",
    "shown",
    "span",
    "syntax_error",
]

OK = Status("OK")
NOT_AN_INTEGER = "ERR value is not an integer or out of range"
_LARGEST = 1 << 63


@dataclass(slots=True)
class Connection:
    """One client.

    Attributes:
        queue: Commands since MULTI; None outside of a transaction.
        broken: Whether one of them was refused.
        watched: Keys that WATCH named, with their databases.
        touched: Whether one of them has changed since.
    """

    id: int
    client: str
    known: bool
    since: float
    name: bytes = b""
    database: int = 0
    queue: list[list[bytes]] | None = None
    broken: bool = False
    closing: bool = False
    watched: set[tuple[int, bytes]] = field(default_factory=set)
    touched: bool = False

    def unwatch(self) -> None:
        """Watches nothing any more."""
        self.watched.clear()
        self.touched = False


@dataclass(slots=True)
class Call:
    """One command.

    Attributes:
        server: The `server.Server` that runs it.
        name: In lower case.
        args: Without the name.
        changes: How many changes it has made.
        instead: What the append only file gets instead of the command itself.
    """

    server: Any  # its type would close a circle of imports
    connection: Connection
    name: str
    args: Sequence[bytes]
    changes: int = 0
    instead: list[bytes] | None = None

    @property
    def database(self) -> Database:
        """The client's."""
        found: Database = self.server.keyspace.databases[self.connection.database]
        return found

    @property
    def now(self) -> float:
        """Virtual seconds since the epoch."""
        return float(self.server.system.now())

    def change(self, count: int = 1) -> None:
        """Notes changes."""
        self.changes += count


@dataclass(frozen=True, slots=True)
class Command:
    """A row of the table of commands.

    Attributes:
        arity: Words with the name; at least so many where it is negative.
        run: Does it.
        writes: Whether it may change something.
        grows: Whether it may need memory.
    """

    arity: int
    run: Callable[[Call], Reply]
    writes: bool = False
    grows: bool = False

    def takes(self, words: int) -> bool:
        """Whether the number of words is right."""
        return words == self.arity if self.arity > 0 else words >= -self.arity


Table: TypeAlias = "dict[str, Command]"


def integer(word: bytes, why: str = NOT_AN_INTEGER) -> int:
    """A word as a whole number of 64 bits, by Redis' strict rules.

    Raises:
        Failure: it is none.
    """
    try:
        value = int(word)
    except ValueError:
        raise Failure(why) from None
    if str(value).encode() != word or not -_LARGEST <= value < _LARGEST:
        raise Failure(why)
    return value


def number(word: bytes, why: str = "ERR value is not a valid float") -> float:
    """A word as a number.

    Raises:
        Failure: it is none.
    """
    try:
        value = float(word)
    except ValueError:
        raise Failure(why) from None
    if math.isnan(value) or word != word.strip():
        raise Failure(why)
    return value


def shown(value: float) -> bytes:
    """A number as replies show it."""
    if math.isinf(value):
        return b"inf" if value > 0 else b"-inf"
    return b"%d" % int(value) if value == int(value) and abs(value) < 1e17 else repr(value).encode()


def syntax_error() -> Failure:
    """What options that nobody knows get."""
    return Failure("ERR syntax error")


def span(size: int, first: bytes, last: bytes) -> slice:
    """A part of something so long, by its first and its last place; negative ones count from the end."""
    begin, end = integer(first), integer(last)
    begin = max(begin + size, 0) if begin < 0 else begin
    end = end + size if end < 0 else end
    return slice(begin, max(end + 1, 0))


def removed(call: Call, found: dict[bytes, Any] | None) -> int:
    """Removes what the command names from what the key holds, and the key where nothing is left."""
    if found is None:
        return 0
    gone = [name for name in dict.fromkeys(call.args[1:]) if name in found]
    for name in gone:
        del found[name]
    call.change(len(gone))
    call.database.tidy(call.args[0])
    return len(gone)
