"""`kubectl exec`: a command in a running container, with or without a terminal."""

from __future__ import annotations

from collections.abc import Callable

from k8s_tutor.api.status import failure
from k8s_tutor.embedded.images.pipe import Pipe
from k8s_tutor.embedded.kubelet.container import Container
from k8s_tutor.embedded.kubelet.handlers import command_in
from k8s_tutor.embedded.kubelet.process import Process, Streams
from k8s_tutor.embedded.loop import Loop
from k8s_tutor.objects.types import Obj

__all__ = ["CommandSession"]

_INTERRUPT, _END, _ERASE = 3, 4, (8, 127)


class _Outlet:
    """Hands output on; a terminal gets carriage returns before its newlines."""

    def __init__(self, push: Callable[[bytes], None], *, tty: bool) -> None:
        self._push = push
        self._tty = tty

    def write(self, data: bytes) -> None:
        self._push(data.replace(b"\n", b"\r\n") if self._tty else data)


class CommandSession:
    """One running command. Implements `ExecSession`."""

    def __init__(self, loop: Loop, container: Container, command: list[str], *, stdin: bool, tty: bool) -> None:
        self._loop = loop
        self._container = container
        self._command = command
        self._tty = tty
        self._stdin = Pipe() if stdin else None
        self._process: Process | None = None
        self._line = bytearray()
        self._echo: Callable[[bytes], None] = lambda _: None

    def attach(
        self, stdout: Callable[[bytes], None], stderr: Callable[[bytes], None], done: Callable[[Obj], None]
    ) -> None:
        """Starts the command."""
        self._echo = stdout
        errors = stdout if self._tty else stderr
        streams = Streams(_Outlet(stdout, tty=self._tty), _Outlet(errors, tty=self._tty), self._stdin, self._tty)
        process = command_in(self._container, self._command, streams)
        assert process is not None  # looked up before the session was opened
        self._process = process
        process.on_exit.append(lambda code: done(_verdict(code)))
        # Started from the loop: what it prints must not come before the caller has what it asked for.
        self._loop.call_later(0, process.start, "exec")

    def write(self, data: bytes) -> None:
        """Input: as it is, or, from a terminal, line by line with echo."""
        if self._stdin is None:
            return
        if not self._tty:
            self._stdin.write(data)
            return
        for byte in data:
            self._key(byte)

    def _key(self, byte: int) -> None:
        assert self._stdin is not None
        if byte == _INTERRUPT:
            self._echo(b"^C\r\n")
            self._line.clear()
            self._signal_foreground("INT")
        elif byte == _END and not self._line:
            self._stdin.end()
        elif byte in _ERASE:
            if self._line:
                self._line.pop()
                self._echo(b"\b \b")
        elif byte in b"\r\n":
            self._echo(b"\r\n")
            self._stdin.write(bytes(self._line) + b"\n")
            self._line.clear()
        else:
            self._line.append(byte)
            self._echo(bytes([byte]))

    def _signal_foreground(self, name: str) -> None:
        """Ctrl-C goes to the command that runs, not to the shell that waits for it."""
        process = self._process
        if process is None:
            return
        newest = max(process.machine.processes, default=process.pid)
        target = process.machine.processes[newest] if newest > process.pid else process
        target.signal(name)

    def close_stdin(self) -> None:
        """End of input."""
        if self._stdin is not None:
            self._stdin.end()

    def resize(self, width: int, height: int) -> None:
        """The terminal's new size: no simulated program looks at it."""

    def close(self) -> None:
        """The client went away."""
        if self._process is not None:
            self._process.signal("HUP")


def _verdict(code: int) -> Obj:
    """The Status that ends an exec: Success, or how the command failed."""
    if code == 0:
        return {"metadata": {}, "status": "Success"}
    status = failure(500, "NonZeroExitCode", f"command terminated with non-zero exit code: exit code {code}")
    status["details"] = {"causes": [{"reason": "ExitCode", "message": str(code)}]}
    status.pop("kind", None)
    status.pop("apiVersion", None)
    status.pop("code", None)
    return status
