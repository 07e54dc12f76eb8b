"""How a container's program is written: a generator that yields what it waits for.

    def clock(system: System) -> Program:
        system.out("starting\n")
        while True:
            yield Sleep(1)                    # a second of virtual time
            system.out(f"{system.now()}\n")

Everything that takes no time is a call on `System` (arguments, environment, files, output, listening); everything that
takes time is an effect, yielded to the machine that runs the program, which sends the effect's result back in. What the
program returns is its exit code. A signal the program `catch`es is thrown in as `Interrupted` at the yield where it
waits; a signal it does not catch ends it, unless it is the container's first process, which the kernel shields (that is
why `sleep 1000` in a Pod takes the whole grace period to die). Nothing catches KILL.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol, TypeAlias

from k8s_tutor.embedded.images.files import Files
from k8s_tutor.embedded.images.permissions import Identity
from k8s_tutor.embedded.images.pipe import Exit, Pipe
from k8s_tutor.embedded.names import AddressInUse, Handler, Reply
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest

__all__ = [
    "AddressInUse",
    "Busy",
    "CannotFork",
    "Child",
    "Effect",
    "Exit",
    "Fetch",
    "Forever",
    "Handler",
    "Interrupted",
    "Join",
    "Main",
    "Program",
    "Read",
    "Reply",
    "Sink",
    "Sleep",
    "System",
    "instant",
]


@dataclass(frozen=True, slots=True)
class Sleep:
    """Waits `seconds` of virtual time."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Busy:
    """Computes for `seconds`: time passes as in a sleep, and the CPU is used (`kubectl top`)."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Forever:
    """Waits until a signal comes."""


@dataclass(frozen=True, slots=True)
class Read:
    """Waits for the next bytes on standard input (or another pipe); the result is `b""` at its end."""

    source: Pipe | None = None


@dataclass(frozen=True, slots=True)
class Fetch:
    """Sends an HTTP request through the pod's network; the result is the `HttpAnswer`.

    Raises (at the yield):
        Fault: no answer, in the network's words (see `network.faults`).
    """

    host: str
    port: int
    request: HttpRequest
    timeout: float = 900.0


@dataclass(frozen=True, slots=True)
class Join:
    """Waits for a child; the result is its exit code."""

    child: Child


Effect: TypeAlias = Sleep | Busy | Forever | Read | Fetch | Join
Program: TypeAlias = Generator[Effect, Any, int]
Main: TypeAlias = Callable[["System"], Program]


class CannotFork(Exception):
    """There are too many processes in this container."""


class Interrupted(Exception):
    """A caught signal has come (`TERM`, `INT`, `QUIT`, `HUP`)."""

    def __init__(self, signal: str) -> None:
        super().__init__(signal)
        self.signal = signal


class Sink(Protocol):
    """Where output goes: the container's log, a file, a pipe."""

    def write(self, data: bytes) -> None:
        """Takes the next bytes."""
        ...


class Child(Protocol):
    """A process started by this one."""

    pid: int
    exit_code: int | None
    killed_by: str

    def signal(self, name: str) -> None:
        """Sends it a signal."""
        ...


class System(Protocol):
    """A program's whole world.

    Attributes:
        args: Its command line; `args[0]` is its own name.
        env: Its environment.
        files: The container's file system.
        directory: Its working directory, absolute.
        hostname: The pod's host name.
        address: The pod's address, empty before the network is there.
        who: Whom it runs as.
        pid: 1 for the container's first process.
        random: The container's own randomness, seeded.
        pending: Signals that came while `catch(…, defer=True)` held them back.
        stdin: Standard input; None where it is empty.
        stdout: Standard output.
        stderr: Standard error.
        terminal: Whether a person sits at the other end (`kubectl exec -it`).
        memory_limit: In bytes, None for none.
        version: Of the image's programs, empty for the one that they were written after.
    """

    args: tuple[str, ...]
    env: dict[str, str]
    files: Files
    directory: str
    hostname: str
    address: str
    who: Identity
    pid: int
    random: Random
    pending: list[str]
    stdin: Pipe | None
    stdout: Sink
    stderr: Sink
    terminal: bool
    memory_limit: int | None
    version: str

    def now(self) -> float:
        """Virtual seconds since the Unix epoch."""
        ...

    def out(self, text: str | bytes) -> None:
        """Writes to standard output."""
        ...

    def err(self, text: str | bytes) -> None:
        """Writes to standard error."""
        ...

    def listen(self, port: int, handler: Handler) -> None:
        """Answers HTTP on a port of the pod's address.

        Raises:
            AddressInUse: another process of the pod has the port.
        """
        ...

    def resolve(self, name: str) -> list[str]:
        """The addresses of a DNS name, by the pod's search domains.

        Raises:
            UnknownHost: no such name.
        """
        ...

    def aliases(self, name: str) -> list[str]:
        """The names that a full DNS name is an alias of, one after the other."""
        ...

    def ask(self, host: str, port: int, request: HttpRequest) -> HttpAnswer:
        """What somebody else answers, now: for a handler that must ask others before it can answer. Takes no time.

        Raises:
            Fault: no answer.
        """
        ...

    def catch(self, *signals: str, defer: bool = False) -> None:
        """From now on these signals interrupt a wait (or, deferred, collect in `pending`) instead of ending it."""
        ...

    def spawn(self, main: Main, args: Sequence[str], **streams: Any) -> Child:
        """Starts another process in the same container; `stdin`, `stdout`, `stderr`, `env` may be given.

        A pipe given as its output ends with it, one given as its input is left with it.
        """
        ...

    def become(self, args: Sequence[str], env: dict[str, str], stdin: Pipe | None, stdout: Sink, stderr: Sink) -> None:
        """Another program takes this process over, as `exec` does; the caller then runs it."""
        ...

    def pipe(self) -> Pipe:
        """A new pipe."""
        ...

    def console(self, path: str) -> Sink:
        """What `/dev/stdout`, `/dev/stderr` and `/proc/1/fd/1` lead to."""
        ...

    def reachable(self, address: str) -> bool:
        """Whether somebody has that address and would answer a ping."""
        ...

    def kill(self, pid: int, signal: str) -> bool:
        """Sends a signal to a process of the same container; False where there is none of that number."""
        ...

    def processes(self) -> list[tuple[int, tuple[str, ...]]]:
        """Numbers and command lines of the container's processes."""
        ...

    def find(self, name: str) -> str | None:
        """The path of an executable, by PATH; None where there is none."""
        ...

    def program(self, name: str) -> Main | None:
        """The image's program behind a command's name, by PATH; None where there is none."""
        ...

    def allocate(self, size: int) -> None:
        """Takes so many bytes of memory; beyond the container's limit the kernel kills it (OOMKilled)."""
        ...

    def keep(self, size: int) -> None:
        """Keeps so many bytes more (or fewer) until its end; beyond what is left the kernel kills it (OOMKilled)."""
        ...

    def afford(self, size: int) -> None:
        """The same without keeping them: to be asked before something large is made."""
        ...

    def exhaust(self) -> None:
        """The kernel kills this process for its memory, from outside."""
        ...

    def must_breathe(self) -> bool:
        """Counts a step that takes no time; True where some must pass."""
        ...

    def exit(self, code: int) -> None:
        """Ends this process now, from inside a handler."""
        ...


def instant(function: Callable[[System], int]) -> Main:
    """Makes a program of a function that waits for nothing: it does its work and gives its exit code."""

    def main(system: System) -> Program:
        return function(system)
        yield  # type: ignore[unreachable]  # never reached; makes this a generator, as every program is

    return main
