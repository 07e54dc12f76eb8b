"""Starts one container: back-off, image, configuration, creation, first process, postStart."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from random import Random

from k8s_tutor.api.status import StatusError
from k8s_tutor.embedded.actions import EmitEvent
from k8s_tutor.embedded.images.files import Files
from k8s_tutor.embedded.images.image import SEARCH_PATH, Image
from k8s_tutor.embedded.images.pipe import Pipe
from k8s_tutor.embedded.images.program import System, instant
from k8s_tutor.embedded.kubelet.backoff import Backoff, words
from k8s_tutor.embedded.kubelet.container import Container, Runtime, field_path
from k8s_tutor.embedded.kubelet.environment import environment, expand
from k8s_tutor.embedded.kubelet.handlers import HookFailed, run_hook
from k8s_tutor.embedded.kubelet.logs import Log
from k8s_tutor.embedded.kubelet.node import Node
from k8s_tutor.embedded.kubelet.process import Machine, Process, ProcessTable, Streams
from k8s_tutor.embedded.kubelet.puller import Puller, PullFailed
from k8s_tutor.embedded.kubelet.resources import memory_limit
from k8s_tutor.embedded.kubelet.routine import Pause, Work
from k8s_tutor.embedded.kubelet.sources import Place, SourceMissing
from k8s_tutor.embedded.kubelet.stages import CREATE, SHIM, START
from k8s_tutor.embedded.kubelet.volumes import mounts_of
from k8s_tutor.objects.types import Obj

__all__ = ["Starter", "place_of"]

_NOT_RUN = (
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "
)


@dataclass(frozen=True, slots=True)
class _Order:
    """One container to start, of one pod."""

    pod: Obj
    spec: Obj
    runtime: Runtime

    def event(self, kind: str, reason: str, message: str) -> EmitEvent:
        return EmitEvent(self.pod, kind, reason, message, field_path(self.pod, self.spec["name"]))


class _NotStarted(Exception):
    """The container has not come to run; reason and message for its status."""

    def __init__(self, reason: str, message: str, retry_at: float | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.retry_at = retry_at


class Starter:
    """Starts the containers of one node."""

    def __init__(self, node: Node, puller: Puller) -> None:
        self._node = node
        self._puller = puller
        self._crashes = Backoff(10, 300)

    def forget(self, pod: Obj) -> None:
        """Drops what is kept about a pod that is gone."""
        self._crashes.forget(pod["metadata"]["uid"])
        self._puller.forget(pod)

    def start(self, pod: Obj, spec: Obj, runtime: Runtime, last: Container | None) -> Work:
        """Starts a container, or notes in `runtime.why` what keeps it from starting.

        `last` is the attempt that ended before; back-off counts from its end.
        The result is None once it runs, otherwise when to try again (0: after the usual delay).
        """
        order = _Order(pod, spec, runtime)
        name = spec["name"]
        try:
            self._hold_back(order, last)
            image = yield from self._image(order)
            container = yield from self._create(order, image)
            yield from self._run(order, image, container)
            yield from self._post_start(order, container)
        except _NotStarted as fault:
            runtime.why[name] = (fault.reason, fault.message)
            return fault.retry_at or 0.0
        runtime.why.pop(name, None)
        return None

    def _hold_back(self, order: _Order, last: Container | None) -> None:
        """CrashLoopBackOff: what ended lately waits, twice as long each time."""
        if last is None:
            return
        meta = order.pod["metadata"]
        key = f"{meta['uid']}_{order.spec['name']}"
        now = self._node.now()
        if not self._crashes.is_waiting(key, last.finished_at, now):
            self._crashes.fail(key, last.finished_at, now)
            return
        who = f"{meta['name']}_{meta['namespace']}({meta['uid']})"
        name = order.spec["name"]
        self._say(order.event("Warning", "BackOff", f"Back-off restarting failed container {name} in pod {who}"))
        delay = self._crashes.delay(key)
        message = f"back-off {words(delay)} restarting failed container={name} pod={who}"
        raise _NotStarted("CrashLoopBackOff", message, last.finished_at + delay)

    def _image(self, order: _Order) -> Work:
        try:
            return (yield from self._puller.ensure(order.pod, order.spec))
        except PullFailed as fault:
            self._say(order.event("Warning", "Failed", f"Error: {fault.reason}"))
            raise _NotStarted(fault.reason, fault.message) from fault

    def _create(self, order: _Order, image: Image) -> Work:
        runtime, spec = order.runtime, order.spec
        try:
            variables = environment(self._node.store, order.pod, spec, place_of(self._node, order.pod, runtime))
            _refuse_root(order, image)
        except SourceMissing as fault:
            self._say(order.event("Warning", "Failed", f"Error: {fault}"))
            raise _NotStarted("CreateContainerConfigError", str(fault)) from fault
        yield Pause(CREATE.seconds)
        self._refuse_empty(order, image)
        last = runtime.latest(spec["name"])
        now = self._node.now()
        container = Container(
            name=spec["name"],
            attempt=last.attempt + 1 if last else 0,
            id="containerd://" + "".join(f"{self._node.random.getrandbits(32):08x}" for _ in range(8)),
            image=image.name,
            image_id=image.id,
            log=Log(self._node.now),
            created_at=now,
        )
        runtime.add(container)
        runtime.why.pop(spec["name"], None)
        self._furnish(order, image, container, variables)
        self._say(order.event("Normal", CREATE.reason, CREATE.message))
        return container

    def _refuse_empty(self, order: _Order, image: Image) -> None:
        """An image without a command of its own needs one."""
        spec = order.spec
        if spec.get("command") or spec.get("args") or image.entrypoint or image.cmd:
            return
        number = "".join(f"{self._node.random.getrandbits(32):08x}" for _ in range(8))
        words_ = f'failed to generate container "{number}" spec: failed to generate spec: no command specified'
        self._say(order.event("Warning", "Failed", f"Error: {words_}"))
        raise _NotStarted("CreateContainerError", words_)

    def _furnish(self, order: _Order, image: Image, container: Container, variables: dict[str, str]) -> None:
        """Gives the container its machine and the process that will be its first."""
        pod, spec, runtime = order.pod, order.spec, order.runtime
        assert runtime.net is not None
        host = self._node.name if pod["spec"].get("hostNetwork") else _host_name(pod)
        # A container that keeps its input open has one nobody writes to until somebody attaches.
        stdin = Pipe() if spec.get("stdin") else None
        tty = bool(spec.get("tty"))
        streams = Streams(container.log.sink("stdout"), container.log.sink("stderr"), stdin, tty)
        user = _user(pod, spec, image)
        machine = Machine(
            loop=self._node.loop,
            network=self._node.network,
            net=runtime.net,
            image=image,
            files=_files(pod, spec, image, runtime, host),
            hostname=host,
            random=Random(self._node.random.getrandbits(64)),
            user=user,
            memory_limit=memory_limit(spec),
            console=streams,
            table=_table(spec, runtime),
        )

        def exhausted() -> None:
            container.out_of_memory = True

        machine.on_memory_exhausted = exhausted
        path = {"PATH": ":".join(SEARCH_PATH), "HOSTNAME": host}
        env = {**path, **variables, "HOME": variables.get("HOME", "/root" if user == 0 else "/")}
        command = [expand(word, variables) for word in spec.get("command") or image.entrypoint]
        given = spec.get("args") or (() if spec.get("command") else image.cmd)
        args = [*command, *(expand(word, variables) for word in given)]
        directory = spec.get("workingDir") or image.directory
        found = image.find(args[0], directory) if args else None
        main = image.programs[found] if found else _never
        container.machine = machine
        container.process = Process(machine, main, args or [""], env, streams, directory)

    def _run(self, order: _Order, image: Image, container: Container) -> Work:
        yield Pause(START.seconds)
        process = container.process
        assert process is not None
        error = _start_error(process, image)
        if error:
            container.state = "exited"
            container.started_at = 0.0
            container.finished_at = self._node.now()
            container.exit_code, container.reason = 128, "StartError"
            container.message = _NOT_RUN + error
            container.log.end()
            self._say(order.event("Warning", "Failed", f"Error: {container.message}"))
            raise _NotStarted("RunContainerError", container.message)
        container.state = "running"
        container.started_at = self._node.now()
        container.started = not order.spec.get("startupProbe")
        process.files.make_directory(process.directory)
        process.on_exit.append(lambda code: self._ended(order, container, code))
        self._say(order.event("Normal", START.reason, START.message))
        process.start()

    def _ended(self, order: _Order, container: Container, code: int) -> None:
        """The first process has ended: noted at once, or a moment after the start if it ended faster than that."""
        finished = self._node.now()
        _note_end(order.spec, container, code, finished)
        seen = container.started_at + SHIM.seconds
        if finished < seen:
            container.state = "running"
            self._node.loop.call_at(seen, lambda: _settle(container), "kubelet")
        else:
            _settle(container)

    def _post_start(self, order: _Order, container: Container) -> Work:
        hook = (order.spec.get("lifecycle") or {}).get("postStart")
        if not hook:
            return
        try:
            yield from run_hook(self._node, order.pod, order.spec, container, hook)
        except HookFailed as fault:
            self._say(order.event("Warning", "FailedPostStartHook", "PostStartHook failed"))
            from k8s_tutor.embedded.kubelet.stopper import stop_container  # noqa: PLC0415  (hooks use it too)

            yield from stop_container(self._node, order.pod, container, "FailedPostStartHook")
            raise _NotStarted("PostStartHookError", str(fault)) from fault

    def _say(self, event: EmitEvent) -> None:
        self._node.recorder.emit(event)


def place_of(node: Node, pod: Obj, runtime: Runtime) -> Place:
    """What the downward API tells about where the pod runs."""
    address = node.address if pod["spec"].get("hostNetwork") else (runtime.net.address if runtime.net else "")

    def token(projection: Obj) -> bytes:
        try:
            return runtime.tokens.get(node.api, pod, projection, node.now())
        except StatusError as error:
            raise SourceMissing(f"failed to fetch token: {error.what}") from error

    return Place(node.name, node.address, address, node.capacity, token)


@instant
def _never(_: System) -> int:
    raise AssertionError("a program that is not there is not run")


def _table(spec: Obj, runtime: Runtime) -> ProcessTable:
    """A container's processes: its own, or, for `kubectl debug --target`, those of the one it looks into."""
    target = runtime.latest(spec.get("targetContainerName", ""))
    return target.machine.table if target is not None and target.machine is not None else ProcessTable()


def _host_name(pod: Obj) -> str:
    return str(pod["spec"].get("hostname") or pod["metadata"]["name"])[:63].rstrip("-.")


def _user(pod: Obj, spec: Obj, image: Image) -> int:
    own, shared = spec.get("securityContext") or {}, pod["spec"].get("securityContext") or {}
    return int(own.get("runAsUser", shared.get("runAsUser", image.user)))


def _refuse_root(order: _Order, image: Image) -> None:
    own, shared = order.spec.get("securityContext") or {}, order.pod["spec"].get("securityContext") or {}
    if own.get("runAsNonRoot", shared.get("runAsNonRoot", False)) and _user(order.pod, order.spec, image) == 0:
        meta = order.pod["metadata"]
        who = f'pod: "{meta["name"]}_{meta["namespace"]}({meta["uid"]})", container: {order.spec["name"]}'
        asked = own.get("runAsUser", shared.get("runAsUser")) == 0
        words_ = (
            "container's runAsUser breaks non-root policy"
            if asked
            else ("container has runAsNonRoot and image will run as root")
        )
        raise SourceMissing(f"{words_} ({who})")


def _files(pod: Obj, spec: Obj, image: Image, runtime: Runtime, host: str) -> Files:
    assert runtime.net is not None
    namespace = pod["metadata"]["namespace"]
    hosts = [
        "# Kubernetes-managed hosts file.",
        "127.0.0.1\tlocalhost",
        "::1\tlocalhost ip6-localhost ip6-loopback",
        "fe00::0\tip6-localnet",
        "fe00::0\tip6-mcastprefix",
        "fe00::1\tip6-allnodes",
        "fe00::2\tip6-allrouters",
        f"{runtime.net.address}\t{host}",
    ]
    hosts += ["\t".join([alias["ip"], *alias.get("hostnames", [])]) for alias in pod["spec"].get("hostAliases", [])]
    search = f"search {namespace}.svc.cluster.local svc.cluster.local cluster.local"
    written = {
        "/etc/hosts": "\n".join(hosts) + "\n",
        "/etc/hostname": f"{host}\n",
        "/etc/resolv.conf": f"{search}\nnameserver 10.96.0.10\noptions ndots:5\n",
        spec.get("terminationMessagePath", "/dev/termination-log"): "",
    }
    files = {**image.files, **{path: text.encode() for path, text in written.items()}}
    return Files(files, mounts_of(spec, runtime.volumes))


def _start_error(process: Process, image: Image) -> str:
    """Why the first process cannot be started, in runc's words; empty if it can."""
    command = process.args[0]
    if process.files.is_file(process.directory):
        why = f"error during container init: mkdir {process.directory}: not a directory"
        return f"unable to start container process: {why}: unknown"
    if image.find(command, process.directory):
        return ""
    if "/" not in command:
        why = "executable file not found in $PATH"
    else:
        path = posixpath.normpath(posixpath.join(process.directory, command))
        why = "permission denied" if process.files.exists(path) else f"stat {command}: no such file or directory"
    return f'unable to start container process: exec: "{command}": {why}: unknown'


def _settle(container: Container) -> None:
    """From now on the runtime says that the container has ended."""
    container.state = "exited"
    for tell in container.on_end:
        tell()
    container.on_end.clear()


def _note_end(spec: Obj, container: Container, code: int, finished: float) -> None:
    """Notes how a container ended."""
    container.finished_at = finished
    container.exit_code = code
    container.ready = False
    container.log.end()
    if container.out_of_memory:
        container.reason = "OOMKilled"
    else:
        container.reason = "Completed" if code == 0 else "Error"
    assert container.process is not None
    path = spec.get("terminationMessagePath", "/dev/termination-log")
    try:
        message = container.process.files.read(path)[:4096].decode(errors="replace")
    except OSError:
        message = ""
    if not message and code != 0 and spec.get("terminationMessagePolicy") == "FallbackToLogsOnError":
        message = container.log.tail(80, 2048)
    container.message = message
