"""`kubectl exec` and `attach`: a command in a running container, or its own process; with or without a terminal."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from hashlib import sha256

from k8s_tutor.embedded.core import AnyLoop
from k8s_tutor.embedded.images.files import LARGEST_CONTAINER
from k8s_tutor.embedded.images.pipe import Pipe
from k8s_tutor.embedded.kubelet.container import Container, Runtime
from k8s_tutor.embedded.kubelet.node import Node
from k8s_tutor.embedded.kubelet.probes import command_in
from k8s_tutor.embedded.kubelet.process import Process, Streams
from k8s_tutor.embedded.names import Namespace
from k8s_tutor.embedded.network import Fault
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest
from k8s_tutor.objects.types import Obj

__all__ = ["AttachSession", "CommandSession", "FailedSession", "SandboxPorts"]

_INTERRUPT, _END, _ERASE = 3, 4, (8, 127)


class _Outlet:
    """Hands output on; a terminal gets carriage returns before its newlines."""

    def __init__(self, push: Callable[[bytes], None], *, tty: bool) -> None:
        self._push = push
        self._tty = tty

    def write(self, data: bytes) -> None:
        self._push(data.replace(b"\n", b"\r\n") if self._tty else data)


class _Keyboard:
    """Input on its way to a process: as it is, or, from a terminal, line by line with echo.

    Args:
        target: Where it goes; None where nothing reads.
        tty: Whether a terminal is between.
        interrupt: Called for Ctrl-C.
    """

    def __init__(self, target: Pipe | None, *, tty: bool, interrupt: Callable[[], None]) -> None:
        self._target = target
        self._tty = tty
        self._interrupt = interrupt
        self._line = bytearray()
        self.echo: Callable[[bytes], None] = lambda _: None

    def write(self, data: bytes) -> None:
        """Takes input."""
        if self._target is None:
            return
        if not self._tty:
            self._target.write(data)
            return
        for byte in data:
            self._key(self._target, byte)

    def end(self) -> None:
        """End of input."""
        if self._target is not None:
            self._target.end()

    def _key(self, target: Pipe, byte: int) -> None:
        if byte == _INTERRUPT:
            self.echo(b"^C\r\n")
            self._line.clear()
            self._interrupt()
        elif byte == _END and not self._line:
            target.end()
        elif byte in _ERASE:
            if self._line:
                self._line.pop()
                self.echo(b"\b \b")
        elif byte in b"\r\n":
            self.echo(b"\r\n")
            target.write(bytes(self._line) + b"\n")
            self._line.clear()
        else:
            self._line.append(byte)
            self.echo(bytes([byte]))


class CommandSession:
    """`exec`: one running command. Implements `ExecSession`."""

    def __init__(self, loop: AnyLoop, container: Container, command: list[str], *, stdin: bool, tty: bool) -> None:
        self._loop = loop
        self._container = container
        self._command = command
        self._tty = tty
        self._stdin = Pipe() if stdin else None
        self._keyboard = _Keyboard(self._stdin, tty=tty, interrupt=self._interrupt)
        self._process: Process | None = None

    def attach(
        self, stdout: Callable[[bytes], None], stderr: Callable[[bytes], None], done: Callable[[Obj], None]
    ) -> None:
        """Starts the command."""
        self._keyboard.echo = stdout
        errors = stdout if self._tty else stderr
        streams = Streams(_Outlet(stdout, tty=self._tty), _Outlet(errors, tty=self._tty), self._stdin, self._tty)
        process = command_in(self._container, self._command, streams)
        assert process is not None  # looked up before the session was opened
        self._process = process
        process.on_exit.append(lambda code: done(_verdict(code)))
        # Started from the loop: what it prints must not come before the caller has what it asked for.
        self._loop.call_later(0, process.start, "exec")

    def write(self, data: bytes) -> None:
        """Input; far more than the command reads is the end of it."""
        self._keyboard.write(data)
        if self._stdin is not None and self._stdin.size > LARGEST_CONTAINER and self._process is not None:
            self._process.signal("KILL")

    def close_stdin(self) -> None:
        """End of input."""
        self._keyboard.end()

    def resize(self, width: int, height: int) -> None:
        """The terminal's new size: no simulated program looks at it."""

    def close(self) -> None:
        """The client went away."""
        if self._process is not None:
            self._process.signal("HUP")

    def _interrupt(self) -> None:
        """Ctrl-C goes to the command that runs, not to the shell that waits for it."""
        process = self._process
        if process is not None:
            newest = max(process.machine.own, key=lambda one: one.pid, default=process)
            (newest if newest.pid > process.pid else process).signal("INT")


class AttachSession:
    """`attach`: the streams of a container's own first process. Implements `ExecSession`.

    Args:
        container: A running one.
        stdin: Whether the client sends input.
        tty: Whether the container has a terminal.
        once: The container's `stdinOnce`: the end of the client's input is the end of the process's.
    """

    def __init__(self, container: Container, *, stdin: bool, tty: bool, once: bool) -> None:
        self._once = once
        assert container.process is not None
        self._container = container
        self._process = container.process
        self._tty = tty
        target = self._process.stdin if stdin else None
        self._keyboard = _Keyboard(target, tty=tty, interrupt=lambda: self._process.signal("INT"))
        self._stop: Callable[[], None] = lambda: None

    def attach(
        self, stdout: Callable[[bytes], None], stderr: Callable[[bytes], None], done: Callable[[Obj], None]
    ) -> None:
        """Begins to listen."""
        self._keyboard.echo = stdout
        out = _Outlet(stdout, tty=self._tty)
        err = _Outlet(stdout if self._tty else stderr, tty=self._tty)
        if self._tty:  # a shell draws its prompt again when a terminal of another size looks at it
            out.write(self._container.log.unfinished())
        self._stop = self._container.log.listen(lambda stream, data: (out if stream == "stdout" else err).write(data))
        self._process.on_exit.append(lambda _: done(_verdict(0)))

    def write(self, data: bytes) -> None:
        """Input."""
        self._keyboard.write(data)

    def close_stdin(self) -> None:
        """End of input: the container's, too, where it takes input only once."""
        if self._once:
            self._keyboard.end()

    def resize(self, width: int, height: int) -> None:
        """The terminal's new size: no simulated program looks at it."""

    def close(self) -> None:
        """The client went away; the container goes on."""
        self._stop()
        self.close_stdin()


class FailedSession:
    """An `exec` whose command cannot be started: it opens, and its error channel says why. Implements `ExecSession`."""

    def __init__(self, loop: AnyLoop, message: str) -> None:
        self._loop = loop
        self._message = message

    def attach(
        self, stdout: Callable[[bytes], None], stderr: Callable[[bytes], None], done: Callable[[Obj], None]
    ) -> None:
        """Ends with the error."""
        status = {"reason": "InternalError", "details": {"causes": [{"message": self._message}]}, "code": 500}
        failed = {"metadata": {}, "status": "Failure", "message": f"Internal error occurred: {self._message}", **status}
        self._loop.call_later(0, lambda: done(failed), "exec")

    def write(self, data: bytes) -> None:
        """Nobody reads."""

    def close_stdin(self) -> None:
        """Nobody reads."""

    def resize(self, width: int, height: int) -> None:
        """Nobody looks."""

    def close(self) -> None:
        """It has ended already."""


def _verdict(code: int) -> Obj:
    """The Status that ends an exec: Success, or how the command failed."""
    if code == 0:
        return {"metadata": {}, "status": "Success"}
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: command terminated with exit code {code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }


# ---- Connections into a pod's network, as the container runtime makes them for `kubectl port-forward`


class SandboxPorts:
    """The ports of one pod's sandbox, for as long as it is there."""

    def __init__(self, node: Node, runtime: Runtime, uid: str) -> None:
        self._node = node
        self._runtime = runtime
        self._sandbox = sha256(uid.encode()).hexdigest()

    def connect(self, port: int) -> _Port:
        """A connection to `localhost:port` inside the pod.

        Raises:
            ConnectionRefusedError: nobody listens, or the sandbox is gone; in containerd's words.
        """
        net = self._runtime.net
        head = f"error forwarding port {port} to pod {self._sandbox}, uid : "
        if self._runtime.sandbox != "ready" or net is None:
            raise ConnectionRefusedError(f'{head}network namespace for sandbox "{self._sandbox}" is closed')
        if port not in net.listeners:
            refused = "connect: connection refused"
            raise ConnectionRefusedError(
                f'{head}failed to execute portforward in network namespace "{self._network_namespace()}": '
                f'failed to connect to localhost:{port} inside namespace "{self._sandbox}", '
                f"IPv4: dial tcp4 127.0.0.1:{port}: {refused} IPv6 dial tcp6 [::1]:{port}: {refused} "
            )
        return _Port(self._node, net, port)

    def _network_namespace(self) -> str:
        return f"/var/run/netns/cni-{uuid.UUID(self._sandbox[:32])}"


class _Port:
    """Implements `PodPort`."""

    def __init__(self, node: Node, net: Namespace, port: int) -> None:
        self._node = node
        self._net = net
        self._port = port

    def request(self, request: HttpRequest, done: Callable[[HttpAnswer | None], None]) -> None:
        """Asks, and hands the answer on after the time it takes."""
        loop = self._node.loop
        try:
            answer, trace = self._node.network.request(self._net, "127.0.0.1", self._port, request)
        except Fault as fault:
            loop.call_later(fault.seconds, lambda: done(None), "kubelet")
        else:
            loop.call_later(trace.seconds, lambda: done(answer), "kubelet")
