"""Runs one program in virtual time: gives it its `System`, carries out its effects, delivers signals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from k8s_tutor.embedded.core import AnyLoop
from k8s_tutor.embedded.images.files import DiskFull, Files, Memory, Share
from k8s_tutor.embedded.images.image import Image
from k8s_tutor.embedded.images.permissions import ROOT, Identity, ReadOnly, proc_status, words_of
from k8s_tutor.embedded.images.pipe import Pipe
from k8s_tutor.embedded.images.program import (
    CannotFork,
    Exit,
    Handler,
    Interrupted,
    Main,
    Program,
    Reply,
    Sink,
)
from k8s_tutor.embedded.kubelet.node import SERVING, STARTING, Work
from k8s_tutor.embedded.kubelet.waits import Waits
from k8s_tutor.embedded.names import Namespace
from k8s_tutor.embedded.network import Network
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest

__all__ = ["SIGNALS", "Machine", "Process", "ProcessTable", "Streams"]

SIGNALS = {"HUP": 1, "INT": 2, "QUIT": 3, "KILL": 9, "USR1": 10, "USR2": 12, "SEGV": 11, "PIPE": 13, "TERM": 15}


_KILLED = 137
_PROCESSES = 1024  # in one container
_STEPS = 200  # commands in one instant, after which time passes


@dataclass(slots=True)
class Streams:
    """Where a process reads and writes. No `stdin` is an empty one."""

    stdout: Sink
    stderr: Sink
    stdin: Pipe | None = None
    terminal: bool = False


@dataclass(slots=True)
class ProcessTable:
    """Processes by number. Each container has one, but a debugging container looks into its target's."""

    processes: dict[int, Process] = field(default_factory=dict)
    next_pid: int = 1

    def take(self) -> int:
        """The next number; a new table's first process is 1, the next ones leave a gap as real ones do."""
        pid = self.next_pid
        self.next_pid = 7 if pid == 1 else pid + 1
        return pid


@dataclass(slots=True)
class Machine:
    """What the processes of one container share.

    Attributes:
        memory: Bytes that its programs say they have taken; `share`: what they really keep.
        first: The container's own process; with it the container ends.
        who: Whom its processes run as.
        sealed: Whether the image's files are read-only.
        steps: Commands of shells since `instant`, when time last passed.
    """

    loop: AnyLoop
    network: Network
    net: Namespace
    image: Image
    files: Files
    hostname: str
    random: Random
    who: Identity = ROOT
    memory_limit: int | None = None
    on_memory_exhausted: Callable[[], None] | None = None
    memory: int = 0
    share: Share = field(default_factory=lambda: Share(Memory(), None))
    instant: float = -1.0
    steps: int = 0
    table: ProcessTable = field(default_factory=ProcessTable)
    first: Process | None = None
    console: Streams | None = None
    work: Work = field(default_factory=Work)
    sealed: bool = False

    @property
    def own(self) -> list[Process]:
        """The container's own processes, the oldest first."""
        return [process for _, process in sorted(self.table.processes.items()) if process.machine is self]


class Process:
    """A running program. Implements `System` for it and `Child` for the one that started it.

    Attributes:
        exit_code: None while it runs.
        killed_by: The signal that ended it, empty where it ended by itself.
        on_exit: Called once with the exit code.
    """

    def __init__(
        self, machine: Machine, main: Main, args: Sequence[str], env: dict[str, str], streams: Streams, directory: str
    ) -> None:
        self.machine = machine
        self.args = tuple(args)
        self.env = env
        self.directory = directory
        self.files = machine.files.seen_by(machine.who, sealed=machine.sealed)
        self.files.kernel = self._describe_processes
        self.hostname = machine.hostname
        self.address = machine.net.address
        self.who = machine.who
        self.random = machine.random
        self.memory_limit = machine.memory_limit
        self.pid = machine.table.take()
        self.pending: list[str] = []
        self.stdin = streams.stdin
        self.stdout = streams.stdout
        self.stderr = streams.stderr
        self.terminal = streams.terminal
        self.version = machine.image.version
        self.exit_code: int | None = None
        self.killed_by = ""
        self.on_exit: list[Callable[[int], None]] = []
        self._main = main
        self._program: Program | None = None
        self._waits = Waits(machine.loop, machine.network, machine.net, machine.work, self._advance)
        self._running = False
        self._caught: dict[str, bool] = {}
        self._leaves: tuple[Pipe | None, Sink, Sink | None] = (None, streams.stdout, None)
        self._kept = 0
        machine.table.processes[self.pid] = self
        machine.first = machine.first or self

    # --- what the program may call ------------------------------------------------------------------------------------

    def now(self) -> float:
        """Virtual seconds since the Unix epoch."""
        return self.machine.loop.now()

    def out(self, text: str | bytes) -> None:
        """Writes to standard output."""
        self.stdout.write(text.encode() if isinstance(text, str) else text)

    def err(self, text: str | bytes) -> None:
        """Writes to standard error."""
        self.stderr.write(text.encode() if isinstance(text, str) else text)

    def listen(self, port: int, handler: Handler) -> None:
        """Answers HTTP on a port of the pod's address."""
        work, loop = self.machine.work, self.machine.loop

        def serve(request: HttpRequest, client: str) -> Reply:
            work.add(loop.now(), SERVING)
            return handler(request, client)

        self.machine.net.listen(port, self, serve)

    def resolve(self, name: str) -> list[str]:
        """The addresses of a DNS name."""
        return self.machine.network.resolve(name, self.machine.net)

    def aliases(self, name: str) -> list[str]:
        """The names that a full DNS name is an alias of."""
        return self.machine.network.aliases(name)

    def ask(self, host: str, port: int, request: HttpRequest) -> HttpAnswer:
        """What somebody else answers, now."""
        return self.machine.network.request(self.machine.net, host, port, request, timeout=1.0)[0]

    def catch(self, *signals: str, defer: bool = False) -> None:
        """From now on these signals interrupt a wait, or collect in `pending`."""
        for signal in signals:
            self._caught[signal] = defer

    def spawn(self, main: Main, args: Sequence[str], **streams: Any) -> Process:
        """Starts another process in the same container, a moment from now."""
        if len(self.machine.table.processes) >= _PROCESSES:
            raise CannotFork
        own = Streams(
            streams.get("stdout") or self.stdout,
            streams.get("stderr") or self.stderr,
            streams.get("stdin", self.stdin),
            self.terminal,
        )
        child = Process(self.machine, main, args, streams.get("env") or dict(self.env), own, self.directory)
        child.files.umask = self.files.umask
        child._leaves = (own.stdin if own.stdin is not self.stdin else None, own.stdout, self.stdout)
        self.machine.loop.call_later(0, child.start, "process")
        return child

    def become(self, args: Sequence[str], env: dict[str, str], stdin: Pipe | None, stdout: Sink, stderr: Sink) -> None:
        """Another program takes this process over; caught signals are forgotten, as `exec` forgets them."""
        self.args, self.env = tuple(args), env
        self.stdin, self.stdout, self.stderr = stdin, stdout, stderr
        self._caught.clear()

    def pipe(self) -> Pipe:
        """A new pipe."""
        return Pipe()

    def console(self, path: str) -> Sink:
        """What `/dev/stdout`, `/dev/stderr` and `/proc/1/fd/1` lead to."""
        if path.startswith("/proc/1/") and self.machine.console is not None:
            return self.machine.console.stdout if path.endswith("1") else self.machine.console.stderr
        return self.stdout if path.endswith("stdout") else self.stderr

    def kill(self, pid: int, signal: str) -> bool:
        """Sends a signal to a process of the same container."""
        target = self.machine.table.processes.get(pid)
        if target is None:
            return False
        target.signal(signal)
        return True

    def processes(self) -> list[tuple[int, tuple[str, ...]]]:
        """Numbers and command lines of the container's processes."""
        return [(pid, process.args) for pid, process in sorted(self.machine.table.processes.items())]

    def _describe_processes(self) -> dict[str, bytes]:
        """The files under `/proc` of all that this one sees, and of itself."""
        seen = {str(pid): process for pid, process in self.machine.table.processes.items()}
        described = {}
        for name, process in {**seen, "self": self}.items():
            about = proc_status(process.args[0], process.pid, process.who, process.files.umask)
            described[f"/proc/{name}/status"] = about.encode()
            described[f"/proc/{name}/cmdline"] = b"".join(f"{word}\0".encode() for word in process.args)
        return described

    def find(self, name: str) -> str | None:
        """The path of an executable, by PATH."""
        return self.machine.image.find(name, self.directory)

    def reachable(self, address: str) -> bool:
        """Whether somebody has that address."""
        return address.startswith("127.") or self.machine.network.at(address) is not None

    def program(self, name: str) -> Main | None:
        """The image's program behind a command's name."""
        return self.machine.image.find_main(name, self.directory, self.files, by="/bin/sh")

    def allocate(self, size: int) -> None:
        """Takes memory; beyond the container's limit the kernel kills this process."""
        self.machine.memory += size
        limit = self.machine.memory_limit
        if limit is not None and self.machine.memory > limit:
            raise self._out_of_memory()

    def keep(self, size: int) -> None:
        """Keeps so many bytes more (or fewer) of this machine's memory; see `images.files`."""
        if size > 0:
            self.afford(size)
        self._kept += size
        self.machine.share.keep(size)

    def afford(self, size: int) -> None:
        """Makes sure that so many bytes more could be kept, before they are made."""
        if not self.machine.share.has_room(size):
            raise self._out_of_memory()

    def exhaust(self) -> None:
        """The kernel kills this process for its memory, whoever runs now."""
        if self.exit_code is None:
            self._out_of_memory()
            self._end(_KILLED)

    def must_breathe(self) -> bool:
        """Counts a step of a shell; True where time must pass first, as it has not for many."""
        machine, now = self.machine, self.now()
        if machine.instant != now:
            machine.instant, machine.steps = now, 0
        machine.steps += 1
        return machine.steps > _STEPS

    def _out_of_memory(self) -> Exit:
        self.killed_by = "KILL"
        if self.machine.on_memory_exhausted is not None:
            self.machine.on_memory_exhausted()
        return Exit(_KILLED)

    def exit(self, code: int) -> None:
        """Ends this process now."""
        self._end(code)

    # --- what the machine does with it --------------------------------------------------------------------------------

    def start(self) -> None:
        """Runs the program up to its first wait."""
        if self.exit_code is None:
            self.machine.work.add(self.now(), STARTING)
            self._program = self._main(self)
            self._advance(None)

    def signal(self, name: str) -> None:
        """Delivers a signal, as the kernel does."""
        if self.exit_code is not None:
            return
        if name != "KILL" and name in self._caught:
            if self._caught[name] or self._running:
                self.pending.append(name)
            else:
                self._advance(None, Interrupted(name))
        elif name == "KILL" or self.pid != 1:
            self.killed_by = name
            self._end(128 + SIGNALS[name])

    def _advance(self, value: Any, error: BaseException | None = None) -> None:
        """Sends a result in and carries out effects until one of them takes time."""
        assert self._program is not None
        self._waits.stop()
        if error is None and self._waits.hold_back(self.stdout, value):
            return
        self._running = True
        try:
            while self.exit_code is None:
                effect = self._program.throw(error) if error is not None else self._program.send(value)
                value, error, waits = self._waits.carry_out(effect, self.stdin)
                if waits:
                    return
        except StopIteration as stop:
            self._end(int(stop.value or 0))
        except Exit as leave:
            self._end(leave.code)
        except Interrupted as uncaught:
            self._end(128 + SIGNALS[uncaught.signal])
        except RecursionError:  # a stack that has no end: as on a real machine
            self.killed_by = "SEGV"
            self._end(128 + SIGNALS["SEGV"])
        except (DiskFull, PermissionError, ReadOnly) as error:
            self.err(f"{self.args[0]}: {error.args[0] if error.args else 'write error'}: {words_of(error)}\n")
            self._end(1)
        except Exception as bug:  # a simulated program must not take the cluster down with it
            self.err(f"{self.args[0]}: the simulation of this program failed: {type(bug).__name__}: {bug}\n")
            self._end(70)
        finally:
            self._running = False

    def _end(self, code: int) -> None:
        if self.exit_code is not None:
            return
        self.exit_code = code
        self._waits.stop()
        self.machine.share.keep(-self._kept)
        self._kept = 0
        self.machine.net.close(self)
        self.machine.table.processes.pop(self.pid, None)
        self._leave_pipes()
        if self is self.machine.first:  # with it the container ends, and all in it, or in what it is the first of
            for other in list(self.machine.table.processes.values()) if self.pid == 1 else self.machine.own:
                other.signal("KILL")
        if self._program is not None and not self._running:
            self._program.close()
        for tell in self.on_exit:
            tell(code)
        self.on_exit.clear()

    def _leave_pipes(self) -> None:
        """A pipe made for this process ends with it: its reader sees the end, its writer gets SIGPIPE."""
        stdin, stdout, parents = self._leaves
        if stdin is not None:
            stdin.leave()
        if isinstance(stdout, Pipe) and stdout is not parents:
            stdout.end()
