"""What probes and hooks do: run a command, send an HTTP request, open a connection, sleep."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from k8s_tutor.embedded.images.program import Main
from k8s_tutor.embedded.images.shell.streams import Lines
from k8s_tutor.embedded.kubelet.backoff import words
from k8s_tutor.embedded.kubelet.container import Container
from k8s_tutor.embedded.kubelet.node import Node
from k8s_tutor.embedded.kubelet.process import Process, Streams
from k8s_tutor.embedded.kubelet.routine import Ended, Pause, Work
from k8s_tutor.embedded.network.faults import Broken, Fault, Refused, UnknownHost
from k8s_tutor.embedded.network.namespace import Namespace
from k8s_tutor.embedded.nodeservices import HttpRequest
from k8s_tutor.objects.types import Obj

__all__ = ["ExecOutcome", "HookFailed", "command_in", "connect", "exec_error", "http_get", "port_of", "run_hook"]


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
    path = process.machine.image.find(command[0], process.directory)
    return process.machine.image.programs[path] if path else None


def command_in(container: Container, command: list[str], streams: Streams) -> Process | None:
    """A process for a command in a running container, not started yet; None where there is no such command."""
    main = find_main(container, command)
    first = container.process
    if main is None or first is None:
        return None
    return Process(first.machine, main, command, dict(first.env), streams, first.directory)


def run_command(container: Container, command: list[str], timeout: float | None) -> Work:
    """Runs a command to its end; the result is an `ExecOutcome`, or None where there is no such command."""
    output = Lines()
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
        shown = '"' + outcome.output.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
        raise HookFailed(f"{head}command '{' '.join(command)}' exited with {outcome.code}: , message: {shown}")


def _hook_words(pod: Obj, container: Container, kind: str, what: str) -> str:
    meta = pod["metadata"]
    who = f'"{meta["name"]}_{meta["namespace"]}({meta["uid"]})"'
    return f'{kind} lifecycle hook {what} for Container "{container.name}" in Pod {who} failed'
