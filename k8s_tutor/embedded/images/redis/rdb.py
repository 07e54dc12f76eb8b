"""`dump.rdb`, in the real format of version 10: what is written here a real server loads.

Written without the packed encodings of small collections, and without a checksum (zeros, as with `rdbchecksum no`); a
file that a real server has packed is not read.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from k8s_tutor.embedded.images.redis.keyspace import Hash, Keyspace, List, Members, Ranking, Value

__all__ = ["VERSION", "Loaded", "NotLoaded", "dump", "load"]

VERSION = "7.0.15"
_MAGIC = b"REDIS0010"
_AUX, _RESIZE, _MILLISECONDS, _SELECT, _END = 0xFA, 0xFB, 0xFC, 0xFE, 0xFF
_STRING, _LIST, _SET, _HASH, _RANKING = 0, 1, 2, 4, 5
_INTEGERS = ((0xC0, "<b", 1 << 7), (0xC1, "<h", 1 << 15), (0xC2, "<i", 1 << 31))


class NotLoaded(Exception):
    """The file cannot be read."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file holds beside the keys, and how many of them."""

    version: str
    created: float
    memory: int
    loaded: int
    expired: int


def dump(keyspace: Keyspace, now: float, *, base: bool = False) -> bytes:
    """The whole keyspace as a file; `base`: of the append only file."""
    parts = [_MAGIC]
    facts = (b"redis-ver", VERSION.encode()), (b"redis-bits", b"64"), (b"ctime", b"%d" % int(now))
    for name, value in (*facts, (b"used-mem", b"%d" % keyspace.memory), (b"aof-base", b"1" if base else b"0")):
        parts += [bytes([_AUX]), _string(name), _string(value)]
    for number, database in keyspace.used():
        sizes = _length(len(database.values)) + _length(len(database.ends))
        parts += [bytes([_SELECT]), _length(number), bytes([_RESIZE]), sizes]
        for key, content in database.values.items():
            if (end := database.ends.get(key)) is not None:
                parts.append(struct.pack("<Bq", _MILLISECONDS, round(end * 1000)))
            parts.append(_item(key, content))
    return b"".join((*parts, bytes([_END]), bytes(8)))


def _item(key: bytes, value: Value) -> bytes:
    if isinstance(value, bytes):
        return bytes([_STRING]) + _string(key) + _string(value)
    head = _string(key) + _length(len(value))
    if isinstance(value, Hash):
        return bytes([_HASH]) + head + b"".join(_string(word) for item in value.items() for word in item)
    if isinstance(value, Ranking):
        rows = (_string(member) + struct.pack("<d", score) for member, score in value.items())
        return bytes([_RANKING]) + head + b"".join(rows)
    kind = _LIST if isinstance(value, List) else _SET
    return bytes([kind]) + head + b"".join(_string(one) for one in value)


def _length(size: int) -> bytes:
    if size < 1 << 6:
        return bytes([size])
    return struct.pack(">H", 0x4000 | size) if size < 1 << 14 else struct.pack(">BI", 0x80, size)


def _string(data: bytes) -> bytes:
    if len(data) <= 11 and data.removeprefix(b"-").isdigit() and b"%d" % int(data) == data:
        for mark, form, border in _INTEGERS:
            if -border <= int(data) < border:
                return bytes([mark]) + struct.pack(form, int(data))
    return _length(len(data)) + data


def load(data: bytes, keyspace: Keyspace, now: float) -> Loaded:
    """Reads a file into a keyspace; what has ended by now is left out.

    Raises:
        NotLoaded: it is no such file, or one that is not read here; the message is for the log.
    """
    if not data.startswith(b"REDIS"):
        raise NotLoaded("Wrong signature trying to load DB from file")
    try:
        return _Reader(data, keyspace, now).read()
    except (IndexError, struct.error, ValueError):
        raise NotLoaded("Short read or OOM loading DB. Unrecoverable error, aborting now.") from None


class _Reader:
    def __init__(self, data: bytes, keyspace: Keyspace, now: float) -> None:
        self._data = data
        self._keyspace = keyspace
        self._now = now
        self._place = len(_MAGIC)
        self._facts: dict[bytes, bytes] = {}

    def read(self) -> Loaded:
        """All of it."""
        database, end = self._keyspace.databases[0], None
        loaded = expired = 0
        while (kind := self._byte()) != _END:
            if kind == _AUX:
                name = self._string()
                self._facts[name] = self._string()
            elif kind == _SELECT:
                database = self._keyspace.databases[self._length()]
            elif kind == _RESIZE:
                self._length(), self._length()
            elif kind == _MILLISECONDS:
                end = self._number("<q") / 1000
            else:
                key, value = self._string(), self._value(kind)
                if end is not None and end <= self._now:
                    expired += 1
                else:
                    database.put(key, value, end)
                    loaded += 1
                end = None
        self._keyspace.recount()
        facts = self._facts
        created, memory = int(facts.get(b"ctime", b"0")), int(facts.get(b"used-mem", b"0"))
        return Loaded(facts.get(b"redis-ver", b"").decode(), created, memory, loaded, expired)

    def _value(self, kind: int) -> Value:
        if kind == _STRING:
            return self._string()
        if kind == _LIST:
            return List(self._string() for _ in range(self._length()))
        if kind == _SET:
            return Members((self._string(), None) for _ in range(self._length()))
        if kind == _HASH:
            return Hash((self._string(), self._string()) for _ in range(self._length()))
        if kind == _RANKING:
            return Ranking((self._string(), self._number("<d")) for _ in range(self._length()))
        raise NotLoaded(f"values of type {kind}, as a real server packs them, are not read on the embedded cluster")

    def _byte(self) -> int:
        self._place += 1
        return self._data[self._place - 1]

    def _number(self, form: str) -> float:
        (value,) = struct.unpack_from(form, self._data, self._place)
        self._place += struct.calcsize(form)
        return float(value) if form == "<d" else int(value)

    def _length(self) -> int:
        first = self._byte()
        if first >> 6 == 0:
            return first
        if first >> 6 == 1:
            return (first & 0x3F) << 8 | self._byte()
        if first == 0x80:
            return int(self._number(">I"))
        raise ValueError(first)

    def _string(self) -> bytes:
        first = self._data[self._place]
        for mark, form, _ in _INTEGERS:
            if first == mark:
                self._place += 1
                return b"%d" % int(self._number(form))
        size = self._length()
        self._place += size
        if self._place > len(self._data):
            raise IndexError
        return self._data[self._place - size : self._place]
