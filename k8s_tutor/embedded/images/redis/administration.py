"""Commands on the connection and on the server itself, and the table of all commands."""

from __future__ import annotations

from collections.abc import Callable

from k8s_tutor.embedded.images.redis import collections, keys, texts
from k8s_tutor.embedded.images.redis.call import OK, Call, Command, Table, integer, syntax_error
from k8s_tutor.embedded.images.redis.information import information
from k8s_tutor.embedded.images.redis.keyspace import DATABASES, kind_of, size_of
from k8s_tutor.embedded.images.redis.rdb import VERSION
from k8s_tutor.embedded.images.redis.resp import Failure, Reply, Status

__all__ = ["COMMANDS", "NOT_SIMULATED", "UNGUARDED", "UNQUEUED"]

UNGUARDED = frozenset({"auth", "hello", "quit", "reset"})
"""What a client may ask that has not said the password."""

UNQUEUED = frozenset({"exec", "discard", "multi", "watch", "quit", "reset"})
"""What is done at once inside a transaction, too."""

_NOT_SIMULATED = """
acl asking bitcount bitfield bitfield_ro bitop bitpos blmove blmpop blpop brpop brpoplpush bzmpop bzpopmax bzpopmin
cluster dump eval eval_ro evalsha evalsha_ro failover fcall fcall_ro function geoadd geodist geohash geopos
georadius georadius_ro georadiusbymember georadiusbymember_ro geosearch geosearchstore getbit hrandfield hstrlen
latency lcs linsert lmove lmpop lpos migrate module monitor pfadd pfcount pfdebug pfmerge pfselftest psubscribe
psync publish pubsub punsubscribe readonly readwrite replconf replicaof restore restore-asking rpoplpush script
sdiffstore setbit sintercard sinterstore slaveof slowlog smove sort sort_ro spublish sscan ssubscribe subscribe
sunionstore sunsubscribe swapdb sync unsubscribe xack xadd xautoclaim xclaim xdel xgroup xinfo xlen xpending xrange
xread xreadgroup xrevrange xsetid xtrim zdiff zdiffstore zinter zintercard zinterstore zlexcount zmpop zmscore
zpopmax zpopmin zrandmember zrangebylex zrangestore zremrangebylex zremrangebyrank zremrangebyscore zrevrangebylex
zrevrangebyscore zscan zunion zunionstore
"""
NOT_SIMULATED = frozenset(_NOT_SIMULATED.split())
"""What a real server can do beside this."""

_NO_PASSWORD = (
    "ERR AUTH <password> called without any password configured for the default user. "
    "Are you sure your configuration is correct?"
)
_WRONG_PASSWORD = "WRONGPASS invalid username-password pair or user is disabled."
_NO_DEBUG = (
    'ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can run it from a local '
    "connection, otherwise you need to set this option in the configuration file, and then restart the server."
)


def _wrong_count(name: str) -> Failure:
    return Failure(f"ERR wrong number of arguments for '{name}' command")


# ---- The connection


def _ping(call: Call) -> Reply:
    if len(call.args) > 1:
        raise _wrong_count("ping")
    return call.args[0] if call.args else Status("PONG")


def _echo(call: Call) -> Reply:
    return call.args[0]


def _auth(call: Call) -> Reply:
    if len(call.args) > 2:
        raise syntax_error()
    password = call.server.config.values["requirepass"].encode()
    if len(call.args) == 1 and not password:
        raise Failure(_NO_PASSWORD)
    user = call.args[0] if len(call.args) == 2 else b"default"
    if user != b"default" or (password and call.args[-1] != password):
        raise Failure(_WRONG_PASSWORD)
    call.connection.known = True
    return OK


def _select(call: Call) -> Reply:
    number = integer(call.args[0], "ERR invalid DB index")
    if not 0 <= number < min(DATABASES, call.server.config.number("databases")):
        raise Failure("ERR DB index is out of range")
    call.connection.database = number
    return OK


def _quit(call: Call) -> Reply:
    call.connection.closing = True
    return OK


def _reset(call: Call) -> Reply:
    connection = call.connection
    connection.queue, connection.database, connection.name = None, 0, b""
    connection.unwatch()
    connection.known = not call.server.config.values["requirepass"]
    return Status("RESET")


def _hello(call: Call) -> Reply:
    if call.args and call.args[0] != b"2":
        if call.args[0] == b"3":
            raise Failure("NOPROTO RESP3 is not simulated on the embedded cluster")
        raise Failure("NOPROTO unsupported protocol version")
    if not call.connection.known:
        raise Failure(
            "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH "
            "<user> <pass> option can be used to authenticate the client and select the RESP protocol version at the "
            "same time"
        )
    facts = b"version", _version(call), b"proto", 2, b"id", call.connection.id, b"mode", b"standalone"
    return [b"server", b"redis", *facts, b"role", b"master", b"modules", []]


def _version(call: Call) -> bytes:
    return str(call.server.system.version or VERSION).encode()


def _lolwut(call: Call) -> Reply:
    return b"Redis ver. %b\n" % _version(call)


def _client(call: Call) -> Reply:
    connection, word = call.connection, call.args[0].lower().decode(errors="replace")
    match word:
        case "id":
            return connection.id
        case "getname":
            return connection.name or None
        case "setname" if len(call.args) == 2:
            connection.name = call.args[1]
            return OK
        case "info":
            return _describe(call, connection)
        case "list":
            return b"".join(_describe(call, one) for one in call.server.connections.values())
        case "no-evict" | "reply" | "setinfo":
            return OK
    raise _unknown(call)


def _describe(call: Call, one: object) -> bytes:
    assert isinstance(one, type(call.connection))
    facts = {
        "id": one.id,
        "addr": one.client,
        "laddr": f"{call.server.system.address}:{call.server.config.values['port']}",
        "name": one.name.decode(errors="replace"),
        "age": int(call.now - one.since),
        "db": one.database,
        "multi": -1 if one.queue is None else len(one.queue),
        "user": "default",
        "resp": 2,
    }
    return (" ".join(f"{name}={value}" for name, value in facts.items()) + "\n").encode()


def _unknown(call: Call) -> Failure:
    word = call.args[0].decode(errors="replace")
    return Failure(f"ERR unknown subcommand '{word}'. Try {call.name.upper()} HELP.")


# ---- Transactions


def _multi(call: Call) -> Reply:
    if call.connection.queue is not None:
        raise Failure("ERR MULTI calls can not be nested")
    call.connection.queue, call.connection.broken = [], False
    return OK


def _discard(call: Call) -> Reply:
    if call.connection.queue is None:
        raise Failure("ERR DISCARD without MULTI")
    call.connection.queue = None
    call.connection.unwatch()
    return OK


def _exec(call: Call) -> Reply:
    connection = call.connection
    queue, touched = connection.queue, connection.touched
    if queue is None:
        raise Failure("ERR EXEC without MULTI")
    connection.queue = None
    connection.unwatch()
    if connection.broken:
        raise Failure("EXECABORT Transaction discarded because of previous errors.")
    if touched:
        return None
    return [call.server.do(connection, words) for words in queue]


def _watch(call: Call) -> Reply:
    if call.connection.queue is not None:
        raise Failure("ERR WATCH inside MULTI is not allowed")
    call.connection.watched |= {(call.connection.database, key) for key in call.args}
    return OK


def _unwatch(call: Call) -> Reply:
    call.connection.unwatch()
    return OK


# ---- The server


def _config(call: Call) -> Reply:
    word, *rest = call.args
    name, config = word.lower().decode(errors="replace"), call.server.config
    match name:
        case "get":
            if not rest:
                raise _wrong_count("config|get")
            return list(config.find(rest))
        case "set":
            if not rest or len(rest) % 2:
                raise _wrong_count("config|set")
            pairs = list(zip(rest[::2], rest[1::2], strict=True))
            config.change(pairs)
            call.server.configured({key.decode().lower() for key, _ in pairs})
            return OK
        case "resetstat":
            call.server.received = call.server.processed = call.server.errors = 0
            return OK
        case "rewrite":
            why = "Rewriting config file: Read-only file system" if config.file else ""
            raise Failure(f"ERR {why or 'The server is running without a config file'}")
    raise _unknown(call)


def _info(call: Call) -> Reply:
    return information(call.server, [word.lower().decode(errors="replace") for word in call.args])


def _save(call: Call) -> Reply:
    if call.server.disk.saving:
        raise Failure("ERR Background save already in progress")
    if not call.server.disk.save():
        raise Failure("ERR")
    return OK


def _bgsave(call: Call) -> Reply:
    if call.server.disk.saving:
        raise Failure("ERR Background save already in progress")
    call.server.disk.save_behind()
    return Status("Background saving started")


def _bgrewriteaof(call: Call) -> Reply:
    if call.server.disk.saving:
        return Status("Background append only file rewriting scheduled")
    call.server.disk.rewrite()
    return Status("Background append only file rewriting started")


def _lastsave(call: Call) -> Reply:
    return int(call.server.disk.last_save)


def _shutdown(call: Call) -> Reply:
    words = {word.upper() for word in call.args}
    if words - {b"SAVE", b"NOSAVE", b"NOW", b"FORCE", b"ABORT"} or words >= {b"SAVE", b"NOSAVE"}:
        raise syntax_error()
    if b"ABORT" in words:
        raise Failure("ERR No shutdown in progress.")
    call.server.stop(save=None if not words & {b"SAVE", b"NOSAVE"} else b"SAVE" in words)
    raise Failure("ERR Errors trying to SHUTDOWN. Check logs.")


def _command(call: Call) -> Reply:
    words = [word.lower() for word in call.args]
    if words == [b"count"]:
        return 240
    if words == [b"docs"] or not words:
        return []
    raise _unknown(call)


def _debug(_call: Call) -> Reply:
    raise Failure(_NO_DEBUG)


def _object(call: Call) -> Reply:
    word = call.args[0].lower()
    if word not in (b"encoding", b"refcount", b"idletime") or len(call.args) != 2:
        raise _unknown(call)
    value = call.database.find(call.args[1])
    if value is None:
        return None
    if word != b"encoding":
        return 1 if word == b"refcount" else 0
    if isinstance(value, bytes):
        plain = value.removeprefix(b"-").isdigit() and len(value) < 20 and b"%d" % int(value) == value
        return b"int" if plain else b"embstr" if len(value) <= 44 else b"raw"
    return b"quicklist" if kind_of(value) == "list" else b"listpack" if len(value) <= 128 else b"hashtable"


def _memory(call: Call) -> Reply:
    if call.args[0].lower() != b"usage" or len(call.args) < 2:
        raise _unknown(call)
    value = call.database.find(call.args[1])
    return None if value is None else size_of(value) + len(call.args[1])


def _time(call: Call) -> Reply:
    now = call.now
    return [b"%d" % int(now), b"%d" % (int(now * 1e6) % 10**6)]


def _constant(reply: Reply) -> Callable[[Call], Reply]:
    return lambda _call: reply


_OWN = {
    "auth": Command(-2, _auth),
    "bgrewriteaof": Command(1, _bgrewriteaof),
    "bgsave": Command(-1, _bgsave),
    "client": Command(-2, _client),
    "command": Command(-1, _command),
    "config": Command(-2, _config),
    "debug": Command(-2, _debug),
    "discard": Command(1, _discard),
    "echo": Command(2, _echo),
    "exec": Command(1, _exec),
    "hello": Command(-1, _hello),
    "info": Command(-1, _info),
    "lastsave": Command(1, _lastsave),
    "lolwut": Command(-1, _lolwut),
    "memory": Command(-2, _memory),
    "multi": Command(1, _multi),
    "object": Command(-2, _object),
    "ping": Command(-1, _ping),
    "quit": Command(-1, _quit),
    "reset": Command(1, _reset),
    "role": Command(1, _constant([b"master", 0, []])),
    "save": Command(1, _save),
    "select": Command(2, _select),
    "shutdown": Command(-1, _shutdown),
    "time": Command(1, _time),
    "unwatch": Command(1, _unwatch),
    "wait": Command(3, _constant(0)),
    "watch": Command(-2, _watch),
}

COMMANDS: Table = {**texts.COMMANDS, **collections.COMMANDS, **collections.RANKING_COMMANDS, **keys.COMMANDS, **_OWN}
"""The table of all commands."""
