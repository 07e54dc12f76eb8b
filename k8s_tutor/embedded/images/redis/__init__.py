"""`redis:7`: strings, lists, hashes, sets and sorted sets in memory, on disk, and behind a password. Port 6379.

In reading order:

    resp.py            the protocol
    keyspace.py        what is kept
    call.py            one command on its way
    texts.py           commands on strings
    collections.py     commands on lists, hashes, sets and sorted sets
    keys.py            commands on keys, whatever they hold
    administration.py  commands on the connection and the server; the table of all commands
    directives.py      options and their defaults
    config.py          options as they are given
    information.py     INFO
    rdb.py             `dump.rdb`
    disk.py            when it is written; the append only file
    server.py          `redis-server`
    cli.py             `redis-cli`

What is simulated follows redis 7.0.15: replies, errors, log lines, `dump.rdb` in the real format (without its packed
encodings), the append only file with its manifest, save points, what SIGTERM saves, protected mode, expiry on virtual
time, `maxmemory`. Keys and members come in the order in which they were written; a real server's order is that of a
hash table. Not simulated, and saying so: publishing, blocking commands, scripts, streams, replication, access lists.

Clients and servers send RESP as the body of a request whose method is `RESP`: see `resp.request`.

Here is the image: the server, its client, the entry point of the official image, and a shell.
"""

from __future__ import annotations

from functools import cache

from k8s_tutor.embedded.images import busybox
from k8s_tutor.embedded.images.image import Contents
from k8s_tutor.embedded.images.permissions import DIRECTORY, Attributes
from k8s_tutor.embedded.images.program import Program, System, instant
from k8s_tutor.embedded.images.redis.cli import redis_cli
from k8s_tutor.embedded.images.redis.server import redis_server

__all__ = ["contents"]

_VERSIONS = ("-v", "--version", "-h", "--help", "--check-system", "--test-memory")


def _entry_point(system: System) -> Program:
    """`docker-entrypoint.sh`: options alone are the server's; without protected mode others may connect."""
    words = list(system.args[1:])
    if words and (words[0].startswith("-") or words[0].endswith(".conf")):
        words.insert(0, "redis-server")
    if words and words[0] == "redis-server" and not (len(words) > 1 and words[1] in _VERSIONS):
        file = words[1:2] if len(words) > 1 and words[1].endswith(".conf") else []
        own = ["--protected-mode", "no"] if file else ["--protected-mode", "no", "--dir", "/data"]
        words = [words[0], *file, *own, *words[1 + len(file) :]]
    main = system.program(words[0]) if words else None
    if main is None:
        name = words[0] if words else ""
        system.err(f"/usr/local/bin/docker-entrypoint.sh: exec: line 17: {name}: not found\n")
        return 127
    system.args = tuple(words)
    return (yield from main(system))


@instant
def _check(system: System) -> int:
    system.err(f"{system.args[0]} is not simulated on the embedded cluster (a kind cluster runs it)\n")
    return 127


@cache
def contents() -> Contents:
    """What is inside the image."""
    own = {
        "/usr/local/bin/docker-entrypoint.sh": _entry_point,
        "/usr/bin/redis-server": redis_server,
        "/usr/bin/redis-cli": redis_cli,
        "/usr/bin/redis-check-rdb": _check,
    }
    users = busybox.FILES["/etc/passwd"] + b"redis:x:999:999::/data:/bin/sh\n"
    groups = b"root:x:0:\nredis:x:999:\n"
    files = {"/etc/passwd": users, "/etc/group": groups}
    data = {"/data": Attributes(999, 999, DIRECTORY | 0o755)}
    return Contents({**busybox.programs(), **own}, {**busybox.FILES, **files}, data)
