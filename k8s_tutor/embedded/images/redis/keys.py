"""Commands on keys, whatever they hold."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy

from k8s_tutor.embedded.images.redis.call import OK, Call, Command, integer, syntax_error
from k8s_tutor.embedded.images.redis.keyspace import DATABASES, Hash, kind_of, matches, size_of
from k8s_tutor.embedded.images.redis.resp import Failure, Reply, Status

__all__ = ["COMMANDS"]


def _del(call: Call) -> Reply:
    count = sum(call.database.drop(key) for key in call.args)
    call.change(count)
    return count


def _exists(call: Call) -> Reply:
    return sum(call.database.find(key) is not None for key in call.args)


def _type(call: Call) -> Reply:
    value = call.database.find(call.args[0])
    return Status("none" if value is None else kind_of(value))


def _keys(call: Call) -> Reply:
    return [key for key in call.database.all_keys() if matches(call.args[0], key)]


def _scan(call: Call) -> Reply:
    """All at once: a cursor of 0 says that there is no more."""
    cursor, *options = call.args
    integer(cursor, "ERR invalid cursor")
    pattern, kind = b"*", b""
    left = list(options)
    while left:
        word = left.pop(0).upper()
        if word not in (b"MATCH", b"COUNT", b"TYPE") or not left:
            raise syntax_error()
        value = left.pop(0)
        if word == b"MATCH":
            pattern = value
        elif word == b"TYPE":
            kind = value.lower()
        elif integer(value) < 1:
            raise syntax_error()
    found = [key for key in call.database.all_keys() if matches(pattern, key)]
    if kind:
        found = [key for key in found if kind_of(call.database.values[key]).encode() == kind]
    return [b"0", found]


def _hscan(call: Call) -> Reply:
    found = call.database.get(call.args[0], Hash) or Hash()
    return [b"0", [word for item in found.items() for word in item]]


def _randomkey(call: Call) -> Reply:
    found = call.database.all_keys()
    return call.server.system.random.choice(found) if found else None


def _dbsize(call: Call) -> Reply:
    return len(call.database.all_keys())


def _expiring(unit: float, *, absolute: bool) -> Callable[[Call], Reply]:
    def run(call: Call) -> Reply:
        key, word, *options = call.args
        end = integer(word) * unit + (0 if absolute else call.now)
        database = call.database
        if database.find(key) is None:
            return 0
        if not _allowed(database.ends.get(key), end, options):
            return 0
        call.change()
        if end <= call.now:
            database.drop(key)
            call.instead = [b"DEL", key]
        else:
            database.set_end(key, end)
            call.instead = [b"PEXPIREAT", key, b"%d" % round(end * 1000)]
        return 1

    return run


def _allowed(old: float | None, new: float, options: list[bytes]) -> bool:
    for word in (word.upper() for word in options):
        if word not in (b"NX", b"XX", b"GT", b"LT"):
            raise Failure(f"ERR Unsupported option {word.decode(errors='replace')}")
        if word == b"NX" and old is not None:
            return False
        if word in (b"XX", b"GT") and old is None:
            return False
        if old is not None and (new <= old if word == b"GT" else word == b"LT" and new >= old):
            return False
    return True


def _left(unit: int) -> Callable[[Call], Reply]:
    def run(call: Call) -> Reply:
        if call.database.find(call.args[0]) is None:
            return -2
        end = call.database.ends.get(call.args[0])
        if end is None:
            return -1
        left = round((end - call.now) * 1000)
        return left if unit == 1 else (left + 500) // 1000

    return run


def _expiretime(call: Call) -> Reply:
    if call.database.find(call.args[0]) is None:
        return -2
    end = call.database.ends.get(call.args[0])
    return -1 if end is None else round(end * (1000 if call.name.startswith("p") else 1))


def _persist(call: Call) -> Reply:
    if call.database.find(call.args[0]) is None or call.args[0] not in call.database.ends:
        return 0
    call.database.set_end(call.args[0], None)
    call.change()
    return 1


def _rename(call: Call) -> Reply:
    old, new = call.args
    value = call.database.find(old)
    if value is None:
        raise Failure("ERR no such key")
    if call.name == "renamenx" and call.database.find(new) is not None:
        return 0
    end = call.database.ends.get(old)
    call.database.drop(old)
    call.database.put(new, value, end)
    call.change()
    return 1 if call.name == "renamenx" else OK


def _copy(call: Call) -> Reply:
    old, new, *options = call.args
    value = call.database.find(old)
    if {word.upper() for word in options} - {b"REPLACE"}:
        raise syntax_error()
    if value is None or (call.database.find(new) is not None and not options):
        return 0
    call.server.afford(size_of(value))
    call.database.put(new, copy(value), call.database.ends.get(old))
    call.change()
    return 1


def _move(call: Call) -> Reply:
    key, number = call.args[0], integer(call.args[1])
    if not 0 <= number < DATABASES:
        raise Failure("ERR DB index is out of range")
    other = call.server.keyspace.databases[number]
    if other is call.database:
        raise Failure("ERR source and destination objects are the same")
    value = call.database.find(key)
    if value is None or other.find(key) is not None:
        return 0
    other.put(key, value, call.database.ends.get(key))
    call.database.drop(key)
    call.change()
    return 1


def _touch(call: Call) -> Reply:
    return _exists(call)


def _flushdb(call: Call) -> Reply:
    call.change(call.database.clear() + 1)
    return OK


def _flushall(call: Call) -> Reply:
    call.change(sum(database.clear() for database in call.server.keyspace.databases) + 1)
    return OK


COMMANDS = {
    "copy": Command(-3, _copy, writes=True, grows=True),
    "dbsize": Command(1, _dbsize),
    "del": Command(-2, _del, writes=True),
    "exists": Command(-2, _exists),
    "expire": Command(-3, _expiring(1.0, absolute=False), writes=True),
    "expireat": Command(-3, _expiring(1.0, absolute=True), writes=True),
    "expiretime": Command(2, _expiretime),
    "flushall": Command(-1, _flushall, writes=True),
    "flushdb": Command(-1, _flushdb, writes=True),
    "hscan": Command(-3, _hscan),
    "keys": Command(2, _keys),
    "move": Command(3, _move, writes=True),
    "persist": Command(2, _persist, writes=True),
    "pexpire": Command(-3, _expiring(1e-3, absolute=False), writes=True),
    "pexpireat": Command(-3, _expiring(1e-3, absolute=True), writes=True),
    "pexpiretime": Command(2, _expiretime),
    "pttl": Command(2, _left(1)),
    "randomkey": Command(1, _randomkey),
    "rename": Command(3, _rename, writes=True),
    "renamenx": Command(3, _rename, writes=True),
    "scan": Command(-2, _scan),
    "touch": Command(-2, _touch),
    "ttl": Command(2, _left(1000)),
    "type": Command(2, _type),
    "unlink": Command(-2, _del, writes=True),
}
