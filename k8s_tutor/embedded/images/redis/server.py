"""`redis-server`: starts, loads, listens, saves when it is time to, and once more when it is told to stop."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.images.files import DiskFull
from k8s_tutor.embedded.images.permissions import ReadOnly, words_of
from k8s_tutor.embedded.images.program import (
    AddressInUse,
    Exit,
    Forever,
    Interrupted,
    Program,
    Reply,
    Sleep,
    System,
)
from k8s_tutor.embedded.images.redis import resp
from k8s_tutor.embedded.images.redis.administration import COMMANDS, NOT_SIMULATED, UNGUARDED, UNQUEUED
from k8s_tutor.embedded.images.redis.call import Call, Command, Connection
from k8s_tutor.embedded.images.redis.config import BadConfig, Config, NoConfig
from k8s_tutor.embedded.images.redis.disk import CRON, Disk, LoadFailed
from k8s_tutor.embedded.images.redis.keyspace import Keyspace
from k8s_tutor.embedded.images.redis.rdb import VERSION
from k8s_tutor.embedded.images.redis.resp import Failure, Incomplete, NotResp, Status
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest

__all__ = ["redis_server"]

_BELL = "BELL"  # a signal of this program's own: something has become due
_MOST_CLIENTS = 10_000
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_LEVELS = {".": 0, "-": 1, "*": 2, "#": 3}
_LOUDNESS = {"debug": 0, "verbose": 1, "notice": 2, "warning": 3}
_ATTACK = (
    "Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Redis. This is "
    "likely due to an attacker attempting to use Cross Protocol Scripting to compromise your Redis instance. "
    "Connection from {}:0 aborted."
)
_PROTECTED = (
    "DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the "
    "default user. In this mode connections are only accepted from the loopback interface. If you want to connect from "
    "external computers to Redis you may adopt one of the following solutions: 1) Just disable protected mode sending "
    "the command 'CONFIG SET protected-mode no' from the loopback interface by connecting to Redis from the same host "
    "the server is running, however MAKE SURE Redis is not publicly accessible from internet if you do so. Use CONFIG "
    "REWRITE to make this change permanent. 2) Alternatively you can just disable the protected mode by editing the "
    "Redis configuration file, and setting the protected mode option to 'no', and then restarting the server. 3) If "
    "you started the server manually just for testing, restart it with the '--protected-mode no' option. 4) Setup a "
    "an authentication password for the default user. NOTE: You only need to do one of the above things in order for "
    "the server to start accepting connections from the outside."
)
_NO_MEMORY = "OOM command not allowed when used memory > 'maxmemory'."


class _Stopped(Exception):
    """The server has ended while it answered."""


def redis_server(system: System) -> Program:
    """`redis-server [FILE] [--OPTION VALUE…]`."""
    words = system.args[1:]
    if words in (("-v",), ("--version",)):
        version = system.version or VERSION
        system.out(f"Redis server v={version} sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=e08dbad3e06f3fb\n")
        return 0
    try:
        config = Config.read(words, system.files, system.directory)
    except NoConfig as fault:
        system.out(_line(system, "C", "#", str(fault)))
        return 1
    except BadConfig as fault:
        system.err(str(fault).replace(VERSION, system.version or VERSION))
        return 1
    server = Server(system, config)
    system.args = (f"redis-server *:{config.values['port']}",)  # as `ps` shows it
    yield Sleep(0.002)
    if not server.start():
        return 1
    while True:
        due = server.disk.next_due()
        try:
            yield Forever() if due is None else Sleep(max(due - system.now(), 0.0))
            server.disk.do_due()
        except Interrupted as interruption:
            if interruption.signal == _BELL:
                continue
            server.say_signal(interruption.signal)
            with suppress(_Stopped):
                yield Sleep(CRON / 2)
                server.stop(save=None)


def _line(system: System, role: str, mark: str, text: str, pid: int = 0) -> str:
    now = system.now()
    date, time = rfc3339(now)[:-1].split("T")
    year, month, day = date.split("-")
    stamp = f"{day} {_MONTHS[int(month) - 1]} {year} {time}.{int(now * 1000) % 1000:03d}"
    return f"{pid or system.pid}:{role} {stamp} {mark} {text}\n"


class Server:
    """One running server.

    Attributes:
        received, processed, errors, evicted: What INFO counts.
    """

    def __init__(self, system: System, config: Config) -> None:
        self.system = system
        self.config = config
        self.keyspace = Keyspace(system.now)
        self.keyspace.on_expired = self._expired
        self.disk = Disk(system, config, self.keyspace, self.log)
        self.connections: dict[tuple[str, str], Connection] = {}
        self.started = system.now()
        self.run_id = f"{system.random.getrandbits(160):040x}"
        self.received = self.processed = self.errors = self.evicted = 0
        self._role = "C"
        self._due: float | None = None
        self._loading = False
        self._kept = 0

    def log(self, mark: str, text: str, child: int = 0) -> None:
        """A line of the log, if the level lets it through."""
        if _LEVELS[mark] < _LOUDNESS[self.config.values["loglevel"]]:
            return
        line = _line(self.system, "C" if child else self._role, mark, text, child)
        path = self.config.values["logfile"]
        if not path:
            self.system.out(line)
            return
        with suppress(OSError):
            where = path if path.startswith("/") else f"{self.config.values['dir'].rstrip('/')}/{path}"
            self.system.files.write(where, line.encode(), append=True)

    def start(self) -> bool:
        """Loads what is there and listens; False where that fails."""
        port = self.config.number("port")
        self.log("#", "oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo")
        facts = f"bits=64, commit=00000000, modified=0, pid={self.system.pid}, just started"
        self.log("#", f"Redis version={self.system.version or VERSION}, {facts}")
        self.log("#", "Configuration loaded" if self.config.given else _NO_FILE)
        self._role = "M"
        self.log("*", "monotonic clock: POSIX clock_gettime")
        try:
            self.system.listen(port, self._serve)
        except AddressInUse:
            where = f"listening socket *:{port}: bind: Address already in use"
            self.log("#", f"Warning: Could not create server TCP {where}")
            self.log("#", f"Failed listening on port {port} (TCP), aborting.")
            return False
        self.system.catch("TERM", "INT", _BELL)
        self.log("*", f"Running mode=standalone, port={port}.")
        self.log("#", "Server initialized")
        try:
            self._load()
        except (LoadFailed, Exit):
            self.log("#", "Fatal error loading the DB, check server logs. Exiting.")
            return False
        except (PermissionError, ReadOnly) as error:
            self.log("#", f"Can't open or create append-only dir appendonlydir: {words_of(error)}")
            return False
        self.log("*", "Ready to accept connections")
        return True

    def _load(self) -> None:
        itself = Connection(0, "", known=True, since=self.system.now())
        self._loading = True
        self.disk.load(lambda words: self.do(itself, words))
        self._loading = False
        self._keep()
        if self.config.flag("appendonly"):
            self.disk.begin_appending()

    def say_signal(self, signal: str) -> None:
        """What the handler of a signal writes."""
        words = f"Received SIG{signal} scheduling shutdown..."
        self.system.out(f"{self.system.pid}:signal-handler ({int(self.system.now())}) {words}\n")

    def stop(self, *, save: bool | None) -> None:
        """Ends; None saves where save points are configured. Comes back only where it could not save.

        Raises:
            _Stopped: it has ended.
        """
        self.log("#", "User requested shutdown...")
        if self.disk.appending:
            self.log("*", "Calling fsync() on the AOF file.")
        if save or (save is None and self.config.save_points):
            self.log("*", "Saving the final RDB snapshot before exiting.")
            if not self.disk.save():
                self.log("#", "Error trying to save the DB, can't exit.")
                self.log("#", "Errors trying to shut down the server. Check the logs for more information.")
                return
        self.log("#", "Redis is now ready to exit, bye bye...")
        self._end(0)

    def _end(self, code: int) -> NoReturn:
        self.system.exit(code)
        raise _Stopped

    # --- clients ------------------------------------------------------------------------------------------------------

    def _serve(self, request: HttpRequest, client: str) -> Reply:
        if request.method != resp.METHOD:
            self.log("#", _ATTACK.format(client))
            return Reply(None)
        key = (client, request.headers.get("Connection", ""))
        if not request.body:
            self.connections.pop(key, None)
            return Reply(HttpAnswer(200, b"", {resp.METHOD: "2"}))
        if client != self.system.address and self.config.flag("protected-mode") and not self._password:
            return _answer([Failure(_PROTECTED)])
        connection = self.connections.get(key) or self._connect(key)
        if connection is None:
            return _answer([Failure("ERR max number of clients reached")])
        try:
            replies = self._answers(connection, request.body)
        except _Stopped:
            return Reply(None)
        if connection.closing:
            self.connections.pop(key, None)
        self._ring()
        return _answer(replies)

    @property
    def _password(self) -> str:
        return self.config.values["requirepass"]

    def _connect(self, key: tuple[str, str]) -> Connection | None:
        if len(self.connections) >= _MOST_CLIENTS:
            return None
        self.received += 1
        known, now = not self._password, self.system.now()
        host = "127.0.0.1" if key[0] == self.system.address else key[0]
        self.connections[key] = Connection(self.received + 2, f"{host}:{key[1]}", known=known, since=now)
        return self.connections[key]

    def _answers(self, connection: Connection, body: bytes) -> list[resp.Reply]:
        replies: list[resp.Reply] = []
        try:
            for words, _ in resp.read_commands(body):
                replies.append(self._run(connection, words))
                if connection.closing:
                    break
        except NotResp as fault:
            replies.append(Failure(f"ERR Protocol error: {fault}"))
            connection.closing = True
        except Incomplete:
            pass
        return replies

    def _run(self, connection: Connection, words: list[bytes]) -> resp.Reply:
        """A client's command: refused, queued, or done."""
        name = words[0].lower().decode(errors="replace")
        command = COMMANDS.get(name)
        try:
            self._admit(connection, name, command, words)
        except Failure as failure:
            connection.broken = True
            self.errors += 1
            return failure
        if connection.queue is not None and name not in UNQUEUED:
            connection.queue.append(words)
            return Status("QUEUED")
        return self.do(connection, words)

    def _admit(self, connection: Connection, name: str, command: Command | None, words: Sequence[bytes]) -> None:
        if command is None:
            raise _unknown(name, words)
        if not command.takes(len(words)):
            raise Failure(f"ERR wrong number of arguments for '{name}' command")
        if not connection.known and name not in UNGUARDED:
            raise Failure("NOAUTH Authentication required.")
        if command.grows:
            self._make_room()

    def do(self, connection: Connection, words: Sequence[bytes]) -> resp.Reply:
        """Does a command that has been admitted."""
        call = Call(self, connection, words[0].lower().decode(errors="replace"), words[1:])
        command = COMMANDS.get(call.name)
        if command is None:
            return _unknown(call.name, words)
        self.processed += 1
        if command.grows:
            self.keyspace.grow(words)
            self._keep()
        number = connection.database
        try:
            reply = command.run(call)
            if call.changes and not self._loading:
                self._tell_watchers(call)
                self.disk.dirty += call.changes
                self.disk.append(number, [call.instead or list(words)])
        except Failure as failure:
            self.errors += 1
            return failure
        except DiskFull:
            return Failure("MISCONF Errors writing to the AOF file: No space left on device")
        except OSError:
            return Failure("MISCONF Errors writing to the AOF file: Read-only file system")
        if command.grows:
            self.keyspace.count_again()
            self._keep()
        return reply

    def _tell_watchers(self, call: Call) -> None:
        """Those who watch a key that the command names, or any where it names none."""
        watching = [one for one in self.connections.values() if one.watched]
        named = {(call.connection.database, key) for key in call.args} if watching else set()
        for one in watching:
            one.touched = one.touched or not call.args or bool(one.watched & named)

    def configured(self, names: set[str]) -> None:
        """CONFIG SET has changed these."""
        if "appendonly" in names:
            self.disk.switch_appending(on=self.config.flag("appendonly"))
        most = self.config.number("maxmemory")
        if "maxmemory" in names and 0 < most < self.keyspace.memory:
            self.log("#", _SMALL.format(most, self.keyspace.memory))

    def _expired(self, number: int, key: bytes) -> None:
        if not self._loading:
            with suppress(OSError):
                self.disk.append(number, [[b"DEL", key]])

    # --- memory and time ----------------------------------------------------------------------------------------------

    def afford(self, size: int) -> None:
        """Before something large is made.

        Raises:
            _Stopped: the kernel has killed the server for it.
        """
        try:
            self.system.afford(size)
        except Exit:
            self.system.exhaust()
            raise _Stopped from None

    def _keep(self) -> None:
        more = self.keyspace.counted - self._kept
        try:
            self.system.keep(more)
        except Exit:
            self.system.exhaust()
            raise _Stopped from None
        self._kept = self.keyspace.counted

    def _make_room(self) -> None:
        """What `maxmemory` and its policy say; who was written first is the least recently used here."""
        most = self.config.number("maxmemory")
        if not most or self.keyspace.memory <= most:
            return
        self.keyspace.settle()
        policy = self.config.values["maxmemory-policy"]
        for number, database in enumerate(self.keyspace.databases):
            some = database.values if policy.startswith("allkeys") else database.ends if policy != "noeviction" else ()
            for key in list(some):
                if self.keyspace.memory <= most:
                    return
                self.keyspace.evict(database, key)
                self.disk.append(number, [[b"DEL", key]])
                self.evicted += 1
        if self.keyspace.memory > most:
            raise Failure(_NO_MEMORY)

    def _ring(self) -> None:
        """Wakes the server's own loop where something becomes due earlier than it knows of."""
        due = self.disk.next_due()
        if due is not None and (self._due is None or due < self._due or self._due <= self.system.now()):
            self._due = due
            self.system.kill(self.system.pid, _BELL)


_NO_FILE = (
    "Warning: no config file specified, using the default config. In order to specify a config file use redis-server "
    "/path/to/redis.conf"
)
_SMALL = (
    "WARNING: the new maxmemory value set via CONFIG SET ({}) is smaller than the current memory usage ({}). This will "
    "result in key eviction and/or the inability to accept new write commands depending on the maxmemory-policy."
)


def _answer(replies: Sequence[resp.Reply]) -> Reply:
    return Reply(HttpAnswer(200, b"".join(resp.encode(one) for one in replies), {resp.METHOD: "2"}))


def _unknown(name: str, words: Sequence[bytes]) -> Failure:
    if name in NOT_SIMULATED:
        return Failure(f"ERR {name.upper()} is not simulated on the embedded cluster (a kind cluster runs it)")
    given = words[0].decode(errors="replace")[:128]
    args = "".join(f"'{word.decode(errors='replace')[:128]}' " for word in words[1:])
    return Failure(f"ERR unknown command '{given}', with args beginning with: {args[:128]}")
