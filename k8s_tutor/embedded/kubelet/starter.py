"""Starts one container: back-off, image, configuration, creation, first process, postStart."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from k8s_tutor.embedded.actions import EmitEvent
from k8s_tutor.embedded.images.image import Image
from k8s_tutor.embedded.kubelet.container import Container, Runtime, field_path
from k8s_tutor.embedded.kubelet.container_setup import environment, identity_of, set_up_container
from k8s_tutor.embedded.kubelet.logs import Log
from k8s_tutor.embedded.kubelet.node import Node
from k8s_tutor.embedded.kubelet.probes import HookFailed, run_hook
from k8s_tutor.embedded.kubelet.process import Process
from k8s_tutor.embedded.kubelet.puller import Puller, PullFailed
from k8s_tutor.embedded.kubelet.resources import SourceMissing, locate_pod
from k8s_tutor.embedded.kubelet.restarts import Backoff, words
from k8s_tutor.embedded.kubelet.routine import Pause, Work
from k8s_tutor.embedded.kubelet.stopper import stop_container
from k8s_tutor.objects.types import Obj

__all__ = [
    "CREATE",
    "LOOK_AGAIN",
    "NOTICE",
    "RELIST",
    "RESYNC_ON_ERROR",
    "SANDBOX",
    "SHIM",
    "START",
    "STOP_SANDBOX",
    "StartStep",
    "Starter",
]


# ---- A container's way to running, as data: what happens in which order, how long it takes, what is said about it
#
# The durations are those seen on a small real cluster (three nodes on two cores, images present), rounded. Everything
# that learners watch for seconds (pulls, grace periods, back-offs, probes) follows from the manifest and from
# Kubernetes' own constants, not from this table.


@dataclass(frozen=True, slots=True)
class StartStep:
    """One step.

    Attributes:
        seconds: Virtual time from its begin to its end.
        reason: Of the event at its end; empty for none.
        message: Of that event.
    """

    seconds: float
    reason: str = ""
    message: str = ""


NOTICE = StartStep(0.02)
"""From a change in the API server to the kubelet's first look at it."""

SANDBOX = StartStep(0.35)
"""The pod's network namespace and address, before any container."""

CREATE = StartStep(0.04, "Created", "Container created")
"""The container's files and configuration."""

START = StartStep(0.12, "Started", "Container started")
"""Its first process."""

STOP_SANDBOX = StartStep(0.05)
"""The network goes, with the address."""

LOOK_AGAIN = StartStep(0.01)
"""From the end of a round that did something to the look at what came of it."""

SHIM = StartStep(0.05)
"""So long after its start a container's end is noticed at the earliest: one that ends at once is seen running."""

RELIST = 1.0
"""The kubelet asks the runtime once a second what has changed; that is how it learns that a container has ended."""

RESYNC_ON_ERROR = 10.0
"""After an error the kubelet looks at the pod again after this many seconds, times a random 1 to 1.5."""


# ---- Starts one container: back-off, image, configuration, creation, first process, postStart

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
            yield from self._run(order, container)
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
            variables = environment(self._node.store, order.pod, spec, locate_pod(self._node, order.pod, runtime))
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
        set_up_container(self._node, order.pod, spec, runtime, image, variables)
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

    def _run(self, order: _Order, container: Container) -> Work:
        yield Pause(START.seconds)
        process = container.process
        assert process is not None
        error = _start_error(process)
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
        process.machine.files.make_directory(process.directory, 0o755)
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
            yield from stop_container(self._node, order.pod, container, "FailedPostStartHook")
            raise _NotStarted("PostStartHookError", str(fault)) from fault

    def _say(self, event: EmitEvent) -> None:
        self._node.recorder.emit(event)


def _refuse_root(order: _Order, image: Image) -> None:
    own, shared = order.spec.get("securityContext") or {}, order.pod["spec"].get("securityContext") or {}
    forbidden = own.get("runAsNonRoot", shared.get("runAsNonRoot", False))
    if forbidden and identity_of(order.pod, order.spec, image).uid == 0:
        meta = order.pod["metadata"]
        who = f'pod: "{meta["name"]}_{meta["namespace"]}({meta["uid"]})", container: {order.spec["name"]}'
        asked = own.get("runAsUser", shared.get("runAsUser")) == 0
        words_ = (
            "container's runAsUser breaks non-root policy"
            if asked
            else ("container has runAsNonRoot and image will run as root")
        )
        raise SourceMissing(f"{words_} ({who})")


def _start_error(process: Process) -> str:
    """Why the first process cannot be started, in runc's words; empty if it can."""
    command = process.args[0]
    if process.files.is_file(process.directory):
        why = f"error during container init: mkdir {process.directory}: not a directory"
        return f"unable to start container process: {why}: unknown"
    if process.machine.image.find_main(command, process.directory, process.files) is not None:
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
        message = container.process.machine.files.read(path)[:4096].decode(errors="replace")
    except OSError:
        message = ""
    if not message and code != 0 and spec.get("terminationMessagePolicy") == "FallbackToLogsOnError":
        message = container.log.tail(80, 2048)
    container.message = message
