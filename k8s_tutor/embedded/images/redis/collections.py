"""Commands on lists, hashes and sets."""

from __future__ import annotations

from collections.abc import Callable

from k8s_tutor.embedded.images.redis.call import OK, Call, Command, integer, number, removed, shown, span, syntax_error
from k8s_tutor.embedded.images.redis.keyspace import Hash, List, Members, Ranking
from k8s_tutor.embedded.images.redis.resp import Failure, Reply

__all__ = ["COMMANDS", "RANKING_COMMANDS"]

# ---- Lists


def _push(call: Call) -> Reply:
    key, *items = call.args
    if call.name.endswith("x") and call.database.get(key, List) is None:
        return 0
    found = call.database.make(key, List)
    if call.name.startswith("l"):
        found[:0] = reversed(items)
    else:
        found += items
    call.change(len(items))
    return len(found)


def _pop(call: Call) -> Reply:
    key, *counts = call.args
    if len(counts) > 1:
        raise Failure(f"ERR wrong number of arguments for '{call.name}' command")
    count = integer(counts[0], "ERR value is out of range, must be positive") if counts else 1
    if count < 0:
        raise Failure("ERR value is out of range, must be positive")
    found = call.database.get(key, List)
    if found is None:
        return None
    if call.name == "lpop":
        taken = found[:count]
        del found[:count]
    else:
        taken = found[-count:][::-1] if count else []
        del found[len(found) - len(taken) :]
    call.change(len(taken))
    call.database.tidy(key)
    return taken if counts else taken[0]


def _llen(call: Call) -> Reply:
    return len(call.database.get(call.args[0], List) or ())


def _lrange(call: Call) -> Reply:
    found = call.database.get(call.args[0], List) or List()
    return list(found[span(len(found), *call.args[1:])])


def _lindex(call: Call) -> Reply:
    found, place = call.database.get(call.args[0], List) or List(), integer(call.args[1])
    return found[place] if -len(found) <= place < len(found) else None


def _lset(call: Call) -> Reply:
    found, place = call.database.get(call.args[0], List), integer(call.args[1])
    if found is None:
        raise Failure("ERR no such key")
    if not -len(found) <= place < len(found):
        raise Failure("ERR index out of range")
    found[place] = call.args[2]
    call.change()
    return OK


def _lrem(call: Call) -> Reply:
    key, count, item = call.args
    found, wanted = call.database.get(key, List), integer(count)
    if found is None:
        return 0
    places = [place for place, one in enumerate(found) if one == item]
    chosen = places[wanted:] if wanted < 0 else places[: wanted or None]
    gone = set(chosen)
    found[:] = [one for place, one in enumerate(found) if place not in gone]
    call.change(len(chosen))
    call.database.tidy(key)
    return len(chosen)


def _ltrim(call: Call) -> Reply:
    found = call.database.get(call.args[0], List)
    if found is not None:
        found[:] = found[span(len(found), *call.args[1:])]
        call.change()
        call.database.tidy(call.args[0])
    return OK


# ---- Hashes


def _hset(call: Call) -> Reply:
    key, *words = call.args
    if len(words) % 2:
        raise Failure(f"ERR wrong number of arguments for '{call.name}' command")
    found = call.database.make(key, Hash)
    before = len(found)
    found.update(zip(words[::2], words[1::2], strict=True))
    call.change(len(words) // 2)
    return OK if call.name == "hmset" else len(found) - before


def _hsetnx(call: Call) -> Reply:
    key, name, value = call.args
    if name in (call.database.get(key, Hash) or ()):
        return 0
    call.database.make(key, Hash)[name] = value
    call.change()
    return 1


def _hash(call: Call) -> Hash:
    return call.database.get(call.args[0], Hash) or Hash()


def _hget(call: Call) -> Reply:
    return _hash(call).get(call.args[1])


def _hmget(call: Call) -> Reply:
    found = _hash(call)
    return [found.get(name) for name in call.args[1:]]


def _hgetall(call: Call) -> Reply:
    return [word for item in _hash(call).items() for word in item]


def _hkeys(call: Call) -> Reply:
    return list(_hash(call))


def _hvals(call: Call) -> Reply:
    return list(_hash(call).values())


def _hlen(call: Call) -> Reply:
    return len(_hash(call))


def _hexists(call: Call) -> Reply:
    return int(call.args[1] in _hash(call))


def _hdel(call: Call) -> Reply:
    return removed(call, call.database.get(call.args[0], Hash))


def _hincrby(call: Call) -> Reply:
    key, name, amount = call.args
    old = integer(_hash(call).get(name, b"0"), "ERR hash value is not an integer")
    value = old + integer(amount)
    call.database.make(key, Hash)[name] = b"%d" % value
    call.change()
    return value


def _hincrbyfloat(call: Call) -> Reply:
    key, name, amount = call.args
    value = shown(number(_hash(call).get(name, b"0"), "ERR hash value is not a float") + number(amount))
    call.database.make(key, Hash)[name] = value
    call.change()
    return value


# ---- Sets


def _set_of(call: Call, key: bytes) -> Members:
    return call.database.get(key, Members) or Members()


def _sadd(call: Call) -> Reply:
    found = call.database.make(call.args[0], Members)
    new = [item for item in dict.fromkeys(call.args[1:]) if item not in found]
    found.update(dict.fromkeys(new))
    call.change(len(new))
    return len(new)


def _srem(call: Call) -> Reply:
    return removed(call, call.database.get(call.args[0], Members))


def _smembers(call: Call) -> Reply:
    return list(_set_of(call, call.args[0]))


def _sismember(call: Call) -> Reply:
    return int(call.args[1] in _set_of(call, call.args[0]))


def _smismember(call: Call) -> Reply:
    found = _set_of(call, call.args[0])
    return [int(item in found) for item in call.args[1:]]


def _scard(call: Call) -> Reply:
    return len(_set_of(call, call.args[0]))


def _spop(call: Call) -> Reply:
    key, *counts = call.args
    found = _set_of(call, key)
    count = integer(counts[0], "ERR value is out of range, must be positive") if counts else 1
    taken = call.server.system.random.sample(list(found), min(max(count, 0), len(found)))
    for item in taken:
        del found[item]
    call.change(len(taken))
    call.database.tidy(key)
    call.instead = [b"SREM", key, *taken]
    return taken if counts else (taken[0] if taken else None)


def _srandmember(call: Call) -> Reply:
    found = list(_set_of(call, call.args[0]))
    if len(call.args) == 1:
        return call.server.system.random.choice(found) if found else None
    count = integer(call.args[1])
    if count < 0:
        call.server.afford(-count * 16)
        return [call.server.system.random.choice(found) for _ in range(-count)] if found else []
    return list(call.server.system.random.sample(found, min(count, len(found))))


def _combined(how: Callable[[Members, Members], Members]) -> Callable[[Call], Reply]:
    def run(call: Call) -> Reply:
        found, *others = [_set_of(call, key) for key in call.args]
        for other in others:
            found = how(found, other)
        return list(found)

    return run


_sunion = _combined(lambda one, other: Members({**one, **other}))
_sinter = _combined(lambda one, other: Members({item: None for item in one if item in other}))
_sdiff = _combined(lambda one, other: Members({item: None for item in one if item not in other}))


COMMANDS = {
    **{name: Command(-3, _push, writes=True, grows=True) for name in ("lpush", "rpush", "lpushx", "rpushx")},
    **{name: Command(-2, _pop, writes=True) for name in ("lpop", "rpop")},
    "llen": Command(2, _llen),
    "lrange": Command(4, _lrange),
    "lindex": Command(3, _lindex),
    "lset": Command(4, _lset, writes=True, grows=True),
    "lrem": Command(4, _lrem, writes=True),
    "ltrim": Command(4, _ltrim, writes=True),
    **{name: Command(-4, _hset, writes=True, grows=True) for name in ("hset", "hmset")},
    "hsetnx": Command(4, _hsetnx, writes=True, grows=True),
    "hget": Command(3, _hget),
    "hmget": Command(-3, _hmget),
    "hgetall": Command(2, _hgetall),
    "hkeys": Command(2, _hkeys),
    "hvals": Command(2, _hvals),
    "hlen": Command(2, _hlen),
    "hexists": Command(3, _hexists),
    "hdel": Command(-3, _hdel, writes=True),
    "hincrby": Command(4, _hincrby, writes=True, grows=True),
    "hincrbyfloat": Command(4, _hincrbyfloat, writes=True, grows=True),
    "sadd": Command(-3, _sadd, writes=True, grows=True),
    "srem": Command(-3, _srem, writes=True),
    "smembers": Command(2, _smembers),
    "sismember": Command(3, _sismember),
    "smismember": Command(-3, _smismember),
    "scard": Command(2, _scard),
    "spop": Command(-2, _spop, writes=True),
    "srandmember": Command(-2, _srandmember),
    "sunion": Command(-2, _sunion),
    "sinter": Command(-2, _sinter),
    "sdiff": Command(-2, _sdiff),
}


# ---- Commands on sorted sets


def _ranking(call: Call) -> Ranking:
    return call.database.get(call.args[0], Ranking) or Ranking()


def _zadd(call: Call) -> Reply:
    key, *words = call.args
    options: set[bytes] = set()
    while words and words[0].upper() in (b"NX", b"XX", b"CH"):
        options.add(words.pop(0).upper())
    if not words or len(words) % 2:
        raise syntax_error()
    scores = [(number(score), member) for score, member in zip(words[::2], words[1::2], strict=True)]
    found = call.database.make(key, Ranking)
    added = changed = 0
    for score, member in scores:
        old = found.get(member)
        if (old is None and b"XX" in options) or (old is not None and b"NX" in options):
            continue
        added += old is None
        changed += old != score
        found[member] = score
    call.change(changed)
    call.database.tidy(key)
    return changed if b"CH" in options else added


def _zincrby(call: Call) -> Reply:
    key, amount, member = call.args
    more = number(amount)
    found = call.database.make(key, Ranking)
    found[member] = found.get(member, 0.0) + more
    call.change()
    return shown(found[member])


def _zrange(call: Call) -> Reply:
    key, first, last, *options = call.args
    words = [word.upper() for word in options]
    if set(words) - {b"WITHSCORES", b"REV"}:
        raise syntax_error()
    rows = (call.database.get(key, Ranking) or Ranking()).ranked()
    if call.name == "zrevrange" or b"REV" in words:
        rows.reverse()
    chosen = rows[span(len(rows), first, last)]
    if b"WITHSCORES" in words:
        return [word for member, score in chosen for word in (member, shown(score))]
    return [member for member, _ in chosen]


def _border(word: bytes) -> tuple[float, bool]:
    why = "ERR min or max is not a float"
    return number(word.removeprefix(b"("), why), word.startswith(b"(")


def _between(call: Call) -> list[tuple[bytes, float]]:
    (low, above), (high, below) = _border(call.args[1]), _border(call.args[2])
    rows = _ranking(call).ranked()
    return [
        (member, score)
        for member, score in rows
        if (score > low if above else score >= low) and (score < high if below else score <= high)
    ]


def _zrangebyscore(call: Call) -> Reply:
    words = [word.upper() for word in call.args[3:]]
    if set(words) - {b"WITHSCORES"}:
        raise syntax_error()
    if words:
        return [word for member, score in _between(call) for word in (member, shown(score))]
    return [member for member, _ in _between(call)]


def _zcount(call: Call) -> Reply:
    return len(_between(call))


def _zscore(call: Call) -> Reply:
    score = _ranking(call).get(call.args[1])
    return None if score is None else shown(score)


def _zrank(call: Call) -> Reply:
    members = [member for member, _ in _ranking(call).ranked()]
    if call.name == "zrevrank":
        members.reverse()
    return members.index(call.args[1]) if call.args[1] in members else None


def _zcard(call: Call) -> Reply:
    return len(_ranking(call))


def _zrem(call: Call) -> Reply:
    return removed(call, call.database.get(call.args[0], Ranking))


RANKING_COMMANDS = {
    "zadd": Command(-4, _zadd, writes=True, grows=True),
    "zincrby": Command(4, _zincrby, writes=True, grows=True),
    "zrange": Command(-4, _zrange),
    "zrevrange": Command(-4, _zrange),
    "zrangebyscore": Command(-4, _zrangebyscore),
    "zcount": Command(4, _zcount),
    "zscore": Command(3, _zscore),
    "zrank": Command(3, _zrank),
    "zrevrank": Command(3, _zrank),
    "zcard": Command(2, _zcard),
    "zrem": Command(-3, _zrem, writes=True),
}
