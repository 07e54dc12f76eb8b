"""Commands on strings."""

from __future__ import annotations

from k8s_tutor.embedded.images.redis.call import OK, Call, Command, integer, number, shown, syntax_error
from k8s_tutor.embedded.images.redis.resp import Failure, Reply

__all__ = ["COMMANDS", "LONGEST"]

LONGEST = 512 << 20  # bytes of a string
_UNITS = {b"EX": 1.0, b"PX": 1e-3, b"EXAT": 1.0, b"PXAT": 1e-3}


def _get(call: Call) -> Reply:
    return call.database.get(call.args[0], bytes)


def _set(call: Call) -> Reply:
    key, value, *options = call.args
    conditions, end, keeps = _options(call, options)
    old = call.database.find(key)
    if b"GET" in conditions and old is not None:
        call.database.get(key, bytes)
    reply: Reply = old if b"GET" in conditions and isinstance(old, bytes) else None
    if (b"NX" in conditions and old is not None) or (b"XX" in conditions and old is None):
        return reply
    _put(call, key, value, call.database.ends.get(key) if keeps else end, b"KEEPTTL" if keeps else b"")
    return reply if b"GET" in conditions else OK


def _options(call: Call, words: list[bytes]) -> tuple[set[bytes], float | None, bool]:
    """Conditions, the end, and whether an old end stays."""
    conditions: set[bytes] = set()
    end: float | None = None
    keeps = False
    left = list(words)
    while left:
        word = left.pop(0).upper()
        if word in (b"NX", b"XX", b"GET"):
            conditions.add(word)
        elif word == b"KEEPTTL" and end is None:
            keeps = True
        elif word in _UNITS and left and end is None and not keeps:
            end = _end(call, left.pop(0), word)
        else:
            raise syntax_error()
    if {b"NX", b"XX"} <= conditions:
        raise syntax_error()
    return conditions, end, keeps


def _end(call: Call, word: bytes, unit: bytes) -> float:
    """When something ends, in seconds since the epoch."""
    amount = integer(word)
    if amount <= 0:
        raise Failure(f"ERR invalid expire time in '{call.name}' command")
    return amount * _UNITS[unit] + (0 if unit.endswith(b"AT") else call.now)


def _put(call: Call, key: bytes, value: bytes, end: float | None = None, keep: bytes = b"") -> None:
    call.database.put(key, value, end)
    call.change()
    if end is not None and not keep:
        call.instead = [b"SET", key, value, b"PXAT", b"%d" % round(end * 1000)]


def _setex(call: Call) -> Reply:
    key, seconds, value = call.args
    _put(call, key, value, _end(call, seconds, b"PX" if call.name == "psetex" else b"EX"))
    return OK


def _setnx(call: Call) -> Reply:
    if call.database.find(call.args[0]) is not None:
        return 0
    _put(call, call.args[0], call.args[1])
    return 1


def _getset(call: Call) -> Reply:
    old = call.database.get(call.args[0], bytes)
    _put(call, call.args[0], call.args[1])
    return old


def _getdel(call: Call) -> Reply:
    old = call.database.get(call.args[0], bytes)
    if call.database.drop(call.args[0]):
        call.change()
    return old


def _getex(call: Call) -> Reply:
    key, *options = call.args
    value = call.database.get(key, bytes)
    if [word.upper() for word in options] == [b"PERSIST"]:
        end: float | None = None
    elif options:
        _, end, _ = _options(call, options)
    else:
        return value
    if value is not None:
        call.database.set_end(key, end)
        call.change()
    return value


def _pairs(call: Call) -> list[tuple[bytes, bytes]]:
    if len(call.args) % 2:
        raise Failure(f"ERR wrong number of arguments for '{call.name}' command")
    return list(zip(call.args[::2], call.args[1::2], strict=True))


def _mset(call: Call) -> Reply:
    for key, value in _pairs(call):
        _put(call, key, value)
    return OK


def _msetnx(call: Call) -> Reply:
    pairs = _pairs(call)
    if any(call.database.find(key) is not None for key, _ in pairs):
        return 0
    for key, value in pairs:
        _put(call, key, value)
    return 1


def _mget(call: Call) -> Reply:
    found = [call.database.find(key) for key in call.args]
    return [value if isinstance(value, bytes) else None for value in found]


def _add(call: Call, amount: int) -> Reply:
    key = call.args[0]
    value = integer(call.database.get(key, bytes) or b"0") + amount
    if not -(1 << 63) <= value < 1 << 63:
        raise Failure("ERR increment or decrement would overflow")
    call.database.values[key] = b"%d" % value
    call.change()
    return value


def _incr(call: Call) -> Reply:
    return _add(call, 1)


def _decr(call: Call) -> Reply:
    return _add(call, -1)


def _incrby(call: Call) -> Reply:
    return _add(call, integer(call.args[1]))


def _decrby(call: Call) -> Reply:
    return _add(call, -integer(call.args[1]))


def _incrbyfloat(call: Call) -> Reply:
    key, amount = call.args
    value = number(call.database.get(key, bytes) or b"0") + number(amount)
    text = shown(value)
    if text.endswith(b"inf"):
        raise Failure("ERR increment would produce NaN or Infinity")
    call.database.values[key] = text
    call.change()
    call.instead = [b"SET", key, text, b"KEEPTTL"]
    return text


def _append(call: Call) -> Reply:
    key, more = call.args
    value = (call.database.get(key, bytes) or b"") + more
    call.database.values[key] = value
    call.change()
    return len(value)


def _strlen(call: Call) -> Reply:
    return len(call.database.get(call.args[0], bytes) or b"")


def _getrange(call: Call) -> Reply:
    value = call.database.get(call.args[0], bytes) or b""
    first, last = integer(call.args[1]), integer(call.args[2])
    first = max(first + len(value), 0) if first < 0 else first
    last = last + len(value) if last < 0 else last
    return value[first : last + 1] if last >= 0 else b""


def _setrange(call: Call) -> Reply:
    key, at, more = call.args
    place = integer(at)
    if place < 0:
        raise Failure("ERR offset is out of range")
    value = call.database.get(key, bytes) or b""
    if not more:
        return len(value)
    if place + len(more) > LONGEST:
        raise Failure("ERR string exceeds maximum allowed size (proto-max-bulk-len)")
    call.server.afford(place + len(more))
    call.database.values[key] = value[:place].ljust(place, b"\0") + more + value[place + len(more) :]
    call.change()
    return len(call.database.values[key])


COMMANDS = {
    "append": Command(3, _append, writes=True, grows=True),
    "decr": Command(2, _decr, writes=True, grows=True),
    "decrby": Command(3, _decrby, writes=True, grows=True),
    "get": Command(2, _get),
    "getdel": Command(2, _getdel, writes=True),
    "getex": Command(-2, _getex, writes=True),
    "getrange": Command(4, _getrange),
    "getset": Command(3, _getset, writes=True, grows=True),
    "incr": Command(2, _incr, writes=True, grows=True),
    "incrby": Command(3, _incrby, writes=True, grows=True),
    "incrbyfloat": Command(3, _incrbyfloat, writes=True, grows=True),
    "mget": Command(-2, _mget),
    "mset": Command(-3, _mset, writes=True, grows=True),
    "msetnx": Command(-3, _msetnx, writes=True, grows=True),
    "psetex": Command(4, _setex, writes=True, grows=True),
    "set": Command(-3, _set, writes=True, grows=True),
    "setex": Command(4, _setex, writes=True, grows=True),
    "setnx": Command(3, _setnx, writes=True, grows=True),
    "setrange": Command(4, _setrange, writes=True, grows=True),
    "strlen": Command(2, _strlen),
    "substr": Command(4, _getrange),
}
