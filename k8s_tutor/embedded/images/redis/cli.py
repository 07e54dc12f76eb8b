"""`redis-cli`: one command, commands from standard input, or a conversation on a terminal."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from k8s_tutor.embedded.images.program import Effect, Fetch, Program, Sleep, System
from k8s_tutor.embedded.images.redis import resp
from k8s_tutor.embedded.images.redis.rdb import VERSION
from k8s_tutor.embedded.images.redis.resp import Failure, NotResp, Reply, Status, split_words
from k8s_tutor.embedded.images.shell.streams import read_all, read_line
from k8s_tutor.embedded.network import Broken, Fault, Refused, TimedOut, UnknownHost

__all__ = ["as_csv", "as_json", "for_people", "for_programs", "quoted", "redis_cli"]


# ---- Replies as `redis-cli` prints them: for people, for programs, as CSV, as JSON

_ESCAPES = {0x5C: "\\\\", 0x22: '\\"', 0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t", 0x07: "\\a", 0x08: "\\b"}


def quoted(data: bytes) -> str:
    """Bytes in quotes, with what cannot be printed written out."""
    inside = (_ESCAPES.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}") for byte in data)
    return f'"{"".join(inside)}"'


def for_people(reply: Reply, indent: str = "") -> str:
    """As on a terminal: `(integer) 1`."""
    if reply is None:
        return "(nil)\n"
    if isinstance(reply, Failure):
        return f"(error) {reply.text}\n"
    if isinstance(reply, (bytes, int, Status)):
        return f"{_word(reply)}\n"
    if not reply:
        return "(empty array)\n"
    width = len(str(len(reply)))
    deeper = indent + " " * (width + 2)
    lines = [f"{number:>{width}}) {for_people(one, deeper)}" for number, one in enumerate(reply, 1)]
    return lines[0] + "".join(indent + line for line in lines[1:])


def _word(reply: bytes | int | Status) -> str:
    if isinstance(reply, bytes):
        return quoted(reply)
    return str(reply) if isinstance(reply, Status) else f"(integer) {reply}"


def for_programs(reply: Reply) -> bytes:
    """As in a pipe: the bytes themselves, items on lines of their own."""
    if reply is None:
        return b""
    if isinstance(reply, bytes):
        return reply
    if isinstance(reply, Failure):
        return f"{reply.text}\n".encode()
    if isinstance(reply, (str, int)):
        return str(reply).encode()
    return b"\n".join(for_programs(one) for one in reply)


def as_csv(reply: Reply) -> str:
    """`--csv`."""
    if reply is None:
        return "NULL"
    if isinstance(reply, Failure):
        return f"ERROR,{quoted(reply.text.encode())}"
    if isinstance(reply, int):
        return str(reply)
    if isinstance(reply, str):
        return quoted(reply.encode())
    if isinstance(reply, bytes):
        return quoted(reply)
    return ",".join(as_csv(one) for one in reply)


def as_json(reply: Reply, *, pairs: bool = False) -> str:
    """`--json`; pairs are an object, as of HGETALL."""
    if isinstance(reply, Failure):
        return json.dumps({"error": reply.text})
    if reply is None or isinstance(reply, (int, str)):
        return json.dumps(reply)
    if isinstance(reply, bytes):
        return json.dumps(reply.decode(errors="replace"))
    words = [as_json(one) for one in reply]
    if pairs:
        return "{" + ",".join(f"{key}:{value}" for key, value in zip(words[::2], words[1::2], strict=True)) + "}"
    return "[" + ",".join(words) + "]"


# ---- `redis-cli`: one command, commands from standard input, or a conversation on a terminal

_USAGE = "\nUsage: redis-cli [OPTIONS] [cmd [arg [arg ...]]]\n"
_UNSAFE = "Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.\n"
_VALUED = {"-h": "host", "-p": "port", "-a": "password", "--pass": "password", "-n": "database", "-r": "repeat"}
_VALUED |= {"-i": "interval", "--user": "user", "-u": "uri"}
_SWITCHES = {"--raw": "raw", "--no-raw": "people", "--csv": "csv", "--json": "json", "-e": "strict", "-x": "input"}
_SWITCHES |= {"--no-auth-warning": "quiet", "-2": "resp2", "--verbose": "verbose", "-c": "cluster"}
_NOT_SIMULATED = """
--stat --latency --latency-history --latency-dist --lru-test --replica --rdb --pipe --bigkeys --memkeys --hotkeys
--scan --intrinsic-latency --eval --ldb --cluster -3 -s -X --tls --askpass
"""
_PLAIN = (["info"], ["lolwut"], ["client", "list"], ["client", "info"], ["memory", "doctor"], ["latency", "doctor"])

Talking = Generator[Effect, Any, "list[resp.Reply] | None"]


@dataclass(slots=True)
class _Order:
    """What the command line says."""

    options: dict[str, str] = field(default_factory=dict)
    switches: set[str] = field(default_factory=set)
    words: list[bytes] = field(default_factory=list)

    @property
    def host(self) -> str:
        return self.options.get("host", "127.0.0.1")

    @property
    def port(self) -> int:
        return int(self.options.get("port", "6379"))


class _Talk:
    """A connection to a server: made when first needed, and again once it has gone."""

    def __init__(self, system: System, order: _Order) -> None:
        self.system = system
        self.order = order
        self.database = int(order.options.get("database", "0"))
        self.queueing = False
        self.connected = False
        self._number = str(32768 + system.random.randrange(28232))

    def send(self, words: Sequence[bytes]) -> Talking:
        """A command's replies; None where nobody answered, which has been said."""
        if not self.connected and not (yield from self._greet()):
            return None
        found = yield from self._ask([words])
        if found is None:
            return None
        self._follow(words, found)
        return found

    def close(self) -> Program:
        """Says goodbye."""
        if self.connected:
            yield from self._fetch([])
        return 0

    def _greet(self) -> Generator[Effect, Any, bool]:
        options = self.order.options
        first: list[Sequence[bytes]] = []
        password = options.get("password") or self.system.env.get("REDISCLI_AUTH", "")
        if password:
            user = [options["user"].encode()] if "user" in options else []
            first.append([b"AUTH", *user, password.encode()])
        if self.database:
            first.append([b"SELECT", b"%d" % self.database])
        if not first:
            self.connected = True
            return True
        found = yield from self._ask(first)
        if found is None:
            return False
        self.connected = True
        if password and found and isinstance(found[0], Failure):
            self.system.err(f"AUTH failed: {found[0].text}\n")
        elif self.database and isinstance(found[-1], Failure):
            self.system.err(f"SELECT {self.database} failed: {found[-1].text}\n")
            self.database = 0
        return True

    def _follow(self, words: Sequence[bytes], found: list[resp.Reply]) -> None:
        """What the prompt shows."""
        name, done = words[0].lower(), bool(found) and not isinstance(found[0], Failure)
        if name == b"select" and done and len(words) == 2:
            self.database = int(words[1])
        elif name == b"multi" and done:
            self.queueing = True
        elif name in (b"exec", b"discard") and (done or str(found[0]).startswith("EXECABORT")):
            self.queueing = False
        elif name == b"quit":
            self.connected = False

    def _ask(self, commands: list[Sequence[bytes]]) -> Talking:
        try:
            answer = yield from self._fetch(commands)
            self.connected = True
            return resp.replies(answer)
        except NotResp as fault:
            self.system.err(f"Error: {fault}\n")
        except Broken:
            if commands[-1][0].lower() != b"shutdown":
                self.system.err("Error: Server closed the connection\n")
        except Fault as fault:
            why = _why(fault)
            self.system.err(f"Could not connect to Redis at {self.order.host}:{self.order.port}: {why}\n")
        self.connected = False
        return None

    def _fetch(self, commands: Sequence[Sequence[bytes]]) -> Generator[Effect, Any, Any]:
        return (yield Fetch(self.order.host, self.order.port, resp.request(self._number, commands)))


def _why(fault: Fault) -> str:
    match fault:
        case UnknownHost():
            return "Name or service not known"
        case Refused():
            return "Connection refused"
        case TimedOut():
            return "Connection timed out"
    return str(fault)


def redis_cli(system: System) -> Program:
    """Reads the command line, talks, prints."""
    order = _Order()
    if (code := _read(system, order)) is not None:
        return code
    if "password" in order.options and "quiet" not in order.switches:
        system.err(_UNSAFE)
    talk = _Talk(system, order)
    if "input" in order.switches:
        order.words.append((yield from read_all(system.stdin, system)))
    if order.words:
        code = yield from _repeat(talk, order.words)
    elif system.terminal:
        code = yield from _converse(talk)
    else:
        code = yield from _obey(talk)
    if talk.connected:
        yield from talk.close()
    return code


def _named(system: System) -> str:
    return f"redis-cli {system.version or VERSION}\n"


def _read(system: System, order: _Order) -> int | None:
    """Fills the order; an exit code where there is nothing more to do."""
    words = list(system.args[1:])
    while words and words[0].startswith("-") and words[0] != "-":
        word = words.pop(0)
        if word in ("-v", "--version"):
            system.out(_named(system))
            return 0
        if word == "--help" or (word == "-h" and not words):
            (system.out if word == "--help" else system.err)(_named(system) + _USAGE)
            return 0 if word == "--help" else 1
        if word in _SWITCHES:
            order.switches.add(_SWITCHES[word])
        elif word in _VALUED and words:
            order.options[_VALUED[word]] = words.pop(0)
        elif word in _NOT_SIMULATED.split():
            system.err(f"redis-cli: {word} is not simulated on the embedded cluster (a kind cluster runs it)\n")
            return 1
        else:
            system.err(f"Unrecognized option or bad number of args for: '{word}'\n")
            return 1
    if "uri" in order.options and not _read_uri(order):
        system.err("Invalid URI scheme\n")
        return 1
    for name in ("port", "database", "repeat", "interval"):
        if not order.options.get(name, "0").replace(".", "", 1).isdigit():
            order.options[name] = "0"
    order.words = [word.encode() for word in words]
    return None


def _read_uri(order: _Order) -> bool:
    parts = urlsplit(order.options["uri"])
    found = {"host": parts.hostname, "port": parts.port, "database": parts.path.strip("/")}
    found |= {"user": parts.username, "password": parts.password}
    order.options.update({name: unquote(str(value)) for name, value in found.items() if value})
    return parts.scheme == "redis"


def _repeat(talk: _Talk, words: list[bytes]) -> Program:
    order, code = talk.order, 0
    for turn in range(max(int(order.options.get("repeat", "1")), 1)):
        if turn and (pause := float(order.options.get("interval", "0"))):
            yield Sleep(pause)
        code = yield from _once(talk, words)
        if code:
            break
    return code


def _once(talk: _Talk, words: list[bytes]) -> Program:
    """Sends a command and prints its reply."""
    found = yield from talk.send(words)
    if found is None:
        return 0 if words[0].lower() == b"shutdown" else 1
    code = 0
    for reply in found:
        if isinstance(reply, Failure) and "strict" in talk.order.switches:
            talk.system.err(f"{reply.text}\n")
            code = 1
        else:
            talk.system.out(_printed(talk, words, reply))
    return code


def _printed(talk: _Talk, words: list[bytes], reply: resp.Reply) -> str | bytes:
    switches = talk.order.switches
    lower = [word.lower().decode(errors="replace") for word in words]
    if "csv" in switches:
        return as_csv(reply) + "\n"
    if "json" in switches:
        return as_json(reply, pairs=lower[0] == "hgetall" or lower[:2] == ["config", "get"]) + "\n"
    if isinstance(reply, bytes) and any(lower[: len(plain)] == plain for plain in _PLAIN):
        return reply
    if "people" in switches or (talk.system.terminal and "raw" not in switches):
        return for_people(reply)
    return for_programs(reply) + b"\n"


def _obey(talk: _Talk) -> Program:
    """Commands from standard input, a line each."""
    code = 0
    while (line := (yield from read_line(talk.system.stdin))) is not None:
        words = split_words(line.encode())
        if words is None:
            talk.system.out("Invalid argument(s)\n")
        elif words and words[0].lower() in (b"quit", b"exit"):
            break
        elif words:
            code = yield from _once(talk, words)
            if code:
                break
    return code


def _converse(talk: _Talk) -> Program:
    """With a prompt."""
    system, order = talk.system, talk.order
    yield from talk.send([b"COMMAND", b"DOCS"])
    while True:
        where = f"{order.host}:{order.port}"
        number = f"[{talk.database}]" if talk.database else ""
        system.out(f"{where}{number}{'(TX)' if talk.queueing else ''}> " if talk.connected else "not connected> ")
        line = yield from read_line(system.stdin)
        if line is None:
            return 0
        words = split_words(line.encode())
        if words is None:
            system.out("Invalid argument(s)\n")
        elif words and words[0].lower() in (b"quit", b"exit"):
            return 0
        elif words:
            yield from _once(talk, words)
