"""Startup, liveness and readiness probes of one container: when they run, what they conclude, what they say.

gRPC probes are not simulated: they fail and say so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Literal
from urllib.parse import quote

from k8s_tutor.embedded.actions import EmitEvent
from k8s_tutor.embedded.images.program import Main
from k8s_tutor.embedded.kubelet.container import Container, field_path
from k8s_tutor.embedded.kubelet.node import Node
from k8s_tutor.embedded.kubelet.process import Process, Streams
from k8s_tutor.embedded.kubelet.restarts import words
from k8s_tutor.embedded.kubelet.routine import Ended, Pause, Routine, Work
from k8s_tutor.embedded.names import Namespace
from k8s_tutor.embedded.network import Broken, Fault, Refused, UnknownHost
from k8s_tutor.embedded.nodeservices import HttpRequest
from k8s_tutor.objects.types import Obj

__all__ = [
    "ExecOutcome",
    "HookFailed",
    "Prober",
    "command_in",
    "connect",
    "exec_error",
    "http_get",
    "port_of",
    "run_hook",
]


_LARGEST_OUTPUT = 10 << 10  # bytes


# ---- What probes and hooks do: run a command, send an HTTP request, open a connection, sleep


class HookFailed(Exception):
    """A postStart or preStop hook did not do its work; the message is for the container's status."""


@dataclass(frozen=True, slots=True)
class ExecOutcome:
    """How a command in a container ended: its code (None: it did not within the time), what it printed."""

    code: int | None
    output: str


@dataclass(frozen=True, slots=True)
class HttpOutcome:
    """How a request ended: the code, or (0) the error in Go's words."""

    code: int
    text: str


def exec_error(node: Node, command: str) -> str:
    """The container runtime's words for a command that is not there."""
    number = "".join(f"{node.random.getrandbits(32):08x}" for _ in range(8))
    return (
        f'failed to exec in container: failed to start exec "{number}": OCI runtime exec failed: exec failed: '
        f'unable to start container process: exec: "{command}": {_why(command)}: unknown'
    )


def _why(command: str) -> str:
    return f"stat {command}: no such file or directory" if "/" in command else "executable file not found in $PATH"


def find_main(container: Container, command: list[str]) -> Main | None:
    """The program behind a command in a container's image."""
    process = container.process
    assert process is not None
    return process.machine.image.find_main(command[0], process.directory, process.files)


def command_in(container: Container, command: list[str], streams: Streams) -> Process | None:
    """A process for a command in a running container, not started yet; None where there is no such command."""
    main = find_main(container, command)
    first = container.process
    if main is None or first is None:
        return None
    return Process(first.machine, main, command, dict(first.env), streams, first.directory)


class _Output:
    """The beginning of what a command prints: as much as the kubelet takes."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: bytes) -> None:
        """Takes output."""
        self.data += data[: max(_LARGEST_OUTPUT - len(self.data), 0)]


def run_command(container: Container, command: list[str], timeout: float | None) -> Work:
    """Runs a command to its end; the result is an `ExecOutcome`, or None where there is no such command."""
    output = _Output()
    process = command_in(container, command, Streams(output, output))
    if process is None:
        yield Pause(0)
        return None
    process.start()
    ended = yield Ended(process, timeout)
    if not ended:
        process.signal("KILL")
        return ExecOutcome(None, output.data.decode(errors="replace"))
    return ExecOutcome(process.exit_code, output.data.decode(errors="replace"))


def port_of(spec: Obj, port: int | str) -> int:
    """A port's number, also where the manifest gives a name.

    Raises:
        LookupError: no port of the container has that name; the message is the kubelet's.
    """
    if isinstance(port, int):
        return port
    for one in spec.get("ports", []):
        if one.get("name") == port:
            return int(one["containerPort"])
    if str(port).isdigit():
        return int(port)
    raise LookupError(f"couldn't find port: {port} in container {spec['name']}")


def http_get(node: Node, spec: Obj, action: Obj, pod_ip: str, timeout: float) -> Work:
    """Sends the request of an `httpGet`; the result is an `HttpOutcome`."""
    host, port = action.get("host") or pod_ip, port_of(spec, action["port"])
    path = action.get("path") or "/"
    path = path if path.startswith("/") else f"/{path}"
    scheme = action.get("scheme", "HTTP").lower()
    url = f"{scheme}://{host}:{port}{quote(path, safe='/?&=%+:@,;~!$()*-._')}"
    headers = {"Host": f"{host}:{port}", "User-Agent": "kube-probe/1.37", "Accept": "*/*", "Connection": "close"}
    headers |= {one["name"]: one["value"] for one in action.get("httpHeaders", [])}
    own = Namespace(node.address, node=node.name)
    try:
        answer, trace = node.network.request(own, host, port, HttpRequest("GET", path, headers), timeout=timeout)
    except Fault as fault:
        yield Pause(fault.seconds)
        return HttpOutcome(0, f'Get "{url}": {_go_words(fault, host, port, timeout)}')
    yield Pause(trace.seconds)
    if scheme == "https":
        return HttpOutcome(0, f'Get "{url}": http: server gave HTTP response to HTTPS client')
    return HttpOutcome(answer.code, answer.body.decode(errors="replace"))


def _go_words(fault: Fault, host: str, port: int, timeout: float) -> str:
    match fault:
        case Refused():
            return f"dial tcp {host}:{port}: connect: connection refused"
        case UnknownHost():
            return f"dial tcp: lookup {host} on 172.18.0.1:53: no such host"
        case Broken():
            return "EOF"
    return f"context deadline exceeded (Client.Timeout exceeded while awaiting headers after {words(timeout)})".replace(
        f" after {words(timeout)}", ""
    )


def connect(node: Node, host: str, port: int, timeout: float) -> Work:
    """Opens a connection; the result is empty, or the error in Go's words."""
    target = node.network.at(host)
    if target is None:
        yield Pause(timeout)
        return f"dial tcp {host}:{port}: i/o timeout"
    yield Pause(0.001)
    return "" if port in target.listeners else f"dial tcp {host}:{port}: connect: connection refused"


def run_hook(node: Node, pod: Obj, spec: Obj, container: Container, hook: Obj, *, timeout: float | None = None) -> Work:
    """Runs a postStart or preStop hook to its end, or to the end of the time it has.

    Raises:
        HookFailed: it failed.
    """
    if "sleep" in hook:
        seconds = float(hook["sleep"]["seconds"])
        yield Pause(seconds if timeout is None else min(seconds, timeout))
    elif "exec" in hook:
        yield from _command_hook(node, pod, container, list(hook["exec"].get("command", [])), timeout)
    elif "httpGet" in hook:
        address = container.process.address if container.process else ""
        outcome = yield from http_get(node, spec, hook["httpGet"], address, 30.0)
        what = _hook_words(pod, container, "HTTP", f"({hook['httpGet'].get('path', '/')})")
        if outcome.code == 0:
            raise HookFailed(f"{what} - error: {outcome.text}")
        if outcome.code >= 400:
            raise HookFailed(f"{what} - error: HTTP probe failed with statuscode: {outcome.code}")


def _command_hook(node: Node, pod: Obj, container: Container, command: list[str], timeout: float | None) -> Work:
    outcome = yield from run_command(container, command, timeout)
    head = _hook_words(pod, container, "Exec", f"([{' '.join(command)}])") + " - error: "
    if outcome is None:
        raise HookFailed(f'{head}rpc error: code = Unknown desc = {exec_error(node, command[0])}, message: ""')
    if outcome.code:
        quoted = '"' + outcome.output.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
        raise HookFailed(f"{head}command '{' '.join(command)}' exited with {outcome.code}: , message: {quoted}")


def _hook_words(pod: Obj, container: Container, kind: str, what: str) -> str:
    meta = pod["metadata"]
    who = f'"{meta["name"]}_{meta["namespace"]}({meta["uid"]})"'
    return f'{kind} lifecycle hook {what} for Container "{container.name}" in Pod {who} failed'


# ---- Startup, liveness and readiness probes of one container: when they run, what they conclude, what they say

Type = Literal["startup", "liveness", "readiness"]
_TYPES: tuple[Type, ...] = ("startup", "liveness", "readiness")

_NO_GRPC = "gRPC probes are not simulated on the embedded cluster; use httpGet, tcpSocket or exec, or a kind cluster"


@dataclass(frozen=True, slots=True)
class _Result:
    """One probe: good or not, and why not; `error`: it could not even be tried, which counts for nothing."""

    good: bool
    why: str = ""
    error: bool = False


class Prober:
    """Probes one container from its start to its end.

    Args:
        node: Where it runs.
        pod: Gives the pod as it is now.
        spec: The container's spec.
        container: The attempt that is probed.
        changed: Called after each change of `started`, `ready` or `probe_failure`.
    """

    def __init__(
        self, node: Node, pod: Callable[[], Obj], spec: Obj, container: Container, changed: Callable[[], None]
    ) -> None:
        self._node = node
        self._pod = pod
        self._spec = spec
        self._container = container
        self._changed = changed
        self._routines: dict[Type, Routine] = {}
        self._since = 0.0

    def start(self, since: float) -> None:
        """Begins to probe, or goes on with what has waited so far; called after each status that is written.

        Args:
            since: When the kubelet took the pod on: liveness and startup probes beat from there, in their periods. A
                readiness probe runs at once, and beats from then on.
        """
        self._since = since
        for kind in _TYPES:
            # The others wait until the startup probe has passed and the status says so.
            if self._spec.get(f"{kind}Probe") and kind not in self._routines and self._is_due(kind):
                self._routines[kind] = Routine(self._node.loop, self._watch(kind), lambda _: None)
                self._routines[kind].start()

    def stop(self) -> None:
        """Ends all probing."""
        for routine in self._routines.values():
            routine.cancel()
        self._routines.clear()

    def _is_due(self, kind: Type) -> bool:
        return kind == "startup" or self._container.started

    def _watch(self, kind: Type) -> Work:
        """One probe for as long as it matters."""
        probe = self._spec[f"{kind}Probe"]
        period = float(probe.get("periodSeconds", 10))
        yield Pause(self._first(kind, period, int(probe.get("initialDelaySeconds", 0))))
        good = bad = 0
        while self._runs():
            begun = self._node.now()
            result = yield from self._once(probe)
            if not self._runs():
                return
            if not result.good:
                self._complain(kind, result)
            if result.good:
                good, bad = good + 1, 0
            elif not result.error:
                good, bad = 0, bad + 1
            if good >= probe.get("successThreshold", 1) and self._passed(kind):
                return
            if bad >= probe.get("failureThreshold", 3) and self._failed(kind):
                return
            yield Pause(max(period - (self._node.now() - begun), 0.0))

    def _first(self, kind: Type, period: float, delay: int) -> float:
        """Seconds until the first probe: the first beat at which the container is old enough, in whole seconds."""
        now = self._node.now()
        beat = now if kind == "readiness" else self._since + ceil((now - self._since) / period) * period
        while int(beat - self._container.started_at) < delay:
            beat += period
        return beat - now

    def _runs(self) -> bool:
        return self._container.state == "running"

    def _passed(self, kind: Type) -> bool:
        """Notes a success; True where this probe has nothing more to do."""
        container = self._container
        if kind == "startup":
            container.started = True
            self._changed()
            return True
        if kind == "readiness" and container.ready is not True:
            container.ready = True
            self._changed()
        return False

    def _failed(self, kind: Type) -> bool:
        container = self._container
        if kind == "readiness":
            if container.ready is not False:
                changed = container.ready is True
                container.ready = False
                if changed:
                    self._changed()
            return False
        if "deletionTimestamp" in self._pod()["metadata"]:
            return True  # a pod that goes is not restarted for its health
        container.probe_failure = kind
        self._changed()
        return True

    def _complain(self, kind: Type, result: _Result) -> None:
        how = "probe errored and resulted in unknown state" if result.error else "probe failed"
        message = f"{kind.capitalize()} {how}: {result.why}"
        pod = self._pod()
        self._node.recorder.emit(EmitEvent(pod, "Warning", "Unhealthy", message, field_path(pod, self._container.name)))

    def _once(self, probe: Obj) -> Work:
        timeout = float(probe.get("timeoutSeconds", 1))
        address = self._container.process.address if self._container.process else ""
        try:
            if "exec" in probe:
                return (yield from self._command(list(probe["exec"].get("command", [])), timeout))
            if "httpGet" in probe:
                return (yield from self._request(probe["httpGet"], address, timeout))
            if "tcpSocket" in probe:
                host = probe["tcpSocket"].get("host") or address
                refused = yield from connect(self._node, host, port_of(self._spec, probe["tcpSocket"]["port"]), timeout)
                return _Result(not refused, refused)
        except LookupError as error:
            return _Result(False, str(error), error=True)
        yield Pause(0)
        return _Result(False, _NO_GRPC)

    def _request(self, action: Obj, address: str, timeout: float) -> Work:
        outcome = yield from http_get(self._node, self._spec, action, address, timeout)
        if outcome.code == 0:
            return _Result(False, outcome.text)
        good = 200 <= outcome.code < 400
        return _Result(good, "" if good else f"HTTP probe failed with statuscode: {outcome.code}")

    def _command(self, command: list[str], timeout: float) -> Work:
        outcome = yield from run_command(self._container, command, timeout)
        if outcome is None:
            return _Result(False, f"rpc error: code = Unknown desc = {exec_error(self._node, command[0])}", error=True)
        if outcome.code is None:
            return _Result(False, f'command timed out: "{" ".join(command)}" timed out after {words(timeout)}')
        return _Result(outcome.code == 0, outcome.output)
