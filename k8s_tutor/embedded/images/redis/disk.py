"""What a server writes into its directory, when, and what it finds there: `dump.rdb` and the append only file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from k8s_tutor.embedded.images.files import DiskFull
from k8s_tutor.embedded.images.permissions import words_of
from k8s_tutor.embedded.images.program import System
from k8s_tutor.embedded.images.redis import rdb
from k8s_tutor.embedded.images.redis.config import Config
from k8s_tutor.embedded.images.redis.keyspace import Keyspace
from k8s_tutor.embedded.images.redis.resp import Incomplete, encode_command, read_commands

__all__ = ["CRON", "Disk", "LoadFailed", "Log"]

CRON = 0.1  # seconds: so often a real server looks after what is due
_RETRY = 5.0  # seconds after which a save that failed is tried again
_COW = "Fork CoW for {}: current 0 MB, peak 0 MB, average 0 MB"


class LoadFailed(Exception):
    """What lies there cannot be read."""


class Log(Protocol):
    """Writes a line into the server's log."""

    def __call__(self, mark: str, text: str, child: int = 0) -> None:
        """`mark` is the level's: `*` notice, `#` warning."""
        ...


class Disk:
    """The files of one server.

    Attributes:
        dirty: Changes since the last save.
        last_save: When that was, in seconds since the epoch.
        saves, rewrites: How often in the background.
        failed: Whether the last background save failed.
        appending: Whether the append only file is written.
    """

    def __init__(self, system: System, config: Config, keyspace: Keyspace, log: Log) -> None:
        self._system = system
        self._config = config
        self._keyspace = keyspace
        self._log = log
        self._ends: list[tuple[float, Callable[[], None]]] = []
        self._children = 0
        self._sequence = 0
        self._selected = -1
        self._tried = 0.0
        self.dirty = 0
        self.last_save = system.now()
        self.saves = self.rewrites = 0
        self.failed = False
        self.appending = False

    # --- dump.rdb -----------------------------------------------------------------------------------------------------

    @property
    def path(self) -> str:
        """Of the dump."""
        return f"{self._config.values['dir'].rstrip('/')}/{self._config.values['dbfilename']}"

    @property
    def saving(self) -> bool:
        """Whether something is being written in the background."""
        return bool(self._ends)

    def save(self, child: int = 0) -> bool:
        """Writes everything; False where it cannot."""
        directory = self._config.values["dir"]
        try:
            self._system.files.write(self.path, rdb.dump(self._keyspace, self._system.now()))
        except DiskFull:
            self._log("#", "Write error saving DB on disk: No space left on device", child)
            return False
        except OSError as error:
            name = f"temp-{child or self._system.pid}.rdb"
            where = f"{name} (in server root dir {directory})"
            self._log("#", f"Failed opening the temp RDB file {where} for saving: {words_of(error)}")
            return False
        self._log("*", "DB saved on disk", child)
        if not child:
            self.dirty, self.last_save = 0, self._system.now()
        return True

    def save_behind(self) -> None:
        """BGSAVE: what is there now is written, and its end is noted a moment later."""
        child, self._tried = self._fork(), self._system.now()
        self._log("*", f"Background saving started by pid {child}")
        saved = self.save(child)
        if saved:
            self._log("*", _COW.format("RDB"), child)
        before = self.dirty

        def end() -> None:
            self.failed = not saved
            if saved:
                self.dirty, self.last_save = self.dirty - before, self._system.now()
                self.saves += 1
            self._log("*" if saved else "#", f"Background saving {'terminated with success' if saved else 'error'}")

        self._ends.append((self._system.now() + CRON, end))

    def _fork(self) -> int:
        """The number of a child process."""
        self._children += 1
        return max(pid for pid, _ in self._system.processes()) + 10 + self._children

    # --- what is due --------------------------------------------------------------------------------------------------

    def next_due(self) -> float | None:
        """When there is something to do, in seconds since the epoch; None while nothing changes."""
        if self._ends:
            return min(when for when, _ in self._ends)
        due = [self.last_save + seconds for seconds, changes in self._config.save_points if self.dirty >= changes]
        if not due:
            return None
        return max(min(due), self._system.now(), self._tried + _RETRY if self.failed else 0.0) + CRON

    def do_due(self) -> None:
        """Does it."""
        now = self._system.now()
        if self._ends:
            ended = [end for when, end in self._ends if when <= now]
            self._ends = [(when, end) for when, end in self._ends if when > now]
            for end in ended:
                end()
            return
        for seconds, changes in self._config.save_points:
            if self.dirty >= changes and now > self.last_save + seconds:
                self._log("*", f"{changes} changes in {seconds} seconds. Saving...")
                self.save_behind()
                return

    # --- the append only file -----------------------------------------------------------------------------------------

    def _name(self, kind: str, sequence: int | None = None) -> str:
        number = self._sequence if sequence is None else sequence
        return f"{self._config.values['appendfilename']}.{number}.{kind}"

    def _inside(self, name: str) -> str:
        return f"{self._config.values['dir'].rstrip('/')}/{self._config.values['appenddirname']}/{name}"

    def _manifest(self) -> str:
        return self._inside(f"{self._config.values['appendfilename']}.manifest")

    def append(self, database: int, commands: list[list[bytes]]) -> None:
        """Adds commands, each with its database selected."""
        if not self.appending:
            return
        words = commands if database == self._selected else [[b"SELECT", b"%d" % database], *commands]
        self._selected = database
        data = b"".join(encode_command(command) for command in words)
        self._system.files.write(self._inside(self._name("incr.aof")), data, append=True)

    def begin_appending(self) -> None:
        """At the start, after loading."""
        self.appending = True
        files = self._system.files
        if self._sequence:
            self._log("*", f"Opening AOF incr file {self._name('incr.aof')} on server start")
            return
        self._sequence = 1
        files.make_directory(self._inside("").rstrip("/"))
        files.write(self._inside(self._name("base.rdb")), rdb.dump(self._keyspace, self._system.now(), base=True))
        self._log("*", f"Creating AOF base file {self._name('base.rdb')} on server start")
        files.write(self._inside(self._name("incr.aof")), b"")
        self._log("*", f"Creating AOF incr file {self._name('incr.aof')} on server start")
        self._write_manifest(appending=True)

    def _write_manifest(self, *, appending: bool) -> None:
        lines = [f"file {self._name('base.rdb')} seq {self._sequence} type b\n"]
        if appending:
            lines.append(f"file {self._name('incr.aof')} seq {self._sequence} type i\n")
        self._system.files.write(self._manifest(), "".join(lines).encode())

    def rewrite(self) -> None:
        """BGREWRITEAOF, and what CONFIG SET appendonly yes does: everything becomes the new base."""
        child, files, old = self._fork(), self._system.files, self._sequence
        self._sequence, self._selected = old + 1, -1
        files.make_directory(self._inside("").rstrip("/"))
        if self.appending:
            self._log("*", f"Creating AOF incr file {self._name('incr.aof')} on background rewrite")
            files.write(self._inside(self._name("incr.aof")), b"")
        temporary, base = f"temp-rewriteaof-bg-{child}.aof", self._name("base.rdb")
        self._log("*", f"Background append only file rewriting started by pid {child}")
        files.write(self._inside(base), rdb.dump(self._keyspace, self._system.now(), base=True))
        self._write_manifest(appending=self.appending)
        self._log("*", f"Successfully created the temporary AOF base file {temporary}", child)
        self._log("*", _COW.format("AOF rewrite"), child)

        def end() -> None:
            self._log("*", "Background AOF rewrite terminated with success")
            self._log("*", f"Successfully renamed the temporary AOF base file {temporary} into {base}")
            for name in (self._name("incr.aof", old), self._name("base.rdb", old)):
                if old and files.is_file(self._inside(name)):
                    files.remove(self._inside(name))
                    self._log("*", f"Removing the history file {name} in the background")
            self._log("*", "Background AOF rewrite finished successfully")
            self.rewrites += 1

        self._ends.append((self._system.now() + CRON, end))

    def switch_appending(self, *, on: bool) -> None:
        """CONFIG SET appendonly."""
        if on and not self.appending:
            self.appending = True
            self.rewrite()
        self.appending = on

    # --- loading ------------------------------------------------------------------------------------------------------

    def load(self, run: Callable[[list[bytes]], object]) -> None:
        """Reads what lies there; `run` does a command of the append only file.

        Raises:
            LoadFailed: it cannot be read.
        """
        if self._config.flag("appendonly"):
            self._load_appended(run)  # and never dump.rdb: whoever turns it on for the first time starts empty
        elif self._system.files.is_file(self.path):
            self._load(self.path, base=False)
            self._log("*", "DB loaded from disk: 0.000 seconds")

    def _load(self, path: str, *, base: bool) -> None:
        now = self._system.now()
        try:
            found = rdb.load(self._system.files.read(path), self._keyspace, now)
        except rdb.NotLoaded as fault:
            self._log("#", str(fault))
            raise LoadFailed from fault
        self._log("*", f"Loading RDB produced by version {found.version}")
        self._log("*", f"RDB age {int(now - found.created)} seconds")
        self._log("*", f"RDB memory usage when created {found.memory / (1 << 20):.2f} Mb")
        if base:
            self._log("*", "RDB is base AOF")
        self._log("*", f"Done loading RDB, keys loaded: {found.loaded}, keys expired: {found.expired}.")

    def _load_appended(self, run: Callable[[list[bytes]], object]) -> None:
        files = self._system.files
        if not files.is_file(self._manifest()):
            return
        for line in files.read(self._manifest()).decode(errors="replace").splitlines():
            words = line.split()
            if len(words) != 6 or not words[3].isdigit() or not files.is_file(self._inside(words[1])):
                self._log("#", "Invalid AOF manifest file format")
                raise LoadFailed
            self._sequence = int(words[3])
            if words[5] == "b":
                self._log("*", "Reading RDB base file on AOF loading...")
                self._load(self._inside(words[1]), base=True)
            else:
                self._replay(files.read(self._inside(words[1])), run)
            kind = "base" if words[5] == "b" else "incr"
            self._log("*", f"DB loaded from {kind} file {words[1]}: 0.000 seconds")
        self._log("*", "DB loaded from append only file: 0.000 seconds")

    def _replay(self, data: bytes, run: Callable[[list[bytes]], object]) -> None:
        try:
            for words, _ in read_commands(data):
                run(words)
        except Incomplete:
            self._log("#", "!!! Warning: short read while loading the AOF file !!!")
