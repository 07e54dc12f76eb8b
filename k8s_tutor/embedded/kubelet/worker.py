"""One pod's life on its node: looks at what should be and what is, and does the next steps; again after each change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from math import ceil

from k8s_tutor.api.protocol import StatusError
from k8s_tutor.clock import from_rfc3339
from k8s_tutor.embedded.actions import EmitEvent
from k8s_tutor.embedded.core import Timer
from k8s_tutor.embedded.kubelet.container import Container, Runtime, container_specs, field_path, spec_of
from k8s_tutor.embedded.kubelet.container_setup import resolver_of
from k8s_tutor.embedded.kubelet.node import Node
from k8s_tutor.embedded.kubelet.probes import Prober
from k8s_tutor.embedded.kubelet.restarts import plan
from k8s_tutor.embedded.kubelet.routine import Pause, Routine, Together, Work
from k8s_tutor.embedded.kubelet.starter import (
    LOOK_AGAIN,
    NOTICE,
    RELIST,
    RESYNC_ON_ERROR,
    SANDBOX,
    STOP_SANDBOX,
    Starter,
)
from k8s_tutor.embedded.kubelet.status import Situation, pod_status, with_lost
from k8s_tutor.embedded.kubelet.stopper import stop_container, stop_containers
from k8s_tutor.embedded.kubelet.volumes import Mounting
from k8s_tutor.embedded.names import Namespace
from k8s_tutor.objects import conditions
from k8s_tutor.objects.pods import EVERYWHERE, host_ports
from k8s_tutor.objects.types import Obj

__all__ = ["PodWorker", "make_sandbox", "stop_sandbox"]


# ---- A pod's sandbox: its place in the network, which all its containers share


def make_sandbox(node: Node, pod: Obj, runtime: Runtime) -> Work:
    """Gives the pod an address of its own, or the node's for one on the host network."""
    yield Pause(SANDBOX.seconds)
    if pod["spec"].get("hostNetwork"):
        runtime.net = node.network.at(node.address)
    else:
        runtime.net = Namespace(node.pool.take(), resolver_of(pod), pod["metadata"]["name"], node.name)
        node.network.attach(runtime.net)
        _forward(node, pod, runtime.net.address)
    runtime.sandbox = "ready"


def _forward(node: Node, pod: Obj, address: str) -> None:
    """Lets the node's ports that the pod takes for itself lead to it, as the plugin `portmap` does."""
    own = node.network.at(node.address)
    for row in host_ports(pod) if own is not None else ():
        if own is not None and row.protocol == "TCP":
            at = "" if row.address == EVERYWHERE else row.address
            own.forwarded[at, row.port] = (address, row.container_port)


def stop_sandbox(node: Node, runtime: Runtime) -> None:
    """Stops the sandbox; its address is free for the next pod."""
    if runtime.sandbox != "ready":
        return
    if runtime.net is not None and runtime.net.pod:
        node.network.detach(runtime.net)
        own = node.network.at(node.address)
        if own is not None:
            own.forwarded = {at: to for at, to in own.forwarded.items() if to[0] != runtime.net.address}
        node.pool.give_back(runtime.net.address)
    runtime.sandbox = "stopped"


# ---- One pod's life on its node: looks at what should be and what is, and does the next steps; again after each
# change

_OVERDUE = ("DeadlineExceeded", "Pod was active on the node longer than the specified deadline")
_LAST = ("Succeeded", "Failed")


class PodWorker:
    """Brings one pod to life and, in the end, down.

    Attributes:
        pod: As last seen in the API server.
        runtime: What runs of it.
        volumes: Those of the runtime, as they are mounted and followed.
        over: The pod's work on this node is done; only its logs are kept.
    """

    def __init__(self, node: Node, starter: Starter, pod: Obj, gone: Callable[[], None]) -> None:
        self.pod = pod
        self.runtime = Runtime()
        self.over = False
        self.volumes = Mounting(node, self.runtime, lambda: self.pod, lambda: self.over)
        self._node = node
        self._starter = starter
        self._since = node.now() + NOTICE.seconds
        self._gone = gone
        self._routine: Routine | None = None
        self._asked: float | None = None
        self._ending = False
        self._timer: Timer | None = None
        self._deadline: Timer | None = None
        self._probers: dict[str, Prober] = {}
        self._overdue = False
        self._written: Obj = {}
        self._wake(NOTICE.seconds)

    # --- what wakes it ------------------------------------------------------------------------------------------------

    def update(self, pod: Obj) -> None:
        """The pod has changed in the API server."""
        before, self.pod = self.pod, pod
        deleting = "deletionTimestamp" in pod["metadata"]
        if deleting and self.over:
            self._node.loop.call_later(NOTICE.seconds, self._remove, "kubelet")
        elif deleting and not self._ending:
            self._interrupt()
        elif not deleting and (_matters(before, pod) or self._is_misreported()):
            # Each look at a pod brings its files up to date: an annotation is enough to have one.
            self._node.loop.call_later(NOTICE.seconds, self._freshen, "kubelet")
            self._wake(NOTICE.seconds)

    def _freshen(self) -> None:
        if not self.over:
            self.volumes.refresh()

    def vanish(self) -> None:
        """The pod is no more in the API server: whatever still runs is killed."""
        for timer in (self._timer, self._deadline):
            if timer is not None:
                timer.cancel()
        if self._routine is not None:
            self._routine.cancel()
        self._stop_probing()
        self.over = True
        for container in self.runtime.running():
            assert container.process is not None
            words = f"Stopping container {container.name}"
            self._node.recorder.emit(
                EmitEvent(self.pod, "Normal", "Killing", words, field_path(self.pod, container.name))
            )
            container.process.signal("KILL")
        stop_sandbox(self._node, self.runtime)

    def _wake(self, seconds: float) -> None:
        """Looks at the pod after `seconds`, or sooner if that was already planned."""
        if self.over:
            return
        when = self._node.now() + seconds
        if self._routine is not None:
            self._asked = when if self._asked is None else min(self._asked, when)
            return
        if self._timer is not None and self._timer.callback is not None and self._timer.when <= when:
            return
        self._plan_next(when)

    def _plan_next(self, when: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._node.loop.call_at(when, self._sync, "kubelet") if when is not None else None

    def _relist(self) -> None:
        """Something happened in the runtime: it is noticed at the next whole second's look, as on a real node."""
        now = self._node.now()
        self._wake(max(ceil(now / RELIST) * RELIST - now, 0.001))

    def _interrupt(self) -> None:
        """Drops what is going on and begins to take the pod down."""
        self._ending = True
        if self._routine is not None:
            self._routine.cancel()
            self._routine = None
        self._plan_next(self._node.now() + NOTICE.seconds)

    # --- one look at the pod ------------------------------------------------------------------------------------------

    def _sync(self) -> None:
        self._timer = None
        self._asked = None
        work = self._take_down() if self._ending else self._round()
        self._routine = Routine(self._node.loop, work, self._done)
        self._routine.start()

    def _done(self, retry_at: float | None) -> None:
        """A round is over; `retry_at`: when to look again (0: after the usual delay; None: when something happens)."""
        self._routine = None
        if self.over:
            return
        now = self._node.now()
        wanted = [] if self._asked is None else [max(self._asked, now)]
        if self._ending:
            wanted.append(now + NOTICE.seconds)
        if retry_at is not None:
            delay = retry_at - now if retry_at else RESYNC_ON_ERROR
            # Jitter as in the kubelet: up to half as long again; a minute at most between two looks.
            wanted.append(now + min(max(delay, 0.0), 60.0) * (1 + self._node.random.random() * 0.5))
        self._plan_next(min(wanted) if wanted else None)

    def _round(self) -> Work:
        self._check_deadline()
        status = self._write_status()
        if status["phase"] in _LAST:
            self._ending = True
            return None
        self._probe()
        if not (yield from self.volumes.mount()):
            return 0.0
        intended = plan(self.pod, self.runtime)
        if intended.finish:
            yield from self._stop_all()
            self._wake(LOOK_AGAIN.seconds)
            return None
        before = self._picture()
        if self.runtime.sandbox != "ready":
            yield from make_sandbox(self._node, self.pod, self.runtime)
            self._tell_sandbox()
        ended = {name: self._last_ended(name) for name in intended.start}
        if intended.kill:
            yield Together(tuple(self._kill(container, words) for container, words in intended.kill))
        retry = yield from self._start(ended)
        if self._picture() != before:
            # What a round has done is looked at right after it; after an error only when the runtime is listed next.
            self._wake(LOOK_AGAIN.seconds) if retry is None else self._relist()
        return retry

    def _picture(self) -> tuple[object, ...]:
        """What the runtime lists of this pod: its sandbox, its containers and their states."""
        attempts = self.runtime.attempts.values()
        return self.runtime.sandbox, tuple((one.id, one.state) for some in attempts for one in some)

    def _start(self, ended: Mapping[str, Container | None]) -> Work:
        retry: list[float] = []
        for name, last in ended.items():
            spec = spec_of(self.pod, name)
            assert spec is not None
            before = self.runtime.latest(name)
            retry_at = yield from self._starter.start(self.pod, spec, self.runtime, last)
            container = self.runtime.latest(name)
            if container is not None and container is not before and container.state == "running":
                container.on_end.append(partial(self._ended, container))
            if retry_at is not None:
                retry.append(retry_at)
        return min(retry) if retry else None

    def _last_ended(self, name: str) -> Container | None:
        """The attempt whose end a back-off counts from: one that is only now being killed is not seen yet.

        That is why a container that fails its liveness probe is restarted at once a few times before it has to wait.
        """
        attempts = self.runtime.attempts.get(name, [])
        return next((one for one in attempts if one.state == "exited"), None)

    def _probe(self) -> None:
        """Begins to probe what the status says is running."""
        for container in self.runtime.running():
            spec = spec_of(self.pod, container.name)
            if spec is None:
                continue
            if container.name not in self._probers:
                prober = Prober(self._node, lambda: self.pod, spec, container, lambda: self._wake(LOOK_AGAIN.seconds))
                self._probers[container.name] = prober
            self._probers[container.name].start(self._since)

    def _ended(self, container: Container) -> None:
        prober = self._probers.pop(container.name, None)
        if prober is not None:
            prober.stop()
        self._relist()

    def _kill(self, container: Container, words: str) -> Work:
        yield from stop_container(self._node, self.pod, container, words)

    def _write_status(self, *, terminal: bool = False) -> Obj:
        """Writes the status if it has changed."""
        failure = _OVERDUE if self._overdue else None
        about = Situation(self._as_reported(), self.runtime, self._node.address, self._node.now(), terminal, failure)
        status = pod_status(about)
        before = self.pod.get("status", {}).get("phase", "Pending")
        reported = status
        if not terminal and status["phase"] in _LAST and before not in _LAST:
            # The last phase is told only when nothing can run any more: the pod is taken down first.
            reported = {key: value for key, value in status.items() if key not in ("reason", "message")} | {
                "phase": before
            }
        if reported != self._written or self._is_misreported():
            self._written = reported  # before it is noticed
            self._put({**self.pod, "status": reported})
        return status

    def _is_misreported(self) -> bool:
        """Whether others have written that the pod is (not) ready, which is the kubelet's to say."""
        written = conditions.get({"status": self._written}, "Ready")
        return written is not None and written["status"] != conditions.status(self.pod, "Ready")

    def _as_reported(self) -> Obj:
        """The pod with its condition Ready as it was last reported from here."""
        if not self._is_misreported():
            return self.pod
        ready = conditions.get({"status": self._written}, "Ready")
        rows = [ready if row["type"] == "Ready" else row for row in self.pod["status"]["conditions"]]
        return {**self.pod, "status": {**self.pod["status"], "conditions": rows}}

    def _put(self, pod: Obj) -> None:
        try:
            self.pod = self._node.api.update_status(pod)
        except StatusError as error:
            if error.code not in (404, 409):
                raise

    # --- before the containers ----------------------------------------------------------------------------------------

    def _tell_sandbox(self) -> None:
        """The one condition that is written in the middle of a round: the pod has its network."""
        about = Situation(self.pod, self.runtime, self._node.address, self._node.now())
        fresh = {row["type"]: row for row in pod_status(about)["conditions"]}
        status = self.pod["status"]
        rows = [
            fresh[row["type"]] if row["type"] == "PodReadyToStartContainers" else row for row in status["conditions"]
        ]
        self._put({**self.pod, "status": {**status, "conditions": rows}})

    def _check_deadline(self) -> None:
        seconds = self.pod["spec"].get("activeDeadlineSeconds")
        since = self.pod.get("status", {}).get("startTime")
        if seconds is None or self._overdue:
            return
        due = (from_rfc3339(since) if since else self._node.now()) + seconds
        if self._node.now() >= due:
            self._overdue = True
            self._node.recorder.emit(EmitEvent(self.pod, "Normal", *_OVERDUE))
        elif self._deadline is None:
            self._deadline = self._node.loop.call_at(due, lambda: self._wake(0.001), "kubelet")

    # --- the end ------------------------------------------------------------------------------------------------------

    def _take_down(self) -> Work:
        """Kills what runs, takes the network away, writes the last status, and lets a deleted pod go."""
        self._write_status()
        yield from self._stop_all()
        self._stop_probing()
        never_ran = [spec["name"] for spec in container_specs(self.pod) if self.runtime.latest(spec["name"]) is None]
        self._write_status(terminal=True)
        deleting = "deletionTimestamp" in self.pod["metadata"]
        if never_ran and (deleting or self._overdue):
            self._put({**self.pod, "status": with_lost(self.pod["status"], never_ran)})
        self.over = True
        if deleting:
            self._remove()
        return None

    def _stop_all(self) -> Work:
        """Stops what still runs (sidecars, when the others are done), then the sandbox."""
        yield from stop_containers(self._node, self.pod, self.runtime.running())
        yield Pause(STOP_SANDBOX.seconds)
        stop_sandbox(self._node, self.runtime)

    def _stop_probing(self) -> None:
        for prober in self._probers.values():
            prober.stop()
        self._probers.clear()

    def _remove(self) -> None:
        try:
            self._node.api.delete(self.pod, grace_seconds=0)
        except StatusError as error:
            if error.code not in (404, 409):  # gone, or a namesake has its place already
                raise
        self._gone()


def _matters(before: Obj, after: Obj) -> bool:
    """Whether a change concerns the kubelet: the kubelet's own status writes do not."""
    if before["spec"] is not after["spec"] and before["spec"] != after["spec"]:
        return True
    return bool(before["metadata"].get("annotations") != after["metadata"].get("annotations"))
